"""What waits of an edition and what was sent of late in, how fast it goes and when it is done out.  Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LATELY = timedelta(minutes=1)  #: over which the rate is told


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Deliveries that were refused for now."""

    code: str  #: of the last reply; "" where there was none
    count: int
    next_at: datetime  #: when the first of them is tried again


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What of an edition has gone, goes and waits."""

    sent_lately: int = 0  #: within the last `LATELY`
    underway: int = 0  #: with a worker
    due: int = 0  #: may go, and no worker has taken it yet
    later: int = 0  #: not tried yet, as the hour of these readers has not come
    last_due: datetime | None = None  #: when the last of what waits is due
    retries: tuple[Retry, ...] = ()

    @property
    def rate(self) -> float:
        """Copies a second."""
        return self.sent_lately / LATELY.total_seconds()


def done_at(flow: Flow, *, now: datetime) -> datetime | None:
    """About when all has been tried; None where nothing says so: nothing waits, or nothing has moved of late."""
    backlog = flow.due + flow.underway
    if backlog and not flow.rate:
        return None
    soonest = now + timedelta(seconds=backlog / flow.rate) if backlog else None
    return max((moment for moment in (soonest, flow.last_due) if moment and moment > now), default=None)
