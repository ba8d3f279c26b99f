"""The turns of one claim: what may go within the paces of all mail, of a relay and of destinations.

They are read, spent from and written back in the transaction that claims, which holds a lock on them until it ends.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Smtp
from digest.model import Delivery, Pace
from digest.outbox import pacing
from digest.outbox.pacing import Limits
from digest.store import paces
from digest.worker.destinations import Destinations
from digest.worker.moments import Now, utcnow
from digest.worker.rates import limits

MOST_MOVED = 5000  #: deliveries in line that are looked through for those that have to stand aside
MOST_DOMAINS = 50  #: domains looked after one by one in a transaction; those that were longest without come first


def charge(db: Connection, smtp: Smtp, number: int) -> None:
    """Of mail that somebody waits for, and that goes at once: the rate in all is kept by who comes later."""
    allowed = limits(smtp)
    if allowed.whole and number:
        turns = Turns(db, allowed, {})
        turns.spend_whole(number)
        turns.save()


class Turns:
    """The paces of one claim: read, spent from, written back."""

    def __init__(
        self, db: Connection, limits: Limits, taken: Mapping[str, int], clock: Now = utcnow, *, relay: str = ""
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
