"""`deliveries`: who got what, what waits, and why."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.counting import counted
from digest.edition.variants import DEFAULT
from digest.errors import NotFound
from digest.links import message_id
from digest.model import DeliveryState
from digest.outbox.skeleton import message_domain
from digest.pipeline import retention
from digest.pipeline.lookup import find
from digest.store import deliveries as store
from digest.store import editions, history, thinning

#: What `due_at` says of a delivery that is not at its end.
STILL = {
    DeliveryState.QUEUED: "is when it is due next",
    DeliveryState.CLAIMED: "is until when a worker has it",
    DeliveryState.ATTEMPTING: "is until when an answer is waited for; then it is in doubt",
}


@main.group()
def deliveries() -> None:
    """Who got what, and what waits."""


@deliveries.command("list")
@click.argument("edition")
@click.option("--state", type=click.Choice([str(state) for state in DeliveryState]), help="Only those in this state.")
@as_json
@pass_app
def list_(app: Digest, edition: str, state: str | None, as_json: bool) -> None:
    """List the deliveries of an edition, one a reader."""
    status = find(app.database, edition)
    with app.database.read() as db:
        rows = store.listing(db, status.id, state=DeliveryState(state) if state else None)
        raw = editions.skeleton(db, status.id, DEFAULT)
        thinned = thinning.begun(db, status.id)
    domain = message_domain(raw) if raw else ""
    if as_json:
        echo_json({"deliveries": [_row_json(row, edition, domain) for row in rows]})
        return
    if thinned:
        click.echo(f"{thinned_of(edition, thinned)}; `digest editions verify {edition}` has the sums")
        return
    table = [(row.address, row.state, row.attempts, row.in_doubt, row.code, _moment(row.due_at)) for row in rows]
    columns = ["address", "state", "attempts", "in doubt", "the mail server said", "due"]
    echo_table(columns, table, empty="no deliveries; `digest approve` freezes the audience")


def thinned_of(edition: str, since: datetime) -> str:
    return f"{edition}: its deliveries were thinned to sums on {since:%Y-%m-%d}"


def _row_json(row: store.DeliveryRow, edition: str, domain: str) -> dict[str, Any]:
    return {
        "address": row.address,
        "state": row.state,
        "attempts": row.attempts,
        "in_doubt": row.in_doubt,
        "message_id": message_id(edition, row.uid, domain),
        "code": row.code,
        "due_at": row.due_at,
    }


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


@deliveries.command()
@click.argument("edition")
@pass_app
def retry(app: Digest, edition: str) -> None:
    """Make everything that waits due now, and end a pause of sending."""
    status = find(app.database, edition)
    with app.database.begin() as db:
        count = store.retry(db, status.id, now=utcnow())
    sends = f"{counted(count, 'delivery', 'deliveries')} due now; `digest send {edition}` sends them"
    click.echo(f"{edition}: {sends if count else 'no delivery waits, and nothing is paused'}")


@deliveries.command()
@click.argument("edition")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def release(app: Digest, edition: str, yes: bool) -> None:
    """Send what is held in doubt after all: some readers may get a second copy."""
    status = find(app.database, edition)
    with app.database.read() as db:
        held = store.tally(db, status.id).count(DeliveryState.HELD)
    if held and not yes:
        click.confirm(f"{edition}: {held} held deliveries may have arrived already. Send them again?", abort=True)
    with app.database.begin() as db:
        count = store.release(db, status.id, now=utcnow())
    again = f"{counted(count, 'delivery', 'deliveries')} queued again; `digest send {edition}` sends them"
    click.echo(f"{edition}: {again if count else 'no delivery is held'}")


@deliveries.command()
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@pass_app
def prune(app: Digest, dry_run: bool) -> None:
    """Make sums of what has been kept for `[deliveries] keep_days`; `digest run` does it once a day."""
    days = app.settings.deliveries.keep_days
    if not days:
        click.echo("[deliveries] keep_days is 0: deliveries are kept for ever")
        return
    count = retention.thin(app.settings, app.database, now=utcnow(), dry_run=dry_run)
    verb = "would be" if dry_run else "were"
    click.echo(f"{counted(count, 'delivery', 'deliveries')} {verb} thinned: their editions ended over {days} days ago")


@deliveries.command()
@click.argument("address")
@click.argument("edition")
@as_json
@pass_app
def explain(app: Digest, address: str, edition: str, as_json: bool) -> None:
    """Tell the life of one copy: when it was frozen, each try, and what the mail server said.

    \b
    digest deliveries explain reader@example.net daily/2026-11-23
    """
    status = find(app.database, edition)
    with app.database.read() as db:
        found = history.life(db, status.id, address)
        raw = editions.skeleton(db, status.id, DEFAULT)
        thinned = thinning.begun(db, status.id)
    if found is None and thinned:
        raise NotFound(f"{thinned_of(edition, thinned)}: nothing is known of one copy any more")
    if found is None:
        raise NotFound(
            f"{address} was not in the audience of {edition}; `digest subscribers show {address}` may say why"
        )
    name = message_id(edition, found.uid, message_domain(raw)) if raw else ""
    if as_json:
        echo_json({"address": address, "edition": edition, "message_id": name, **asdict(found)})
        return
    click.echo(f"{address}, {edition}: {found.state}")
    click.echo(f"  {_moment(found.frozen_at)}  frozen as variant {found.variant}, Message-ID {name}")
    for event in found.events:
        said = f" at {event.stage}: {event.code or 'no answer'} {event.text}" if event.stage else f": {event.text}"
        over = f" over {event.relay}" if event.relay else ""
        click.echo(f"  {_moment(event.at)}  {event.kind}{over}{said.rstrip(': ')}")
    if found.state in STILL:
        click.echo(f"  {_moment(found.due_at)}  {STILL[found.state]}")
