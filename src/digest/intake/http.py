"""A web address in, what is there out, or the reason why not: the only way by which the program reads the web."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self

MEGABYTE = 1024 * 1024


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
    bytes: int = 10 * MEGABYTE  #: of the decoded body
    ratio: int = 100  #: decoded to received, once a megabyte is decoded
    redirects: int = 5


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
    for_good: bool = False  #: no later try will do better: 410, or the address itself is one that is never fetched


class Client:
    """Fetches.  An async context manager; for concurrent use."""

    def __init__(self, *, limits: Limits = Limits(), allow: Sequence[str] = (), agent: str = AGENT) -> None:
        self._limits = limits
        self._allow = allow
        self._agent = agent

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.sleep(0)

    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched | NotModified | Failed:
        raise NotImplementedError
