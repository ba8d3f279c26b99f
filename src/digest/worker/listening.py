"""What the mail server answered, in; which destinations are slowed down, and whether a relay is closed, out.

Several workers share what each of them has heard: it is in the database, and is looked at again once a second.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Route
from digest.model import Delivery, Outcome, Pace, domain_of, of_relay
from digest.outbox import pacing
from digest.outbox.policy import Strain, Streaks, names_domain
from digest.store import paces
from digest.store.database import Database
from digest.worker.destinations import Destinations
from digest.worker.moments import Now
from digest.worker.rates import own_limits

log = logging.getLogger(__name__)

LOOK = 1.0  #: seconds for which it is believed that no domain is slowed down


class Listener:
    """For one drain.  Listens in the loop; `look` and `pay_in` are for the thread that claims."""

    def __init__(self, route: Route, database: Database, clock: Now, *, dice: random.Random) -> None:
        self._limits = own_limits(route)
        self._relay = of_relay(route.name)
        self._database = database
        self._clock = clock
        self._dice = dice
        self._streaks = Streaks()
        self._taken: Counter[str] = Counter()  #: messages by destination, of those that are slowed down
        self._looked = float("-inf")
        self._shut_until: datetime | None = None  #: of the relay
        self.destinations = Destinations(route.smtp, database)
        self.slowed: Mapping[str, Pace] = {}  #: destinations that are, or have some stand aside
        self.on_trial = False  #: the relay was closed, and has not taken a message since

    def look(self, db: Connection) -> None:
        """At what all workers have heard, once a second."""
        if time.monotonic() - self._looked < LOOK:
            return
        self.slowed = paces.slowed(db)
        self._looked = time.monotonic()
        if self._relay:
            own = paces.load(db, [self._relay]).get(self._relay)
            self._shut_until = own.shut_until if own else None
            self.on_trial = own is not None and own.refusals > 0

    def pay_in(self) -> Counter[str]:
        """The messages that were taken since it was last asked, by destination, of those that are slowed down."""
        taken, self._taken = self._taken, Counter()
        return taken

    @property
    def is_closed(self) -> bool:
        """Whether the relay gets no mail at the moment."""
        return self._shut_until is not None and self._clock() < self._shut_until

    # --- of destinations ---------------------------------------------------------------------------------------------

    @property
    def listens(self) -> bool:
        """Whether taken messages are news as well."""
        return bool(self.slowed) or bool(self._streaks) or self.on_trial

    def taken(self, domain: str) -> None:
        if self.on_trial:
            self._change(lambda pace, _: pacing.opened(pace))
        for one in self.destinations.both(domain):
            self._streaks.taken(one)
            if one in self.slowed:
                self._taken[one] += 1

    def refused(self, domain: str, outcome: Outcome, strain: Strain, *, others: bool, seen: float) -> None:
        """A refusal that may be the domain's.

        `others`: messages to somebody were taken lately.  `seen`: messages a second that went out in all.
        """
        if strain is Strain.READER:
            return
        name, destination = self._paced_by(domain), self.destinations.of(domain)
        if self.is_shut(name):
            return
        policy = strain is Strain.POLICY and (others or self._still_refuses(name))
        if not policy and not names_domain(outcome, destination):
            name = destination = domain  # it can be the domain's only, should the relay name that
            if not names_domain(outcome, domain):
                return
        whose, is_sure = self._streaks.refused(domain, destination, policy=policy)
        if self._still_refuses(name):
            self._slow_down(name, outcome.reply, seen)
        elif is_sure or (self._is_slowed(whose) and not policy):
            self._slow_down(whose, outcome.reply, seen)

    def _paced_by(self, domain: str) -> str:
        return self.destinations.paced_by(domain, self.slowed)

    def opens_at(self, domain: str, outcome: Outcome) -> datetime | None:
        """When a delivery may go again whose refusal is that of its destination, which is shut now; else None."""
        name = self._paced_by(domain)
        pace = self.slowed.get(name)
        names = names_domain(outcome, domain) or names_domain(outcome, name)
        return pace.shut_until if pace and names and self.is_shut(name) else None

    def is_shut(self, name: str) -> bool:
        pace = self.slowed.get(name)
        return pace is not None and pacing.is_shut(pace, self._clock())

    def is_blocked(self, delivery: Delivery) -> bool:
        """Whether its destination refuses all mail as a matter of policy: then a refusal is no trouble of its own."""
        pace = self.slowed.get(self._paced_by(domain_of(delivery.address))) if self.slowed else None
        return pace is not None and pace.blocked

    def holds_back(self, delivery: Delivery) -> bool:
        """Whether a claimed delivery is better not offered."""
        names = self.destinations.both(domain_of(delivery.address)) if self.slowed else ()
        return any(map(self.is_shut, names))

    def _still_refuses(self, name: str) -> bool:
        """Nothing was taken since it was slowed down, be it by another process or an earlier one."""
        pace = self.slowed.get(name)
        return pace is not None and pace.refusals > 0 and not self._taken[name]

    def _is_slowed(self, name: str) -> bool:
        pace = self.slowed.get(name)
        return pace is not None and pace.is_slowed

    # --- one of several relays ---------------------------------------------------------------------------------------

    def close(self, reason: str) -> datetime:
        """No mail goes over this relay before that."""
        return self._change(lambda pace, now: pacing.closed(pace, reason=reason, now=now, dice=self._dice.random()))

    def _change(self, change: Callable[[Pace, datetime], Pace]) -> datetime:
        with self._database.begin() as db:
            paces.lock(db, self._clock)
            now = paces.clock(db, self._clock)
            pace = change(paces.load(db, [self._relay]).get(self._relay) or Pace(domain=self._relay, at=now), now)
            paces.save(db, [pace])
        self._shut_until, self.on_trial = pace.shut_until, pace.refusals > 0
        return pace.shut_until or now

    def _slow_down(self, domain: str, reason: str, seen: float) -> None:
        limit = self._limits.of(domain)
        with self._database.begin() as db:
            paces.lock(db, self._clock)
            now = paces.clock(db, self._clock)
            known = paces.load(db, [domain]).get(domain) or Pace(domain=domain, at=now)
            before = pacing.grown(pacing.counted(known, limit, now=now), self._taken.pop(domain, 0))
            pace = pacing.slowed(before, limit, seen=seen, reason=reason, now=now, dice=self._dice.random())
            paces.save(db, [pace])
        self.slowed = {**self.slowed, domain: pace}
        if pace is not before and pace.rate and pace.shut_until:
            until = f"{pace.shut_until:%H:%M:%S} UTC"
            log.warning("%s gets no mail until %s, then %.2f/s at first: %s", domain, until, pace.rate, reason)
