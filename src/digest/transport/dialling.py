"""A name and a port in, a connected socket out: of the address that answers first.

A relay may have several addresses, and some of them may be dead.  One that says nothing holds up the others for a
moment only (RFC 8305), and a name server that says nothing holds up nothing else.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest
from typing import Any

MOMENT = 0.25  #: seconds an address has before the next one is tried as well (RFC 8305 8)
PATIENCE = 30.0  #: seconds for the name and all its addresses; Postfix's smtp_connect_timeout

Place = tuple[socket.AddressFamily, Any]  #: where to connect to, as the socket module has it
LookUp = Callable[[str, int], Awaitable[Sequence[Place]]]


class UnreachableError(ConnectionError):
    """None of the addresses takes connections."""


# Threads of their own: those of the loop write the journal, and a dead name server would keep all of them for a minute.
_ASKING = ThreadPoolExecutor(4, "names")


async def system_names(host: str, port: int) -> Sequence[Place]:
    """What the system's resolver knows, in its order of preference.

    Raises:
        socket.gaierror: nothing, or it could not find out.
    """
    ask = asyncio.get_running_loop().run_in_executor
    found = await ask(_ASKING, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return [(family, address) for family, _, _, _, address in found]


async def dial(host: str, port: int, *, seconds: float = PATIENCE, look_up: LookUp = system_names) -> socket.socket:
    """Connect.  The socket does not block, and is the caller's to close.

    Raises:
        socket.gaierror: the name has no address, or nobody could say.
        TimeoutError: nothing answered in so many seconds.
        UnreachableError: every address refused; the text has each with its reason.
    """
    async with asyncio.timeout(seconds):
        return await _first(alternating(await look_up(host, port)))


def alternating(places: Iterable[Place]) -> list[Place]:
    """The families in turn, the preferred one first: one may not work at all from here (RFC 8305 4)."""
    families: dict[int, list[Place]] = {}
    for place in places:
        families.setdefault(place[0], []).append(place)
    return [place for place in chain(*zip_longest(*families.values())) if place]


async def _first(places: Sequence[Place]) -> socket.socket:
    """The next address is tried when the one before has failed, or has had its moment."""
    left, running, refused = list(places), set[asyncio.Task[socket.socket]](), list[str]()
    try:
        while left or running:
            if left:
                place = left.pop(0)
                running.add(asyncio.create_task(_connect(place), name=_written(place)))
            moment = MOMENT if left else None
            done, _ = await asyncio.wait(running, timeout=moment, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                running.discard(task)
                error = task.exception()
                if error is None:
                    return task.result()
                refused.append(f"{task.get_name()}: {_reason(error)}")
    finally:
        await _forget(running)
    raise UnreachableError("; ".join(refused))


async def _connect(place: Place) -> socket.socket:
    family, address = place
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setblocking(False)
        await asyncio.get_running_loop().sock_connect(one, address)
    except BaseException:
        one.close()
        raise
    return one


async def _forget(running: Iterable[asyncio.Task[socket.socket]]) -> None:
    """Those that came too late are closed."""
    for task in running:
        task.cancel()
    for late in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(late, socket.socket):
            late.close()


def _written(place: Place) -> str:
    family, (host, port, *_) = place
    return f"[{host}]:{port}" if family is socket.AF_INET6 else f"{host}:{port}"


def _reason(error: BaseException) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__
