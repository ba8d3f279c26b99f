"""How fast mail may go."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast mail may go to one domain, over one relay, or in all: turns, one for a message, that come with time."""

    domain: str  #: of readers' addresses; "": all mail; or `of_relay`
    turns: float = 1.0  #: messages that might go at once at `at`
    at: datetime  #: when the turns were counted
    rate: float | None = None  #: messages a second, learned from refusals; None: not slowed down
    ceiling: float = 0.0  #: to which a slowed rate grows again, messages a second
    refusals: int = 0  #: how often it was slowed down since a message was last taken
    shut_until: datetime | None = None  #: no message before
    since: datetime | None = None  #: slowed down since then
    reason: str = ""  #: what the mail server said, its code first; no local parts of addresses

    @property
    def is_slowed(self) -> bool:
        """By what was refused, and not only by a rate that is configured."""
        return self.rate is not None

    @property
    def blocked(self) -> bool:
        """All is refused as a matter of policy, and not just for now."""
        return self.refusals > 0 and self.reason.startswith("5")


def of_relay(name: str) -> str:
    """What stands for a relay in the place of a domain, of which none has a colon."""
    return f"relay:{name}" if name else ""


def domain_of(address: str) -> str:
    """In small letters."""
    return address.rpartition("@")[2].lower()
