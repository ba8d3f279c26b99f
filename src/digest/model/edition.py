"""The ordered stories of one newsletter on one day, for readers of one cadence."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from digest.model.article import Image
from digest.model.verdict import Verdict

EDITION_KEY = re.compile(
    r"(?P<newsletter>[a-z0-9][a-z0-9-]*)/(?P<day>\d{4}-\d{2}-\d{2})(?:-(?P<cadence>weekdays|weekly))?"
    r"(?:-(?P<wave>(?:earlier|later)-\d{4}))?"
)


LATE = "~late"  #: at the end of the name of a variant that says that it comes late
REVISION = "@"  #: between the name of a variant and its revision, as in default@2; the first has none


def revised(variant: str, revision: int) -> str:
    """What a variant is called in a revision of its edition."""
    return variant if revision < 2 else f"{variant}{REVISION}{revision}"


def revision_of(variant: str) -> tuple[str, int]:
    """The name of a variant and its revision."""
    name, _, number = variant.rpartition(REVISION)
    return (name, int(number)) if name and number.isdecimal() else (variant, 1)


class Cadence(StrEnum):
    """How often the readers of an edition get one; also what a reader can wish for (`Subscription.frequency`)."""

    DAILY = "daily"  #: On each day of the newsletter.
    WEEKDAYS = "weekdays"  #: From Monday to Friday; an edition apart only after days on which they got none.
    WEEKLY = "weekly"  #: Once a week, the best of it.


class EditionState(StrEnum):
    """``draft → approved → sending → done``, or ``expired``, ``cancelled``.  A hold stops any of the first three."""

    DRAFT = "draft"  #: May change at each build.
    APPROVED = "approved"  #: Content and audience are frozen; nothing has been sent.
    SENDING = "sending"  #: At least one delivery has been claimed.
    DONE = "done"  #: Every delivery is in a final state, proven in SQL.
    EXPIRED = "expired"  #: Its hour passed beyond the limit before it was approved or sent.
    CANCELLED = "cancelled"  #: An editor said no.


def edition_key(newsletter: str, day: date, cadence: str = Cadence.DAILY, wave: int | None = None) -> str:
    """The natural key: ``daily/2026-11-23``, or ``daily/2026-11-23-weekly`` for readers of another cadence.

    That of a wave which is not the newsletter's own says how many hours and minutes away it is:
    ``daily/2026-11-23-later-0800``.
    """
    apart = "" if cadence == Cadence.DAILY else f"-{cadence}"
    return f"{newsletter}/{day.isoformat()}{apart}{_away(wave or 0)}"


def _away(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"-{'later' if minutes > 0 else 'earlier'}-{hours:02}{rest:02}" if minutes else ""


def read_key(key: str) -> tuple[str, date, Cadence, int] | None:
    """Newsletter, day, cadence and wave of an `edition_key`; None for what is none.  For all is 0, too."""
    if not (match := EDITION_KEY.fullmatch(key)):
        return None
    try:
        day = date.fromisoformat(match["day"])
    except ValueError:
        return None
    found = match["newsletter"], day, Cadence(match["cadence"] or Cadence.DAILY), _minutes(match["wave"] or "")
    return found if edition_key(*found) == key else None


def _minutes(away: str) -> int:
    way, _, clock = away.partition("-")
    minutes = int(clock[:2] or 0) * 60 + int(clock[2:] or 0)
    return minutes if way == "later" else -minutes


@dataclass(frozen=True, kw_only=True)
class Item:
    """A story as it stands in an edition."""

    story: str  #: Story.id
    headline: str
    url: str
    blurb: str
    source: str
    sources: int = 1  #: distinct sources of the story
    section: str = ""
    language: str = ""
    published: datetime
    image: Image | None = None
    update: bool = False  #: a story of an earlier edition that has developed
    rank: int = 0  #: the story's among all of the window; the higher, the sooner it leaves a mail that is too long


@dataclass(frozen=True, kw_only=True)
class Section:
    name: str  #: "" for the one that holds the lead story
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Quote:
    """One row of the market table."""

    name: str
    last: str  #: as printed
    change: float  #: percent


@dataclass(frozen=True, kw_only=True)
class Markets:
    as_of: datetime
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, kw_only=True)
class Sponsor:
    name: str
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The ordered stories of one newsletter on one day, for readers of one cadence."""

    newsletter: str
    day: date
    cadence: Cadence = Cadence.DAILY
    wave: int | None = None  #: for which alone it is, in minutes after the hour of the newsletter's home; None: for all
    week: tuple[date, date] | None = None  #: the first and last day that an edition of the week tells of
    title: str  #: the newsletter's
    language: str
    subject: str
    preheader: str
    lead: Item | None  #: the lead story, before all sections; None only in an empty edition
    sections: tuple[Section, ...]  #: without the lead story
    note: str = ""  #: the editor's, in Markdown
    markets: Markets | None = None
    sponsor: Sponsor | None = None
    built_at: datetime

    @property
    def key(self) -> str:
        """The natural key, as in ``daily/2026-11-23``."""
        return edition_key(self.newsletter, self.day, self.cadence, self.wave)

    @property
    def items(self) -> tuple[Item, ...]:
        """Every story, in the order a reader meets them."""
        return ((self.lead,) if self.lead else ()) + self.smaller

    @property
    def smaller(self) -> tuple[Item, ...]:
        """Every story but the lead story."""
        return tuple(item for section in self.sections for item in section.items)

    def changed(self, change: Callable[[Item], Item | None]) -> "Edition":
        """With every story but the lead story as `change` has it, without those of which it has None.

        A section that loses its last story goes.
        """
        changed = ((one, tuple(filter(None, map(change, one.items)))) for one in self.sections)
        return replace(
            self, sections=tuple(replace(one, items=items) for one, items in changed if items or not one.items)
        )


@dataclass(frozen=True, kw_only=True)
class EditionStatus:
    """An edition as the database has it: its state beside its content."""

    id: int
    newsletter: str
    day: date
    state: EditionState
    hold: bool
    due_at: datetime | None = None  #: when its slot is, None outside of the schedule
    approved_at: datetime | None = None
    paused_reason: str = ""  #: why sending stopped itself; "" while it may go on
    in_doubt_policy: str = "resend"  #: or "hold": what becomes of a delivery in doubt
    revision: int = 0  #: up to which of the operations on it the content has
    verdicts: tuple[Verdict, ...] = ()  #: what became of these
    content: Edition

    @property
    def key(self) -> str:
        return self.content.key

    @property
    def cadence(self) -> Cadence:
        return self.content.cadence

    @property
    def wave(self) -> int | None:
        return self.content.wave


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """Subject, HTML and text of one variant of an edition.  Personal places hold `links.Token` markers."""

    variant: str  #: its name: "default" is all sections in the newsletter's language
    subject: str
    preheader: str
    html: str  #: inlined, for mail
    text: str
    web: str  #: the whole edition as a page, without anything personal; "" but of the default variant
    left_out: tuple[str, ...] = ()  #: what the mail does without to be shown whole; the page has it
