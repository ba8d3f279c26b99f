"""What the mail server said in, what becomes of the delivery out.  Pure.

Three things are told apart, as each costs somebody else something: the reader's address is dead (the reader loses the
edition), the relay or our own settings refuse (nobody may lose anything: sending stops), and nobody knows whether the
message was taken (a second copy, or a person's decision).
"""

import re
from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.model import DeliveryState, Outcome, Stage

SOON = timedelta(minutes=1)  #: after trouble that says nothing about this delivery
THROTTLED = timedelta(seconds=15)  #: after a message too many, or at a bad moment
FIRST_RETRY = timedelta(minutes=5)
LAST_RETRY = timedelta(minutes=55)  #: with the jitter 66 minutes, Postfix's maximal_backoff_time
JITTER = 0.2  #: share of the delay, so that retries spread
POLICY_TRIES = 3  #: refusals of policy before a delivery fails
DOUBTS = 3  #: times in doubt before a delivery is held: the message itself may be what kills (Mailman's rule)

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
_SENDERS_FAULT = {"5.1.7", "5.1.8"}  # X.1.7, X.1.8: the *sender's* address is bad
_NOT_THE_DOMAINS = ("4.1.", "4.2.", "4.3.")  # of the address, of the mailbox, of the system that answers
_GREYLISTED = re.compile(r"gr[ae]y-?list", re.IGNORECASE)  # of this sender and reader: each has to come again by itself
_WORDS = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_UNKNOWN = re.compile(
    r"user (is )?unknown|unknown (user|mailbox|recipient|local)|no such (user|mailbox|recipient|address|person|account)"
    r"|(user|mailbox|recipient|address|account) (not found|does not exist|doesn't exist|is disabled)"
    r"|no mailbox here|invalid (recipient|mailbox)",
    re.IGNORECASE,
)


class Strain(StrEnum):
    """What an outcome says about the whole sending, beyond its own delivery."""

    NONE = "none"  #: The relay took a message.
    PASSING = "passing"  #: Trouble that goes away by itself.
    READER = "reader"  #: This reader's address is dead.
    POLICY = "policy"  #: The message, or our reputation, is not wanted.
    RELAY = "relay"  #: The relay does not want us at all: credentials, sender, address.


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What becomes of a delivery."""

    state: DeliveryState
    due_at: datetime | None = None  #: of a queued one
    kind: str  #: as in the record of outcomes: sent, deferred, failed, in_doubt
    strain: Strain
    in_doubt: bool = False  #: the content may have arrived
    counts: bool = True  #: it was a try of this delivery, not of the connection


_SENT = Settlement(state=DeliveryState.SENT, kind="sent", strain=Strain.NONE)


def settle(
    outcome: Outcome, *, attempts: int, in_doubt: int = 0, hold: bool = False, now: datetime, dice: float
) -> Settlement:
    """Decide about one delivery.

    `attempts`: tries before this one.  `in_doubt`: how often it was in doubt before.  `hold`: a delivery in doubt waits
    for a person instead of being sent again.  `dice`: 0 to 1, spreads the retries.
    """
    if outcome.stage in (Stage.CONNECT, Stage.MAIL):
        strain = Strain.RELAY if _says(outcome, 5) else Strain.PASSING
        return _again(now + SOON * (1 + dice), strain, counts=False)
    if outcome.stage is Stage.DOT and _says(outcome, 2):
        return _SENT
    fault = blame(outcome)
    if outcome.stage is Stage.DOT and fault is None:
        return _doubt(held=hold or in_doubt + 1 >= DOUBTS, due_at=now + SOON * (1 + dice))
    if fault is Strain.READER or (fault is Strain.POLICY and attempts + 1 >= POLICY_TRIES):
        return Settlement(state=DeliveryState.FAILED, kind="failed", strain=fault)
    first = SOON if fault is None else THROTTLED if _is_throttled(outcome) else FIRST_RETRY
    return _again(now + _delay(first, attempts, dice), fault or Strain.PASSING)


def blame(outcome: Outcome) -> Strain | None:
    """Whose trouble a refusal is, once the sender was accepted; None when nothing was said that counts."""
    if _says(outcome, 4):
        return Strain.PASSING
    if not _says(outcome, 5):
        return None
    status = enhanced_status(outcome)
    if outcome.code == 552 and (outcome.stage is Stage.RCPT or status.startswith("5.2.")):
        return Strain.PASSING  # too many recipients (RFC 5321 4.5.3.1.10), or a full mailbox
    if status in _SENDERS_FAULT:
        return Strain.POLICY
    if status.startswith("5.1.") or status == "5.2.1" or outcome.code == 556:  # 556: RFC 7504
        return Strain.READER
    told = not status or status == "5.0.0"
    return (
        Strain.READER if told and outcome.code in (550, 551, 553) and _UNKNOWN.search(outcome.text) else Strain.POLICY
    )


def enhanced_status(outcome: Outcome) -> str:
    """The enhanced status code of a reply (RFC 3463), as in ``5.1.1``; "" when it has none of the same class."""
    match = _ENHANCED.search(outcome.text)
    return match[0] if match and outcome.code and match[1] == str(outcome.code)[0] else ""


def names_domain(outcome: Outcome, domain: str) -> bool:
    """Whether a refusal for now is that of the reader's domain, and not of one mailbox or of the relay itself."""
    if not _says(outcome, 4):
        return False
    if outcome.stage in (Stage.CONNECT, Stage.MAIL):
        return domain in _WORDS.findall(outcome.text.lower())
    said = outcome.code == 421 or outcome.code in range(450, 460)
    return said and not enhanced_status(outcome).startswith(_NOT_THE_DOMAINS) and not _GREYLISTED.search(outcome.text)


