"""`destinations`: where the mail for readers' domains goes."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app
from digest.cli.paces import roster_lines
from digest.errors import Refused
from digest.store import destinations as store
from digest.worker import lookups


@main.command()
@click.option("--look-up", is_flag=True, help="Ask DNS first, about all domains that are due.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="So many, the largest first.")
@as_json
@pass_app
def destinations(app: Digest, look_up: bool, limit: int, as_json: bool) -> None:
    """List where the mail for readers' domains goes: by that go the rates for domains.

    \b
    digest destinations
    digest destinations --look-up --limit 50
    """
    settings, database, now = app.settings, app.database, datetime.now(UTC)
    if look_up:
        _look_up(app, now)
    found = lookups.listing(settings, database)[:limit]
    with database.read() as db:
        known = store.roster(db, now=now)
    if as_json:
        by = settings.smtp.destinations
        echo_json({"by": by, "known": asdict(known), "destinations": [asdict(one) for one in found]})
        return
    rows = [(one.destination, f"{one.domains:,}", f"{one.readers:,}") for one in found]
    echo_table(("destination", "domains", "readers"), rows, empty="no confirmed readers")
    for line in roster_lines(known):
        click.echo(line)


def _look_up(app: Digest, now: datetime) -> None:
    """Whether it makes a difference or not: who calls this wants to see them."""
    if app.settings.smtp.destinations == "domain":
        raise Refused('smtp.destinations is "domain": DNS is not asked where mail for readers goes')
    lookups.enrol(app.settings, app.database, now=now, adds=True)
    while asyncio.run(lookups.look_up(app.database, now=now)) == lookups.MOST:
        pass
