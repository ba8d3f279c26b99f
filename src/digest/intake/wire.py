"""A target in, a guarded connection and one bounded HTTP/1.1 exchange over it out.  The only module that knows h11.

h11 over asyncio rather than a whole HTTP client: the address that is connected to, the bytes before they are inflated
and every limit are then ours, in one place that can be read.
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from time import monotonic

import h11

from digest.intake.guard import Address, Allowed, Target, refused

MEGABYTE = 1024 * 1024
HEADERS = 64 * 1024  #: bytes of a response's head, at most
CHUNK = 64 * 1024  #: bytes read at once
TURN = 256  #: pieces of a body, after which others get their turn
TRIES = 4  #: addresses of one name that are tried
SLOW_CONNECT = 5.0  #: seconds before the next address of a name is tried

#: The addresses of a host, all of them.  Raises OSError.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Refused(Exception):  # noqa: N818 - an answer of the guard
    """The guard does not let this connection be."""


class Broken(Exception):  # noqa: N818
    """The server does not keep to the protocol, or to the limits."""


@dataclass(kw_only=True)
class Stream:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    peer: str  #: the address of the machine at the other end
    used: float = field(default_factory=monotonic)  #: last, in seconds of the monotonic clock

    def drop(self) -> None:
        """End it at once: nothing is waited for."""
        with suppress(OSError, RuntimeError):  # the loop may have ended before
            self.writer.transport.abort()


#: To this address and port; over TLS, with that server name, where a context is given.  Raises OSError.
Connect = Callable[[str, int, ssl.SSLContext | None, str], Awaitable[Stream]]


@dataclass(frozen=True, kw_only=True)
class Response:
    status: int
    headers: dict[str, str]  #: names in lower case; the first of each
    body: bytes  #: decoded; empty unless it was wanted


async def resolve(host: str, port: int) -> Sequence[str]:
    """What the system says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


async def connect(address: str, port: int, context: ssl.SSLContext | None, name: str) -> Stream:
    """Past every proxy: straight to the address."""
    reader, writer = await asyncio.open_connection(
        address, port, ssl=context, server_hostname=name if context else None, limit=CHUNK
    )
    return Stream(reader=reader, writer=writer, peer=str(writer.get_extra_info("peername")[0]))


async def guarded(
    target: Target, allowed: Allowed, *, resolve: Resolve, connect: Connect, context: ssl.SSLContext | None
) -> Stream:
    """A connection to `target`, at an address that was checked.

    The name is looked up once, all its addresses have to pass, and the connection goes to one of these and no other:
    a name that leads elsewhere a moment later (DNS rebinding) gains nothing.

    Raises:
        Refused: by the guard.
        OSError: the name is not known, or nobody answers.
    """
    if target.port not in {80, 443} and not allowed.names(target) and not allowed.has_port(target.port):
        raise Refused(f"refused: port {target.port}")
    literal = target.literal
    found = [literal] if literal else await _addresses(target, resolve)
    for address in found:
        check(address, target, allowed)
    last: OSError = ConnectionError("no address")
    tried = list(dict.fromkeys(found))[:TRIES]
    for address in tried:
        try:
            async with asyncio.timeout(None if address == tried[-1] else SLOW_CONNECT):
                stream = await connect(str(address), target.port, context, target.host)
        except OSError as error:
            last = error
            continue
        try:
            check(ip_address(stream.peer.partition("%")[0]), target, allowed)
        except (Refused, ValueError):
            stream.drop()
            raise
        return stream
    raise last


async def _addresses(target: Target, resolve: Resolve) -> list[Address]:
    found = [ip_address(one.partition("%")[0]) for one in await resolve(target.host, target.port)]
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return found


def check(address: Address, target: Target, allowed: Allowed) -> None:
    """Ask the guard about one address.

    Raises:
        Refused: it is not to be connected to for this target.
    """
    if allowed.names(target) or allowed.holds(address, target.port):
        return
    why = refused(address)
    if why:
        raise Refused(f"refused: {target.host} is at {address}, which is {why}")
    if target.port not in {80, 443}:
        raise Refused(f"refused: port {target.port}")


