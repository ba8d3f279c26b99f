"""A web address, or the address of a machine, in; whether it may be connected to, and why not, out.  Pure.

A feed, a redirect or a link in a page is written by somebody else, and this program runs inside a network that they
cannot reach (server-side request forgery).  So only what is public is connected to: `target` refuses addresses by
their form, `refused` by where they lead.  Who connects asks about every address that a name has, and again about the
one it is connected with.

The table is our own.  `ipaddress.is_global` of Python 3.11 calls multicast, 6to4 and NAT64 addresses of the local host
global (CVE-2024-4032 and beyond), and knows of no machine that clouds hide behind a public address.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import quote, urlsplit

import idna

Address = IPv4Address | IPv6Address

PORTS = {"http": 80, "https": 443}
MAX_URL = 8_000  #: characters
ANY_PORT = -1

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
#: What resolvers take for an IPv4 address: the last part is a number (WHATWG URL, "ends in a number").
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_PATH_SAFE = "%/:@!$&'()*+,;=~-._?[]|"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})

#: IANA's special-purpose registry for IPv4 (RFC 6890 and after), multicast, and what stands outside of it.
_CLOSED_4 = {
    IPv4Network(network): why
    for network, why in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a carrier",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "a cloud's own",  # Azure, from inside only
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "for documentation",
        "192.31.196.0/24": "reserved",
        "192.52.193.0/24": "reserved",
        "192.88.99.0/24": "a 6to4 relay",
        "192.168.0.0/16": "private",
        "192.175.48.0/24": "reserved",
        "198.18.0.0/15": "for benchmarks",
        "198.51.100.0/24": "for documentation",
        "203.0.113.0/24": "for documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
#: What of the one range that is given out (2000::/3) is not public.
_CLOSED_6 = {
    IPv6Network(network): why
    for network, why in {
        "2001::/23": "reserved",  # with Teredo and ORCHID
        "2001:db8::/32": "for documentation",
        "2002::/16": "6to4",
        "2620:4f:8000::/48": "reserved",
        "3ffe::/16": "reserved",
        "3fff::/20": "for documentation",
    }.items()
}
_NAMED_6 = {
    IPv6Network("::/128"): "unspecified",
    IPv6Network("::1/128"): "loopback",
    IPv6Network("fc00::/7"): "private",
    IPv6Network("fe80::/10"): "link-local",
    IPv6Network("fec0::/10"): "private",
    IPv6Network("ff00::/8"): "multicast",
}
_PUBLIC_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network(
    "64:ff9b::/96"
)  # RFC 6052: the way to IPv4 where a network has none, so it leads to the public too


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a request goes."""

    scheme: str  #: http or https
    host: str  #: in ASCII and lower case, without brackets and trailing dot
    port: int
    path: str  #: with the query, in ASCII

    @property
    def authority(self) -> str:
        """As in a Host header (RFC 9110 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def literal(self) -> Address | None:
        """The address of the machine, where the host is one."""
        return _address(self.host)


def target(url: str) -> Target:
    """What `url` asks for.  The fragment goes.

    Raises:
        ValueError: with the reason, where no request may be made of it.
    """
    url = url.strip()
    if len(url) > MAX_URL:
        raise ValueError(f"address longer than {MAX_URL} characters")
    if any(unicodedata.category(char) in _UNSEEN - {"Zs"} for char in url):
        raise ValueError("control character in the address")
    split = urlsplit(url)  # raises ValueError for bad brackets
    scheme = split.scheme.lower()
    if scheme not in PORTS:
        raise ValueError("not an absolute http(s) address")
    if "@" in split.netloc:
        raise ValueError("credentials in the address")
    try:
        port = split.port
    except ValueError:
        raise ValueError("not a port") from None
    path = quote(split.path, safe=_PATH_SAFE) or "/"
    query = quote(split.query, safe=_PATH_SAFE)
    return Target(
        scheme=scheme,
        host=host_name(split.hostname or ""),
        port=PORTS[scheme] if port is None else port,
        path=f"{path}?{query}" if query else path,
    )


def host_name(host: str) -> str:
    """The one spelling of a host: a name in ASCII, or an address in its plain form.

    Raises:
        ValueError: it is neither, or an address in an odd spelling (``0x7f.1``, ``2130706433``) that a resolver
            would take and that nobody writes in good faith.
    """
    if ":" in host:
        if "%" in host:
            raise ValueError("a zone in the address")
        return str(IPv6Address(host))
    host = host.removesuffix(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").removesuffix(".")
        except idna.IDNAError:
            raise ValueError("not a host name that can be looked up") from None
    host = host.lower()
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError("not a valid host name" if host else "no host in the address")
    if _NUMERIC.fullmatch(host) and _address(host) is None:
        raise ValueError("an odd spelling of an IP address")
    return host


def refused(address: Address) -> str:
    """Why this address may not be connected to; "" if it is public."""
    inner = unwrapped(address)
    if isinstance(inner, IPv4Address):
        why = next((why for network, why in _CLOSED_4.items() if inner in network), "")
        if why or inner == address or _is_ipv4(address):
            return why
    if address in _PUBLIC_6:
        return next((why for network, why in _CLOSED_6.items() if address in network), "")
    return next((why for network, why in _NAMED_6.items() if address in network), "reserved")


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside of an IPv6 one: mapped, compatible, NAT64, 6to4, Teredo.  Others stay as they are."""
    if isinstance(address, IPv4Address):
        return address
    if address.teredo:
        return address.teredo[1]
    compatible = 1 < int(address) < 2**32
    low = IPv4Address(int(address) & 0xFFFFFFFF) if compatible or address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or low or address


