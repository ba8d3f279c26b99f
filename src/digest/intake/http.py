"""A web address in, what is there out, or the reason why not: the only way by which the program uses the web."""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from time import monotonic
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urljoin

from digest.intake import guard, wire
from digest.intake.guard import Allowed, Target

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
KEPT = 15.0  #: seconds that an idle connection is kept
MAX_IDLE = 64  #: idle connections
MAX_VALUE = 1_000  #: characters of a header that is kept

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WHOLE = frozenset({200, 203})  #: responses with all there is (RFC 9110 15.3.4: 203, through a proxy of theirs)
_VALIDATOR = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,998}[\x21-\x7e])?")


Done = TypeVar("Done")


def _agent() -> str:
    try:
        return f"digest/{version('digest-mailer')}"
    except PackageNotFoundError:
        return "digest"


AGENT = _agent()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one `get` may use, its redirects included."""

    seconds: float = 15.0  #: from the first look-up to the last byte
    bytes: int = 10 * wire.MEGABYTE  #: of the decoded body
    ratio: int = 100  #: decoded to received, once a megabyte is decoded
    redirects: int = 5


LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a server gave."""

    url: str  #: asked for
    final_url: str  #: after redirects
    moved_to: str  #: the address to remember: "" unless every hop was permanent (301, 308)
    body: bytes
    content_type: str
    etag: str
    last_modified: str