class Exchange:
    """One request and its response."""

    def __init__(self, stream: Stream, *, limit: int, ratio: int) -> None:
        self._stream = stream
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADERS)
        self._limit = limit
        self._ratio = ratio
        self.received = 0  #: bytes
        self.reusable = False  #: the connection, after `run`

    async def run(
        self,
        target: Target,
        headers: Sequence[tuple[str, str]],
        *,
        wanted: Callable[[int], bool],
        given: bytes | None = None,
    ) -> Response:
        """Ask, or give a body (POST), and read what comes back if its status is `wanted`.

        Raises:
            Broken: as it says.
            OSError: the connection ended.
        """
        length = [] if given is None else [("Content-Length", str(len(given)))]
        request = h11.Request(
            method="GET" if given is None else "POST",
            target=target.path,
            headers=[("Host", target.authority), *headers, *length],
        )
        events = (request, *([h11.Data(given)] if given else []), h11.EndOfMessage())
        try:
            self._stream.writer.write(b"".join(self._http.send(event) or b"" for event in events))
            await self._stream.writer.drain()
            return await self._response(wanted)
        except h11.ProtocolError as error:
            raise Broken(f"not HTTP as it should be: {error}") from None

    async def _response(self, wanted: Callable[[int], bool]) -> Response:
        head = await self._event()
        while isinstance(head, h11.InformationalResponse):
            head = await self._event()
        if not isinstance(head, h11.Response):
            raise Broken("no response")
        headers: dict[str, str] = {}
        for name, value in head.headers:
            headers.setdefault(name.decode("ascii"), value.decode("latin-1"))
        body = await self._body(headers) if wanted(head.status_code) else b""
        if not wanted(head.status_code) and head.status_code == 304:
            await self._event()  # the end: it has no body
        self.reusable = self._http.their_state is h11.DONE and not self._http.trailing_data[0]
        return Response(status=head.status_code, headers=headers, body=body)

    async def _body(self, headers: dict[str, str]) -> bytes:
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._limit:
            raise Broken(f"body larger than {self._limit} bytes")
        inflate = Inflate(headers.get("content-encoding", ""), limit=self._limit, ratio=self._ratio)
        pieces = 0
        while isinstance(event := await self._event(), h11.Data):
            pieces += 1
            if not pieces % TURN:
                await asyncio.sleep(0)  # with data at hand nothing waits, and so no deadline would be noticed
            inflate.feed(bytes(event.data))
        if not isinstance(event, h11.EndOfMessage):
            raise Broken("the body was cut off")
        return inflate.end()

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self._stream.reader.read(CHUNK)
            self.received += len(data)
            if self.received > 2 * self._limit + HEADERS:  # chunks of a byte each, informational heads without end
                raise Broken(f"more than {self._limit} bytes")
            if not data and not self.received:
                raise ConnectionResetError("closed without an answer")
            self._http.receive_data(data)
        return event


class Inflate:
    """A body in pieces, as it was received, in; the body out, and never more of it in memory than is allowed."""

    def __init__(self, encoding: str, *, limit: int, ratio: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise Broken("a content encoding that was not asked for")
        self._limit = limit
        self._ratio = ratio
        self._received = 0
        self._out = bytearray()
        self._inflater: zlib._Decompress | None = None
        self._begun = b""  #: of a header that is not whole yet

    def feed(self, data: bytes) -> None:
        """Take the next piece.

        Raises:
            Broken: too large, too dense, or no such encoding.
        """
        self._received += len(data)
        if self._encoding in {"", "identity"}:
            self._take(data)
            return
        try:
            self._inflate(data)
        except zlib.error:
            raise Broken(f"the body is not {self._encoding}") from None

    def end(self) -> bytes:
        """The body.

        Raises:
            Broken: it is not whole.
        """
        cut = bool(self._begun) if self._inflater is None else not self._inflater.eof
        if cut:
            raise Broken("the compressed body was cut off")
        return bytes(self._out)

    def _inflate(self, data: bytes) -> None:
        data = self._begun + data
        self._begun = b""
        more = False
        while data or more:
            if self._inflater is None or self._inflater.eof:
                if len(data) < 2:
                    self._begun = data
                    return
                if self._inflater is not None and not data.startswith(b"\x1f\x8b"):
                    return  # padding behind the end, as curl and browsers take it
                self._inflater = zlib.decompressobj(_window(data))
            room = min(MEGABYTE, self._limit - len(self._out) + 1)
            out = self._inflater.decompress(data, room)
            self._take(out)
            more = len(out) == room and not self._inflater.eof  # there may be more inside, with all of the input taken
            data = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail

    def _take(self, data: bytes) -> None:
        self._out += data
        if len(self._out) > self._limit:
            raise Broken(f"body larger than {self._limit} bytes")
        if len(self._out) > MEGABYTE and len(self._out) > self._ratio * self._received:
            raise Broken(f"body that inflates to more than {self._ratio} times its size")


def _window(head: bytes) -> int:
    """zlib's number for gzip, for zlib (RFC 1950: what "deflate" means), or for bare deflate (what some send)."""
    if head.startswith(b"\x1f\x8b"):
        return 31
    return 15 if head[0] & 15 == 8 and int.from_bytes(head[:2]) % 31 == 0 else -15
