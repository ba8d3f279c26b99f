"""Bounces without parts for programs, as mail servers of many makes lay them out."""

import pytest

from digest.feedback.reading import read
from digest.model import Kind
from notices import LAYOUTS, notice

ANSWERS = {
    "550 5.1.1 <ada@example.net>: Recipient address rejected: User unknown": "hard",
    "550 5.1.1 Benutzer unbekannt": "hard",
    "550 5.1.2 Host unknown": "hard",
    "552 5.2.2 The mailbox is over its quota": "soft",
    "550 5.2.1 The account is disabled": "soft",
    "451 4.3.0 Temporary local problem": "soft",
    "554 5.7.1 Client host [192.0.2.9] blocked using a list": "policy",
    "550 5.7.26 The DMARC check failed": "policy",
    "553 5.1.8 Domain of sender address does not exist": "policy",
    "550 5.7.1 Unable to relay": "policy",
    "421 4.7.0 Too many connections": "policy",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_says_whom_and_why(layout):
    for answer, severity in ANSWERS.items():
        found = read(notice(layout, "ada@example.net", answer))
        told = [(one.address, one.severity) for one in found.failures]
        assert (found.kind, told) == (Kind.BOUNCE, [("ada@example.net", severity)]), answer


BARE = "550 No mailbox of that name is known here"


@pytest.mark.parametrize(
    "layout",
    ["exim", "qmail", "sendmail, old", "courier", "gmail", "yahoo", "hmailserver", "mdaemon", "dragonfly"],
)
def test_who_is_refused_by_name_is_unknown_without_a_status_too(layout):
    assert read(notice(layout, "ada@example.net", BARE)).worst.severity == "hard"


@pytest.mark.parametrize("layout", ["office 365", "domino", "james", "mailenable"])
def test_where_nobody_tells_the_step_a_filter_may_have_said_it(layout):
    assert read(notice(layout, "ada@example.net", BARE)).worst.severity == "soft"


@pytest.mark.parametrize(
    ("layout", "said", "later"),
    [
        ("exim", b"after RCPT TO:<ada@example.net>", b"after end of data"),
        ("qmail", b"192.0.2.1 does not like recipient", b"192.0.2.1 failed after I sent the message"),
        ("sendmail, old", b">>> RCPT To:<ada@example.net>", b">>> DATA"),
        ("yahoo", b"[RCPT_TO]", b"[BODY]"),
        ("gmail", b"(state 14)", b"(state 18)"),
    ],
)
def test_unknown_said_of_the_content_is_a_filter_s(layout, said, later):
    raw = notice(layout, "ada@example.net", BARE)
    assert said in raw
    assert read(raw.replace(said, later)).worst.severity == "soft"
