"""The nouns, one word for one thing.  Values only: no behaviour that needs a clock, a socket or a database.

    Source → Article → Story → Edition → Rendered → Delivery → Outcome

Every moment is an aware `datetime` in UTC; `day` is the local date of a newsletter.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

EDITION_KEY = re.compile(r"(?P<newsletter>[a-z0-9][a-z0-9-]*)/(?P<day>\d{4}-\d{2}-\d{2})")


# --- what comes in ---------------------------------------------------------------------------------------------------


class Role(StrEnum):
    """What a source's articles are used for."""

    PUBLISH = "publish"  #: They may appear in an edition.
    SIGNAL = "signal"  #: They only count as coverage of a story.


@dataclass(frozen=True, kw_only=True)
class Source:
    """A feed or folder that is read."""

    name: str
    url: str = ""
    section: str = ""  #: for articles that name none
    weight: float = 1.0
    role: Role = Role.PUBLISH


@dataclass(frozen=True, kw_only=True)
class Image:
    url: str
    alt: str = ""
    credit: str = ""
    width: int | None = None  #: pixels
    height: int | None = None  #: pixels


@dataclass(frozen=True, kw_only=True)
class Article:
    """One item as published.  All text is plain text: markup is gone before an Article exists."""

    url: str  #: canonical, absolute http(s): the natural key
    title: str
    published: datetime
    source: str = ""
    section: str = ""
    language: str = ""  #: BCP 47, "" when unknown
    summary: str = ""
    body: str = ""  #: paragraphs separated by a blank line
    image: Image | None = None
    authors: tuple[str, ...] = ()
    position: int | None = None  #: place in its feed or file, 0 first: the source's own prominence


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Something that could not be taken in, and where it was."""

    path: str
    where: str  #: "line 12", "entry 3", or "" for the whole file
    error: str


# --- what is told of -------------------------------------------------------------------------------------------------


class StoryState(StrEnum):
    """A story against the past editions of its newsletter."""

    NEW = "new"  #: Never in an edition.
    DEVELOPED = "developed"  #: Was in an edition, and more has been reported since.
    REPEAT = "repeat"  #: Was in an edition, and nothing has changed.


@dataclass(frozen=True, kw_only=True)
class Point:
    """One line of the ledger of a story's score: the points sum up to the score."""

    signal: str
    value: float
    points: float
    sentence: str = ""  #: for people


@dataclass(frozen=True, kw_only=True)
class Story:
    """What several articles report together."""

    id: str  #: stable over the days: "again" and "developed" are told by it
    rank: int  #: 1 is the most important
    score: float
    lead: Article  #: the article that speaks for the story
    articles: tuple[Article, ...]  #: newest first, the lead among them
    ledger: tuple[Point, ...]
    sources: int  #: distinct sources
    state: StoryState = StoryState.NEW


@dataclass(frozen=True, kw_only=True)
class PastStory:
    """A story as an earlier edition of the same newsletter told it."""

    id: str
    day: date
    headline: str
    urls: tuple[str, ...]
    sources: int
    text: str  #: titles and leads of its articles


class EditorAction(StrEnum):
    """What an editor decided about an article, and so about its story."""

    PIN = "pin"  #: Its story goes in, before all that is not pinned.
    DROP = "drop"  #: Its story stays out.


# --- the edition -----------------------------------------------------------------------------------------------------


class EditionState(StrEnum):
    """``draft → approved → sending → done``, or ``expired``, ``cancelled``.  A hold stops any of the first three."""

    DRAFT = "draft"  #: May change at each build.
    APPROVED = "approved"  #: Content and audience are frozen; nothing has been sent.
    SENDING = "sending"  #: At least one delivery has been claimed.
    DONE = "done"  #: Every delivery is in a final state, proven in SQL.
    EXPIRED = "expired"  #: Its hour passed beyond the limit before it was approved or sent.
    CANCELLED = "cancelled"  #: An editor said no.


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
    """The ordered stories of one newsletter on one day."""

    newsletter: str
    day: date
    title: str  #: the newsletter's
    language: str
    subject: str
    preheader: str
    lead: Item | None  #: the lead story, before all sections; None only in an empty edition
    sections: tuple[Section, ...]  #: without the lead story
    note: str = ""  #: the editor's, plain text
    markets: Markets | None = None
    sponsor: Sponsor | None = None
    built_at: datetime

    @property
    def key(self) -> str:
        """The natural key, as in ``daily/2026-11-23``."""
        return f"{self.newsletter}/{self.day.isoformat()}"

    @property
    def items(self) -> tuple[Item, ...]:
        """Every story, in the order a reader meets them."""
        first = (self.lead,) if self.lead else ()
        return first + tuple(item for section in self.sections for item in section.items)


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
    content: Edition

    @property
    def key(self) -> str:
        return self.content.key


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """Subject, HTML and text of one variant of an edition.  Personal places hold `links.Token` markers."""

    variant: str  #: "default" until there are languages and chosen sections
    subject: str
    preheader: str
    html: str  #: inlined, for mail
    text: str
    web: str  #: the same edition as a page, without anything personal


