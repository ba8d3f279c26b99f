"""What all that takes part in one run over the outbox goes by."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from digest.model import DeliveryState
from digest.worker.moments import LEASE, Now, utcnow


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Who works, for which edition, until when, and by which clock."""

    owner: str  #: the process, as the database knows it
    stop: asyncio.Event = field(default_factory=asyncio.Event)  #: set: finish what is on the wire, and begin no more
    edition_id: int | None = None  #: None: whatever is due
    longest_wait: float = math.inf  #: seconds after which it ends rather than wait for a turn; what waits stays queued
    lease: timedelta = LEASE  #: how long a claim is good for, and an attempt after it
    clock: Now = utcnow
    progress: Callable[[DeliveryState], None] = lambda _: None  #: told of each delivery that was settled
