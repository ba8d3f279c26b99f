"""The web API under schemathesis: requests made from its OpenAPI document, well formed and not, and faults of ours.

    python bench/bench_api.py [--examples 300]

A server of its own on loopback, with a database on disk and a token for all.  Needs schemathesis (the group `bench`),
whose report is printed as it stands: it also tells of answers that the document does not, or tells otherwise.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest import model
from digest.config import Joining, Settings, Site
from digest.model import NewSubscriber
from digest.store import api_tokens, migrate, newsletters, subscribers
from digest.store.database import Database
from digest.web.api import ROOT
from digest.web.app import create_app
from digest.web.server import Server

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


class Counted:
    """An application whose answers are counted by their status."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.statuses = app, Counter[int]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.statuses[message["status"]] += 1
            await send(message)

        await self.app(scope, receive, counting)


def prepare(folder: Path) -> tuple[Counted, str]:
    """The application, and a token."""
    database = Database(f"sqlite:///{folder / 'digest.db'}")
    migrate.upgrade(database)
    now = datetime.now(UTC)
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=now)
        people = [NewSubscriber(address=f"r{number}@example.net") for number in range(100)]
        subscribers.add(db, people, newsletter="daily", consent="bench", now=now - timedelta(days=9))
        token = api_tokens.add(db, "bench", list(model.Scope), now=now)
    many = Joining(per_mailbox=10**6, per_network=10**6, per_domain=10**6, in_all=10**6)
    settings = Settings(site=Site(secrets=(SecretStr("b" * 40),)), joining=many)
    assert token is not None
    return Counted(create_app(settings, database, pace=0.001)), token


async def fuzz(folder: Path, examples: int) -> Counter[int]:
    app, token = prepare(folder)
    server = Server(app)
    serving = asyncio.create_task(server.serve())
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}{ROOT}/openapi.json"]
    command += ["--url", server.url + ROOT, "--header", f"Authorization: Bearer {token}", "--no-color"]
    command += ["--max-examples", str(examples), "--checks", CHECKS, "--seed", "1"]
    environment = {**os.environ, "NO_PROXY": "*"}
    try:
        await asyncio.to_thread(subprocess.run, command, cwd=folder, env=environment, check=False)
    finally:
        await server.stop()
        await serving
    return app.statuses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="for each operation and phase")
    with tempfile.TemporaryDirectory() as folder:
        statuses = asyncio.run(fuzz(Path(folder), parser.parse_args().examples))
    faults = sum(count for status, count in statuses.items() if status >= 500)
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    print(f"{statuses.total()} requests, {faults} faults of ours (bar: 0): {told}")


if __name__ == "__main__":
    main()