# --- readers ---------------------------------------------------------------------------------------------------------


class SubscriptionState(StrEnum):
    """``unconfirmed → confirmed → unsubscribed``."""

    UNCONFIRMED = "unconfirmed"  #: Asked to join, has not confirmed: gets nothing but the confirmation mail.
    CONFIRMED = "confirmed"  #: Gets editions.
    UNSUBSCRIBED = "unsubscribed"  #: Left.


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    id: int
    uid: str  #: 16 hex digits, random: what links carry instead of the address or the id
    address: str  #: as given
    name: str = ""
    language: str = ""
    timezone: str = ""
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewSubscriber:
    """A person to be added: one row of an import, or one form."""

    address: str
    name: str = ""
    language: str = ""
    timezone: str = ""
    frequency: str = "daily"
    sections: tuple[str, ...] = ()  #: empty: all


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Subscriber × newsletter."""

    newsletter: str
    subscriber: Subscriber
    state: SubscriptionState
    frequency: str = "daily"
    sections: tuple[str, ...] = ()
    generation: int = 0  #: part of confirm tokens: raising it revokes them
    consent: str = ""  #: the evidence: wording, form, when, from where (JSON)
    asked_at: datetime | None = None  #: when the last confirmation mail was asked for
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    paused_until: datetime | None = None


class Reason(StrEnum):
    """Why an address is suppressed."""

    BOUNCE = "bounce"  #: The mailbox does not exist.
    COMPLAINT = "complaint"  #: The reader called it spam.
    MANUAL = "manual"  #: The operator's decision.
    ERASED = "erased"  #: The person asked to be forgotten; only a hash is kept.


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """An address that gets no more mail."""

    address: str  #: "" when only the hash is kept
    reason: Reason
    evidence: str
    since: datetime


# --- deliveries ------------------------------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """One edition on its way to one subscriber.

    ::

        queued ──claim──► claimed ──commit, then content──► attempting ──250──► sent
          ▲                  │ lease ran out                    │ 4xx: queued, due later
          └──────────────────┘                                  │ 5xx: failed
          ▲                                                     │ no answer, or the process died:
          └───────────── resend (recorded as in doubt first) ───┴─ or held
    """

    QUEUED = "queued"  #: Waits until `due_at`.
    CLAIMED = "claimed"  #: A worker has it until `due_at`; no content has left.
    ATTEMPTING = "attempting"  #: Content may be leaving; in doubt if nothing more is heard by `due_at`.
    SENT = "sent"  #: The mail server took it (250 to the final dot).
    FAILED = "failed"  #: The mail server refused it for good.
    HELD = "held"  #: In doubt, and waits for a person.
    SKIPPED = "skipped"  #: Suppressed or unsubscribed since the freeze.
    EXPIRED = "expired"  #: Too old to send.


FINAL = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.HELD,
    DeliveryState.SKIPPED,
    DeliveryState.EXPIRED,
)
WAITING = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.ATTEMPTING)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A claimed delivery: all that is needed to compose and send it."""

    edition_id: int
    subscriber_id: int
    edition: str  #: the key
    uid: str  #: Subscriber.uid
    address: str
    variant: str
    attempts: int  #: how often content has been offered before
    in_doubt: int  #: how often it was recorded as in doubt
    fence: int  #: grows with each claim: a worker whose claim ran out cannot write with an old one


class Stage(StrEnum):
    """How far the conversation with the mail server had come."""

    CONNECT = "connect"  #: TCP, greeting, EHLO, STARTTLS, AUTH.
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  #: The answer to the DATA command.
    DOT = "dot"  #: The answer to the end of the content.


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the mail server said, and at which stage."""

    stage: Stage
    code: int | None  #: None: no answer that could be understood
    text: str = ""  #: one line, at most 300 characters

    @property
    def reply(self) -> str:
        """As ``deliveries list`` shows it: the reply code first."""
        return f"{self.code or '---'} {self.text}".strip()


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The moment an edition is due."""

    newsletter: str
    day: date
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many deliveries of an edition are in which state."""

    audience: int = 0
    states: dict[DeliveryState, int] = field(default_factory=dict)
    in_doubt: int = 0  #: deliveries ever recorded as in doubt
    next_due: datetime | None = None  #: the earliest moment something that waits is due

    def count(self, *states: DeliveryState) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def waiting(self) -> int:
        return self.count(*WAITING)

    @property
    def adds_up(self) -> bool:
        """The identity without which an edition is never done."""
        return self.audience == self.count(*FINAL) + self.waiting
