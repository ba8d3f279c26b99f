"""Domains of readers in, where the mail for each goes looked up and written down, beside the sending."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from digest.config import Settings
from digest.outbox.destination import destination
from digest.store import destinations, paces
from digest.store.batches import batches
from digest.store.database import Database
from digest.store.destinations import Known
from digest.transport.exchanges import Resolver, Servers, mail_servers
from digest.worker.rates import limits

log = logging.getLogger(__name__)

ANSWERED = timedelta(days=1)  #: until a domain is asked about again
UNANSWERED = timedelta(hours=1)  #: the same where no name server had an answer
MOST = 500  #: domains that are asked about in a round
PAUSE = 60.0  #: seconds between two looks for what is due; after a full round a second
ROSTER = 3600.0  #: seconds between two looks at the domains of all readers


@dataclass(frozen=True, kw_only=True)
class DestinationRow:
    """Where mail goes."""

    destination: str
    domains: int  #: of readers
    readers: int


async def keep_looking_up(
    settings: Settings,
    database: Database,
    *,
    leads: Callable[[], bool],
    resolver: Resolver | None = None,
) -> None:
    """For as long as the process lives, while it `leads`."""
    enrolled, added = float("-inf"), False
    while True:
        asked = 0
        try:
            if leads():
                adds = await asyncio.to_thread(matters, settings, database)
                if adds > added or time.monotonic() - enrolled >= ROSTER:
                    await asyncio.to_thread(enrol, settings, database, now=datetime.now(UTC), adds=adds)
                    enrolled, added = time.monotonic(), adds
                asked = await look_up(database, now=datetime.now(UTC), resolver=resolver) if adds else 0
        except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
            # Only the kind: a message may hold an address.
            log.error("destinations: %s; trying again in %.0f s", type(error).__name__, PAUSE)
        await asyncio.sleep(1 if asked == MOST else PAUSE)


def matters(settings: Settings, database: Database) -> bool:
    """Whether it makes a difference: DNS is told no domain for nothing."""
    if settings.smtp.destinations == "domain":
        return False
    allowed = limits(settings.smtp)
    if allowed.each or any(allowed.domains.values()):
        return True
    with database.read() as db:
        return bool(paces.slowed(db))


def enrol(settings: Settings, database: Database, *, now: datetime, adds: bool) -> None:
    """Forget the domains that no confirmed reader is at any more, or all where `smtp.destinations` is "domain".

    `adds`: the others, too, are to be looked up.
    """
    by_mx = settings.smtp.destinations == "mx"
    with database.read() as db:
        known = {one.domain: one for one in destinations.known(db)}
        wanted = destinations.of_readers(db).keys() if adds or (known and by_mx) else set[str]()
    gone = [one for domain, one in known.items() if domain not in wanted]
    for some in batches(gone):
        with database.begin() as db:
            destinations.drop(db, [one.domain for one in some])
    _forget_paces(database, {name for one in gone for name in (one.domain, one.destination)})
    for domains in batches(sorted(wanted - known.keys()) if adds else []):
        with database.begin() as db:
            destinations.add(db, domains, now=now)


async def look_up(database: Database, *, now: datetime, resolver: Resolver | None = None, most: int = MOST) -> int:
    """Ask DNS about the domains that are due; how many."""
    with database.read() as db:
        due = destinations.due(db, now=now, limit=most)
    said = await mail_servers([one.domain for one in due], resolver)
    found = [told(one, said[one.domain], now=now) for one in due]
    await asyncio.to_thread(_keep, database, due, found)
    return len(due)


def told(known: Known, servers: Servers | None, *, now: datetime) -> Known:
    """After an answer; without one (None) what was known holds, and it is asked again soon.  Pure."""
    if servers is None:
        return replace(known, due_at=now + UNANSWERED)
    place = destination(known.domain, servers)
    return replace(known, destination=place, looked_at=now, due_at=now + ANSWERED)


def listing(settings: Settings, database: Database) -> list[DestinationRow]:
    """Of all confirmed readers, the most first."""
    with database.read() as db:
        by_domain = destinations.of_readers(db)
        known = destinations.of(db, by_domain) if settings.smtp.destinations == "mx" else {}
    domains, readers = Counter[str](), Counter[str]()
    for domain, count in by_domain.items():
        place = domain if domain in settings.smtp.domain_rates else known.get(domain, domain)
        domains[place] += 1
        readers[place] += count
    found = [DestinationRow(destination=one, domains=domains[one], readers=readers[one]) for one in domains]
    return sorted(found, key=lambda one: (-one.readers, one.destination))


def _keep(database: Database, before: list[Known], after: list[Known]) -> None:
    for some in batches(after):
        with database.begin() as db:
            destinations.save(db, some)
    moved = {was.destination for was, one in zip(before, after, strict=True) if was.destination != one.destination}
    _forget_paces(database, moved)


def _forget_paces(database: Database, names: Collection[str]) -> None:
    """Of these names those that mean no mail any more: nothing would ever be taken there, to speed them up again."""
    if not names:
        return
    with database.begin() as db:
        paces.forget(db, destinations.unused(db, names))
