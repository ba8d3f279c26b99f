"""Our engine, in a process of its own: a database with so many readers, an approved edition, and one drain.

    python -m sendbench.ours --port 2525 --readers 10000 --window 16 --connections 10 [--database URL] [--dkim rsa]

Prints one line of JSON: seconds and memory of freezing and of sending, and what became of the deliveries.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from datetime import timedelta
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import bindparam, text

from digest import garbage
from digest.config import Dkim, Settings, Site, Smtp
from digest.model import Circle, DeliveryState, Edition
from digest.store import audiences, deliveries, editions, migrate, newsletters, owners
from digest.store.database import Database
from digest.store.schema import Moment
from digest.worker.drain import Drain
from digest.worker.service import new_owner
from digest.worker.shift import Shift
from sendbench import mail

SQLITE_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :readers)"
POSTGRESQL_NUMBERS = "WITH n(i) AS (SELECT generate_series(1, :readers))"


def fill(database: Database, readers: int) -> None:
    """So many confirmed subscribers, by one statement each for people and subscriptions."""
    numbers = SQLITE_NUMBERS if database.is_sqlite else POSTGRESQL_NUMBERS
    uid = "printf('%016x', i)" if database.is_sqlite else "lpad(to_hex(i), 16, '0')"
    people = (
        f"INSERT INTO subscribers (address, address_hash, uid, created_at) {numbers} "
        f"SELECT 'reader' || i || '@example.net', 'hash' || i, {uid}, :now FROM n"
    )
    listed = (
        "INSERT INTO subscriptions (subscriber_id, newsletter, state, sections, frequency) "
        "SELECT id, 'daily', 'confirmed', '[]', 'daily' FROM subscribers"
    )
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=mail.DAY)
        db.execute(text(people).bindparams(bindparam("now", mail.DAY, Moment), readers=readers))
        db.execute(text(listed))


def approve(database: Database, *, size: int = mail.SIZE) -> tuple[int, float]:
    """The id of an approved edition, and the seconds its audience took to freeze."""
    now, rendered = mail.DAY, mail.rendered(size)
    empty = Edition(
        newsletter="daily",
        day=now.date(),
        title="The Daily Digest",
        language="en",
        subject=rendered.subject,
        preheader="",
        lead=None,
        sections=(),
        built_at=now,
    )
    with database.begin() as db:
        status = editions.save_draft(db, empty, [], due_at=now)
        editions.approve(
            db,
            status.id,
            now=now,
            expires_at=now + timedelta(days=36_500),
            in_doubt="resend",
            rendered=[(rendered, mail.skeleton(size))],
        )
    everyone = Circle(newsletter="daily", day=now.date(), frequencies=frozenset({"daily"}))
    begun = time.perf_counter()
    with database.begin() as db:
        audiences.freeze(db, status.id, everyone, variant="default", now=now)
    return status.id, time.perf_counter() - begun


def key(kind: str, folder: Path) -> dict[str, object]:
    made = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if kind == "rsa"
        else ed25519.Ed25519PrivateKey.generate()
    )
    path = folder / "key.pem"
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {"domain": "news.example.org", "keys": [{"selector": "s", "private_key_file": path}]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--bdat", action="store_true")
    parser.add_argument("--dkim", choices=("rsa", "ed25519"))
    parser.add_argument("--until", type=int, metavar="N", help="stop when so many are sent, and say when that was")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; without it SQLite")
    options = parser.parse_args()
    garbage.look_seldom()  # as the program does
    with tempfile.TemporaryDirectory(prefix="sendbench-") as name:
        folder = Path(name)
        database = Database(options.database or f"sqlite:///{folder / 'digest.db'}")
        migrate.upgrade(database)
        fill(database, options.readers)
        edition_id, froze = approve(database)
        settings = Settings(
            site=Site(base_url=mail.BASE, secrets=mail.KEYS, contact="editor@example.org"),
            smtp=Smtp(
                host="127.0.0.1",
                port=options.port,
                security="none",
                connections=options.connections,
                window=options.window,
                bdat=options.bdat,
            ),
            dkim=Dkim.model_validate(key(options.dkim, folder)) if options.dkim else Dkim(),
        )
        told = {"freeze": froze} | send(settings, database, edition_id, until=options.until)
        database.close()
    print(json.dumps(told))


def send(settings: Settings, database: Database, edition_id: int, *, until: int | None) -> dict[str, object]:
    settled = dict[int, float]()  # the first, and the one that is waited for: all would take memory that is not ours
    number = count(1)
    begun, used = time.perf_counter(), time.process_time()

    async def drain() -> object:
        owner, stop = new_owner(), asyncio.Event()

        def progress(_: DeliveryState) -> None:
            done = next(number)
            if done in {1, until}:
                settled[done] = time.perf_counter() - begun
            if done == until:
                stop.set()

        with owners.Presence(database, owner):
            shift = Shift(owner=owner, stop=stop, edition_id=edition_id, progress=progress)
            return await Drain(settings, database, shift).run()

    asyncio.run(drain())
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    with database.read() as db:
        tally = deliveries.tally(db, edition_id)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": seconds,
        "first": settled.get(1),
        "until": settled[until] if until else None,
        "cpu": cpu,
        "megabytes": peak,
        "states": {str(state): count for state, count in tally.states.items()},
    }


if __name__ == "__main__":
    main()
