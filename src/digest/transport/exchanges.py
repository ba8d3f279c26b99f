"""Domains in, what DNS says of the mail servers of each out, several asked at once."""

import asyncio
from collections.abc import Iterable, Sequence

import dns.resolver
from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.rdatatype import RdataType

__all__ = ["Resolver", "Servers", "mail_servers"]

ANSWER_SECONDS = 5.0  #: for all name servers together to answer one question
PARALLEL = 8  #: questions at a time

Servers = Sequence[tuple[int, str]]  #: preference and host of each MX record; "" is one that says “no mail” (RFC 7505)


async def mail_servers(domains: Iterable[str], resolver: Resolver | None = None) -> dict[str, Servers | None]:
    """None of those for which no name server had an answer; nothing of a domain without mail servers.

    `resolver`: without it the system's.
    """
    wanted = list(domains)
    try:
        asked = resolver or Resolver()
    except DNSException:  # no resolv.conf that could be read
        return dict.fromkeys(wanted)
    turns = asyncio.Semaphore(PARALLEL)

    async def ask(domain: str) -> Servers | None:
        async with turns:
            return await _servers(domain, asked)

    return dict(zip(wanted, await asyncio.gather(*map(ask, wanted)), strict=True))


async def _servers(domain: str, resolver: Resolver) -> Servers | None:
    try:
        answer = await resolver.resolve(f"{domain}.", RdataType.MX, lifetime=ANSWER_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except DNSException:
        return None
    return [(one.preference, one.exchange.to_text(omit_final_dot=True).strip(".").lower()) for one in answer]
