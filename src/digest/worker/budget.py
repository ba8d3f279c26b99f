"""What may be claimed within the rates, and what the mail server's answers teach about domains.

Several workers share one budget: its turns are in the database, and are taken in the transaction that claims.  A
worker that dies wastes what it took with its last claim.  A delivery without a turn stands aside and is not looked at
again before its domain has some.  Without a limit, and while no domain is slowed down, a claim asks nothing more than
once a second whether that is still so.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Route, Smtp
from digest.model import Delivery, Outcome, Pace, domain_of, of_relay
from digest.outbox import pacing
from digest.outbox.pacing import Limits
from digest.outbox.policy import Strain, Streaks, names_domain
from digest.store import deliveries, paces
from digest.store.database import Database
from digest.worker.destinations import Destinations
from digest.worker.moments import Clock, utcnow
from digest.worker.shift import Shift

log = logging.getLogger(__name__)

PROBE = 1.0  #: seconds between two messages to a relay that was closed, until it takes one
LOOK = 1.0  #: seconds for which it is believed that no domain is slowed down
NAPS = 0.2, 1.0  #: seconds, the shortest and the longest wait for a turn; meanwhile they gather
MOST_MOVED = 5000  #: deliveries in line that are looked through for those that have to stand aside
MOST_DOMAINS = 50  #: domains claimed for one by one in a transaction; those that were longest without come first

_SECONDS = {"s": 1, "min": 60, "h": 3600}


@dataclass(frozen=True, kw_only=True)
class Claimed:
    deliveries: Sequence[Delivery]
    again: float | None = None  #: seconds until there may be more; None: nothing that is due waits for a turn


def limits(smtp: Smtp) -> Limits:
    domains = {domain: per_second(rate) for domain, rate in smtp.domain_rates.items()}
    return Limits(whole=per_second(smtp.rate), each=per_second(smtp.domain_rate), domains=domains)


def own_limits(route: Route) -> Limits:
    """Those of all mail, and of one of several relays."""
    allowed = limits(route.smtp)
    rate = {of_relay(route.name): per_second(route.rate)} if route.name else {}
    return replace(allowed, domains={**allowed.domains, **rate})


def per_second(rate: str) -> float:
    """Of a rate as it is configured, as in ``20/s``; 0.0 for none."""
    number, _, unit = rate.partition("/")
    return int(number) / _SECONDS[unit] if rate else 0.0


def charge(db: Connection, smtp: Smtp, number: int) -> None:
    """Of mail that somebody waits for, and that goes at once: the rate in all is kept by who comes later."""
    allowed = limits(smtp)
    if allowed.whole and number:
        round_ = _Round(db, allowed, {})
        round_.spend_whole(number)
        round_.save()


class Budget:
    """For one drain.  Claims in a thread, listens in the loop."""

    def __init__(
        self,
        route: Route,
        database: Database,
        shift: Shift,
        *,
        dice: random.Random,
    ) -> None:
        self._limits = own_limits(route)
        self._relay = of_relay(route.name)
        self._route = route
        self._tried = False  #: the relay was closed, and has not taken a message since
        self._probed = float("-inf")  #: when something was last claimed within rates, or to try the relay
        self._database = database
        self._shift = shift
        self._dice = dice
        self._streaks = Streaks()
        self._destinations = Destinations(route.smtp, database)
        self._taken: Counter[str] = Counter()  #: messages by destination, of those that are slowed down
        self._slowed: Mapping[str, Pace] = {}
        self._looked = float("-inf")
        self._shut_until: datetime | None = None  #: of the relay

    # --- claiming ----------------------------------------------------------------------------------------------------

    def claim(self, db: Connection, limit: int) -> Claimed:
        """Up to `limit` deliveries that are due and may go now."""
        self._slowed_now(db)
        if self._is_closed:
            return Claimed(deliveries=[])
        if self._tried and (left := self._probed + PROBE - time.monotonic()) > 0:
            return Claimed(deliveries=[], again=left)
        if not self._limits and not self._slowed and not self._tried:
            return Claimed(deliveries=self._take(db, limit))
        round_ = _Round(db, self._limits, self._pay_in(), self._shift.clock, relay=self._relay)
        first = paces.first_due(db, edition_id=self._shift.edition_id)
        round_.go_by(self._destinations, [*first, *self._slowed_now(db)])
        claimed, strays = self._take_aside(round_, first, limit)
        in_line = [*strays, *self._take(db, round_.room(limit - len(claimed) - len(strays)))]
        named = self._destinations.named(db, in_line, self._slowed)
        going = round_.pass_over(in_line, named, apart=self._destinations.apart(self._slowed))
        round_.save()
        claimed += going
        if claimed:
            self._probed = time.monotonic()
            return Claimed(deliveries=claimed)
        if in_line:
            return Claimed(deliveries=[], again=0.0)
        return Claimed(deliveries=[], again=self._wait(round_, first))

    def _slowed_now(self, db: Connection) -> Mapping[str, Pace]:
        if time.monotonic() - self._looked >= LOOK:
            self._slowed = paces.slowed(db)
            self._looked = time.monotonic()
            if self._relay:
                own = paces.load(db, [self._relay]).get(self._relay)
                self._shut_until = own.shut_until if own else None
                self._tried = own is not None and own.refusals > 0
        return self._slowed

    @property
    def _is_closed(self) -> bool:
        return self._shut_until is not None and self._shift.clock() < self._shut_until

    def _pay_in(self) -> Counter[str]:
        taken, self._taken = self._taken, Counter()
        return taken

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
            relay=self._route.name,
        )

    def _take_aside(
        self, round_: "_Round", first: Mapping[str, datetime], limit: int
    ) -> tuple[list[Delivery], list[Delivery]]:
        """At most half of what may go: the line goes on, whatever stands aside.  And what stood aside for another."""
        found, strays = list[Delivery](), list[Delivery]()
        share = (round_.room(limit) + 1) // 2
        due = [domain for domain in round_.longest_without(first) if first[domain] <= round_.now]
        for domain in due[:MOST_DOMAINS]:
            taken = self._take(round_.db, round_.places(domain, share - len(found) - len(strays)), aside=domain)
            own, others = self._destinations.parted(round_.db, taken, domain, self._slowed)
            round_.spend(domain, len(own))
            found, strays = found + own, strays + others
        return found, strays

    def _wait(self, round_: "_Round", first: Mapping[str, datetime]) -> float | None:
        """Only for turns: whoever waits for a shut domain, or for a retry, need not keep connections open."""
        due = [domain for domain, at in first.items() if at <= round_.now and not round_.is_shut(domain)]
        waits = [round_.wait(domain) for domain in due]
        if not round_.room(1):
            at = deliveries.next_due(round_.db)
            waits = [round_.wait_for_any()] if due or (at is not None and at <= round_.now) else []
        return min(max(min(waits), NAPS[0]), NAPS[1]) if waits else None

    @property
    def has_slowed(self) -> bool:
        """Whether any domain is slowed down, or has some stand aside."""
        return bool(self._slowed)

    # --- listening ---------------------------------------------------------------------------------------------------

    @property
    def listens(self) -> bool:
        """Whether taken messages are news as well."""
        return bool(self._slowed) or bool(self._streaks) or self._tried

    def taken(self, domain: str) -> None:
        if self._tried:
            self._change(lambda pace, _: pacing.opened(pace))
        for one in self._destinations.both(domain):
            self._streaks.taken(one)
            if one in self._slowed:
                self._taken[one] += 1

    def refused(self, domain: str, outcome: Outcome, strain: Strain, *, others: bool, seen: float) -> None:
        """A refusal that may be the domain's.

        `others`: messages to somebody were taken lately.  `seen`: messages a second that went out in all.
        """
        if strain is Strain.READER:
            return
        name, destination = self._paced_by(domain), self._destinations.of(domain)
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
        return self._destinations.paced_by(domain, self._slowed)

    def opens_at(self, domain: str, outcome: Outcome) -> datetime | None:
        """When a delivery may go again whose refusal is that of its destination, which is shut now; else None."""
        name = self._paced_by(domain)
        pace = self._slowed.get(name)
        names = names_domain(outcome, domain) or names_domain(outcome, name)
        return pace.shut_until if pace and names and self.is_shut(name) else None

    def is_shut(self, name: str) -> bool:
        pace = self._slowed.get(name)
        return pace is not None and pacing.is_shut(pace, self._shift.clock())

    def is_blocked(self, delivery: Delivery) -> bool:
        """Whether its destination refuses all mail as a matter of policy: then a refusal is no trouble of its own."""
        pace = self._slowed.get(self._paced_by(domain_of(delivery.address))) if self._slowed else None
        return pace is not None and pace.blocked

    def holds_back(self, delivery: Delivery) -> bool:
        """Whether a claimed delivery is better not offered."""
        names = self._destinations.both(domain_of(delivery.address)) if self._slowed else ()
        return any(map(self.is_shut, names))

    def _still_refuses(self, name: str) -> bool:
        """Nothing was taken since it was slowed down, be it by another process or an earlier one."""
        pace = self._slowed.get(name)
        return pace is not None and pace.refusals > 0 and not self._taken[name]

    def _is_slowed(self, name: str) -> bool:
        pace = self._slowed.get(name)
        return pace is not None and pace.is_slowed

    def leave(self, db: Connection) -> None:
        """At the end: what was put back for a destination that is shut stands aside, and not in line."""
        shut = [name for name in self._slowed if self.is_shut(name)]
        if shut:
            apart = self._destinations.apart(self._slowed)
            paces.move_aside(db, shut[:MOST_DOMAINS], limit=MOST_MOVED, now=self._shift.clock(), apart=apart)

    # --- one of several relays ---------------------------------------------------------------------------------------

    def close(self, reason: str) -> datetime:
        """No mail goes over this relay before that."""
        return self._change(lambda pace, now: pacing.closed(pace, reason=reason, now=now, dice=self._dice.random()))

    def _change(self, change: Callable[[Pace, datetime], Pace]) -> datetime:
        with self._database.begin() as db:
            paces.lock(db, self._shift.clock)
            now = paces.clock(db, self._shift.clock)
            pace = change(paces.load(db, [self._relay]).get(self._relay) or Pace(domain=self._relay, at=now), now)
            paces.save(db, [pace])
        self._shut_until, self._tried = pace.shut_until, pace.refusals > 0
        return pace.shut_until or now

    def _slow_down(self, domain: str, reason: str, seen: float) -> None:
        limit = self._limits.of(domain)
        with self._database.begin() as db:
            paces.lock(db, self._shift.clock)
            now = paces.clock(db, self._shift.clock)
            known = paces.load(db, [domain]).get(domain) or Pace(domain=domain, at=now)
            before = pacing.grown(pacing.counted(known, limit, now=now), self._taken.pop(domain, 0))
            pace = pacing.slowed(before, limit, seen=seen, reason=reason, now=now, dice=self._dice.random())
            paces.save(db, [pace])
        self._slowed = {**self._slowed, domain: pace}
        if pace is not before and pace.rate and pace.shut_until:
            until = f"{pace.shut_until:%H:%M:%S} UTC"
            log.warning("%s gets no mail until %s, then %.2f/s at first: %s", domain, until, pace.rate, reason)


class _Round:
    """The paces of one claim: read, spent from, written back."""

    def __init__(
        self, db: Connection, limits: Limits, taken: Mapping[str, int], clock: Clock = utcnow, *, relay: str = ""
    ) -> None:
        self.db = db
        self._always = ("", relay) if relay else ("",)  #: what each message takes a turn of
        self._limits = limits
        self._taken = taken
        whole = paces.lock(db, clock)
        self.now = paces.clock(db, clock)
        self._stored: dict[str, Pace] = {}
        self._paces: dict[str, Pace] = {}
        self._put(whole)
        self._above: Mapping[str, str] = {}  #: of domains that have a pace of their own, their destinations
        if relay:
            self.read([relay])

    def go_by(self, destinations: Destinations, names: Sequence[str]) -> None:
        """Read these; what goes under the name of a domain takes turns of its destination as well."""
        self._above = destinations.above(self.db, names)
        self.read([*names, *self._above.values()])

    def read(self, names: Sequence[str]) -> None:
        known = paces.load(self.db, [*names, *self._taken])
        for domain in {*names, *known} - self._paces.keys():
            self._put(known.get(domain) or Pace(domain=domain, at=self.now))

    def room(self, most: int) -> int:
        """How many may go, whoever they are to.  A relay that was closed is tried with one."""
        for one in self._always:
            most = self.places(one, min(most, 1) if one and self._paces[one].refusals else most)
        return most

    def places(self, domain: str, most: int) -> int:
        for one in self._chain(domain):
            most = pacing.may_go(self._paces[one], self._limits.of(one), most=max(0, most), now=self.now)
        return most

    def _chain(self, domain: str) -> tuple[str, ...]:
        above = self._above.get(domain)
        return (domain, above) if above else (domain,)

    def is_shut(self, domain: str) -> bool:
        return any(pacing.is_shut(self._paces[one], self.now) for one in self._chain(domain))

    def wait(self, domain: str) -> float:
        return max(pacing.wait(self._paces[one], self._limits.of(one)) for one in self._chain(domain))

    def wait_for_any(self) -> float:
        """Seconds until there is a turn at all."""
        return max(self.wait(one) for one in self._always)

    def longest_without(self, domains: Mapping[str, datetime]) -> list[str]:
        return sorted(domains, key=lambda one: (self._stored[one].at, one))

    def spend(self, domain: str, number: int) -> None:
        for one in (*self._always, *self._chain(domain)):
            self._paces[one] = pacing.spent(self._paces[one], self._limits.of(one), number)

    def pass_over(
        self, claimed: Sequence[Delivery], domains: Sequence[str], *, apart: frozenset[str] | None
    ) -> list[Delivery]:
        """Those that may go; the others stand aside for their `domains`, or what these go by.

        Where most have to, as many are to be expected behind them: these are moved without being claimed.
        """
        self.read(sorted({one for one in domains if self._limits.of(one) and one not in self._paces}))
        most = len(claimed)
        places = {one: self.places(one, most) for one in set(domains) & set(self._paces) - {""}}
        fits = pacing.fitting(domains, places)
        marked = list(zip(claimed, domains, fits, strict=True))
        paces.set_aside(self.db, [(one, domain) for one, domain, fit in marked if not fit], now=self.now)
        passed = Counter(domain for _, domain, fit in marked if not fit)
        if passed.total() > most / 2:
            full = [domain for domain, _ in passed.most_common(MOST_DOMAINS)]
            paces.move_aside(self.db, full, limit=MOST_MOVED, now=self.now, apart=apart)
        for domain, number in Counter(domain for _, domain, fit in marked if fit).items():
            self.spend(domain, number) if domain in places else self.spend_whole(number)
        return [one for one, _, fit in marked if fit]

    def save(self) -> None:
        """What has changed, but for time: that is counted from what is stored."""
        changed = [one for domain, one in self._paces.items() if self._has_changed(domain, one)]
        paces.save(self.db, sorted(changed, key=lambda one: one.domain))

    def _has_changed(self, domain: str, pace: Pace) -> bool:
        stored = self._stored[domain]
        return pace.at < stored.at or pace != pacing.counted(stored, self._limits.of(domain), now=self.now)

    def _put(self, pace: Pace) -> None:
        limit = self._limits.of(pace.domain)
        self._stored[pace.domain] = pace
        counted = pacing.counted(pace, limit, now=self.now)
        self._paces[pace.domain] = pacing.grown(counted, self._taken.get(pace.domain, 0))

    def spend_whole(self, number: int) -> None:
        for one in self._always:
            self._paces[one] = pacing.spent(self._paces[one], self._limits.of(one), number)
