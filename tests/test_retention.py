"""Body texts go after their time; everything else about an article stays."""

from datetime import timedelta

import pytest

from build import NOW, article
from digest.config import Articles
from digest.pipeline import retention, storing
from digest.schedule.clock import Schedule
from digest.store import articles


@pytest.fixture
def filled(sqlite_database):
    with sqlite_database.begin() as db:
        storing.put(db, [article(n) for n in range(1, 6)], now=NOW - timedelta(days=30))
        storing.put(db, [article(9)], now=NOW)
    return sqlite_database


def bodies(database) -> int:
    with database.read() as db:
        return sum(bool(one.body) for one in articles.listing(db))


def keeping(settings, days):
    return settings.model_copy(update={"articles": Articles(keep_body_days=days)})


def test_bodies_go_once_their_days_are_over(filled, settings):
    assert retention.prune(keeping(settings, 29), filled, now=NOW, batch=2, dry_run=True) == 5
    assert bodies(filled) == 6
    assert retention.prune(keeping(settings, 31), filled, now=NOW) == 0
    assert retention.prune(keeping(settings, 29), filled, now=NOW, batch=2) == 5
    assert bodies(filled) == 1
    assert retention.prune(keeping(settings, 29), filled, now=NOW) == 0


def test_by_default_they_are_kept_for_ever(filled, settings):
    assert retention.prune(settings, filled, now=NOW + timedelta(days=10_000)) == 0


def test_the_schedule_prunes_and_stops_when_told(filled, settings):
    schedule = Schedule(keeping(settings, 29), filled)
    assert schedule.prune(NOW, stopped=lambda: True) == 0
    assert schedule.prune(NOW, stopped=lambda: False) == 5
