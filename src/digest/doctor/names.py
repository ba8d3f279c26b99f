"""A name in, what DNS says of it out.  The only part of the doctor that asks a name server."""

import ipaddress
from dataclasses import dataclass, field

import dns.resolver
import dns.reversename
from dns.rdatatype import RdataType
from dns.rdtypes.mxbase import MXBase
from dns.rdtypes.nsbase import NSBase
from dns.rdtypes.txtbase import TXTBase

ANSWER_SECONDS = 5.0  #: for all servers together to answer one question

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass
class Names:
    """Asks each question once.

    Raises:
        dns.exception.DNSException: no server answers, or one says that it cannot.  No such name is no error.
    """

    resolver: dns.resolver.Resolver
    _said: dict[tuple[str, RdataType], tuple[str, ...]] = field(default_factory=dict)

    def txt(self, name: str) -> tuple[str, ...]:
        """Each record with its strings joined (RFC 7208 3.3)."""
        return self._ask(name, RdataType.TXT)

    def addresses(self, name: str) -> tuple[Address, ...]:
        found = (*self._ask(name, RdataType.A), *self._ask(name, RdataType.AAAA))
        return tuple(ipaddress.ip_address(one) for one in found)

    def mail_servers(self, name: str) -> tuple[str, ...]:
        """The hosts of its MX records; "" is one that says “no mail” (RFC 7505)."""
        return self._ask(name, RdataType.MX)

    def pointers(self, address: Address) -> tuple[str, ...]:
        return self._ask(dns.reversename.from_address(str(address)).to_text(omit_final_dot=True), RdataType.PTR)

    def _ask(self, name: str, kind: RdataType) -> tuple[str, ...]:
        if (name, kind) not in self._said:
            self._said[name, kind] = self._asked(name, kind)
        return self._said[name, kind]

    def _asked(self, name: str, kind: RdataType) -> tuple[str, ...]:
        try:
            answer = self.resolver.resolve(f"{name}.", kind, lifetime=ANSWER_SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        return tuple(_text(record) for record in answer)


def _text(record: object) -> str:
    match record:
        case TXTBase():
            return b"".join(record.strings).decode("ascii", "replace")
        case MXBase():
            return record.exchange.to_text(omit_final_dot=True).lower()
        case NSBase():
            return record.target.to_text(omit_final_dot=True).lower()
        case _:
            return str(record)
