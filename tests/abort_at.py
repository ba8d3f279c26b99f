"""Approve today's edition and send it, and die at a given step: ``python abort_at.py '{"point": …, "hit": …}'``.

A step is a function of the store and a moment: before it, `written` (in the transaction, not committed), or
`committed`; or a moment on the wire: before a content, after it, after its answer.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from build import KEY
from digest import config
from digest.model import Stage
from digest.pipeline import publishing
from digest.store import audiences, deliveries, editions, owners
from digest.store import database as storing
from digest.store.database import Database
from digest.transport.smtp import Relay
from digest.worker import drain as draining
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy

FUNCTIONS = {
    "approve": (editions, "approve"),
    "freeze": (audiences, "freeze"),
    "claim": (deliveries, "claim"),
    "start": (editions, "start_sending"),
    "attempt": (deliveries, "attempt"),
    "settle": (deliveries, "settle"),
    "recover": (deliveries, "recover"),
    "complete": (editions, "close_if_done"),
}
MOMENTS = ("before", "written", "committed")
WIRE = ("content.before", "content.written", "content.answered")
POINTS = (*(f"{name}.{moment}" for name in FUNCTIONS for moment in MOMENTS), *WIRE)


class Fuse:
    """Ends the process when a point is passed for the nth time, as signal 9 would."""

    def __init__(self, point: str, hit: int) -> None:
        self.point, self.hit = point, hit
        self.passed: Counter[str] = Counter()
        self.written: set[str] = set()

    def burn(self, point: str) -> None:
        self.passed[point] += 1
        if point == self.point and self.passed[point] == self.hit:
            os._exit(99)

    def lay(self) -> None:
        for name, (module, function) in FUNCTIONS.items():
            setattr(module, function, self._around(name, getattr(module, function)))
        self._around_transactions()
        self._around_wire()

    def _around(self, name, function):
        def called(*args, **kwargs):
            self.burn(f"{name}.before")
            found = function(*args, **kwargs)
            self.written.add(name)
            self.burn(f"{name}.written")
            return found

        return called

    def _around_transactions(self):
        begin = Database.begin

        @contextmanager
        def begun(database, **options):
            self.written.clear()
            with begin(database, **options) as db:
                yield db
            for name in sorted(self.written):
                self.burn(f"{name}.committed")

        Database.begin = begun

    def _around_wire(self):
        write, answer = Relay._write, Relay._answer

        def wrote(relay, *parts):
            content = b".\r\n" in parts
            if content:
                self.burn("content.before")
            done = write(relay, *parts)
            if content:
                self.burn("content.written")
            return done

        async def answered(relay, stage, yes):
            outcome = await answer(relay, stage, yes)
            if stage is Stage.DOT:
                self.burn("content.answered")
            return outcome

        Relay._write, Relay._answer = wrote, answered


def settings_for(url: str, port: int, window: int, connections: int = 2) -> config.Settings:
    smtp = config.Smtp(host="127.0.0.1", port=port, security="none", connections=connections, window=window, timeout=5)
    return config.Settings(
        site=config.Site(secrets=(SecretStr(KEY),)), database=config.Database(url=SecretStr(url)), smtp=smtp
    )


def send(settings: config.Settings, database: Database, key: str, owner: str) -> None:
    now = datetime.now(UTC)
    publishing.approve(settings, database, key, now=now)
    with owners.Presence(database, owner):
        tidy(database, now=now)
        asyncio.run(draining.Drain(settings, database, Shift(owner=owner)).run())
    tidy(database, now=datetime.now(UTC))


def run(told: Mapping[str, Any]) -> None:
    """Ends the process."""
    Fuse(told["point"], told["hit"]).lay()
    if "pages" in told:  # of the log, after which it goes into the database
        storing.USUAL = (f"wal_autocheckpoint={told['pages']}",)
    database = Database(told["url"])
    settings = settings_for(told["url"], told["port"], told["window"], told.get("connections", 2))
    send(settings, database, told["key"], told.get("owner", "first"))
    database.close()
    os._exit(0)


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))