@dataclass(frozen=True, kw_only=True)
class NotModified:
    """The server says that it gave this already (304)."""

    url: str
    moved_to: str = ""  #: as of `Fetched`


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Nothing came: a value, as the web fails all the time."""

    url: str
    reason: str  #: one line, without credentials and queries
    status: int | None
    retry_after: float | None  #: seconds
    for_good: bool = False
    """No later try will do better: 410, or the address asked for is one that is never fetched.

    What a name leads to, and where a redirect does, can be another tomorrow: refusing that is not for good.
    """


@dataclass(kw_only=True)
class _Walk:
    """One `get` on its way through redirects."""

    url: str
    target: Target
    trusted: bool  #: every hop so far was to a host of the allow-list, so the next may be
    permanent: bool = True
    seen: set[str]

    @property
    def moved_to(self) -> str:
        return self.target.url if self.permanent and len(self.seen) > 1 else ""


class Client:
    """Fetches.  An async context manager; for concurrent use in one event loop.

    What it will not do: connect to what is not public or not in `allow` (`digest.intake.guard`), ask a proxy, send
    credentials or cookies, go from https to http, take a certificate that does not verify.  The allow-list counts for
    addresses that are asked for and for redirects between hosts on it: a public server that points into the intranet
    is refused.
    """

    def __init__(
        self,
        *,
        limits: Limits = LIMITS,
        allow: Sequence[str] = (),
        agent: str = AGENT,
        context: ssl.SSLContext | None = None,
        resolve: wire.Resolve = wire.resolve,
        connect: wire.Connect = wire.connect,
    ) -> None:
        """`allow` is read by `Allowed.of`; `context`, `resolve` and `connect` are for tests.

        Raises:
            ValueError: an entry of `allow` is none.
        """
        self._limits = limits
        self._allowed = Allowed.of(allow)
        self._agent = agent
        self._context = context
        self._resolve = resolve
        self._connect = connect
        self._idle: dict[tuple[str, str, int, bool], list[wire.Stream]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        for stream in (stream for streams in self._idle.values() for stream in streams):
            stream.drop()
        self._idle.clear()
        await asyncio.sleep(0)  # the transports close in the next turn of the loop

    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched | NotModified | Failed:
        """What is at `url`, unless it is what the validators `etag` and `last_modified` were given with."""
        try:
            target = guard.target(url)
        except ValueError as error:
            return Failed(url=url, reason=f"refused: {error}", status=None, retry_after=None, for_good=True)
        walk = _Walk(url=url, target=target, trusted=True, seen={target.url})
        return await self._within(walk, self._walk(walk, self._headers(etag, last_modified)))

    async def post(self, url: str, *, body: bytes, headers: Sequence[tuple[str, str]]) -> Failed | None:
        """Give `body` to `url`: None when the server took it (2xx).  A redirect is not followed."""
        try:
            target = guard.target(url)
        except ValueError as error:
            return Failed(url=url, reason=f"refused: {error}", status=None, retry_after=None, for_good=True)
        walk = _Walk(url=url, target=target, trusted=True, seen={target.url})
        return await self._within(walk, self._give(walk, body, [("User-Agent", self._agent), *headers]))

    async def _within(self, walk: _Walk, work: Awaitable[Done]) -> Done | Failed:
        """Within the time there is, and with each fault as a value."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await work
        except TimeoutError:
            return _failed(walk, f"not done within {self._limits.seconds:g} s")
        except wire.Refused as error:
            literal = walk.target.literal is not None or walk.target.port not in guard.PORTS.values()
            return _failed(walk, str(error), for_good=literal and len(walk.seen) == 1)
        except (wire.Broken, OSError, ValueError) as error:
            return _failed(walk, _told(error))

    def _headers(self, etag: str, last_modified: str) -> list[tuple[str, str]]:
        conditions = (("If-None-Match", etag), ("If-Modified-Since", last_modified))
        return [
            ("User-Agent", self._agent),
            ("Accept", ACCEPT),
            ("Accept-Encoding", "gzip, deflate"),  # inflated here, with bounds: a feed shrinks to a fifth
            *((name, value) for name, value in conditions if _VALIDATOR.fullmatch(value)),
        ]

    async def _walk(self, walk: _Walk, headers: Sequence[tuple[str, str]]) -> Fetched | NotModified | Failed:
        conditional = any(name.startswith("If-") for name, _ in headers)
        while True:
            response = await self._ask(walk, headers)
            location = response.headers.get("location", "") if response.status in _REDIRECTS else ""
            if not location:
                return _result(walk, response, conditional=conditional)
            if len(walk.seen) > self._limits.redirects:
                return _failed(walk, f"more than {self._limits.redirects} redirects", response.status)
            _follow(walk, location, response.status)

    async def _ask(self, walk: _Walk, headers: Sequence[tuple[str, str]]) -> wire.Response:
        """One exchange, over a connection that is at hand or a new one.

        A server may close an idle connection at any time, so a request that fails on one goes over a new one.
        """
        target = walk.target
        allowed = self._allowed if walk.trusted else Allowed()
        key = (target.scheme, target.host, target.port, bool(allowed.hosts or allowed.networks))
        idle = self._take(key)
        if idle is not None:
            try:
                return await self._exchange(idle, walk, headers, key)
            except OSError:
                pass
        return await self._exchange(await self._new(target, allowed), walk, headers, key)

    async def _give(self, walk: _Walk, body: bytes, headers: Sequence[tuple[str, str]]) -> Failed | None:
        stream = await self._new(walk.target, self._allowed)
        try:
            exchange = wire.Exchange(stream, limit=self._limits.bytes, ratio=self._limits.ratio)
            response = await exchange.run(walk.target, headers, wanted=lambda _: False, given=body)
        finally:
            stream.drop()
        if 200 <= response.status < 300:
            return None
        return _unwell(walk, response)

    async def _new(self, target: Target, allowed: Allowed) -> wire.Stream:
        context = await self._tls() if target.scheme == "https" else None
        return await wire.guarded(target, allowed, resolve=self._resolve, connect=self._connect, context=context)

    async def _exchange(
        self, stream: wire.Stream, walk: _Walk, headers: Sequence[tuple[str, str]], key: tuple[str, str, int, bool]
    ) -> wire.Response:
        exchange = wire.Exchange(stream, limit=self._limits.bytes, ratio=self._limits.ratio)
        try:
            response = await exchange.run(walk.target, headers, wanted=lambda status: status in _WHOLE)
            walk.trusted = walk.trusted and self._allowed.lets(walk.target, stream.peer)
            return response
        finally:
            if exchange.reusable and sum(map(len, self._idle.values())) < MAX_IDLE:
                stream.used = monotonic()
                self._idle.setdefault(key, []).append(stream)
            else:
                stream.drop()

    def _take(self, key: tuple[str, str, int, bool]) -> wire.Stream | None:
        streams = self._idle.pop(key, [])
        good = [one for one in streams if monotonic() - one.used < KEPT and not one.reader.at_eof()]
        for one in streams:
            if one not in good:
                one.drop()
        taken = good.pop() if good else None
        if good:
            self._idle[key] = good
        return taken

    async def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            context = await asyncio.to_thread(ssl.create_default_context)  # reads the system's certificates
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            self._context = context
        return self._context


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds, of a Retry-After header: a number of them, or a date (RFC 9110 10.2.3).  None: it says neither."""
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value[:100])
    except (ValueError, TypeError, IndexError, OverflowError):  # all of which it is known to raise
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def _follow(walk: _Walk, location: str, status: int) -> None:
    """The next hop.

    Raises:
        Broken: not there, or there it was already.
    """
    try:
        target = guard.target(urljoin(walk.target.url, location.encode("latin-1").decode("utf-8", "replace")))
    except ValueError as error:
        raise wire.Broken(f"refused: a redirect: {error}") from None
    if (walk.target.scheme, target.scheme) == ("https", "http"):
        raise wire.Broken(f"refused: a redirect from https to http, to {target.host}")
    if target.url in walk.seen:
        raise wire.Broken("redirects in a circle")
    walk.permanent = walk.permanent and status in {301, 308}
    walk.seen.add(target.url)
    walk.target = target


def _result(walk: _Walk, response: wire.Response, *, conditional: bool) -> Fetched | NotModified | Failed:
    headers = response.headers
    if response.status == 304 and conditional:
        return NotModified(url=walk.url, moved_to=walk.moved_to)
    if response.status not in _WHOLE:
        return _unwell(walk, response)
    return Fetched(
        url=walk.url,
        final_url=walk.target.url,
        moved_to=walk.moved_to,
        body=response.body,
        content_type=headers.get("content-type", "")[:MAX_VALUE],
        etag=_kept(headers.get("etag", "")),
        last_modified=_kept(headers.get("last-modified", "")),
    )


def _unwell(walk: _Walk, response: wire.Response) -> Failed:
    gone = response.status == 410 and (len(walk.seen) == 1 or walk.permanent)
    wait = retry_after(response.headers.get("retry-after", ""), now=datetime.now(UTC))
    return _failed(walk, f"HTTP {response.status}", response.status, wait, for_good=gone)


def _kept(value: str) -> str:
    return value if _VALIDATOR.fullmatch(value) else ""


def _failed(
    walk: _Walk, reason: str, status: int | None = None, wait: float | None = None, *, for_good: bool = False
) -> Failed:
    at = "" if len(walk.seen) == 1 else f" (after {len(walk.seen) - 1} redirects, at {walk.target.authority})"
    return Failed(url=walk.url, reason=f"{reason}{at}", status=status, retry_after=wait, for_good=for_good)


def _told(error: Exception) -> str:
    """One line that names the fault and nothing of the address."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate does not verify: {error.verify_message}"
        case ssl.SSLError():
            return "TLS failed"
        case socket.gaierror():
            return "no such host"
        case ConnectionRefusedError():
            return "connection refused"
        case wire.Broken():
            return "".join(char if char.isprintable() else " " for char in str(error))[:200]
        case _:
            return f"the connection failed ({type(error).__name__})"
