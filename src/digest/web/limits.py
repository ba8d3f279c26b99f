"""An address and where it was typed in, in; the allowances that asking uses, out.  Pure."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from digest.config import Joining
from digest.store.addresses import normalise
from digest.store.allowances import Allowance

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def of_joining(limits: Joining, *, address: str, ip: str) -> Iterator[Allowance]:
    """The narrowest first: who has used up their own takes nothing of what all share."""
    local, _, domain = normalise(address).rpartition("@")
    mailbox = f"{local.partition('+')[0]}@{domain}"
    if ip:
        yield Allowance(kind="per_network", value=network(ip), most=limits.per_network, within=HOUR)
    yield Allowance(kind="per_mailbox", value=mailbox, most=limits.per_mailbox, within=DAY)
    yield Allowance(kind="per_domain", value=domain, most=limits.per_domain, within=HOUR)
    yield Allowance(kind="in_all", value="", most=limits.in_all, within=HOUR)


def network(ip: str) -> str:
    """What one person is likely to have many addresses of: a /24, or the /56 that a customer is given (RFC 6177)."""
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return ip
    mapped = address if isinstance(address, IPv4Address) else address.ipv4_mapped
    return str(ip_network((mapped, 24), strict=False) if mapped else ip_network((address, 56), strict=False))
