"""What becomes of a delivery, and when sending stops."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import NOW
from digest.model import FINAL, DeliveryState, Outcome, Stage
from digest.outbox.policy import Breaker, Strain, Streaks, blame, enhanced_status, names_domain, settle

QUEUED, SENT, FAILED, HELD = DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.HELD
outcomes = st.builds(
    Outcome,
    stage=st.sampled_from(Stage),
    code=st.none() | st.integers(200, 599),
    text=st.sampled_from(["", "5.1.1 no such user", "5.7.1 no", "5.2.2 full", "user unknown", "4.2.0 later", "ok"]),
)


def said(stage, code, text=""):
    return Outcome(stage=Stage(stage), code=code, text=text)


def decide(stage, code, text="", **over):
    return settle(said(stage, code, text), **{"attempts": 0, "in_doubt": 0, "now": NOW, "dice": 0.0, **over})


def test_taken_is_sent():
    one = decide("dot", 250, "2.0.0 taken")
    assert (one.state, one.due_at, one.kind, one.strain) == (SENT, None, "sent", Strain.NONE)


@pytest.mark.parametrize("stage", ["connect", "mail"])
@pytest.mark.parametrize("code", [None, 421, 451, 550, 554])
def test_trouble_before_the_reader_is_named_costs_no_reader_anything(stage, code):
    one = decide(stage, code, "5.1.1 no such user", attempts=99)
    assert (one.state, one.due_at, one.counts) == (QUEUED, NOW + timedelta(minutes=1), False)
    assert one.strain is (Strain.RELAY if code and code >= 500 else Strain.PASSING)


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
@pytest.mark.parametrize(("code", "text"), [(450, ""), (451, "4.7.1 Greylisted"), (452, "4.2.2 full")])
def test_later_is_later_and_later(stage, code, text):
    dues = [decide(stage, code, text, attempts=n).due_at - NOW for n in range(6)]
    assert [due / timedelta(minutes=1) for due in dues] == [5, 10, 20, 40, 55, 55]
    assert decide(stage, code, attempts=9, dice=1.0).due_at - NOW == timedelta(minutes=66)


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
@pytest.mark.parametrize(("code", "text"), [(421, ""), (421, "4.2.1 busy"), (450, "4.7.0 many"), (451, "4.7.28 rate")])
def test_who_came_too_fast_comes_again_soon_and_later_each_time(stage, code, text):
    dues = [decide(stage, code, text, attempts=n).due_at - NOW for n in range(9)]
    assert [due / timedelta(seconds=15) for due in dues] == [1, 2, 4, 8, 16, 32, 64, 128, 220]


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_no_answer_before_the_content_is_tried_again_soon_and_not_in_doubt(stage):
    one = decide(stage, None)
    assert (one.state, one.due_at, one.in_doubt) == (QUEUED, NOW + timedelta(minutes=1), False)


@pytest.mark.parametrize(
    ("before", "hold", "state"), [(0, False, QUEUED), (1, False, QUEUED), (2, False, HELD), (0, True, HELD)]
)
def test_no_answer_after_the_content_is_in_doubt(before, hold, state):
    one = decide("dot", None, in_doubt=before, hold=hold)
    assert (one.state, one.kind, one.in_doubt) == (state, "in_doubt", True)
    assert (one.due_at is None) == (state is HELD)


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
@pytest.mark.parametrize(
    ("code", "text"),
    [
        *((550, "5.1.1 no such user"), (553, "5.1.3 bad syntax"), (550, "5.2.1 mailbox disabled"), (556, "null MX")),
        *((550, "User unknown in virtual mailbox table"), (550, "No such user here"), (551, "no such recipient")),
        *((550, "5.0.0 user unknown"), (550, "5.1.10 recipient address has null MX")),
    ],
)
def test_a_dead_address_fails_at_once(stage, code, text):
    one = decide(stage, code, text)
    assert (one.state, one.kind, one.strain) == (FAILED, "failed", Strain.READER)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *((550, "5.7.1 refused by policy"), (554, "5.7.1 spam"), (550, ""), (554, "5.0.0 transaction failed")),
        *(
            (550, "5.7.1 user unknown to our policy"),
            (550, "5.1.8 sender's domain does not exist"),
            (503, "bad sequence"),
        ),
        *(
            (550, "5.1.7 bad sender address"),
            (550, "4.1.1 of another class"),
            (552, "5.3.4 too big"),
            (553, "relaying denied"),
        ),
    ],
)
def test_a_refusal_of_policy_is_tried_three_times(code, text):
    tries = [decide("dot", code, text, attempts=n) for n in range(3)]
    assert [one.state for one in tries] == [QUEUED, QUEUED, FAILED]
    assert {one.strain for one in tries} == {Strain.POLICY}


@pytest.mark.parametrize(("stage", "text"), [("rcpt", ""), ("rcpt", "5.3.4 too big"), ("dot", "5.2.2 mailbox full")])
def test_552_can_mean_later(stage, text):
    """RFC 5321 4.5.3.1.10: at RCPT it is to be read as 452; and a full mailbox empties."""
    assert decide(stage, 552, text, attempts=50).state is QUEUED


def test_the_enhanced_code_has_to_agree_with_the_reply():
    assert enhanced_status(said("rcpt", 550, "5.1.1 no")) == "5.1.1"
    assert enhanced_status(said("rcpt", 550, "host 4.1.1.1 says 4.1.1 no")) == ""
    assert enhanced_status(said("rcpt", None, "5.1.1")) == ""
    assert blame(said("dot", 250)) is None


@given(
    outcome=outcomes,
    attempts=st.integers(0, 50),
    in_doubt=st.integers(0, 5),
    hold=st.booleans(),
    dice=st.floats(0, 1),
)
def test_no_delivery_is_lost_or_sent_by_mistake(outcome, attempts, in_doubt, hold, dice):
    one = settle(outcome, attempts=attempts, in_doubt=in_doubt, hold=hold, now=NOW, dice=dice)
    assert one.state in (QUEUED, *FINAL)
    assert (one.state is SENT) == (outcome.stage is Stage.DOT and outcome.code is not None and outcome.code < 300)
    assert (one.due_at is not None) == (one.state is QUEUED)
    assert one.due_at is None or timedelta(seconds=15) <= one.due_at - NOW <= timedelta(minutes=66)
    assert not one.in_doubt or outcome.stage is Stage.DOT
    if outcome.stage in (Stage.CONNECT, Stage.MAIL):
        assert one.state is QUEUED


# --- the breaker -----------------------------------------------------------------------------------------------------

OK = decide("dot", 250)
LATER = decide("rcpt", 451)
POLICY = decide("rcpt", 550, "5.7.1 no")
READER = decide("rcpt", 550, "5.1.1 no such user")
RELAY = decide("connect", 554, "5.7.1 go away")


def stops_after(settlements):
    """How many it took, or None."""
    breaker = Breaker()
    return next((number for number, one in enumerate(settlements, 1) if breaker.after(one)), None)


def test_nothing_wrong_goes_on():
    assert stops_after([OK] * 1000) is None
    assert stops_after([LATER] * 1000) is None


def test_one_odd_refusal_among_twenty_readers_does_not_stop():
    assert stops_after([POLICY, *[OK] * 19]) is None
    assert stops_after([*[OK] * 19, POLICY, POLICY, READER]) is None


def test_everyone_refused_as_policy_stops_early():
    assert stops_after([POLICY] * 500) == 20


def test_a_twentieth_refused_goes_on_and_more_stops():
    assert stops_after([*[OK] * 19, POLICY] * 100) is None
    assert stops_after([*[OK] * 14, POLICY] * 100) < 250


def test_a_relay_that_refuses_us_stops_at_the_third_time_in_a_row():
    assert stops_after([RELAY] * 10) == 3
    assert stops_after([RELAY, LATER, RELAY, LATER, RELAY]) == 5
    assert stops_after([RELAY, RELAY, OK] * 50) is None


def test_an_old_list_goes_on_and_a_list_of_strangers_stops():
    """Otherwise a relay that knows nobody any more would cost every reader the edition."""
    assert stops_after([*[OK] * 8, READER, READER] * 50) is None
    assert stops_after([READER] * 500) == 61


def test_the_reason_is_one_line_without_an_address():
    breaker = Breaker(least=1, window=10)
    reason = breaker.after(settle(said("rcpt", 550, "5.7.1 <jane@example.net>"), attempts=0, now=NOW, dice=0))
    assert reason == "the mail server refused 1 of the last 1 messages as a matter of policy"


# --- whole domains ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "code", "text", "named"),
    [
        *(("rcpt", 421, "4.7.0 too many", True), ("dot", 451, "", True), ("rcpt", 450, "4.4.2 later", True)),
        *(("rcpt", 450, "4.2.1 mailbox busy", False), ("rcpt", 452, "4.2.2 full", False), ("dot", 552, "", False)),
        *(("rcpt", 452, "4.3.1 no room in the spool", False), ("rcpt", 450, "4.1.8 sender?", False)),
        *(("dot", 250, "", False), ("rcpt", None, "", False), ("rcpt", 550, "5.7.1 no", False)),
        *(("mail", 421, "4.7.0 example.net: too many", True), ("mail", 421, "too many", False)),
        *(("rcpt", 451, "4.7.1 Greylisted, come back", False), ("rcpt", 450, "gray-listing", False)),
        *(("connect", 421, "(EXAMPLE.NET) not now", True), ("connect", 421, "not-example.net", False)),
    ],
)
def test_a_refusal_for_now_that_is_the_domains(stage, code, text, named):
    assert names_domain(said(stage, code, text), "example.net") is named


def test_a_domain_refuses_everyone_when_it_has_taken_nothing_in_between():
    streaks = Streaks()
    assert [sure for _, sure in refusals(streaks, "a", "a", times=4)] == [False, False, True, True]
    assert refusals(streaks, "b", "b", times=5, policy=True) == [("b", False)] * 4 + [("b", True)]
    streaks.taken("a")
    assert refusals(streaks, "a", "a") + refusals(streaks, "b", "b", policy=True) == [("a", False), ("b", True)]
    streaks.taken("a")
    streaks.taken("b")
    assert not streaks


def refusals(streaks, *where, times=1, policy=False):
    return [streaks.refused(*where, policy=policy) for _ in range(times)]


def test_a_refusal_is_the_destinations_until_it_takes_others():
    streaks = Streaks()
    assert refusals(streaks, "a", "mx") + refusals(streaks, "b", "mx", times=2) == [
        ("mx", False),
        ("mx", False),
        ("mx", True),
    ]
    streaks.taken("mx")
    streaks.taken("b")
    assert refusals(streaks, "b", "mx") == [("mx", False)], "it took some and refuses again, as who is asked too fast"
    assert refusals(streaks, "a", "mx") == [("mx", False)]
    for sure in (False, True):
        streaks.taken("mx")
        assert refusals(streaks, "a", "mx") == [("a", True)], sure
    assert refusals(streaks, "c", "c") == [("c", False)]


def test_as_a_matter_of_policy_one_domain_speaks_for_itself():
    """Whoever runs a domain has rules of its own, wherever its mail servers are."""
    streaks = Streaks()
    assert refusals(streaks, "a", "mx", times=5, policy=True)[-1] == ("a", True)
    assert refusals(streaks, "b", "mx", policy=True) == [("mx", True)], "a second one says that it is all of them"


def test_the_breaker_knows_whether_anybody_was_taken():
    breaker = Breaker()
    breaker.after(POLICY)
    assert not breaker.takes
    breaker.after(OK)
    assert breaker.takes
