"""What looks at the links of mails, what forges them, and what holds connections open: three bars of the public pages.

    python bench/bench_scanners.py [--mails 1000] [--tokens 2000000] [--sockets 200]

A server of its own on loopback, with a database on disk.  Scanners: each address of each mail is fetched with GET, HEAD
and OPTIONS by 8 agents, four times over, and nothing may have changed; then one-click unsubscribes, three at a time for
each reader.  Tokens: altered ones, of which none may be taken; what a key signed that was replaced since is.  Sockets:
requests that never end, while others are timed.
"""

import argparse
import asyncio
import random
import string
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from digest import links
from digest.config import Settings, Site
from digest.model import NewSubscriber
from digest.store import migrate, newsletters, subscribers
from digest.store.database import Database
from digest.store.schema import metadata, subscriptions
from digest.store.schema import subscribers as people
from digest.web.app import create_app
from digest.web.server import Server

KEYS = ("n" * 40, "o" * 40)  #: the one that signs, and the one before it
AGENTS = (
    "Mozilla/5.0",
    "ms-office",
    "GoogleImageProxy",
    "Barracuda",
    "facebookexternalhit/1.1",
    "Slackbot",
    "curl",
    "",
)
METHODS = ("GET", "HEAD", "OPTIONS")
ROUNDS, LANES = 4, 16
ALPHABET = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True, kw_only=True)
class Town:
    server: Server
    database: Database
    uids: tuple[str, ...]

    def rows(self) -> list[list[str]]:
        """All that is stored."""
        with self.database.read() as db:
            return [sorted(map(repr, db.execute(select(table)))) for table in metadata.sorted_tables]

    def left(self) -> int:
        with self.database.read() as db:
            return len(db.execute(select(subscriptions).where(subscriptions.c.left_at.is_not(None))).all())


def build(folder: Path, readers: int) -> Town:
    database = Database(f"sqlite:///{folder / 'digest.db'}")
    migrate.upgrade(database)
    now = datetime.now(UTC)
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=now)
        new = [NewSubscriber(address=f"r{number}@example.net") for number in range(readers)]
        subscribers.add(db, new, newsletter="daily", consent="bench", now=now)
        uids = tuple(db.execute(select(people.c.uid).order_by(people.c.id)).scalars())
    settings = Settings(site=Site(secrets=tuple(map(SecretStr, KEYS))))
    return Town(server=Server(create_app(settings, database)), database=database, uids=uids)


def leaving(uid: str) -> str:
    return links.unsubscribe_url("", "daily", links.sign(KEYS[1:], links.Purpose.UNSUBSCRIBE, "daily", uid))


def paths(uid: str) -> Iterator[str]:
    """Those of one mail."""
    yield leaving(uid)
    yield links.preferences_url("", "daily", links.sign(KEYS[1:], links.Purpose.PREFERENCES, "daily", uid))
    yield from ("/", "/help", "/editions/daily")


class Lane:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, *, agent: str = "bench", body: bytes = b"") -> int:
        """The status."""
        self._streams = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        kind = "Content-Type: application/x-www-form-urlencoded\r\n" if body else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: b\r\nUser-Agent: {agent}\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(told.partition("content-length:")[2].split("\r\n")[0])
        if method != "HEAD":
            await reader.readexactly(length)
        return int(told.split()[1])

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


async def scan(town: Town) -> Counter[int]:
    asked = iter(
        [
            (method, path, agent)
            for _ in range(ROUNDS)
            for uid in town.uids
            for path in paths(uid)
            for agent in AGENTS
            for method in METHODS
        ]
    )
    statuses: Counter[int] = Counter()

    async def lane() -> None:
        one = Lane(town.server.port)
        for method, path, agent in asked:
            statuses[await one.ask(method, f"{path}?List-Unsubscribe=One-Click", agent=agent)] += 1
        one.close()

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return statuses


