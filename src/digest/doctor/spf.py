"""An SPF record in, whether an address passes, what it costs and what is wrong with it out (RFC 7208)."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.doctor.names import Address, Names

LOOKUPS = 10  #: terms that ask DNS, with those of included records (4.6.4)
VOIDS = 2  #: of those, the ones that find nothing (4.6.4)
HOSTS = 10  #: of one MX (4.6.4)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TERM = re.compile(
    r"(?P<sign>[-+?~]?)(?P<kind>all|include|a|mx|ptr|ip4|ip6|exists)(?::(?P<value>[^\s/]+|[0-9a-fA-F:.]+))?"
    r"(?P<length>(/\d{1,3})?(//\d{1,3})?)",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"(?P<name>[A-Za-z][\w.-]*)=(?P<value>\S*)")
_ASKING = ("include", "a", "mx", "ptr", "exists")


@dataclass(frozen=True, kw_only=True)
class Term:
    written: str
    sign: str
    kind: str  #: a mechanism, or `redirect`
    value: str
    length: str

    @property
    def asks(self) -> bool:
        return self.kind in _ASKING or self.kind == "redirect"


@dataclass
class Bill:
    """What one evaluation costs, and what stood in its way."""

    lookups: int = 0
    voids: list[str] = field(default_factory=list)  #: names that have nothing
    faults: list[str] = field(default_factory=list)  #: that make receivers give up (permerror)

    @property
    def wrong(self) -> int:
        return len(self.voids) + len(self.faults)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A term of the record itself: its look-ups with all below it, and what it allows, where that can be told."""

    term: Term
    lookups: int
    allows: tuple[Network, ...] | None
    spoiled: bool  #: it leads nowhere, or to something that is wrong


def terms(record: str) -> tuple[list[Term], list[str]]:
    """The terms in their order, `redirect` last, and the words that are none."""
    found, strange, redirect = [], [], []
    for word in record.split()[1:]:
        if match := _TERM.fullmatch(word):
            found.append(_mechanism(word, match))
        elif modifier := _MODIFIER.fullmatch(word):
            if modifier["name"].lower() == "redirect":
                redirect.append(Term(written=word, sign="+", kind="redirect", value=modifier["value"], length=""))
        else:
            strange.append(word)
    ends = any(one.kind == "all" for one in found)  # then a redirect is passed over (6.1)
    return found if ends else [*found, *redirect], strange


def _mechanism(word: str, match: re.Match[str]) -> Term:
    value, length = match["value"] or "", match["length"]
    return Term(written=word, sign=match["sign"] or "+", kind=match["kind"].lower(), value=value, length=length)


def own_records(names: Names, domain: str) -> list[str]:
    """The SPF records of a domain: there should be one (4.5)."""
    return [one for one in names.txt(domain) if re.match(r"v=spf1( |$)", one, re.IGNORECASE)]


def bill(names: Names, domain: str, record: str) -> tuple[Bill, list[Cost]]:
    """All that the record asks, were none of its terms to match: the most that a receiver has to ask."""
    whole, costs = Bill(), []
    found, strange = terms(record)
    whole.faults += [f"{word!r} is no term of SPF" for word in strange]
    for term in found:
        before, wrong = whole.lookups, whole.wrong
        allows = _charge(names, term, domain, whole, above=(domain,))
        costs.append(Cost(term=term, lookups=whole.lookups - before, allows=allows, spoiled=whole.wrong > wrong))
    return whole, costs


def _charge(
    names: Names, term: Term, domain: str, whole: Bill, *, above: tuple[str, ...]
) -> tuple[Network, ...] | None:
    whole.lookups += term.asks
    target = term.value or domain
    if "%" in target or term.kind in ("exists", "ptr"):
        return None  # depends on who asks
    match term.kind:
        case "ip4" | "ip6":
            return _networks([term.value], term, whole)
        case "a":
            return _networks(_hosts(names, [target], whole), term, whole)
        case "mx":
            return _networks(_hosts(names, _exchangers(names, target, whole), whole), term, whole)
        case "include" | "redirect":
            return _below(names, term, target, whole, above=above)
    return ()


def _below(names: Names, term: Term, target: str, whole: Bill, *, above: tuple[str, ...]) -> tuple[Network, ...] | None:
    """What an included record allows, paid for."""
    if target.lower() in above:
        whole.faults.append(f"{term.written} includes itself")
        return None
    records = own_records(names, target)
    if len(records) != 1:
        whole.voids += [] if names.txt(target) else [target]
        whole.faults.append(f"{term.written}: {target} has {len(records)} SPF records, and needs one")
        return None
    found, strange = terms(records[0])
    whole.faults += [f"{target}: {word!r} is no term of SPF" for word in strange]
    allowed: list[Network] | None = []
    for one in found:
        if whole.lookups > 2 * LOOKUPS:
            return None  # far too many already: no need to know how many
        below = _charge(names, one, target, whole, above=(*above, target.lower()))
        if below is None or (one.sign != "+" and one.kind != "all"):
            allowed = None
        elif allowed is not None and one.kind != "all":
            allowed += below
    return None if allowed is None else tuple(allowed)


