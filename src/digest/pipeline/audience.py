"""A draft in, who gets what of it out, were it approved now: approving freezes that, and a dry run only tells it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection

from digest import languages
from digest.config import Newsletter, Settings
from digest.counting import counted
from digest.edition import cadences
from digest.edition.variants import MOST, Variant, exact, variants
from digest.errors import Refused
from digest.model import Cadence, Circle, Clock, EditionStatus, Slot, Wish
from digest.store import audiences, tellings

NOBODY: Mapping[Clock, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who gets what of an edition."""

    circle: Circle
    wishes: Mapping[Wish, int]  #: how many readers have each
    asked: Mapping[Wish, Variant | None]  #: None: the edition has nothing of it
    exact: Mapping[Wish, Variant | None]  #: the same if there could be any number of variants
    waves: Mapping[Clock, datetime]  #: when readers with a clock get it, as they gave it; others: at once
    late: frozenset[Clock] = frozenset()  #: likewise, whose copies say that they are late; `Clock()`: of the others
    in_time: bool = True  #: whether there may be others
    over: Mapping[Clock, str] = field(default_factory=dict)  #: likewise, why some get no copy

    @property
    def named(self) -> dict[Wish, str]:
        """The variant of each wish that has one."""
        return {wish: variant.name for wish, variant in self.asked.items() if variant}

    @property
    def printed(self) -> tuple[Variant, ...]:
        """What has to be rendered."""
        asked = tuple(dict.fromkeys(variant for variant in self.asked.values() if variant))
        late = tuple(variant.delayed for variant in asked) if self.late else ()
        return (*(asked if self.in_time else ()), *late)

    @property
    def readers(self) -> dict[str, int]:
        """How many readers each variant has."""
        found: dict[str, int] = {}
        for wish, name in self.named.items():
            found[name] = found.get(name, 0) + self.wishes[wish]
        return dict(sorted(found.items()))

    @property
    def rarer(self) -> int:
        """Readers who get more than they asked for, as theirs would be a variant too many."""
        return sum(self.wishes[wish] for wish, variant in self.asked.items() if variant != self.exact[wish])

    @property
    def without(self) -> int:
        """Readers who get no mail, as the edition has none of the sections that they chose."""
        return sum(self.wishes[wish] for wish, variant in self.asked.items() if variant is None)


@dataclass(frozen=True, kw_only=True)
class Wave:
    """The readers of an edition who get it at the same moment."""

    at: datetime
    zones: tuple[str, ...]
    hours: tuple[str, ...]  #: that some of them chose
    readers: int


def plan(
    settings: Settings,
    db: Connection,
    status: EditionStatus,
    *,
    now: datetime,
    due_at: datetime | None = None,
    over: Mapping[Clock, str] = NOBODY,
) -> Plan:
    """Who would get what of an edition, `due_at` or in its slot; readers with a clock that is `over` get nothing.

    Raises:
        Refused: its newsletter is not in the configuration any more.
    """
    if (newsletter := settings.newsletters.get(status.newsletter)) is None:
        raise Refused(f"{status.key}: the newsletter is not in the configuration any more")
    circle = circle_of(db, status.newsletter, newsletter, status.day, status.cadence, alone=status.wave)
    waves = _waves(db, circle, newsletter)
    wishes = _wishes(db, circle, waves, now=now, due_at=due_at or status.due_at)
    spoken = languages.available(settings.site.templates)
    asked = variants(status.content, wishes, languages=spoken)
    usual = waves.get(Clock(), status.due_at) if circle.has(Clock()) else None
    moments = {**waves, **({Clock(): usual} if usual else {})}
    late_for = {one: over[clock] for one in moments if (clock := cadences.counted(newsletter, one)) in over}
    going = {one: at for one, at in moments.items() if one not in late_for}
    late = frozenset(one for one, at in going.items() if _is_told(newsletter, now - at))
    return Plan(
        circle=circle,
        wishes=wishes,
        asked=asked,
        exact=exact(status.content, wishes, languages=spoken),
        waves=waves,
        late=late,
        in_time=not late or len(late) < len(going),
        over=late_for,
    )


def wishes_of(
    db: Connection, circle: Circle, newsletter: Newsletter, *, now: datetime, due_at: datetime | None
) -> dict[Wish, int]:
    """What those ask for who get a copy if it is frozen now: also who is on a break until just before theirs is due."""
    return _wishes(db, circle, _waves(db, circle, newsletter), now=now, due_at=due_at)


def _wishes(
    db: Connection, circle: Circle, waves: Mapping[Clock, datetime], *, now: datetime, due_at: datetime | None
) -> dict[Wish, int]:
    reached = {one: max(now, at) for one, at in waves.items()}
    return audiences.wishes(db, circle, due_at=reached.get(Clock(), max(now, due_at or now)), waves=reached)


