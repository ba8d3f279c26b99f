"""A newsletter and a day in, its editions out: for readers of which cadence, for whom, and of which days.  Pure.

All are made from the same pool of articles: each is the best since its readers' last one.  Weekday readers get the
daily edition, but for an edition apart on a day before which others got one and they did not, as on a Monday after
editions on Saturday and Sunday.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from digest.config import WEEKDAYS, Newsletter, Weekday, is_zone, zone
from digest.model import Cadence, Circle, Clock

WORKDAYS = WEEKDAYS[:5]
WEEK = timedelta(days=7)
LONGEST = timedelta(days=14)  #: that an edition looks back, when the ones before were not sent
MINUTE = timedelta(minutes=1)
NOON = 12

_zone = cache(ZoneInfo)  # of itself it keeps eight, and reads the file of any other one anew


def due(newsletter: Newsletter, day: date) -> tuple[Cadence, ...]:
    """What a day has an edition for, if there are such readers."""
    if day in newsletter.skip:
        return ()
    name = WEEKDAYS[day.weekday()]
    if name not in newsletter.days and any(one.date() == day for one in newsletter.once):
        return (Cadence.DAILY,)
    found = {
        Cadence.DAILY: name in newsletter.days,
        Cadence.WEEKDAYS: _apart(newsletter, day),
        Cadence.WEEKLY: name == newsletter.weekly_day,
    }
    return tuple(cadence for cadence, is_due in found.items() if is_due)


def why_none(newsletter: Newsletter, day: date) -> str:
    """Why a day has no edition for anybody; "" where it has one."""
    if due(newsletter, day):
        return ""
    return "one of the days to skip" if day in newsletter.skip else "not one of its days"


def moment(newsletter: Newsletter, day: date, zone: str) -> datetime:
    """The hour of a newsletter on a local date of a time zone, in UTC.

    A time the clocks skip that day comes just after the gap; one they show twice is the first (PEP 495, fold 0).
    """
    hours = {one.date(): one.time() for one in newsletter.once}
    return _shown(day, hours.get(day, newsletter.send_at), _zone(zone))


def counted(newsletter: Newsletter, clock: Clock) -> Clock:
    """What counts of a clock that readers gave: a zone that there is, an hour that the newsletter offers."""
    hour = clock.hour if clock.hour in offered(newsletter) else ""
    own = is_zone(clock.zone) and (hour or newsletter.deliver == "local")
    return Clock(zone=clock.zone if own else newsletter.timezone, hour=hour)


def offered(newsletter: Newsletter) -> dict[str, time]:
    """The hours that readers may choose, by how they are written: 18:00."""
    return {f"{hour:%H:%M}": hour for hour in newsletter.hours}


def reached(newsletter: Newsletter, day: date, clock: Clock) -> datetime:
    """When the edition of a local date is due by a clock that `counted`, in UTC.

    Who chose an hour gets it when their clock next shows that, counted from the moment at which they would get it
    without: so the edition is there by then, whoever else reads it.
    """
    usual = moment(newsletter, day, clock.zone if newsletter.deliver == "local" else newsletter.timezone)
    if not clock.hour:
        return usual
    zone, hour = _zone(clock.zone), offered(newsletter)[clock.hour]
    today = usual.astimezone(zone).date()
    shown = _shown(today, hour, zone)
    return shown if shown >= usual else _shown(today + timedelta(days=1), hour, zone)


def home(newsletter: Newsletter) -> Clock:
    """The newsletter's own clock."""
    return Clock(zone=newsletter.timezone)


def wave(newsletter: Newsletter, day: date, clock: Clock) -> int:
    """How many minutes after the newsletter's home the edition of a local date is due by a clock that `counted`."""
    (found,) = waves_of(newsletter, day, [clock])
    return found


def waves_of(newsletter: Newsletter, day: date, clocks: Iterable[Clock]) -> frozenset[int]:
    """Of which waves the readers with clocks that `counted` are on a local date."""
    own = reached(newsletter, day, home(newsletter))
    return frozenset((reached(newsletter, day, clock) - own) // MINUTE for clock in clocks)


def _shown(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)


def circle(
    name: str,
    newsletter: Newsletter,
    day: date,
    cadence: Cadence,
    *,
    alone: int | None = None,
    given: Iterable[Clock] = (),
) -> Circle:
    """Whose the edition of a day is.

    Args:
        name: The newsletter's.
        newsletter: Its settings.
        day: The local date.
        cadence: Of its readers.
        alone: For which wave alone it is; None: for all.
        given: The clocks that readers gave.  Who gives another one meanwhile is of the newsletter's own wave.
    """
    also = cadence is Cadence.DAILY and day.weekday() < len(WORKDAYS) and not _apart(newsletter, day)
    whose = Circle(
        newsletter=name,
        day=day,
        cadence=cadence,
        wave=alone,
        frequencies=frozenset({cadence, Cadence.WEEKDAYS} if also else {cadence}),
    )
    if alone is None:
        return whose
    due_at = reached(newsletter, day, home(newsletter)) + alone * MINUTE
    moments = {one: reached(newsletter, day, counted(newsletter, one)) for one in given}
    own = frozenset(one for one, at in moments.items() if at == due_at)
    whose = replace(whose, behind=frozenset(one for one, at in moments.items() if at < due_at))
    return replace(whose, elsewhere=frozenset(moments) - own) if alone == 0 else replace(whose, clocks=own)


def window(newsletter: Newsletter, cadence: Cadence, *, at: datetime, last: datetime | None = None) -> timedelta:
    """How far back an edition looks: to its readers' last one.

    Args:
        newsletter: Its `window_hours` are for an edition on the day after another.
        cadence: Of its readers.
        at: When it is built.
        last: When the last edition of this cadence was built; it counts for the week, and where a late one is merged.
    """
    here = at.astimezone(zone(newsletter))
    if cadence is Cadence.WEEKLY:
        usual = at - (here - WEEK).astimezone(UTC)  # by the clock on the wall
        return max(usual, min(at - last, LONGEST)) if last else usual
    days = newsletter.days if cadence is Cadence.DAILY else _workdays(newsletter)
    without = 24 * (_days_since(days, here.date()) - 1)
    hours = newsletter.window_hours
    usual = timedelta(hours=max(hours, min(hours, 24) + without))
    return max(usual, min(at - last, LONGEST)) if last and newsletter.late == "merge" else usual


def week(newsletter: Newsletter, *, start: datetime, end: datetime) -> tuple[date, date]:
    """The first and last day that a window of a week tells of; before noon, a day has hardly begun."""
    first, after = (_boundary(newsletter, moment) for moment in (start, end))
    return first, max(first, after - timedelta(days=1))


def _boundary(newsletter: Newsletter, moment: datetime) -> date:
    here = moment.astimezone(zone(newsletter))
    return here.date() + timedelta(days=here.hour >= NOON)


def _apart(newsletter: Newsletter, day: date) -> bool:
    workdays = _workdays(newsletter)
    return WEEKDAYS[day.weekday()] in workdays and _days_since(workdays, day) != _days_since(newsletter.days, day)


def _workdays(newsletter: Newsletter) -> tuple[Weekday, ...]:
    return tuple(name for name in newsletter.days if name in WORKDAYS)


def _days_since(names: Collection[Weekday], day: date) -> int:
    """Days since the last of these weekdays before a day; 1 where there are none."""
    return next((n for n in range(1, 8) if WEEKDAYS[(day - timedelta(days=n)).weekday()] in names), 1)
