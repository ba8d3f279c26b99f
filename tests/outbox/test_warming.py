"""Warm-ups: what a relay may take on each day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import WarmUp
from digest.outbox import warming

BEGIN = date(2026, 12, 1)
plans = st.builds(
    lambda first, growth, more: WarmUp(begin=BEGIN, first_day=first, growth=growth, until=first + more),
    st.integers(1, 10_000),
    st.floats(1.01, 10),
    st.integers(1, 10_000_000),
)


def on(number):
    return BEGIN + timedelta(days=number)


@given(plan=plans)
def test_it_begins_with_the_first_day_never_shrinks_and_ends(plan):
    quotas = [warming.quota(plan, on(number)) for number in range(3000)]
    limited = [one for one in quotas if one is not None]
    assert limited[0] == plan.first_day
    assert limited == sorted(limited)
    assert limited[-1] <= plan.until
    assert set(quotas[len(limited) :]) == {None}, "and does not begin again"


@given(plan=plans, number=st.integers(1, 60))
def test_each_day_has_so_many_times_what_the_one_before_had(plan, number):
    before, then = warming.quota(plan, on(number - 1)), warming.quota(plan, on(number))
    if then is not None:
        assert then == pytest.approx(before * plan.growth, abs=plan.growth / 2 + 0.5)
    else:
        assert before is None or before * plan.growth >= plan.until - plan.growth


@given(plan=plans, before=st.integers(1, 5000))
def test_before_its_first_day_there_is_nothing(plan, before):
    day = BEGIN - timedelta(days=before)
    assert warming.quota(plan, day) == 0
    assert warming.number_of(plan, day) < 1
    assert warming.goes_on_at(plan, day) == datetime(2026, 12, 1, tzinfo=UTC)


def test_an_ordinary_one():
    plan = WarmUp(begin=BEGIN)
    assert [warming.quota(plan, on(number)) for number in range(5)] == [500, 700, 980, 1372, 1921]
    assert [warming.quota(plan, on(number)) for number in (15, 16)] == [77784, None]
    assert warming.number_of(plan, on(2)) == 3
    assert warming.goes_on_at(plan, on(2)) == datetime(2026, 12, 4, tzinfo=UTC)


def test_no_limit_from_the_day_that_would_have_it_whole():
    plan = WarmUp(begin=BEGIN, first_day=10, growth=10, until=1000)
    assert [warming.quota(plan, on(number)) for number in range(3)] == [10, 100, None]
    assert warming.quota(plan, date.max) is None


def test_days_are_those_of_utc():
    there = datetime.fromisoformat("2026-12-02T00:30:00+02:00")
    assert warming.day_at(there) == BEGIN