def _is_ipv4(address: Address) -> bool:
    """Whether packets to it leave as IPv4."""
    return isinstance(address, IPv6Address) and (address.ipv4_mapped is not None or address in _NAT64)


def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What an operator lets in although it is not public, or on another port than 80 and 443."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()  #: with a port, `ANY_PORT`, or None: 80 and 443
    networks: Sequence[tuple[IPv4Network | IPv6Network, int | None]] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """From ``feeds.intranet.example``, ``10.1.2.3:8080``, ``[fd00::5]:80``, ``10.0.0.0/8``, ``10.0.0.0/8:8080``.

        Without a port 80 and 443 are meant; ``:*`` is any.

        Raises:
            ValueError: an entry is none of these.
        """
        hosts, networks = set(), []
        for entry in entries:
            place, port = _entry(entry.strip())
            if "/" in place:
                networks.append((ip_network(place), port))
            else:
                hosts.add((host_name(place), port))
        return cls(hosts=frozenset(hosts), networks=tuple(networks))

    def names(self, target: Target) -> bool:
        """Whether the host is in the list: it may be wherever it is."""
        return any(host == target.host and _opens(port, target.port) for host, port in self.hosts)

    def holds(self, address: Address, port: int) -> bool:
        """Whether the address is in a network of the list."""
        real = unwrapped(address) if _is_ipv4(address) else address
        return any(real in network and _opens(opened, port) for network, opened in self.networks)

    def lets(self, target: Target, peer: str) -> bool:
        """Whether a machine that was reached is one of the list."""
        return self.names(target) or self.holds(ip_address(peer.partition("%")[0]), target.port)

    def has_port(self, port: int) -> bool:
        """Whether an address in some network of the list may be asked on this port."""
        return any(_opens(opened, port) for _, opened in self.networks)


def _opens(opened: int | None, port: int) -> bool:
    return port in PORTS.values() if opened is None else opened in {port, ANY_PORT}


def _entry(text: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}|\*))?", text)
    if match is None:
        return text, None  # an IPv6 address or network without brackets, or a fault that its reader finds
    port = match["port"]
    return match["six"] or match["four"], None if port is None else ANY_PORT if port == "*" else int(port)
