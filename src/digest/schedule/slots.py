"""A newsletter's hour in, the moments its editions are due out.  Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from digest.config import Newsletter, local_day
from digest.edition import cadences
from digest.model import Cadence, Clock, Slot

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
    over: Mapping[Clock, timedelta] = field(default_factory=dict)  #: by clock, for how long


def slot(
    name: str,
    newsletter: Newsletter,
    day: date,
    cadence: Cadence = Cadence.DAILY,
    *,
    clocks: Collection[Clock] = (),
) -> Slot:
    """When an edition of a local date is due: for the first of its readers, if they have these `clocks`."""
    due_at = min(_moments(newsletter, day, clocks).values())
    return Slot(newsletter=name, day=day, cadence=cadence, due_at=due_at)


def due_slots(
    name: str,
    newsletter: Newsletter,
    *,
    now: datetime,
    since: datetime,
    taken: AbstractSet[str],
    clocks: Collection[Clock] = (),
) -> Iterator[Slot]:
    """The slots due in (since, now] that are not among the keys of those `taken`, oldest first.

    `clocks`: by which its readers get it, beside the newsletter's own.
    """
    first = local_day(newsletter, since) - timedelta(days=1)
    days = (local_day(newsletter, now) - first).days + 2  # where the sun rises first it is tomorrow already
    for one in _slots(name, newsletter, first, days=days, clocks=clocks):
        if since < one.due_at <= now and one.key not in taken:
            yield one


def judged(
    due: Sequence[Slot], newsletter: Newsletter, *, now: datetime, clocks: Collection[Clock] = ()
) -> list[Judgement]:
    """What becomes of each slot, wave by wave.

    Of several of one cadence a reader gets only the last whose hour has come: no burst of old news.
    """
    moments = {one.key: _moments(newsletter, one.day, clocks) for one in due}
    last: dict[tuple[Cadence, Clock], date] = {}
    for one in sorted(due, key=lambda one: one.day):
        last |= {(one.cadence, clock): one.day for clock, at in moments[one.key].items() if at <= now}
    found = []
    for one in due:
        late = {clock: now - at for clock, at in moments[one.key].items()}
        over = {
            clock: by
            for clock, by in late.items()
            if by > _longest(newsletter) or last.get((one.cadence, clock), one.day) > one.day
        }
        found.append(_judgement(one, newsletter, over, of=len(late)))
    return found


def _judgement(one: Slot, newsletter: Newsletter, over: Mapping[Clock, timedelta], *, of: int) -> Judgement:
    if len(over) < of:
        return Judgement(slot=one, lateness=Lateness.MAKE, over=over)
    return Judgement(slot=one, lateness=Lateness.MERGE if newsletter.late == "merge" else Lateness.MISS)


def _longest(newsletter: Newsletter) -> timedelta:
    """How late a copy may still leave."""
    return max(ON_TIME, timedelta(hours=newsletter.catch_up_hours)) if newsletter.late == "send" else ON_TIME


def next_slots(name: str, newsletter: Newsletter, *, now: datetime, clocks: Collection[Clock] = ()) -> list[Slot]:
    """The first slot after `now` for readers of each cadence, where there is one."""
    yesterday = local_day(newsletter, now) - timedelta(days=1)
    ahead = [one for one in _slots(name, newsletter, yesterday, days=10, clocks=clocks) if one.due_at > now]
    first = (next((one for one in ahead if one.cadence is cadence), None) for cadence in Cadence)
    return [one for one in first if one]


def ahead(
    name: str, newsletter: Newsletter, *, now: datetime, days: int, clocks: Collection[Clock] = ()
) -> tuple[list[Slot], dict[date, str]]:
    """The slots after `now` on so many local dates from today's on, and the dates without one, with the reason."""
    today = local_day(newsletter, now)
    dates = [today + timedelta(days=n) for n in range(days)]
    found = [one for one in _slots(name, newsletter, today, days=days, clocks=clocks) if one.due_at > now]
    without = {day: why for day in dates if (why := cadences.why_none(newsletter, day))}
    return found, without


def _moments(newsletter: Newsletter, day: date, clocks: Collection[Clock]) -> dict[Clock, datetime]:
    """When readers get the edition of a day by each clock, the newsletter's own among them."""
    return {clock: cadences.reached(newsletter, day, clock) for clock in {Clock(zone=newsletter.timezone), *clocks}}


def _slots(name: str, newsletter: Newsletter, first: date, *, days: int, clocks: Collection[Clock]) -> Iterator[Slot]:
    for day in (first + timedelta(days=n) for n in range(days)):
        for cadence in cadences.due(newsletter, day):
            yield slot(name, newsletter, day, cadence, clocks=clocks)