def _is_told(newsletter: Newsletter, late: timedelta) -> bool:
    return newsletter.late_note is not None and late > timedelta(minutes=newsletter.late_note)


def circle_of(
    db: Connection, name: str, newsletter: Newsletter, day: date, cadence: Cadence, *, alone: int | None
) -> Circle:
    """Whose an edition is, for which wave `alone`, by the clocks that readers have given up to now."""
    if alone is None:
        return cadences.circle(name, newsletter, day, cadence)
    circle = cadences.circle(name, newsletter, day, cadence, alone=alone, given=audiences.clocks(db, name))
    return replace(circle, before=tellings.of_wave_before(db, circle))


def _waves(db: Connection, circle: Circle, newsletter: Newsletter) -> dict[Clock, datetime]:
    if not _by_clocks(newsletter):
        return {}
    given = {one: cadences.counted(newsletter, one) for one in (Clock(), *audiences.clocks(db, circle.newsletter))}
    return {
        one: cadences.reached(newsletter, circle.day, clock)
        for one, clock in given.items()
        if circle.has(one) and (clock.hour or newsletter.deliver == "local")
    }


def _by_clocks(newsletter: Newsletter) -> bool:
    return newsletter.deliver == "local" or bool(newsletter.hours)


def clocks(db: Connection, name: str, newsletter: Newsletter) -> dict[Clock, AbstractSet[str]]:
    """The clocks by which a newsletter is delivered, beside its own, and how often their readers want it.

    A time zone that the tz database does not have any more counts for none, and so does an hour that is not offered.
    """
    given = audiences.clocks(db, name) if _by_clocks(newsletter) else {}
    found: dict[Clock, AbstractSet[str]] = {}
    for one, frequencies in given.items():
        clock = cadences.counted(newsletter, one)
        found[clock] = found.get(clock, frozenset()) | frequencies
    return found


def waves(db: Connection, slot: Slot, newsletter: Newsletter) -> list[Wave]:
    """When editions of a date leave for readers of a cadence, by what these have given up to now, the first wave first.

    All of them, be they of one edition or each of its own; not those who have theirs.
    """
    circle = cadences.circle(slot.newsletter, newsletter, slot.day, slot.cadence)
    moments = _waves(db, circle, newsletter)
    found: dict[datetime, list[tuple[Clock, int]]] = {}
    for given, readers in sorted(audiences.by_clock(db, circle, due_at=slot.due_at, waves=moments).items()):
        clock = cadences.counted(newsletter, given)
        found.setdefault(cadences.reached(newsletter, slot.day, clock), []).append((clock, readers))
    return [
        Wave(
            at=at,
            zones=tuple(sorted({clock.zone for clock, _ in those})),
            hours=tuple(sorted({clock.hour for clock, _ in those if clock.hour})),
            readers=sum(number for _, number in those),
        )
        for at, those in sorted(found.items())
    ]


def is_for_all(slot: Slot) -> bool:
    """Whether an edition is in the archive and the feeds: so it has readers in any case."""
    return slot.cadence is Cadence.DAILY and not slot.wave


def is_wanted(db: Connection, newsletter: Newsletter, slot: Slot, *, now: datetime) -> bool:
    """Whether an edition has readers."""
    if is_for_all(slot):
        return True
    circle = circle_of(db, slot.newsletter, newsletter, slot.day, slot.cadence, alone=slot.wave)
    return audiences.prospective(db, circle, due_at=max(now, slot.due_at)) > 0


def wanted(db: Connection, name: str, newsletter: Newsletter, day: date, *, now: datetime) -> list[Cadence]:
    """What a day has editions for, the daily one first and, as an editor asks, on any day."""
    others = [one for one in cadences.due(newsletter, day) if one is not Cadence.DAILY]
    circles = {one: circle_of(db, name, newsletter, day, one, alone=newsletter.own_wave) for one in others}
    return [Cadence.DAILY, *(one for one in others if audiences.prospective(db, circles[one], due_at=now))]


def told(readers: Mapping[str, int], *, without: int = 0, rarer: int = 0) -> str:
    """On one line: readers, variants, who gets more than they asked for, and who gets no mail."""
    parts = [counted(sum(readers.values()), "reader")]
    if len(readers) > 1:
        parts.append(f"{len(readers)} variants (at most {MOST})")
    if rarer:
        parts.append(f"{counted(rarer, 'reader')} of rarer ones get more than they asked for")
    if without:
        parts.append(f"no mail for {counted(without, 'reader')} of other sections")
    return "; ".join(parts)
