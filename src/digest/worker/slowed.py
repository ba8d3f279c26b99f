"""A database in, the destinations and relays that are slowed down, or that deliveries wait for, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Smtp
from digest.model import Pace, of_relay
from digest.outbox import pacing
from digest.store import deliveries, destinations, paces
from digest.worker.quota import Warmth, warmth
from digest.worker.rates import limits


@dataclass(frozen=True, kw_only=True)
class DomainRow:
    """A destination that is slowed down, or for which deliveries wait."""

    domain: str
    domains: int  #: of readers, whose mail goes there
    waiting: int  #: deliveries that stand aside for it
    since: datetime  #: when it was slowed down; else when the first of them began to wait
    rate: float | None  #: messages a second at this moment; None: no limit any more
    shut_until: datetime | None  #: no mail before
    reason: str  #: what the mail server said; "": the configured rate

    @property
    def place(self) -> str:
        """For people: the destination, and how many domains it has."""
        return f"{self.domain} ({self.domains:,} domains)" if self.domains > 1 else self.domain


def domain_rows(db: Connection, smtp: Smtp, *, now: datetime) -> list[DomainRow]:
    """Those for which most deliveries wait first."""
    allowed = limits(smtp)
    waiting = {one.domain: one for one in paces.waiting(db)}
    known = paces.slowed(db)
    sizes = destinations.sizes(db, {*waiting, *known}) if smtp.destinations == "mx" else {}
    found = []
    for domain in {*waiting, *known}:
        pace, stands = known.get(domain) or Pace(domain=domain, at=now), waiting.get(domain)
        found.append(
            DomainRow(
                domain=domain,
                domains=sizes.get(domain, 1),
                waiting=stands.number if stands else 0,
                since=pace.since or (stands.since if stands else pace.at),
                rate=pacing.speed(pace, allowed.of(domain)),
                shut_until=pace.shut_until if pacing.is_shut(pace, now) else None,
                reason=pace.reason,
            )
        )
    return sorted(found, key=lambda one: (-one.waiting, one.domain))


@dataclass(frozen=True, kw_only=True)
class RelayRow:
    """One of several relays, or one that warms up."""

    name: str  #: "": the only one
    weight: float
    rate: str
    shut_until: datetime | None  #: no mail before
    since: datetime | None  #: trouble, where there is any
    reason: str  #: what the trouble is; no addresses
    in_doubt: int  #: deliveries that wait for it, as no other may have them
    warm_up: Warmth | None  #: None: no limit by the day


def relay_rows(db: Connection, smtp: Smtp, *, now: datetime) -> list[RelayRow]:
    """In the order of the configuration; none where there is but one mail server, and it has no limit by the day."""
    known = paces.of_relays(db, [one.name for one in smtp.relays])
    doubted = deliveries.doubted_by_relay(db) if smtp.relays else {}
    found = []
    for one in smtp.routes:
        warm_up = warmth(db, one, now=now)
        if not one.name and warm_up is None:
            continue
        pace = known.get(one.name) or Pace(domain=of_relay(one.name), at=now)
        found.append(
            RelayRow(
                name=one.name,
                weight=one.weight,
                rate=one.rate,
                shut_until=pace.shut_until if pacing.is_shut(pace, now) else None,
                since=pace.since,
                reason=pace.reason,
                in_doubt=doubted.get(one.name, 0),
                warm_up=warm_up,
            )
        )
    return found


def spent_until(rows: Sequence[RelayRow]) -> datetime | None:
    """When mail goes on, where each relay has taken all that its warm-up allows for the day."""
    moments = [one.warm_up.goes_on_at for one in rows if one.warm_up and one.warm_up.goes_on_at]
    return min(moments) if moments and len(moments) == len(rows) else None


def configured(smtp: Smtp) -> list[str]:
    """The rates that are set, in words: in all, to each destination, and to those that are named."""
    named = [f"{rate or 'any number'} to {domain}" for domain, rate in sorted(smtp.domain_rates.items())]
    each = [f"{smtp.domain_rate} to each domain"] if smtp.domain_rate else []
    return [*([f"{smtp.rate} in all"] if smtp.rate else []), *each, *named]