def _hosts(names: Names, hosts: Sequence[str], whole: Bill) -> list[str]:
    found: list[str] = []
    for host in hosts:
        addresses = names.addresses(host)
        whole.voids += [] if addresses else [host]
        found += map(str, addresses)
    return found


def _exchangers(names: Names, target: str, whole: Bill) -> list[str]:
    servers = names.mail_servers(target)
    if not servers:
        whole.voids.append(target)
    if len(servers) > HOSTS:
        whole.faults.append(f"{target} has {len(servers)} mail servers; {HOSTS} are allowed")
    return list(servers[:HOSTS])


def _networks(written: Sequence[str], term: Term, whole: Bill) -> tuple[Network, ...]:
    try:
        return tuple(_network(one, term) for one in written)
    except ValueError:
        whole.faults.append(f"{term.written!r} has no address that can be read")
        return ()


def _network(written: str, term: Term) -> Network:
    """`a` and `mx` have two lengths, that of IPv6 behind two slashes; `ip4` and `ip6` have their own (5.6)."""
    short, _, long = term.length.partition("//")
    of_hosts = term.kind in ("a", "mx") and ipaddress.ip_address(written).version == 6
    length = long if of_hosts else short.strip("/")
    return ipaddress.ip_network(f"{written}/{length}" if length else written, strict=False)


def passes(names: Names, domain: str, record: str, address: Address) -> bool:
    """Whether mail from `address` with a return path at `domain` would pass with this record."""
    return _verdict(names, domain, record, address, depth=0) == "+"


def _verdict(names: Names, domain: str, record: str, address: Address, *, depth: int) -> str:
    """The sign of the first term that matches; `?` where none does."""
    for term in terms(record)[0]:
        if term.kind == "redirect":
            return _below_verdict(names, term.value, address, depth=depth)
        if _matches(names, term, domain, address, depth=depth):
            return term.sign
    return "?"


def _below_verdict(names: Names, domain: str, address: Address, *, depth: int) -> str:
    records = own_records(names, domain)
    if len(records) != 1 or depth > LOOKUPS:
        return "?"
    return _verdict(names, domain, records[0], address, depth=depth + 1)


def _matches(names: Names, term: Term, domain: str, address: Address, *, depth: int) -> bool:
    target = term.value or domain
    if term.kind == "all":
        return True
    if term.kind == "include":
        return "%" not in target and _below_verdict(names, target, address, depth=depth) == "+"
    if term.kind in ("exists", "ptr"):
        return False  # nobody should rely on them, and a macro depends on who asks
    allowed = _charge(names, term, domain, Bill(), above=(domain,)) or ()
    return any(address in network for network in allowed)


def leaner(costs: Sequence[Cost]) -> str | None:
    """The record with its dearest terms replaced by the addresses they stand for, until ten look-ups suffice.

    None where that cannot be: what a term allows depends on who asks.
    """
    left = sum(one.lookups for one in costs)
    replaced: dict[str, str] = {}
    # One's own hosts first: their addresses change only when oneself changes them.
    for one in sorted(costs, key=lambda one: (one.term.kind not in ("a", "mx"), -one.lookups)):
        if left <= LOOKUPS:
            break
        if one.lookups and one.allows and one.term.kind != "redirect":
            replaced[one.term.written] = " ".join(_written(one.term.sign, network) for network in one.allows)
            left -= one.lookups
    if left > LOOKUPS:
        return None
    return " ".join(["v=spf1", *(replaced.get(one.term.written, one.term.written) for one in costs)])


def sound(costs: Sequence[Cost]) -> str:
    """The record without the terms that lead nowhere, or to something that is wrong."""
    return " ".join(["v=spf1", *(one.term.written for one in costs if not one.spoiled)])


def admitting(names: Names, domain: str, record: str, addresses: Sequence[Address]) -> str:
    """The record with those of the addresses that it refuses, before what ends it."""
    words = record.split()
    ends = (n for n, word in enumerate(words) if re.fullmatch(r"[-+?~]?all|redirect=\S+", word, re.IGNORECASE))
    place = next(ends, len(words))
    refused = [address_term(one) for one in addresses if not passes(names, domain, record, one)]
    return " ".join([*words[:place], *refused, *words[place:]])


def address_term(address: Address) -> str:
    return f"ip{address.version}:{address}"


def _written(sign: str, network: Network) -> str:
    alone = network.num_addresses == 1
    return f"{sign.replace('+', '')}ip{network.version}:{network.network_address if alone else network}"
