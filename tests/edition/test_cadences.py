"""Which editions a day has, whose they are, and how far back they look."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import WEEKDAYS, Newsletter
from digest.edition import cadences
from digest.model import Cadence

MONDAY = date(2026, 11, 23)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
NEWSLETTERS = st.builds(
    Newsletter,
    days=st.lists(st.sampled_from(WEEKDAYS), unique=True).map(tuple),
    weekly_day=st.sampled_from(WEEKDAYS),
    window_hours=st.floats(min_value=1, max_value=336),
)


def at(day, hour=7):
    return datetime.combine(day, time(hour), UTC)


def hours(newsletter, day, cadence=Cadence.DAILY, **last):
    return cadences.window(newsletter, cadence, at=at(day), **last).total_seconds() / 3600


@pytest.mark.parametrize(
    ("days", "number", "due"),
    [
        (WEEKDAYS, 0, ("daily", "weekdays", "weekly")),
        (WEEKDAYS, 1, ("daily",)),
        (WEEKDAYS, 5, ("daily",)),
        (WORKDAYS, 0, ("daily", "weekly")),
        (WORKDAYS, 6, ()),
        (("wed", "sat"), 2, ("daily", "weekdays")),
        ((), 0, ("weekly",)),
    ],
)
def test_what_a_day_has(days, number, due):
    assert cadences.due(Newsletter(days=days), MONDAY + timedelta(days=number)) == due


def test_a_newsletter_says_which_day_is_that_of_the_week():
    assert "weekly" in cadences.due(Newsletter(weekly_day="sun"), MONDAY - timedelta(days=1))
    assert "weekly" not in cadences.due(Newsletter(weekly_day="sun"), MONDAY)


@given(newsletter=NEWSLETTERS, number=st.integers(0, 13))
def test_on_no_day_is_anybody_in_two_circles(newsletter, number):
    day = MONDAY + timedelta(days=number)
    due = cadences.due(newsletter, day)
    asked = [one for cadence in due for one in cadences.circle("daily", newsletter, day, cadence).frequencies]
    assert len(asked) == len(set(asked))
    name = WEEKDAYS[day.weekday()]
    assert ("daily" in asked) == (name in newsletter.days)
    assert ("weekdays" in asked) == (name in newsletter.days and name in WORKDAYS)
    assert ("weekly" in asked) == (name == newsletter.weekly_day)


@given(newsletter=NEWSLETTERS, frequency=st.sampled_from(list(Cadence)))
def test_each_edition_looks_back_to_its_readers_last_one(newsletter, frequency):
    """However a newsletter is sent: no hour lies between two editions of one reader."""
    last = None
    for day in (MONDAY + timedelta(days=number) for number in range(21)):
        for cadence in cadences.due(newsletter, day):
            if frequency in cadences.circle("daily", newsletter, day, cadence).frequencies:
                window = cadences.window(newsletter, cadence, at=at(day))
                least = min(newsletter.window_hours, 24)  # a shorter window of a day is its owner's wish
                if last:
                    gap = at(day) - last - timedelta(hours=24 - least)
                    assert window >= (timedelta(days=7) if cadence is Cadence.WEEKLY else gap)
                last = at(day)


def test_the_window_of_a_day_after_another_is_the_newsletters_own():
    assert hours(Newsletter(window_hours=30), MONDAY) == 30
    assert hours(Newsletter(days=WORKDAYS), MONDAY) == 72
    assert hours(Newsletter(days=WORKDAYS), MONDAY + timedelta(days=1)) == 24
    assert hours(Newsletter(), MONDAY, Cadence.WEEKDAYS) == 72
    assert hours(Newsletter(days=("mon",), window_hours=168), MONDAY) == 168


def test_an_edition_of_the_week_reaches_back_to_the_one_before():
    assert hours(Newsletter(), MONDAY, Cadence.WEEKLY) == 168
    assert hours(Newsletter(), MONDAY, Cadence.WEEKLY, last=at(MONDAY - timedelta(days=7), 6)) == 169
    assert hours(Newsletter(), MONDAY, Cadence.WEEKLY, last=at(MONDAY - timedelta(days=1))) == 168
    assert hours(Newsletter(), MONDAY, Cadence.WEEKLY, last=at(MONDAY - timedelta(days=60))) == 336


def test_a_week_in_which_the_clocks_change_has_an_hour_more():
    berlin = Newsletter(timezone="Europe/Berlin")
    assert hours(berlin, date(2026, 10, 26), Cadence.WEEKLY) == 169


@pytest.mark.parametrize(("hour", "first", "last"), [(7, 16, 22), (18, 17, 23)])
def test_a_week_is_told_by_the_days_that_are_in_it(hour, first, last):
    end = at(MONDAY, hour)
    days = cadences.week(Newsletter(), start=end - timedelta(days=7), end=end)
    assert [day.day for day in days] == [first, last]
