"""A newsletter and a reader's wishes in, what the page of preferences offers out; a form in, the choice out.  Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from zoneinfo import ZoneInfo, available_timezones

from digest.config import Newsletter, is_zone
from digest.edition.cadences import WORKDAYS, offered
from digest.model import Cadence, Edition, Subscription

MOST = 40  #: sections on the page
LONGEST_BREAK = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A section to tick."""

    name: str
    ticked: bool

    @property
    def field(self) -> str:
        """What it is called in the form: short, and the same wherever it stands in the list."""
        return f"section-{sha256(self.name.casefold().encode()).hexdigest()[:10]}"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a reader may choose, as it is now."""

    boxes: tuple[Box, ...]  #: empty: there is nothing to choose from
    frequencies: tuple[Cadence, ...]  #: one alone is no choice
    frequency: str
    hours: Mapping[str, time]  #: of delivery, by how they are written: 18:00; empty: there is no choice
    hour: str  #: "": the newsletter's

    def picked(self, form: Mapping[str, str]) -> tuple[str, ...]:
        """The sections that were ticked in a form, of those on the page."""
        return tuple(box.name for box in self.boxes if box.field in form)

    def paced(self, form: Mapping[str, str]) -> str:
        """How often, by the form; as before where that says nothing of use."""
        asked = form.get("frequency", "")
        return asked if asked in self.frequencies else self.frequency

    def timed(self, form: Mapping[str, str]) -> str:
        """At which hour, likewise."""
        asked = form.get("hour", self.hour)
        return asked if asked in ("", *self.hours) else self.hour


def choices(newsletter: Newsletter, subscription: Subscription, told: Iterable[Edition]) -> Choices:
    """What may be chosen: the sections that are configured, those of the editions `told`, and the reader's own."""
    wished = {name.casefold() for name in subscription.sections}
    of_editions = (item.section for edition in told for item in edition.items)
    names = _first(_once([*newsletter.sections, *of_editions, *subscription.sections]), wished)
    boxes = tuple(Box(name=name, ticked=not wished or name.casefold() in wished) for name in names)
    return Choices(
        boxes=boxes if len(boxes) > 1 or wished else (),
        frequencies=_frequencies(newsletter.days, subscription.frequency),
        frequency=subscription.frequency,
        hours=(hours := offered(newsletter)),
        hour=subscription.hour if subscription.hour in hours else "",
    )


def _once(names: Iterable[str]) -> Sequence[str]:
    """However they are spelt."""
    spelt: dict[str, str] = {}
    for name in filter(None, names):
        spelt.setdefault(name.casefold(), name)
    return list(spelt.values())


def _first(names: Sequence[str], wished: Collection[str]) -> list[str]:
    """As many as the page has, in their order; what a reader chose goes before the rest, or saving would drop it."""
    kept = set(sorted(names, key=lambda name: name.casefold() not in wished)[:MOST])
    return [name for name in names if name in kept]


def _frequencies(days: Collection[str], current: str) -> tuple[Cadence, ...]:
    """Those that come to something else than each other, and the reader's own."""
    workdays = len([name for name in days if name in WORKDAYS])
    differs = {
        Cadence.DAILY: True,
        Cadence.WEEKDAYS: 0 < workdays < len(days),
        Cadence.WEEKLY: len(days) > 1,
    }
    return tuple(one for one, offered in differs.items() if offered or one == current)


@cache
def zones() -> tuple[str, ...]:
    """Names of time zones that people know: Europe/Berlin, UTC; not the old spellings beside them."""
    places = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    known = available_timezones()
    return ("UTC", *sorted(name for name in known if name.partition("/")[0] in places and "/" in name))


def home(subscription: Subscription, newsletter: Newsletter | None) -> ZoneInfo:
    """By whose clock a reader's days begin: their own, else the newsletter's."""
    own = subscription.subscriber.timezone
    return ZoneInfo(own if is_zone(own) else newsletter.timezone if newsletter else "UTC")


def paused(subscription: Subscription, newsletter: Newsletter | None, *, now: datetime) -> datetime | None:
    """Until when, by the reader's clock; None where they get mail."""
    end = subscription.paused_until
    return end.astimezone(home(subscription, newsletter)) if end and end > now else None


def offered_zones(own: str) -> tuple[str, ...]:
    """Those to choose from, and the reader's own, which a list may have brought along in an old spelling."""
    return zones() if own in zones() or not is_zone(own) else (own, *zones())


def in_weeks(weeks: int, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the same day of the week, as `until` has it, so that the edition of that day comes."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(weeks=weeks), time(), zone)


def breaks(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last day on which a break may end."""
    today = now.astimezone(zone).date()
    return today + timedelta(days=1), today + LONGEST_BREAK


def until(text: str, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The beginning of the day that a form names; None where it names none, or none within reach."""
    first, last = breaks(now, zone)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), zone) if first <= day <= last else None
