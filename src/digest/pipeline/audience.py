"""A draft in, who gets what of it out, were it approved now: approving freezes that, and a dry run only tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection

from digest import languages
from digest.config import Newsletter, Settings, is_zone
from digest.counting import counted
from digest.edition import cadences
from digest.edition.variants import MOST, Variant, exact, variants
from digest.errors import Refused
from digest.model import Cadence, Circle, EditionStatus, Slot, Wish
from digest.store import deliveries

NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who gets what of an edition."""

    circle: Circle
    wishes: Mapping[Wish, int]  #: how many readers have each
    asked: Mapping[Wish, Variant | None]  #: None: the edition has nothing of it
    exact: Mapping[Wish, Variant | None]  #: the same if there could be any number of variants
    waves: Mapping[str, datetime]  #: when readers of a time zone get it; empty: all at once
    late: frozenset[str] = frozenset()  #: time zones whose copies say that they are late; "": of who gave none
    in_time: bool = True  #: whether there may be others
    over: Mapping[str, str] = field(default_factory=dict)  #: of time zones whose readers get no copy, why

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
    readers: int


def plan(
    settings: Settings, db: Connection, status: EditionStatus, *, now: datetime, over: Mapping[str, str] = NOBODY
) -> Plan:
    """Who would get what of an edition; readers of the time zones that are `over` get nothing.

    Raises:
        Refused: its newsletter is not in the configuration any more.
    """
    if (newsletter := settings.newsletters.get(status.newsletter)) is None:
        raise Refused(f"{status.key}: the newsletter is not in the configuration any more")
    circle = cadences.circle(status.newsletter, newsletter, status.day, status.cadence)
    wishes = deliveries.wishes(db, circle, now=now)
    spoken = languages.available(settings.site.templates)
    asked = variants(status.content, wishes, languages=spoken)
    waves = _waves(db, status, newsletter)
    moments = _others(waves, newsletter, status.due_at)
    going = {zone: at for zone, at in moments.items() if zone not in over}
    late = frozenset(zone for zone, at in going.items() if _is_told(newsletter, now - at))
    return Plan(
        circle=circle,
        wishes=wishes,
        asked=asked,
        exact=exact(status.content, wishes, languages=spoken),
        waves=waves,
        late=late,
        in_time=not late or len(late) < len(going),
        over=over,
    )


def _others(waves: Mapping[str, datetime], newsletter: Newsletter, due_at: datetime | None) -> dict[str, datetime]:
    """When readers of each time zone should get it, "" for who gave none; nothing where it has no hour."""
    usual = waves.get(newsletter.timezone, due_at)
    return {**waves, **({"": usual} if usual else {})}


def _is_told(newsletter: Newsletter, late: timedelta) -> bool:
    return newsletter.late_note is not None and late > timedelta(minutes=newsletter.late_note)


def _waves(db: Connection, status: EditionStatus, newsletter: Newsletter) -> dict[str, datetime]:
    if newsletter.deliver != "local":
        return {}
    live = (newsletter.timezone, *zones(db, status.newsletter, newsletter))
    return {zone: cadences.moment(newsletter, status.day, zone) for zone in live}


def zones(db: Connection, name: str, newsletter: Newsletter) -> tuple[str, ...]:
    """The time zones by whose clocks a newsletter is delivered, beside its own.

    One that the tz database does not have any more counts for none.
    """
    return tuple(filter(is_zone, deliveries.zones(db, name))) if newsletter.deliver == "local" else ()


def waves(db: Connection, slot: Slot, newsletter: Newsletter) -> list[Wave]:
    """When an edition leaves for whom, by what readers have given up to now, the first wave first."""
    circle = cadences.circle(slot.newsletter, newsletter, slot.day, slot.cadence)
    found: dict[datetime, list[tuple[str, int]]] = {}
    for given, readers in sorted(deliveries.by_zone(db, circle, now=slot.due_at).items()):
        zone = given if newsletter.deliver == "local" and is_zone(given) else newsletter.timezone
        found.setdefault(cadences.moment(newsletter, slot.day, zone), []).append((zone, readers))
    return [
        Wave(at=at, zones=tuple(sorted({zone for zone, _ in those})), readers=sum(number for _, number in those))
        for at, those in sorted(found.items())
    ]


def is_wanted(db: Connection, name: str, newsletter: Newsletter, day: date, cadence: Cadence, *, now: datetime) -> bool:
    """Whether an edition has readers.  The daily one is made in any case: its page and the feeds have theirs."""
    circle = cadences.circle(name, newsletter, day, cadence)
    return cadence is Cadence.DAILY or deliveries.prospective(db, circle, now=now) > 0


def wanted(db: Connection, name: str, newsletter: Newsletter, day: date, *, now: datetime) -> list[Cadence]:
    """What a day has editions for, the daily one first and, as an editor asks, on any day."""
    others = [one for one in cadences.due(newsletter, day) if one is not Cadence.DAILY]
    found = [one for one in others if is_wanted(db, name, newsletter, day, one, now=now)]
    return [Cadence.DAILY, *found]


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
