"""A newsletter's hour in, the moments its editions are due out.  Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from digest.config import Newsletter, local_day
from digest.edition import cadences
from digest.model import Cadence, Clock, Slot, edition_key

GOOD = ("approved", "sending", "done", "nobody", "merged")  #: outcomes of a slot that an operator need not see to
HELD_BACK = timedelta(days=3)  #: by which the last readers of a local date may get its edition after the date itself
ON_TIME = timedelta(minutes=10)  #: so much later is not late: a daemon is started anew now and then


Clocks = Mapping[Clock, AbstractSet[str]]  #: how often the readers with each want a newsletter
NO_CLOCKS: Clocks = MappingProxyType({})
NONE_KEPT: Mapping[Cadence, AbstractSet[int]] = MappingProxyType({})


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
    wave: int | None = None,
) -> Slot:
    """When an edition of a date is due: for the first of its readers, if they have these `clocks`; for its `wave`."""
    if wave is None:
        due_at = min(_moments(newsletter, day, clocks).values())
    else:
        due_at = cadences.reached(newsletter, day, cadences.home(newsletter)) + wave * cadences.MINUTE
    return Slot(newsletter=name, day=day, cadence=cadence, wave=wave, due_at=due_at)


def due_slots(
    name: str,
    newsletter: Newsletter,
    *,
    now: datetime,
    since: datetime,
    taken: AbstractSet[str],
    clocks: Clocks = NO_CLOCKS,
    waved: AbstractSet[date] = frozenset(),
    kept: Mapping[Cadence, AbstractSet[int]] = NONE_KEPT,
) -> Iterator[Slot]:
    """The slots due in (since, now] that are not among the keys of those `taken`, oldest first.

    Args:
        name: The newsletter's.
        newsletter: Its settings.
        now: Of the question.
        since: What was due before is nobody's.
        taken: Keys, from `HELD_BACK` before `since` on.
        clocks: By which its readers get it, beside the newsletter's own.
        waved: Dates that began in editions for one wave alone: so they go on, whatever the settings say by now.
        kept: Waves of the last dates: they may have readers whose clock has left them.
    """
    first = local_day(newsletter, since) - HELD_BACK
    days = (local_day(newsletter, now) - first).days + 3  # where the sun rises first it is tomorrow, or the day after
    for one in _slots(name, newsletter, first, days=days, clocks=clocks, waved=waved, taken=taken, kept=kept):
        if since < one.due_at <= now and one.key not in taken:
            yield one


def judged(
    due: Sequence[Slot], newsletter: Newsletter, *, now: datetime, clocks: Clocks = NO_CLOCKS
) -> list[Judgement]:
    """What becomes of each slot, wave by wave.

    Of several of one cadence a reader gets only the last whose hour has come: no burst of old news.
    """
    moments = {one.key: _moments_of(one, newsletter, clocks) for one in due}
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


def next_slots(
    name: str,
    newsletter: Newsletter,
    *,
    now: datetime,
    clocks: Clocks = NO_CLOCKS,
    is_wanted: Callable[[Slot], bool] = lambda _: True,
) -> list[Slot]:
    """The first slot after `now` for readers of each cadence, where there is one."""
    today = local_day(newsletter, now)
    coming = _slots(name, newsletter, today - HELD_BACK, days=12, clocks=clocks)
    ahead = sorted((one for one in coming if one.due_at > now), key=lambda one: one.due_at)
    first = (next((one for one in ahead if one.cadence is cadence and is_wanted(one)), None) for cadence in Cadence)
    return [one for one in first if one]


def ahead(
    name: str, newsletter: Newsletter, *, now: datetime, days: int, clocks: Clocks = NO_CLOCKS
) -> tuple[list[Slot], dict[date, str]]:
    """The slots after `now` on so many local dates from today's on, and the dates without one, with the reason.

    And those of earlier dates that somebody still has before them.
    """
    today = local_day(newsletter, now)
    dates = [today + timedelta(days=n) for n in range(days)]
    coming = _slots(name, newsletter, today - HELD_BACK, days=HELD_BACK.days + days, clocks=clocks)
    found = [one for one in coming if one.due_at > now]
    without = {day: why for day in dates if (why := cadences.why_none(newsletter, day))}
    return found, without


def _moments(newsletter: Newsletter, day: date, clocks: Collection[Clock]) -> dict[Clock, datetime]:
    """When readers get the edition of a day by each clock, the newsletter's own among them."""
    return {clock: cadences.reached(newsletter, day, clock) for clock in {cadences.home(newsletter), *clocks}}


def _moments_of(one: Slot, newsletter: Newsletter, clocks: Collection[Clock]) -> dict[Clock, datetime]:
    """When the readers of an edition get it; of one for a wave alone, only these."""
    moments = _moments(newsletter, one.day, clocks)
    theirs = {clock: at for clock, at in moments.items() if at == one.due_at}
    return moments if one.wave is None else theirs or {cadences.home(newsletter): one.due_at}


def _slots(
    name: str,
    newsletter: Newsletter,
    first: date,
    *,
    days: int,
    clocks: Clocks,
    waved: AbstractSet[date] = frozenset(),
    taken: AbstractSet[str] = frozenset(),
    kept: Mapping[Cadence, AbstractSet[int]] = NONE_KEPT,
) -> Iterator[Slot]:
    """Of what is `taken` not all is told: the moments of a date are worked out for those that somebody may want."""
    for day in (first + timedelta(days=n) for n in range(days)):
        for cadence in cadences.due(newsletter, day):
            if newsletter.built == "wave" or day in waved:
                yield from _each_wave(
                    name, newsletter, day, cadence, clocks=clocks, kept=kept.get(cadence, frozenset())
                )
            elif edition_key(name, day, cadence) not in taken:
                yield slot(name, newsletter, day, cadence, clocks=clocks)


def _each_wave(
    name: str, newsletter: Newsletter, day: date, cadence: Cadence, *, clocks: Clocks, kept: AbstractSet[int]
) -> Iterator[Slot]:
    """The newsletter's own, those that have readers, and those that may have."""
    frequencies = cadences.circle(name, newsletter, day, cadence).frequencies
    whose = (clock for clock, asked in clocks.items() if not frequencies.isdisjoint(asked))
    for wave in sorted({0} | kept | cadences.waves_of(newsletter, day, whose)):
        yield slot(name, newsletter, day, cadence, wave=wave)
