"""What may be claimed within the rates.

Several workers share one budget: its turns are in the database, and are taken in the transaction that claims.  A
worker that dies wastes what it took with its last claim.  A delivery without a turn stands aside and is not looked at
again before its domain has some.  Without a limit, and while no domain is slowed down, a claim asks nothing more than
once a second whether that is still so.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Route
from digest.model import Delivery, of_relay
from digest.store import deliveries, paces
from digest.worker.listening import Listener
from digest.worker.rates import own_limits
from digest.worker.shift import Shift
from digest.worker.turns import MOST_DOMAINS, MOST_MOVED, Turns

PROBE = 1.0  #: seconds between two messages to a relay that was closed, until it takes one
NAPS = 0.2, 1.0  #: seconds, the shortest and the longest wait for a turn; meanwhile they gather


@dataclass(frozen=True, kw_only=True)
class Claimed:
    deliveries: Sequence[Delivery]
    again: float | None = None  #: seconds until there may be more; None: nothing that is due waits for a turn


class Budget:
    """For one drain.  Claims in a thread, by what its `listener` hears in the loop."""

    def __init__(self, route: Route, shift: Shift, listener: Listener) -> None:
        self._limits = own_limits(route)
        self._relay = route.name
        self._shift = shift
        self._listener = listener
        self._destinations = listener.destinations
        self._probed = float("-inf")  #: when something was last claimed within rates, or to try the relay

    def claim(self, db: Connection, limit: int) -> Claimed:
        """Up to `limit` deliveries that are due and may go now."""
        heard = self._listener
        heard.look(db)
        if heard.is_closed:
            return Claimed(deliveries=[])
        if heard.on_trial and (left := self._probed + PROBE - time.monotonic()) > 0:
            return Claimed(deliveries=[], again=left)
        if not self._limits and not heard.slowed and not heard.on_trial:
            return Claimed(deliveries=self._take(db, limit))
        turns = Turns(db, self._limits, heard.pay_in(), self._shift.clock, relay=of_relay(self._relay))
        first = paces.first_due(db, edition_id=self._shift.edition_id)
        turns.go_by(self._destinations, [*first, *heard.slowed])
        claimed, strays = self._take_aside(turns, first, limit)
        in_line = [*strays, *self._take(db, turns.room(limit - len(claimed) - len(strays)))]
        named = self._destinations.named(db, in_line, heard.slowed)
        going = turns.pass_over(in_line, named, apart=self._destinations.apart(heard.slowed))
        turns.save()
        claimed += going
        if claimed:
            self._probed = time.monotonic()
            return Claimed(deliveries=claimed)
        if in_line:
            return Claimed(deliveries=[], again=0.0)
        return Claimed(deliveries=[], again=self._wait(turns, first))

    def _take(self, db: Connection, limit: int, *, aside: str = "") -> list[Delivery]:
        if limit <= 0:
            return []
        shift = self._shift
        return deliveries.claim(
            db,
            now=shift.clock(),
            limit=limit,
            owner=shift.owner,
            lease=shift.lease,
            edition_id=shift.edition_id,
            aside=aside,
            relay=self._relay,
        )

    def _take_aside(
        self, turns: Turns, first: Mapping[str, datetime], limit: int
    ) -> tuple[list[Delivery], list[Delivery]]:
        """At most half of what may go: the line goes on, whatever stands aside.  And what stood aside for another."""
        found, strays = list[Delivery](), list[Delivery]()
        share = (turns.room(limit) + 1) // 2
        due = [domain for domain in turns.longest_without(first) if first[domain] <= turns.now]
        for domain in due[:MOST_DOMAINS]:
            taken = self._take(turns.db, turns.places(domain, share - len(found) - len(strays)), aside=domain)
            own, others = self._destinations.parted(turns.db, taken, domain, self._listener.slowed)
            turns.spend(domain, len(own))
            found, strays = found + own, strays + others
        return found, strays

    def _wait(self, turns: Turns, first: Mapping[str, datetime]) -> float | None:
        """Only for turns: whoever waits for a shut domain, or for a retry, need not keep connections open."""
        due = [domain for domain, at in first.items() if at <= turns.now and not turns.is_shut(domain)]
        waits = [turns.wait(domain) for domain in due]
        if not turns.room(1):
            at = deliveries.next_due(turns.db)
            waits = [turns.wait_for_any()] if due or (at is not None and at <= turns.now) else []
        return min(max(min(waits), NAPS[0]), NAPS[1]) if waits else None

    def leave(self, db: Connection) -> None:
        """At the end: what was put back for a destination that is shut stands aside, and not in line."""
        slowed = self._listener.slowed
        shut = [name for name in slowed if self._listener.is_shut(name)]
        if shut:
            apart = self._destinations.apart(slowed)
            paces.move_aside(db, shut[:MOST_DOMAINS], limit=MOST_MOVED, now=self._shift.clock(), apart=apart)
