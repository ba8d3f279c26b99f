"""What an operator sees of an edition on its way, counted in SQL."""

from datetime import timedelta

import pytest

from build import NOW, circle, edition, reader
from digest.model import Clock, Outcome, Rendered, Stage
from digest.outbox.pace import Flow, Retry
from digest.pipeline.seeing import flow
from digest.store import audiences, deliveries, editions, newsletters, processes, subscribers
from digest.store.deliveries import Settled

SOON = timedelta(minutes=20)


@pytest.fixture
def approved(database):
    """With six readers, two of whom get it an hour later."""
    people = [reader(n, timezone="America/New_York" if n > 4 else "") for n in range(1, 7)]
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW)
        status = editions.save_draft(db, edition(), [], due_at=NOW)
        rendered = Rendered(variant="default", subject="Monday", preheader="", html="", text="", web="")
        waves = {Clock(zone="America/New_York"): NOW + timedelta(hours=1)}
        audiences.freeze(db, status.id, circle(), variant="default", now=NOW, due_at=NOW, waves=waves)
        editions.approve(db, status.id, now=NOW, expires_at=None, in_doubt="resend", rendered=[(rendered, b"")])
    return status.id


def test_what_has_gone_goes_and_waits(database, approved):
    with database.begin() as db:
        first, second, _ = deliveries.claim(db, now=NOW, limit=3, owner="me", lease=SOON)
        deliveries.attempt(db, [first, second], now=NOW, owner="me", lease=SOON)
        refused = Outcome(stage=Stage.RCPT, code=451, text="4.3.0 reader2@example.net comes later")
        results = [
            Settled(delivery=first, state="sent", kind="sent", outcome=Outcome(stage=Stage.DOT, code=250)),
            Settled(
                delivery=second,
                state="queued",
                due_at=NOW + SOON,
                code=refused.reply,
                kind="deferred",
                outcome=refused,
            ),
        ]
        deliveries.settle(db, results, now=NOW)
    with database.read() as db:
        seen = flow(db, approved, now=NOW + timedelta(seconds=30))
    assert seen == Flow(
        sent_lately=1,
        underway=1,
        due=1,
        later=2,
        last_due=NOW + timedelta(hours=1),
        retries=(Retry(code="451", count=1, next_at=NOW + SOON),),
    )
    with database.read() as db:
        assert flow(db, approved, now=NOW + timedelta(minutes=2)).sent_lately == 0


def test_a_process_runs_while_it_says_so(database):
    with database.begin() as db:
        processes.seen(db, "one", ["clock", "web"], started_at=NOW, now=NOW)
        processes.seen(db, "one", ["web"], started_at=NOW + SOON, now=NOW + timedelta(seconds=30))
        processes.seen(db, "two", [], started_at=NOW + timedelta(seconds=1), now=NOW)
    with database.read() as db:
        first, second = processes.running(db, now=NOW + timedelta(minutes=1))
        assert (first.owner, first.roles, first.started_at) == ("one", ("web",), NOW)
        assert (second.owner, second.roles) == ("two", ())
        (left,) = processes.running(db, now=NOW + timedelta(minutes=2, seconds=10))
        assert left.owner == "one"
    with database.begin() as db:
        processes.gone(db, "one")
        assert processes.running(db, now=NOW)[0].owner == "two"
