"""Editions on their way, and what became of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from digest.model.edition import Cadence, edition_key


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
    dated_at: datetime | None = None  #: when it was first due; None: of a time when that was not kept
    attempts: int  #: how often content has been offered before
    in_doubt: int  #: how often it was recorded as in doubt
    fence: int  #: grows with each claim: a worker whose claim ran out cannot write with an old one

    @property
    def claim(self) -> tuple[int, int, int]:
        """What tells this claim from every other one, also from an older one of the same worker."""
        return self.edition_id, self.subscriber_id, self.fence


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

    @property
    def told(self) -> str:
        """In a sentence: the reply code only where there is one."""
        return self.reply if self.code else self.text


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The moment an edition is due."""

    newsletter: str
    day: date
    cadence: Cadence = Cadence.DAILY
    wave: int | None = None  #: as that of the edition
    due_at: datetime

    @property
    def key(self) -> str:
        """That of the edition."""
        return edition_key(self.newsletter, self.day, self.cadence, self.wave)


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
