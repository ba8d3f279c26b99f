"""`run`, `work`, `serve`: the long-running processes."""

import asyncio

from digest import daemon
from digest.cli.app import Digest, main, pass_app


@main.command()
@pass_app
def run(app: Digest) -> None:
    """Run the daemon: polling, alarm clock, worker and web pages in one process.  SIGTERM ends it cleanly."""
    asyncio.run(daemon.run(app.settings, app.open_database(), clock=True, worker=True, web=True))


@main.command()
@pass_app
def work(app: Digest) -> None:
    """Run one more sending worker."""
    asyncio.run(daemon.run(app.settings, app.open_database(), clock=False, worker=True, web=False))


@main.command()
@pass_app
def serve(app: Digest) -> None:
    """Serve the web pages alone: sign-up, unsubscribe, past editions."""
    asyncio.run(daemon.run(app.settings, app.open_database(), clock=False, worker=False, web=True))