def _is_throttled(outcome: Outcome) -> bool:
    """Whether it came too fast, or at a bad moment, and was not refused for what it is."""
    if _GREYLISTED.search(outcome.text):
        return False
    return outcome.code == 421 or enhanced_status(outcome).startswith("4.7.")


def _says(outcome: Outcome, digit: int) -> bool:
    """The first digit of a reply is what a client has to go by (RFC 5321 4.2.1)."""
    return outcome.code is not None and outcome.code // 100 == digit


def _again(due_at: datetime, strain: Strain, *, counts: bool = True) -> Settlement:
    return Settlement(state=DeliveryState.QUEUED, due_at=due_at, kind="deferred", strain=strain, counts=counts)


def _doubt(*, held: bool, due_at: datetime) -> Settlement:
    return Settlement(
        state=DeliveryState.HELD if held else DeliveryState.QUEUED,
        due_at=None if held else due_at,
        kind="in_doubt",
        strain=Strain.PASSING,
        in_doubt=True,
    )


def _delay(first: timedelta, attempts: int, dice: float) -> timedelta:
    return min(first * (1 << min(attempts, 10)), LAST_RETRY) * (1 + JITTER * dice)


class Streaks:
    """Which destinations refuse everyone, told from one answer after the other, and which of their domains alone."""

    def __init__(self, *, least: int = 3, policy: int = 5) -> None:
        """So many refusals with nothing taken in between are the domain's: for now, and as a matter of policy."""
        self._least = {False: least, True: policy}
        self._refused: Counter[tuple[str, bool]] = Counter()

    def __bool__(self) -> bool:
        return bool(self._refused)

    def taken(self, name: str) -> None:
        """Of a destination, or of one of its domains."""
        for policy in self._least:
            self._refused.pop((name, policy), None)

    def refused(self, domain: str, destination: str, *, policy: bool) -> tuple[str, bool]:
        """Whose refusal it is, and whether that refuses everyone by now.  It stays so until a message is taken.

        It is the domain's alone when others of the destination were taken since it began to refuse; and, as a matter
        of policy, while no other one refuses: who runs a domain has rules of its own.
        """
        for one in {domain, destination}:
            self._refused[one, policy] += 1
        own, whole = self._refused[domain, policy], self._refused[destination, policy]
        whose = domain if own > whole or (policy and own == whole) else destination
        return whose, self._refused[whose, policy] >= self._least[policy]


class Breaker:
    """Says when sending has to stop, from what becomes of the deliveries one after the other.

    A wrong setting must not cost 50,000 readers their edition, or their address its place on the list; one odd refusal,
    or an address list of ordinary age, must not stop a send.
    """

    def __init__(
        self, *, window: int = 200, share: float = 0.05, least: int = 20, readers: float = 0.3, refusals: int = 3
    ) -> None:
        """`share` and `readers` are of a whole window, also while it fills; `least`: answers before they count."""
        self._recent: deque[Strain] = deque(maxlen=window)
        self._counts = dict.fromkeys(Strain, 0)  #: of them
        self._least = least
        self._limits = {Strain.POLICY: window * share, Strain.READER: window * readers}
        self._refusals = refusals
        self._refused = 0

    def after(self, settlement: Settlement) -> str:
        """Why sending has to stop now, in one line without addresses; "" while it may go on."""
        if settlement.strain is Strain.RELAY:
            self._refused += 1
            return "the mail server refuses us before any reader is named" if self._refused >= self._refusals else ""
        if settlement.strain is Strain.PASSING:
            return ""
        self._refused = 0
        self._remember(settlement.strain)
        return next((self._sentence(strain) for strain in self._limits if self._over(strain)), "")

    def _remember(self, strain: Strain) -> None:
        if len(self._recent) == self._recent.maxlen:
            self._counts[self._recent[0]] -= 1
        self._recent.append(strain)
        self._counts[strain] += 1

    @property
    def takes(self) -> bool:
        """Whether any of the last messages was taken."""
        return self._counts[Strain.NONE] > 0

    def _over(self, strain: Strain) -> bool:
        return len(self._recent) >= self._least and self._counts[strain] > self._limits[strain]

    def _sentence(self, strain: Strain) -> str:
        what = "as a matter of policy" if strain is Strain.POLICY else "saying that the reader is unknown"
        return f"the mail server refused {self._counts[strain]} of the last {len(self._recent)} messages {what}"
