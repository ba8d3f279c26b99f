"""A real name server on loopback that answers from a zone, and says so when a name is asked for that it has not.

with NameServer() as names:
    names.add('example.org. IN TXT "v=spf1 -all"')
    names.resolver()
"""

import socket
import threading
from typing import Self, TypeVar

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

Asker = TypeVar("Asker", bound=dns.resolver.BaseResolver)


class NameServer:
    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], dns.rrset.RRset] = {}
        self.broken: set[str] = set()  #: names for which it says SERVFAIL
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="names", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def resolver(self) -> dns.resolver.Resolver:
        return self._asking(dns.resolver.Resolver(configure=False))

    def asynchronous(self) -> dns.asyncresolver.Resolver:
        return self._asking(dns.asyncresolver.Resolver(configure=False))

    def _asking(self, one: Asker) -> Asker:
        one.nameservers = ["127.0.0.1"]
        one.port = self._socket.getsockname()[1]
        return one

    def put(self, line: str) -> None:
        """One record in the place of all of its name and kind, or of its version where they have one."""
        rrset = self._read(line)
        self.zone[self._key(rrset)] = rrset

    def add(self, *lines: str) -> None:
        """As lines of a zone file."""
        for line in lines:
            rrset = self._read(line)
            self.zone.setdefault(self._key(rrset), rrset).update(rrset)

    def drop(self, name: str, kind: str) -> None:
        self.zone.pop((f"{name}.", kind), None)

    def _read(self, line: str) -> dns.rrset.RRset:
        name, _, kind, value = line.split(" ", 3)
        return dns.rrset.from_text(name, 60, "IN", kind, value)

    def _key(self, rrset: dns.rrset.RRset) -> tuple[str, str]:
        return rrset.name.to_text().lower(), dns.rdatatype.to_text(rrset.rdtype)

    def _serve(self) -> None:
        while True:
            wire, peer = self._socket.recvfrom(4096)
            if not wire:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), peer)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        (question,) = query.question
        key = self._key(question)
        self.asked.append(key)
        if key[0] in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif key in self.zone:
            answer.answer.append(self.zone[key])
        elif not any(name == key[0] or name.endswith(f".{key[0]}") for name, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
