"""A newsletter's hour in, the moments its editions are due out.  Pure."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.config import Newsletter, local_day
from digest.edition import cadences
from digest.model import Cadence, Slot

GOOD = ("approved", "sending", "done", "nobody")  #: outcomes of a slot that an operator need not see to


def slot(name: str, newsletter: Newsletter, day: date, cadence: Cadence = Cadence.DAILY) -> Slot:
    """When an edition of a local date is due.

    A time the clocks skip that day comes just after the gap; one they show twice is the first (PEP 495, fold 0).
    """
    local = datetime.combine(day, newsletter.send_at, tzinfo=ZoneInfo(newsletter.timezone))
    return Slot(newsletter=name, day=day, cadence=cadence, due_at=local.astimezone(UTC))


def due_slots(
    name: str, newsletter: Newsletter, *, now: datetime, since: datetime, taken: AbstractSet[str]
) -> Iterator[Slot]:
    """The slots due in (since, now] that are not among the keys of those `taken`, oldest first."""
    first = local_day(newsletter, since) - timedelta(days=1)
    for one in _slots(name, newsletter, first, days=(local_day(newsletter, now) - first).days + 1):
        if since < one.due_at <= now and one.key not in taken:
            yield one


def next_slots(name: str, newsletter: Newsletter, *, now: datetime) -> list[Slot]:
    """The first slot after `now` for readers of each cadence, where there is one."""
    yesterday = local_day(newsletter, now) - timedelta(days=1)
    ahead = [one for one in _slots(name, newsletter, yesterday, days=10) if one.due_at > now]
    first = (next((one for one in ahead if one.cadence is cadence), None) for cadence in Cadence)
    return [one for one in first if one]


def _slots(name: str, newsletter: Newsletter, first: date, *, days: int) -> Iterator[Slot]:
    for day in (first + timedelta(days=n) for n in range(days)):
        for cadence in cadences.due(newsletter, day):
            yield slot(name, newsletter, day, cadence)
