"""A newsletter's hour in, the moments its editions are due out.  Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from digest.config import Newsletter, local_day
from digest.edition import cadences
from digest.model import Cadence, Slot

GOOD = ("approved", "sending", "done", "nobody", "merged")  #: outcomes of a slot that an operator need not see to
ON_TIME = timedelta(minutes=10)  #: so much later is not late: a daemon is started anew now and then


class Lateness(StrEnum):
    """What becomes of a slot that is found due."""

    MAKE = "make"  #: It is on time, or late and still wanted.
    MERGE = "merge"  #: The next edition tells of it.
    MISS = "miss"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What becomes of a slot, and whose hour is over for too long though others get its edition."""

    slot: Slot
    lateness: Lateness
    over: Mapping[str, timedelta] = field(default_factory=dict)  #: by time zone, how long their hour is over


def slot(
    name: str,
    newsletter: Newsletter,
    day: date,
    cadence: Cadence = Cadence.DAILY,
    *,
    zones: Collection[str] = (),
) -> Slot:
    """When an edition of a local date is due: for the first of its readers, if they live in `zones`."""
    due_at = min(_moments(newsletter, day, zones).values())
    return Slot(newsletter=name, day=day, cadence=cadence, due_at=due_at)


def due_slots(
    name: str,
    newsletter: Newsletter,
    *,
    now: datetime,
    since: datetime,
    taken: AbstractSet[str],
    zones: Collection[str] = (),
) -> Iterator[Slot]:
    """The slots due in (since, now] that are not among the keys of those `taken`, oldest first.

    `zones`: where its readers live, if each gets it by their own clock.
    """
    first = local_day(newsletter, since) - timedelta(days=1)
    days = (local_day(newsletter, now) - first).days + 2  # where the sun rises first it is tomorrow already
    for one in _slots(name, newsletter, first, days=days, zones=zones):
        if since < one.due_at <= now and one.key not in taken:
            yield one


def judged(
    due: Sequence[Slot], newsletter: Newsletter, *, now: datetime, zones: Collection[str] = ()
) -> list[Judgement]:
    """What becomes of each slot, wave by wave.

    Of several of one cadence a reader gets only the last whose hour has come: no burst of old news.
    """
    moments = {one.key: _moments(newsletter, one.day, zones) for one in due}
    last: dict[tuple[Cadence, str], date] = {}
    for one in sorted(due, key=lambda one: one.day):
        last |= {(one.cadence, zone): one.day for zone, at in moments[one.key].items() if at <= now}
    found = []
    for one in due:
        late = {zone: now - at for zone, at in moments[one.key].items()}
        over = {
            zone: by
            for zone, by in late.items()
            if by > _longest(newsletter) or last.get((one.cadence, zone), one.day) > one.day
        }
        found.append(_judgement(one, newsletter, over, of=len(late)))
    return found


def _judgement(one: Slot, newsletter: Newsletter, over: Mapping[str, timedelta], *, of: int) -> Judgement:
    if len(over) < of:
        return Judgement(slot=one, lateness=Lateness.MAKE, over=over)
    return Judgement(slot=one, lateness=Lateness.MERGE if newsletter.late == "merge" else Lateness.MISS)


def _longest(newsletter: Newsletter) -> timedelta:
    """How late a copy may still leave."""
    return max(ON_TIME, timedelta(hours=newsletter.catch_up_hours)) if newsletter.late == "send" else ON_TIME


def next_slots(name: str, newsletter: Newsletter, *, now: datetime, zones: Collection[str] = ()) -> list[Slot]:
    """The first slot after `now` for readers of each cadence, where there is one."""
    yesterday = local_day(newsletter, now) - timedelta(days=1)
    ahead = [one for one in _slots(name, newsletter, yesterday, days=10, zones=zones) if one.due_at > now]
    first = (next((one for one in ahead if one.cadence is cadence), None) for cadence in Cadence)
    return [one for one in first if one]


def ahead(
    name: str, newsletter: Newsletter, *, now: datetime, days: int, zones: Collection[str] = ()
) -> tuple[list[Slot], dict[date, str]]:
    """The slots after `now` on so many local dates from today's on, and the dates without one, with the reason."""
    today = local_day(newsletter, now)
    dates = [today + timedelta(days=n) for n in range(days)]
    found = [one for one in _slots(name, newsletter, today, days=days, zones=zones) if one.due_at > now]
    without = {day: why for day in dates if (why := cadences.why_none(newsletter, day))}
    return found, without


def _moments(newsletter: Newsletter, day: date, zones: Collection[str]) -> dict[str, datetime]:
    """When readers of each time zone get the edition of a day, the newsletter's own zone among them."""
    return {zone: cadences.moment(newsletter, day, zone) for zone in {newsletter.timezone, *zones}}


def _slots(name: str, newsletter: Newsletter, first: date, *, days: int, zones: Collection[str]) -> Iterator[Slot]:
    for day in (first + timedelta(days=n) for n in range(days)):
        for cadence in cadences.due(newsletter, day):
            yield slot(name, newsletter, day, cadence, zones=zones)
