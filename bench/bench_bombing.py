"""The sign-up form as a weapon: mails for each victim of a flood, and whether answers tell who is a reader.

    python bench/bench_bombing.py [--posts 20000] [--probes 2000]

A server of its own on loopback, with a database on disk; nothing is mailed.  First the flood: forms for 1,000 victims,
half of them readers, from 500 addresses, to two newsletters, over 36 hours of the server's clock, while mails are sent.
Then probes, one by one: a reader, a stranger, a reader, ..., each from another network and timed.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from digest.config import Joining, Newsletter, Settings, Site
from digest.model import NewSubscriber
from digest.store import migrate, newsletters, subscribers
from digest.store.database import Database
from digest.web import nonce
from digest.web.app import create_app
from digest.web.server import Server

KEY = "b" * 40
VICTIMS, SENDERS, LANES = 1_000, 500, 32
SPAN = timedelta(hours=36)
LETTERS = ("daily", "weekly")
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MANY = Joining(per_mailbox=10**6, per_network=10**6, per_domain=10**6, in_all=10**6)

Answer = tuple[int, bytes]  #: status and body


class Town:
    """Pages on a port, and a clock that the bench sets."""

    def __init__(self, folder: Path, joining: Joining) -> None:
        self.database = Database(f"sqlite:///{folder / 'digest.db'}")
        migrate.upgrade(self.database)
        self.settings = Settings(
            site=Site(secrets=(SecretStr(KEY),)),
            joining=joining,
            newsletters={name: Newsletter() for name in LETTERS},
        )
        self.now = START
        self.sent: defaultdict[str, list[datetime]] = defaultdict(list)  #: when each person got a mail
        self.server = Server(create_app(self.settings, self.database, clock=lambda: self.now))

    def settle(self, people: Sequence[str]) -> None:
        new = [NewSubscriber(address=one) for one in people]
        with self.database.begin() as db:
            newsletters.ensure(db, LETTERS, now=START)
            subscribers.add(db, new, newsletter="daily", consent="bench", now=START - timedelta(days=9))

    def mail(self) -> None:
        """What a worker does with what is due."""
        with self.database.begin() as db:
            for one in subscribers.due_confirmations(db, now=self.now, limit=10**6, lease=timedelta(minutes=30)):
                subscribers.confirmation_sent(db, one.subscriber.id, one.newsletter, now=self.now)
                self.sent[one.subscriber.address].append(self.now)


class Lane:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, newsletter: str, address: str, ip: str, now: datetime) -> Answer:
        shown = nonce.issue([KEY], newsletter, now=now - timedelta(minutes=1))
        body = urlencode({"email": address, "shown": shown}).encode()
        head = (
            f"POST /subscribe/{newsletter} HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: {ip}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._streams = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(head.encode() + body)
        return await _answer(reader)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].split("\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


async def flood(site: Town, posts: int) -> Counter[Answer]:
    answers: Counter[Answer] = Counter()
    numbers = iter(range(posts))

    async def lane() -> None:
        one = Lane(site.server.port)
        for number in numbers:
            site.now = START + SPAN * (number / posts)
            if number % 500 == 0:
                await asyncio.to_thread(site.mail)
            letter, victim = LETTERS[number // VICTIMS % 2], f"v{number % VICTIMS}@example.net"
            sender = number * 7 % SENDERS
            answers[await one.post(letter, victim, f"198.{sender % 250}.{sender}.9", site.now)] += 1
        one.close()

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return answers


async def probe(site: Town, probes: int) -> tuple[list[float], list[float]]:
    one = Lane(site.server.port)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(probes):
        address = f"r{number}@example.net" if number % 2 else f"n{number}@example.org"
        ip = f"203.{number >> 8}.{number & 255}.9"
        began = time.perf_counter()
        await one.post("daily", address, ip, site.now)
        times[number % 2].append(time.perf_counter() - began)
    one.close()
    return times


def auc(left: Sequence[float], right: Sequence[float]) -> float:
    """How well one can be told from the other by a threshold, whichever way round: 0.5 is not at all."""
    order = sorted([(one, 0) for one in left] + [(one, 1) for one in right])
    total = sum(place for place, (_, side) in enumerate(order, 1) if side)
    area = (total - len(right) * (len(right) + 1) / 2) / (len(left) * len(right))
    return max(area, 1 - area)


async def serving(site: Town, work: Coroutine[Any, Any, Any]) -> Any:
    task = asyncio.create_task(site.server.serve())
    try:
        return await work
    finally:
        await site.server.stop()
        await task


def most_in_a_day(times: Sequence[datetime]) -> int:
    return max(sum(one <= other < one + timedelta(hours=24) for other in times) for one in times)


def bomb(folder: Path, posts: int) -> None:
    site = Town(folder, Joining())
    site.settle([f"v{number}@example.net" for number in range(0, VICTIMS, 2)])
    began = time.process_time()
    answers = asyncio.run(serving(site, flood(site, posts)))
    seconds = time.process_time() - began
    site.mail()
    worst = max((most_in_a_day(times) for times in site.sent.values()), default=0)
    statuses = {status for status, _ in answers}
    lengths = {len(body) for _, body in answers}
    each = seconds / posts * 1000
    print(f"{posts} forms for {VICTIMS} victims from {SENDERS} addresses, {each:.1f} ms of processor each")
    print(f"  mails: {sum(map(len, site.sent.values()))} in all, at most {worst} to one victim in 24 h (bar: 1)")
    print(
        f"  answers: {len(answers)} different, statuses {sorted(statuses)}, lengths {sorted(lengths)} (bar: one each)"
    )


def listen(folder: Path, probes: int) -> None:
    site = Town(folder, MANY)
    site.settle([f"r{number}@example.net" for number in range(probes)])
    strangers, readers = asyncio.run(serving(site, probe(site, probes)))
    median = sorted(readers)[len(readers) // 2] * 1000
    told = auc(strangers, readers)
    print(f"{probes} probes, {median:.0f} ms each: AUC {told:.3f} of reader against stranger (bar: 0.55)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--probes", type=int, default=2_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        bomb(Path(one), args.posts)
        listen(Path(other), args.probes)


if __name__ == "__main__":
    main()
