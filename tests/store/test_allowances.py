"""Counting: so many within a span, the narrowest first, by all processes together, and forgotten after."""

from datetime import timedelta

from sqlalchemy import func, select

from build import NOW
from digest.store import allowances, schema
from digest.store.allowances import Allowance, Overdrawn

HOUR = timedelta(hours=1)
WIDE = Allowance(kind="wide", value="", most=3, within=HOUR)


def narrow(value):
    return Allowance(kind="narrow", value=value, most=1, within=HOUR)


def take(database, *wanted, now=NOW):
    with database.begin() as db:
        return allowances.take(db, wanted, now=now)


def test_what_is_used_up_is_told_and_the_first_time_apart(database):
    assert take(database, WIDE) is None
    assert [take(database, narrow("a")) for _ in range(3)] == [
        None,
        Overdrawn(kind="narrow", first=True),
        Overdrawn(kind="narrow", first=False),
    ]


def test_who_has_used_up_their_own_takes_nothing_of_what_all_share(database):
    for _ in range(5):
        take(database, narrow("a"), WIDE)
    assert [take(database, narrow(value), WIDE) for value in "bcd"] == [None, None, Overdrawn(kind="wide", first=True)]


def test_a_new_span_begins_by_the_clock_and_the_old_one_is_forgotten(database):
    last = NOW + HOUR - timedelta(seconds=1)
    assert [take(database, narrow("a"), now=at) is None for at in (NOW, last, NOW + HOUR)] == [True, False, True]
    with database.begin() as db:
        assert [allowances.forget(db, now=at) for at in (last, NOW + HOUR, NOW + 2 * HOUR)] == [0, 1, 1]
        assert db.execute(select(func.count()).select_from(schema.allowances)).scalar_one() == 0
