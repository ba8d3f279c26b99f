"""Readers whom the mail server refuses while we are sending: their addresses are scored, and one is never enough."""

from datetime import timedelta

import pytest

from build import NOW, circle, edition
from digest.model import DeliveryState, Outcome, Stage
from digest.store import audiences, deliveries, editions, events, suppressions
from digest.store.deliveries import Settled
from digest.worker import refusals
from queues import RENDERED, Queue

ADDRESS = "reader1@example.net"


def refused(delivery, *, text="5.1.1 no such user", blames_reader=True):
    outcome = Outcome(stage=Stage.RCPT, code=550, text=text)
    return Settled(
        delivery=delivery, state=DeliveryState.FAILED, kind="failed", outcome=outcome, blames_reader=blames_reader
    )


@pytest.fixture
def queue(database):
    return Queue(database)


def next_edition(queue, number):
    with queue.database.begin() as db:
        one = editions.save_draft(db, edition(day=NOW.date() + timedelta(days=number)), [], due_at=NOW).id
        editions.approve(db, one, now=NOW, expires_at=None, in_doubt="resend", rendered=[(RENDERED, b"message")])
        audiences.freeze(db, one, circle(newsletter="daily"), variant="default", now=NOW)


def settle(queue, *results):
    """As the journal does, in one transaction."""
    with queue.database.begin() as db:
        deliveries.settle(db, results, now=NOW)
        refusals.count(db, results, now=NOW)


def is_suppressed(queue):
    with queue.database.read() as db:
        return suppressions.is_suppressed(db, ADDRESS)


def test_five_editions_in_a_row_suppress_and_four_do_not(queue):
    seen = []
    for number in range(5):
        if number:
            next_edition(queue, number)
        first, *_ = sorted(queue.take(), key=lambda one: one.address)
        settle(queue, refused(first))
        seen.append(is_suppressed(queue))
    assert seen == [False] * 4 + [True]
    with queue.database.read() as db:
        assert [one.kind for one in events.of_address(db, ADDRESS)] == ["refusal"] * 5
        (one,) = suppressions.listing(db)
    assert one.evidence.endswith("550 5.1.1 no such user")


def test_the_same_refusal_counts_once(queue):
    first, *_ = queue.take()
    for _ in range(9):
        settle(queue, refused(first))
    with queue.database.read() as db:
        assert len(events.of_address(db, first.address)) == 1


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("5.1.1 no such user", "hard"),
        ("no such user", "hard"),
        ("5.1.2 no such host", "hard"),
        ("5.2.1 disabled", "soft"),
    ],
)
def test_a_mailbox_that_is_only_disabled_counts_less(queue, text, severity):
    first, *_ = queue.take()
    settle(queue, refused(first, text=text))
    with queue.database.read() as db:
        assert [one.severity for one in events.of_address(db, first.address)] == [severity]


def test_refusals_of_policy_count_for_nobody(queue):
    settle(queue, *(refused(one, text="5.7.1 blocked", blames_reader=False) for one in queue.take()))
    with queue.database.read() as db:
        assert events.of_address(db, ADDRESS) == []
