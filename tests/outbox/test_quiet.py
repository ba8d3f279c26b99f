"""Until when no copy leaves, by clocks that jump as well."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.model import QuietHours
from digest.outbox.quiet import AHEAD, coming, until

NIGHT = QuietHours(begin=time(22), end=time(6))
NOON = QuietHours(begin=time(12), end=time(14, 30))
BERLIN = "Europe/Berlin"


def at(text, zone=BERLIN, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-11-26T22:00", "2026-11-27T06:00"),
        (NIGHT, "2026-11-26T23:59:59", "2026-11-27T06:00"),
        (NIGHT, "2026-11-27T00:00", "2026-11-27T06:00"),
        (NIGHT, "2026-11-27T05:59:59", "2026-11-27T06:00"),
        (NIGHT, "2026-11-27T06:00", None),
        (NIGHT, "2026-11-27T21:58:59", None),
        (NIGHT, "2026-11-27T21:59", "2026-11-28T06:00"),  # what is claimed now would leave within them
        (NOON, "2026-11-26T12:00", "2026-11-26T14:30"),
        (NOON, "2026-11-26T14:30", None),
        (NOON, "2026-11-26T11:58", None),
        (NIGHT, "2026-03-28T23:00", "2026-03-29T06:00"),  # an hour shorter
        (NIGHT, "2026-10-24T23:00", "2026-10-25T06:00"),  # an hour longer
    ],
)
def test_they_end_by_the_clock_of_the_zone(hours, now, end):
    assert until(hours, BERLIN, at(now)) == (at(end) if end else None)


@pytest.mark.parametrize(
    ("hours", "now", "begin", "end"),
    [
        (NIGHT, "2026-11-26T07:00", "2026-11-26T22:00", "2026-11-27T06:00"),
        (NIGHT, "2026-11-26T23:00", "2026-11-26T23:00", "2026-11-27T06:00"),  # they are
        (NOON, "2026-11-26T15:00", "2026-11-27T12:00", "2026-11-27T14:30"),
        (
            QuietHours(begin=time(2, 30), end=time(3)),
            "2026-03-28T04:00",
            "2026-03-30T02:30",
            "2026-03-30T03:00",
        ),  # a gap
    ],
)
def test_the_next_ones_are_told_ahead(hours, now, begin, end):
    assert coming(hours, BERLIN, at(now)) == (at(begin), at(end))


@given(
    begin=st.times(),
    end=st.times(),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - its zone
    share=st.floats(0, 1),
)
def test_between_now_and_the_next_ones_nothing_is_quiet_and_in_them_all_is(begin, end, now, share):
    assume(begin != end and begin.hour != 2)  # once a year that hour is skipped
    hours = QuietHours(begin=begin, end=end)
    first, last = coming(hours, BERLIN, now)
    assert now <= first < last
    assert until(hours, BERLIN, first) == last
    within = first + (last - first) * share * 0.999
    assert within.astimezone(ZoneInfo(BERLIN)).time() in hours
    if first > now:
        before = now + (first - now) * share
        assert before >= first - AHEAD or until(hours, BERLIN, before) is None


def test_an_hour_that_comes_twice_is_quiet_twice():
    hours = QuietHours(begin=time(1), end=time(2, 30))
    assert until(hours, BERLIN, at("2026-10-25T02:10")) == at("2026-10-25T02:30")
    assert until(hours, BERLIN, at("2026-10-25T02:40")) is None
    assert until(hours, BERLIN, at("2026-10-25T02:10", fold=1)) == at("2026-10-25T02:30", fold=1)


@given(
    begin=st.times(timezones=st.none()),
    end=st.times(timezones=st.none()),
    now=st.integers(1_700_000_000, 2_000_000_000),
    zone=st.sampled_from([BERLIN, "UTC", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_there_is_an_end_of_all_and_it_is_soon(begin, end, now, zone):
    now = datetime.fromtimestamp(now, UTC)
    found = until(QuietHours(begin=begin, end=end), zone, now)
    assert found is None or now < found <= now + AHEAD + timedelta(hours=26)
