"""Domains of readers in, by whose pace mail to each goes out: a small memory of what `store.destinations` knows."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from digest.config import Smtp
from digest.model import Delivery, Pace, domain_of
from digest.store import destinations
from digest.store.database import Database

BELIEVED = 60.0  #: seconds until what is remembered is read anew, as a domain may have moved
MOST = 20_000  #: domains that are remembered


class Destinations:
    """Of one drain.  Read in a thread with each claim, asked in the loop.

    A domain that has a rate of its own is a destination of its own.
    """

    def __init__(self, smtp: Smtp, database: Database) -> None:
        self._by_mx = smtp.destinations == "mx"
        self._own = frozenset(smtp.domain_rates)
        self._database = database
        self._known: dict[str, str] = {}
        self._shared: set[str] = set()  #: destinations of other domains than themselves
        self._read_at = float("-inf")

    def learn(self, db: Connection, domains: Iterable[str]) -> None:
        """Those that are not known yet, in one statement."""
        if not self._by_mx:
            return
        if time.monotonic() - self._read_at > BELIEVED or len(self._known) > MOST:
            self._known, self._shared, self._read_at = {}, set(), time.monotonic()
        missing = {*domains} - self._known.keys() - self._own
        found = destinations.of(db, missing)
        self._shared.update(place for one, place in found.items() if place != one)
        self._known.update({one: found.get(one, one) for one in missing})

    def of(self, domain: str) -> str:
        """Itself where nobody knows, or the database cannot be asked."""
        if self._by_mx and domain not in self._known and domain not in self._own:
            try:
                with self._database.read() as db:
                    self.learn(db, [domain])
            except DBAPIError:
                return domain
        return self._known.get(domain, domain)

    def both(self, domain: str) -> set[str]:
        """The domain and its destination."""
        return {domain, self.of(domain)}

    def paced_by(self, domain: str, slowed: Mapping[str, Pace]) -> str:
        """Its destination, unless the domain has been slowed down by itself."""
        pace = slowed.get(domain)
        return domain if pace and pace.is_slowed else self.of(domain)

    def named(self, db: Connection, claimed: Sequence[Delivery], slowed: Mapping[str, Pace]) -> list[str]:
        """By whose pace each of these goes."""
        domains = [domain_of(one.address) for one in claimed]
        self.learn(db, domains)
        alone = _alone(slowed)
        return [one if one in alone else self._known.get(one, one) for one in domains]

    def parted(
        self, db: Connection, taken: Sequence[Delivery], name: str, slowed: Mapping[str, Pace]
    ) -> tuple[list[Delivery], list[Delivery]]:
        """Of what stood aside under this name, what still goes by it; and what has gone by another one since."""
        named = self.named(db, taken, slowed)
        own = [one for one, now in zip(taken, named, strict=True) if now == name]
        return own, [one for one, now in zip(taken, named, strict=True) if now != name]

    def above(self, db: Connection, names: Collection[str]) -> dict[str, str]:
        """Of those of these that are no destinations of others, but domains that go to another one: that one."""
        self.learn(db, names)
        found = {one: self._known.get(one, one) for one in names if one not in self._shared}
        return {one: place for one, place in found.items() if place != one}

    def apart(self, slowed: Mapping[str, Pace]) -> frozenset[str] | None:
        """The domains that are destinations of their own for now; None: all."""
        return self._own | _alone(slowed) if self._by_mx else None


def _alone(slowed: Mapping[str, Pace]) -> set[str]:
    return {one for one, pace in slowed.items() if pace.is_slowed}