async def click(town: Town) -> Counter[int]:
    """One-click (RFC 8058), three at a time for each reader."""
    statuses: Counter[int] = Counter()
    lanes = [Lane(town.server.port) for _ in range(3)]
    for uid in town.uids:
        clicks = (one.ask("POST", leaving(uid), body=b"List-Unsubscribe=One-Click") for one in lanes)
        statuses.update(await asyncio.gather(*clicks))
    for one in lanes:
        one.close()
    return statuses


def forge(count: int) -> int:
    """How many of so many altered tokens are taken."""
    dice, taken = random.Random(7), 0
    for number in range(count):
        uid = f"{dice.getrandbits(64):016x}"
        right = links.sign(KEYS, links.Purpose.UNSUBSCRIBE, "daily", uid)
        taken += links.verify(KEYS, links.Purpose.UNSUBSCRIBE, "daily", altered(right, number, dice)) is not None
    return taken


def altered(token: str, number: int, dice: random.Random) -> str:
    """Of its uid or its proof, in one place or in all; of another purpose or newsletter; cut off."""
    place = dice.randrange(32)
    match number % 6:
        case 0 | 1:
            other = dice.choice([one for one in ALPHABET if one != token[place]])
            return token[:place] + other + token[place + 1 :]
        case 2:
            return token[: 1 + place % 31]
        case 3:
            return "".join(dice.choices(ALPHABET, k=32))
        case 4:
            return links.sign(KEYS, links.Purpose.PREFERENCES, "daily", links.uid_of(token) or "")
        case _:
            return links.sign(KEYS, links.Purpose.UNSUBSCRIBE, "weekly", links.uid_of(token) or "")


async def crowd(town: Town, sockets: int) -> tuple[list[float], Counter[int]]:
    """How long pages take, in seconds, while so many requests trickle in and never end."""
    slow = [await asyncio.open_connection("127.0.0.1", town.server.port) for _ in range(sockets)]
    for number, (_, writer) in enumerate(slow):
        writer.write(
            b"GET / HTTP/1.1\r\nHost: b\r\n" if number % 2 else b"POST /subscribe/daily HTTP/1.1\r\nHost: b\r\n"
        )
        if number % 2 == 0:
            writer.write(b"Content-Length: 100\r\n\r\n")
    one, times, statuses = Lane(town.server.port), [], Counter[int]()
    for number in range(500):
        for _, writer in slow[number % 10 :: 10]:
            writer.write(b"x")
        began = time.perf_counter()
        statuses[await one.ask("GET", "/help")] += 1
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    for _, writer in slow:
        writer.close()
    one.close()
    return sorted(times), statuses


async def serving(town: Town, work: Coroutine[Any, Any, Any]) -> Any:
    task = asyncio.create_task(town.server.serve())
    try:
        return await work
    finally:
        await town.server.stop()
        await task


async def look_and_click(town: Town) -> None:
    before = await asyncio.to_thread(town.rows)
    statuses = await scan(town)
    changed = await asyncio.to_thread(town.rows) != before
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    print(f"{statuses.total()} looks at the links of {len(town.uids)} mails: {told}; changed: {changed} (bar: False)")
    clicks = await click(town)
    print(f"one click, three at a time: {dict(clicks)}; {town.left()} of {len(town.uids)} have left (bar: all)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1_000)
    parser.add_argument("--tokens", type=int, default=2_000_000)
    parser.add_argument("--sockets", type=int, default=200)
    args = parser.parse_args()
    print(f"{args.tokens} altered tokens: {forge(args.tokens)} taken (bar: 0)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        town = build(Path(folder), 1)
        times, statuses = asyncio.run(serving(town, crowd(town, args.sockets)))
    p50, p99 = (times[len(times) * part // 100] * 1000 for part in (50, 99))
    print(
        f"{args.sockets} slow sockets: others wait {p50:.0f} ms, p99 {p99:.0f} ms (bar: 100); {dict(statuses)}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        town = build(Path(folder), args.mails)
        asyncio.run(serving(town, look_and_click(town)))


if __name__ == "__main__":
    main()
