"""What comes back: bounces, complaints, wishes to leave, and what mailboxes answer by themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a message that came in is."""

    BOUNCE = "bounce"  #: Not delivered, or not yet.
    COMPLAINT = "complaint"  #: A reader called it spam (RFC 5965, RFC 9477).
    UNSUBSCRIBE = "unsubscribe"  #: Somebody asks to leave, by mail.
    VACATION = "vacation"  #: A mailbox answered by itself.
    CHALLENGE = "challenge"  #: A filter asks the sender to prove to be a person.
    DELIVERED = "delivered"  #: A report of success, or that it was read.
    ORDINARY = "ordinary"  #: Mail from one person to another.
    REFUSAL = "refusal"  #: Not a message: the mail server refused a reader while we were sending.
    CLEARED = "cleared"  #: Not a message: the operator let an address have mail again.


class Severity(StrEnum):
    """What a bounce says about the address."""

    HARD = "hard"  #: It is dead: nobody and nothing is there.
    SOFT = "soft"  #: It is in trouble, which may pass: full, disabled, out of reach.
    POLICY = "policy"  #: We, or this message, are not wanted; the address may be well.
    DELAY = "delay"  #: Nothing yet: the mail server goes on trying.
    NONE = ""  #: It is no bounce.


class Cause(StrEnum):
    """Why a bounce came; its severity follows from it (`digest.feedback.causes`)."""

    UNKNOWN_USER = "unknown user"
    UNKNOWN_HOST = "unknown host"
    MOVED = "moved"
    NO_MAIL = "takes no mail"
    FULL = "mailbox full"
    DISABLED = "disabled"
    FILTERED = "filtered"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    NETWORK = "network"
    SYSTEM = "system"
    UNDEFINED = "undefined"
    SENDER = "sender rejected"
    BLOCKED = "blocked"
    SPAM = "spam"
    CONTENT = "content"
    TOO_BIG = "too big"
    RATE = "rate"
    AUTHENTICATION = "authentication"
    RELAYING = "relaying"
    POLICY = "policy"
    NONE = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One recipient of a bounce."""

    address: str  #: "" where the bounce does not say
    severity: Severity
    cause: Cause
    status: str  #: an enhanced status code such as 5.1.1 (RFC 3463); "" where there is none
    said: str  #: what the other side said, one line of at most 300 characters
    certain: bool = False  #: words and code say the same, or a program that is made for it said so


@dataclass(frozen=True, kw_only=True)
class Report:
    """A message that came in, read.  What it claims to be about proves nothing yet."""

    kind: Kind
    failures: tuple[Failure, ...] = ()  #: of a bounce, at least one
    addresses: tuple[str, ...] = ()  #: the readers it may be about
    sender: str = ""  #: who it is from
    tokens: tuple[str, ...] = ()  #: that may name a delivery, signed
    message_ids: tuple[str, ...] = ()  #: of ours that it may be about
    complaint: str = ""  #: its Feedback-Type (RFC 5965 7.3), where it has one
    leaving: tuple[tuple[str, str], ...] = ()  #: (newsletter, token) of a wish to leave

    @property
    def worst(self) -> Failure | None:
        """The failure that says most about an address."""
        order = tuple(Severity)
        return min(self.failures, key=lambda one: order.index(one.severity), default=None)


class Action(StrEnum):
    """What was done about a message that came in."""

    SUPPRESSED = "suppressed"  #: The address gets no more mail.
    UNSUBSCRIBED = "unsubscribed"
    COUNTED = "counted"  #: It adds to the score of the address.
    ALARM = "alarm"  #: The operator is told; it says nothing of the address.
    NOTED = "noted"  #: Ours, and nothing follows from it.
    KNOWN = "known"  #: The same message had its effect before.
    NOT_OURS = "not ours"  #: Nothing proves that it is about a mail of ours.
    LEFT = "left"  #: For a person to read.


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A delivery, as something that came back names it."""

    edition_id: int
    edition: str  #: the key
    newsletter: str
    subscriber_id: int
    address: str  #: it went to
    signed: bool = False  #: named by a signed token, and not by its Message-ID alone


@dataclass(frozen=True, kw_only=True)
class Event:
    """What came back, and what was done about it: one row of the log."""

    message: str  #: a hash of the message
    at: datetime
    kind: Kind
    severity: Severity = Severity.NONE
    cause: Cause = Cause.NONE
    status: str = ""
    said: str = ""  #: may repeat the address
    edition_id: int | None = None
    subscriber_id: int | None = None
    address_hash: str
    action: Action
