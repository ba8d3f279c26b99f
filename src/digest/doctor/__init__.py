"""Settings and a database in, what would stop or harm the mail out, each with what mends it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import dns.exception
import dns.resolver

from digest.config import Settings
from digest.doctor.configured import look_at_settings
from digest.doctor.desk import look_at_desk
from digest.doctor.destinations import look_at_destinations
from digest.doctor.finding import Finding, Level, warning
from digest.doctor.names import Address, Names
from digest.doctor.outside import ask_mail_servers, ask_public_url
from digest.doctor.returning import look_at_returns
from digest.doctor.sending import look_at_dns, relay_addresses
from digest.doctor.storing import look_at_database
from digest.doctor.written import look_at_mail, size
from digest.store.database import Database

__all__ = ["Finding", "Level", "examine"]


def examine(
    settings: Settings,
    database: Database,
    *,
    offline: bool = False,
    path: Path | None = None,
    sends_from: Sequence[Address] = (),
    resolver: dns.resolver.Resolver | None = None,
) -> list[Finding]:
    """Everything that can be told from here.

    Args:
        settings: what is configured.
        database: opened, of whatever schema.
        offline: asks neither the mail server, nor DNS, nor the public URL.
        path: of the configuration file.
        sends_from: the addresses that mail leaves from; without them that of the mail server, if it is public.
        resolver: of DNS; without it the system's.
    """
    now = datetime.now(UTC)
    found = [*look_at_settings(settings, path), *look_at_database(database, now=now)]
    found += [*look_at_mail(settings, database, now=now), *look_at_returns(settings, database, now=now)]
    found += [*look_at_desk(settings, database), *look_at_destinations(settings, database, now=now)]
    if not offline:
        found += asyncio.run(ask_mail_servers(settings, size=size(settings, now=now)))
        found += [*ask_public_url(settings), *_dns(settings, sends_from, resolver)]
    return found


def _dns(settings: Settings, sends_from: Sequence[Address], resolver: dns.resolver.Resolver | None) -> list[Finding]:
    try:
        names = Names(resolver or dns.resolver.get_default_resolver())
    except dns.exception.DNSException as error:  # no resolv.conf that could be read
        return [warning("DNS", f"cannot be asked ({type(error).__name__}): SPF, DKIM and DMARC are unchecked")]
    return list(look_at_dns(settings, names, sends_from or relay_addresses(settings, names)))
