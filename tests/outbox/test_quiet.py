"""Until when no copy leaves, by clocks that jump as well."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import QuietHours
from digest.outbox.quiet import AHEAD, until

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
