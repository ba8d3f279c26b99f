"""`send`: an edition on its way to every reader."""

import asyncio

import click

from digest.cli.app import (
    WAITING,
    Digest,
    as_json,
    echo_json,
    main,
    pass_app,
    progress_bar,
    utcnow,
)
from digest.cli.rehearsing import FaultType, rehearse
from digest.config import local_day, pick_newsletter
from digest.counting import counted
from digest.errors import SendingPaused
from digest.model import DeliveryState, EditionStatus, Tally
from digest.pipeline import publishing
from digest.pipeline.lookup import find
from digest.signals import stopping
from digest.store import deliveries as store
from digest.store import editions, owners
from digest.transport.sink import Fault
from digest.worker.drain import Drain, Drained
from digest.worker.service import new_owner
from digest.worker.upkeep import tidy

COUNTED = ("sent", "failed", "held", "skipped", "expired")


@main.command()
@click.argument("edition", required=False)
@click.option("--dry-run", is_flag=True, help="Say how many readers would get it; change and send nothing.")
@click.option(
    "--to",
    type=click.Choice(["sink"]),
    help="Rehearse: send a copy of it to a mail server in this process; nobody is mailed, nothing changes.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=FaultType(),
    metavar="STAGE:CODE:SHARE",
    help="With --to sink: refuse such a share at mail, rcpt, data or dot; `drop` closes.  May be given again.",
)
@as_json
@pass_app
def send(
    app: Digest, edition: str | None, dry_run: bool, to: str | None, faults: tuple[Fault, ...], as_json: bool
) -> None:
    """Send an edition now: approve it if need be, send all that is due, end when nothing more is due.

    Without EDITION, today's edition of the only newsletter.  Ends with 75 when deliveries wait for a retry; sending it
    again later goes on where it stopped.  Nobody is mailed twice: several `digest send` share the work.

    \b
    digest send
    digest send daily/2026-11-23 --json
    digest send daily/2026-11-23 --to sink --fault rcpt:451:0.02 --fault dot:drop:0.001
    """
    key = edition or _todays(app)
    if faults and not to:
        raise click.UsageError("--fault goes with --to sink")
    if to:
        rehearse(app, key, faults, as_json=as_json)
        return
    if dry_run:
        _dry_run(app, key, as_json=as_json)
        return
    status = publishing.approve(app.settings, app.database, key, now=utcnow()).edition
    drained = asyncio.run(_send(app, status, hidden=as_json))
    with app.database.read() as db:
        tally = store.tally(db, status.id)
        after = editions.by_id(db, status.id)
    paused = after.paused_reason if after else ""
    _report(status.key, tally, drained, as_json=as_json)
    if paused:
        raise SendingPaused(f"sending paused: {paused}; mend it, then `digest deliveries retry {key}`")
    if drained.unreachable:
        click.echo(f"digest: the mail server cannot be used: {drained.unreachable}", err=True)
    click.get_current_context().exit(WAITING if tally.waiting else 0)


def _todays(app: Digest) -> str:
    name, newsletter = pick_newsletter(app.settings, None)
    return f"{name}/{local_day(newsletter, utcnow()).isoformat()}"


def _dry_run(app: Digest, key: str, *, as_json: bool) -> None:
    status = find(app.database, key)
    with app.database.read() as db:
        tally = store.tally(db, status.id)
        audience = (
            tally.waiting if tally.audience else store.prospective(db, status.newsletter, day=status.day, now=utcnow())
        )
    if as_json:
        echo_json({"edition": key, "state": status.state, "would_send": audience})
    else:
        click.echo(f"{key}: {status.content.subject}\n{counted(audience, 'reader')} would get it.")


async def _send(app: Digest, status: EditionStatus, *, hidden: bool) -> Drained:
    owner = new_owner()
    with owners.Presence(app.database, owner), stopping() as stop:
        tidy(app.database, now=utcnow())
        with app.database.begin() as db:
            store.bring_forward(db, status.id, now=utcnow())
            waiting = store.tally(db, status.id).waiting
        with progress_bar(app, hidden=hidden) as bar:
            task = bar.add_task("Sending", total=waiting)
            drain = Drain(
                app.settings,
                app.database,
                owner=owner,
                stop=stop,
                edition_id=status.id,
                progress=lambda _: bar.advance(task),
            )
            drained = await drain.run()
        tidy(app.database, now=utcnow())
    return drained


def _report(key: str, tally: Tally, drained: Drained, *, as_json: bool) -> None:
    counts = {name: tally.count(DeliveryState(name)) for name in COUNTED}
    if as_json:
        seconds = round(drained.seconds, 3)
        rest = {"waiting": tally.waiting, "in_doubt": tally.in_doubt, "seconds": seconds}
        echo_json({"edition": key, "audience": tally.audience, **counts, **rest})
        return
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing sent"
    click.echo(f"{key}: {counted(tally.audience, 'reader')}: {told} in {drained.seconds:.1f} s")
    if tally.in_doubt:
        click.echo(f"{counted(tally.in_doubt, 'delivery', 'deliveries')} were in doubt; each is recorded.")
    if tally.waiting:
        due = f", the next at {tally.next_due:%H:%M} UTC" if tally.next_due else ""
        click.echo(f"{tally.waiting} wait for a retry{due}; `digest deliveries list {key} --state queued`")
