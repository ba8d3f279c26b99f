"""People, what they subscribed to, and who gets no more mail."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.model.edition import Cadence


class SubscriptionState(StrEnum):
    """``unconfirmed → confirmed → unsubscribed``."""

    UNCONFIRMED = "unconfirmed"  #: Asked to join, has not confirmed: gets nothing but the confirmation mail.
    CONFIRMED = "confirmed"  #: Gets editions.
    UNSUBSCRIBED = "unsubscribed"  #: Left.


class EventKind(StrEnum):
    """What happens to a subscription, as webhooks are told."""

    SUBSCRIBE = "subscribe"  #: Somebody asks to join, and is asked to confirm.
    CONFIRM = "confirm"  #: They confirmed, or took a leave back.
    UNSUBSCRIBE = "unsubscribe"  #: They left, or were erased.
    BOUNCE = "bounce"  #: Their mailbox does not take mail any more.
    COMPLAINT = "complaint"  #: They called it spam.


class Scope(StrEnum):
    """What a token of the web API is good for."""

    SUBSCRIBE = "subscribe"  #: To have somebody asked whether they want a newsletter.
    READ = "read"  #: To look up an address, and to list editions.
    UNSUBSCRIBE = "unsubscribe"  #: To let somebody leave.


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    id: int
    uid: str  #: 16 hex digits, random: what links carry instead of the address or the id
    address: str  #: as given
    name: str = ""
    language: str = ""
    timezone: str = ""
    created_at: datetime


class Reason(StrEnum):
    """Why an address is suppressed."""

    BOUNCE = "bounce"  #: The mailbox does not exist.
    COMPLAINT = "complaint"  #: The reader called it spam.
    MANUAL = "manual"  #: The operator's decision.
    ERASED = "erased"  #: The person asked to be forgotten; only a hash is kept.


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What another list says of a person: how they stand there, since when, and on what evidence."""

    state: SubscriptionState | None = None  #: None: the list does not say
    suppressed: Reason | None = None
    evidence: str = ""  #: of consent or, where suppressed, of why
    uid: str = ""
    created_at: datetime | None = None
    asked_at: datetime | None = None
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    paused_until: datetime | None = None


NO_PAST = Past()


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSubscriber:
    """A person to be added: one row of an import, or one form."""

    address: str
    name: str = ""
    language: str = ""
    timezone: str = ""
    frequency: str = "daily"
    hour: str = ""  #: of delivery, as in 18:00; "": the newsletter's
    sections: tuple[str, ...] = ()  #: empty: all
    past: Past = NO_PAST


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Subscriber × newsletter."""

    newsletter: str
    subscriber: Subscriber
    state: SubscriptionState
    frequency: str = "daily"
    hour: str = ""  #: of delivery, as in 18:00; "": the newsletter's
    sections: tuple[str, ...] = ()
    generation: int = 0  #: part of confirm tokens: raising it revokes them
    consent: str = ""  #: the evidence: wording, form, when, from where (JSON)
    asked_at: datetime | None = None  #: when the last confirmation mail was asked for
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, order=True)
class Clock:
    """By what some readers of a newsletter get their copies."""

    zone: str = ""  #: their time zone; "": the newsletter's
    hour: str = ""  #: that they chose, as in 18:00; "": the newsletter's


@dataclass(frozen=True, kw_only=True)
class Circle:
    """Whose an edition is, by how often they get mail, and by their clocks where it is for one wave."""

    newsletter: str
    day: date
    cadence: Cadence = Cadence.DAILY  #: the edition's; who has another one of that day already is not in the circle
    wave: int | None = None  #: likewise
    frequencies: frozenset[str]  #: that its readers asked for
    clocks: frozenset[Clock] | None = None  #: whose readers it is for, as they gave them; None: all but `elsewhere`
    elsewhere: frozenset[Clock] = frozenset()  #: likewise, whose readers have another wave
    behind: frozenset[Clock] = frozenset()  #: likewise, whose hour of the date is over
    before: int | None = None  #: the edition of the last date for this wave: who had it and is `behind` now stays

    def has(self, clock: Clock) -> bool:
        """Whether readers who gave this clock are in it."""
        return clock not in self.elsewhere and (self.clocks is None or clock in self.clocks)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What some readers of a newsletter asked of it."""

    language: str  #: of the words around the stories; "" for the newsletter's
    sections: tuple[str, ...]  #: empty: all


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """An address that gets no more mail."""

    address: str  #: "" when only the hash is kept
    reason: Reason
    evidence: str
    since: datetime
