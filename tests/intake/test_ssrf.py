"""Every way that is known into a network from outside, with a canary behind each: nobody may ever reach it.

Only the resolver and the last step of connecting are made up: public addresses lead to one server on loopback, all
others to the canary, whatever their port.  `pytest -s` prints the figure.
"""

import asyncio
import socket
from ipaddress import IPv4Address, ip_address
from urllib.parse import quote, unquote

import pytest

from build import NOW
from digest.intake import feed, wire
from digest.intake.http import Client, Failed, Fetched, Limits
from digest.intake.origin import Origin
from peers import reply, serving

PUBLIC = "93.184.215.14"
FOUR = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.0.0.53 127.255.255.254
168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1
192.168.0.1 192.168.255.255 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
""".split()  # noqa: SIM905 - a table
SIX = """
:: ::1 64:ff9b::7f00:1 64:ff9b:1::a00:1 100::1 2001:db8::1 2002:7f00:1::1 2001:0:7f00:1::80ff:fffe fc00::1
fd00:ec2::254 fe80::1 fec0::1 ff02::1
""".split()  # noqa: SIM905
ADDRESSES = [*FOUR, *SIX]


def spellings(address):
    """Eight ways to write it in a URL."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        one, two, three, four = found.packed
        return [
            address,
            str(int(found)),
            hex(int(found)).upper().replace("X", "x"),
            f"0{one:o}.0{two:o}.0{three:o}.0{four:o}",
            f"{one}.{two}.{three * 256 + four}",
            f"[::ffff:{address}]",
            f"{address}.",
            address.replace(".", "。").translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
        ]
    return [
        f"[{address}]",
        f"[{found.exploded}]",
        f"[{address.upper()}]",
        f"[{found.exploded[:30]}{IPv4Address(int(found) & 0xFFFFFFFF)}]",
        f"[{address}%25lo]",
        f"[{address}].",
        quote(f"[{address}]", safe=""),
        f"{PUBLIC}@[{address}]",
    ]


def plain(spelling):
    """What the most lenient of resolvers takes it for."""
    bare = unquote(spelling).strip("[].").replace("%lo", "")
    try:
        return str(ip_address(bare))
    except ValueError:
        return socket.inet_ntoa(socket.inet_aton(bare))


CASES = [
    (way, address, spelling)
    for way in ("direct", "redirect", "two hops", "answers", "rebinding", "body")
    for address in ADDRESSES
    for spelling in spellings(address)
]


def test_the_matrix_is_as_large_as_it_says():
    assert (len(ADDRESSES), len(CASES)) == (40, 40 * 8 * 6)
    assert {len(set(spellings(address))) for address in FOUR} == {8}


class Matrix:
    """A client whose world is made up, and its doors."""

    def __init__(self, public, canary):
        self.public, self.canary = public.port, canary.port
        self.answers = {}

    def client(self):
        return Client(limits=Limits(seconds=5), resolve=self.resolve, connect=self.connect)

    async def resolve(self, host, port):
        if host in self.answers:
            return self.answers[host].pop(0)
        return [PUBLIC] if host.endswith(".example") else [plain(host)]

    async def connect(self, address, port, context, name):
        door = self.public if address == PUBLIC else self.canary
        stream = await wire.connect("127.0.0.1", door, None, name)
        stream.peer = address
        return stream

    async def run(self, way, address, spelling):
        url = f"http://{spelling}/feed"
        self.answers = {"mixed.example": [[PUBLIC, address]], "turns.example": [[PUBLIC], [address]]}
        async with self.client() as client:
            match way:
                case "direct":
                    assert isinstance(await client.get(url), Failed)
                case "redirect":
                    assert isinstance(await client.get(f"http://a.example/to?{quote(url, safe='')}"), Failed)
                case "two hops":
                    first = f"http://b.example/to?{quote(url, safe='')}"
                    assert isinstance(await client.get(f"http://a.example/to?{quote(first, safe='')}"), Failed)
                case "answers":
                    assert isinstance(await client.get("http://mixed.example/"), Failed)
                case "rebinding":
                    assert isinstance(await client.get("http://turns.example/"), Fetched)
                    assert len(self.answers["turns.example"]) == 1  # asked once, so never told otherwise
                case _:
                    found = await client.get(f"http://a.example/body?{quote(url, safe='')}")
                    list(feed.parse(found.body, Origin(path="", now=NOW)))
        if way == "rebinding":
            async with self.client() as client:
                assert isinstance(await client.get("http://turns.example/"), Failed)


async def public_answer(path, writer):
    where, _, rest = path.partition("?")
    if where == "/to":
        writer.write(reply(302, location=unquote(rest)))
    else:
        writer.write(reply(body=unquote(rest).encode()))


async def canary_answer(path, writer):
    writer.write(reply(body=b"the inside"))


def test_nobody_reaches_the_inside():
    async def run():
        async with serving(public_answer) as public, serving(canary_answer) as canary:
            matrix = Matrix(public, canary)
            for case in CASES:
                await matrix.run(*case)
            return public.connections, canary.connections

    outside, inside = asyncio.run(run())
    print(f"\nSSRF: {len(CASES)} cases, {outside} connections outside, {inside} to the canary")  # noqa: T201 - the figure
    assert inside == 0
    assert outside >= len(CASES) / 2


def test_the_canary_would_sing():
    """With the inside on the allow-list it is reached: directly, but not by a redirect from outside."""

    async def run():
        async with serving(public_answer) as public, serving(canary_answer) as canary:
            matrix = Matrix(public, canary)
            async with Client(allow=["10.0.0.0/8"], resolve=matrix.resolve, connect=matrix.connect) as client:
                assert isinstance(await client.get("http://10.0.0.1/"), Fetched)
                led = await client.get("http://a.example/to?" + quote("http://10.0.0.1/x", safe=""))
                assert isinstance(led, Failed)  # nobody outside may point at what the operator lets in
            return canary.connections

    assert asyncio.run(run()) == 1


def test_the_machine_at_the_other_end_is_checked_too():
    async def run():
        async with serving(canary_answer) as canary:

            async def astray(address, port, context, name):
                return await wire.connect("127.0.0.1", canary.port, None, name)

            async with Client(resolve=lambda host, port: asyncio.sleep(0, [PUBLIC]), connect=astray) as client:
                return await client.get("http://a.example/"), canary.requests

    found, requests = asyncio.run(run())
    assert isinstance(found, Failed)
    assert "loopback" in found.reason
    assert requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_nothing_made_up(host):
    """The system's resolver and a real connection, with a port that is open for another network."""

    async def run():
        async with serving(canary_answer) as canary, Client(allow=["192.0.2.0/24:*"]) as client:
            return await client.get(f"http://{host}:{canary.port}/"), canary.connections

    found, connections = asyncio.run(run())
    assert "loopback" in found.reason
    assert connections == 0
