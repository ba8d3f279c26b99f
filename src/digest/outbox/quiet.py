"""Quiet hours and a moment in, until when no copy leaves out.  Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from digest.model import QuietHours

AHEAD = timedelta(minutes=1)  #: before they begin nothing is claimed any more: so long has what is claimed to leave


def until(hours: QuietHours, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours of a time zone end, in UTC; None: they are not, nor do they begin within `AHEAD`."""
    there = ZoneInfo(zone)
    return _end(hours, there, now) or _end(hours, there, now + AHEAD)


def coming(hours: QuietHours, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """When the next ones of a time zone begin and end, in UTC; those of this moment begin with it.

    Where the clock is set forward over their beginning, it is told up to as much late.
    """
    if end := until(hours, zone, now):
        return now, end
    there = ZoneInfo(zone)
    days = (now.astimezone(there).date() + timedelta(days=ahead) for ahead in count())
    begins = (moment for day in days for moment in _moments(day, hours.begin, there) if moment > now)
    return next((begin, end) for begin in begins if (end := _end(hours, there, begin)))


def _end(hours: QuietHours, there: ZoneInfo, moment: datetime) -> datetime | None:
    local = moment.astimezone(there)
    if local.time() not in hours:
        return None
    day = local.date() + timedelta(days=local.time() >= hours.end)
    return next(one for one in _moments(day, hours.end, there) if one > moment)


def _moments(day: date, wall: time, there: ZoneInfo) -> Iterator[datetime]:
    """When a clock shows it that day: twice where it is set back, and just after the gap where it is set forward."""
    for fold in (0, 1):
        yield datetime.combine(day, wall.replace(fold=fold), tzinfo=there).astimezone(UTC)
