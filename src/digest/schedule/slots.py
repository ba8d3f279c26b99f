"""A newsletter's hour in, the moments its editions are due out.  Pure."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.config import WEEKDAYS, Newsletter, local_day
from digest.model import Slot

GOOD = ("approved", "sending", "done")  #: outcomes of a slot that an operator need not see to


def slot(name: str, newsletter: Newsletter, day: date) -> Slot:
    """When the edition of a local date is due.

    A time the clocks skip that day comes just after the gap; one they show twice is the first (PEP 495, fold 0).
    """
    local = datetime.combine(day, newsletter.send_at, tzinfo=ZoneInfo(newsletter.timezone))
    return Slot(newsletter=name, day=day, due_at=local.astimezone(UTC))


def due_slots(
    name: str, newsletter: Newsletter, *, now: datetime, since: datetime, taken: AbstractSet[date]
) -> Iterator[Slot]:
    """The slots due in (since, now] that nobody has taken, oldest first."""
    day = local_day(newsletter, since) - timedelta(days=1)
    while day <= local_day(newsletter, now):
        one = slot(name, newsletter, day)
        if WEEKDAYS[day.weekday()] in newsletter.days and since < one.due_at <= now and day not in taken:
            yield one
        day += timedelta(days=1)


def next_slot(name: str, newsletter: Newsletter, *, now: datetime) -> Slot | None:
    """The first slot after `now`; None when no weekday is chosen."""
    today = local_day(newsletter, now)
    days = (today + timedelta(days=n) for n in range(-1, 9))
    slots_ahead = (slot(name, newsletter, day) for day in days if WEEKDAYS[day.weekday()] in newsletter.days)
    return next((one for one in slots_ahead if one.due_at > now), None)
