"""Deliveries of editions that ended long ago become sums, which add up as the rows did."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, delete, func, insert, select
from starlette.testclient import TestClient

from build import NOW, circle, edition, reader, story
from digest import links
from digest.config import Deliveries, Settings
from digest.model import (
    Delivery,
    DeliveryState,
    Edition,
    EditionStatus,
    Outcome,
    Rendered,
    Stage,
    SubscriptionState,
)
from digest.pipeline.retention import thin
from digest.store import audiences, audit, deliveries, editions, newsletters, schema, statistics, subscribers, tellings
from digest.store.database import Database
from digest.store.events import EDITIONS
from digest.web.app import create_app

LATER = NOW + timedelta(days=40)
PEOPLE = 7


@pytest.fixture
def old(database: Database) -> EditionStatus:
    """An edition that ended on its day, sent to seven readers but for one refusal; two of them have left since."""
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        people = [reader(n) for n in range(1, PEOPLE + 1)]
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
        status = _approved(db, edition())
        audiences.freeze(db, status.id, circle(), variant="default", now=NOW)
        claims = deliveries.claim(db, now=NOW, limit=PEOPLE, owner="me", lease=timedelta(minutes=9))
        deliveries.attempt(db, claims, owner="me", now=NOW, lease=timedelta(minutes=9))
        settled = [_settled(one, failed=number == 0) for number, one in enumerate(claims)]
        deliveries.settle(db, settled, now=NOW)
        assert editions.close_if_done(db, status.id, now=NOW)
        for number in (2, 3):
            person = subscribers.by_address(db, f"reader{number}@example.net")
            assert person
            subscribers.unsubscribe(db, person.id, None, now=NOW + timedelta(hours=number))
        days = [{"newsletter": "daily", "day": date(2027, 1, 1) + timedelta(days=n)} for n in range(EDITIONS)]
        db.execute(insert(schema.editions), [{**day, "state": "cancelled", "content": {}} for day in days])
    return status


def _approved(db: Connection, content: Edition) -> EditionStatus:
    status = editions.save_draft(db, content, [story(n) for n in range(1, 3)], due_at=None)
    rendered = Rendered(variant="default", subject="", preheader="", html="", text="", web="")
    editions.approve(db, status.id, now=NOW, expires_at=LATER, in_doubt="resend", rendered=[(rendered, b"")])
    return status


def _settled(one: Delivery, *, failed: bool) -> deliveries.Settled:
    state = DeliveryState.FAILED if failed else DeliveryState.SENT
    outcome = Outcome(stage=Stage.DOT, code=550 if failed else 250)
    return deliveries.Settled(delivery=one, state=state, kind=str(state), outcome=outcome, attempts=1)


def keeping(settings: Settings, days: int) -> Settings:
    return settings.model_copy(update={"deliveries": Deliveries(keep_days=days)})


def seen(database: Database, edition_id: int) -> tuple[object, ...]:
    with database.read() as db:
        tally = deliveries.tally(db, edition_id)
        assert all(one.holds for one in audit.audit(db, edition_id))
        figures = [replace(one, thinned=0) for one in statistics.of_editions(db, edition_id=edition_id)]
        told = tellings.past_stories(db, "daily", before=date(2026, 11, 24), days=3)
        return tally.audience, tally.states, tally.adds_up, figures, deliveries.by_variant(db, edition_id), told


def counts(database: Database) -> tuple[int, int]:
    with database.read() as db:
        tables = (schema.deliveries, schema.outcomes)
        deliveries_, outcomes = (db.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    return deliveries_, outcomes


@pytest.mark.parametrize("batch", [1, 3, PEOPLE, 100])
def test_old_deliveries_become_sums_that_add_up(
    database: Database, settings: Settings, old: EditionStatus, batch: int
) -> None:
    before = seen(database, old.id)
    limited = keeping(settings, 30)
    assert thin(limited, database, now=LATER, batch=batch) == PEOPLE
    assert seen(database, old.id) == before
    assert counts(database) == (0, 0)
    with database.read() as db:
        (unknown,) = [one.unknown for one in audit.audit(db, old.id) if one.unknown]
        assert unknown == PEOPLE
        assert [one.thinned for one in statistics.of_editions(db, edition_id=old.id)] == [PEOPLE]
    assert thin(limited, database, now=LATER + timedelta(days=1), batch=batch) == 0


def test_thinning_may_be_stopped_in_between_and_goes_on(
    database: Database, settings: Settings, old: EditionStatus
) -> None:
    before, asked = seen(database, old.id), iter([False, True])
    assert thin(keeping(settings, 30), database, now=LATER, batch=3, stopped=lambda: next(asked)) == 3
    assert counts(database) == (PEOPLE - 3, PEOPLE - 3)
    assert seen(database, old.id) == before
    assert thin(keeping(settings, 30), database, now=LATER, batch=3) == PEOPLE - 3
    assert seen(database, old.id) == before


def test_what_is_young_or_kept_for_ever_stays(database: Database, settings: Settings, old: EditionStatus) -> None:
    assert thin(keeping(settings, 41), database, now=LATER) == 0
    assert thin(settings, database, now=LATER) == 0
    assert thin(keeping(settings, 30), database, now=LATER, dry_run=True) == PEOPLE
    with database.begin() as db:
        newest = select(schema.editions.c.id).order_by(schema.editions.c.id.desc()).limit(1).scalar_subquery()
        db.execute(delete(schema.editions).where(schema.editions.c.id == newest))
    assert thin(keeping(settings, 30), database, now=LATER) == 0, "it is among the last by which scores go"
    assert counts(database) == (PEOPLE, PEOPLE)


def test_a_link_of_a_thinned_mail_still_unsubscribes(
    database: Database, settings: Settings, old: EditionStatus
) -> None:
    with database.read() as db:
        person = subscribers.by_address(db, "reader4@example.net")
    assert person
    token = links.sign(settings.site.keys, links.Purpose.UNSUBSCRIBE, "daily", person.uid)
    assert thin(keeping(settings, 30), database, now=LATER) == PEOPLE
    client = TestClient(create_app(settings, database, clock=lambda: LATER), base_url="http://10.0.0.7:8600")
    answer = client.post(f"/unsubscribe/daily/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with database.read() as db:
        found = subscribers.subscription(db, person.id, "daily")
    assert found
    assert found.state is SubscriptionState.UNSUBSCRIBED


def test_a_record_is_not_thinned_before_bounces_have_come(settings: Settings) -> None:
    with pytest.raises(ValueError, match="at least 30"):
        keeping(settings, 29)
