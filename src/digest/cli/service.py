"""`run`, `work`, `serve`: the long-running processes; `widget`: the form that leads to them."""

import asyncio

import click

from digest import daemon
from digest.cli.app import Digest, main, pass_app
from digest.config import pick_newsletter
from digest.web import pages


@main.command()
@pass_app
def run(app: Digest) -> None:
    """Run the daemon: polling, alarm clock, worker and web pages in one process.  SIGTERM ends it cleanly."""
    asyncio.run(daemon.run(app.settings, app.database, clock=True, worker=True, web=True))


@main.command()
@pass_app
def work(app: Digest) -> None:
    """Run one more sending worker."""
    asyncio.run(daemon.run(app.settings, app.database, clock=False, worker=True, web=False))


@main.command()
@pass_app
def serve(app: Digest) -> None:
    """Serve the web pages alone: sign-up, unsubscribe, past editions."""
    asyncio.run(daemon.run(app.settings, app.database, clock=False, worker=False, web=True))


@main.command()
@click.argument("newsletter", required=False)
@pass_app
def widget(app: Digest, newsletter: str | None) -> None:
    """Print a sign-up form to paste into pages of other sites.  It needs no script; `digest serve` answers it.

    \b
    digest widget
    digest widget daily > signup.html
    """
    name, _ = pick_newsletter(app.settings, newsletter)
    click.echo(pages.widget(app.settings, name), nl=False)
