"""`send --to sink`: the whole engine, against a mail server in this process."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from digest.cli.app import Digest, echo_json, progress_bar, utcnow
from digest.config import Settings
from digest.counting import counted
from digest.model import DeliveryState, EditionStatus, Tally
from digest.pipeline import publishing
from digest.pipeline.lookup import find
from digest.signals import stopping
from digest.store import deliveries, migrate, owners
from digest.store.copying import copy_edition
from digest.store.database import Database
from digest.transport.sink import Fault, Sink, fault
from digest.worker.drain import Drain, Drained
from digest.worker.service import new_owner
from digest.worker.shift import Shift


class FaultType(click.ParamType[Fault]):
    """STAGE:CODE:SHARE."""

    name = "fault"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fault:
        try:
            return fault(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a send would be like."""

    tally: Tally
    drained: Drained
    bytes: int  #: of contents that the sink took
    refused: int  #: by it


def rehearse(app: Digest, key: str, faults: Sequence[Fault], *, as_json: bool) -> None:
    """Send a copy of the edition to a sink, and say what it was like.  Nothing in the database changes."""
    status = find(app.database, key)
    with tempfile.TemporaryDirectory(prefix="digest-rehearsal-") as folder, Sink(faults) as sink:
        database = Database(f"sqlite:///{Path(folder) / 'digest.db'}")
        try:
            migrate.upgrade(database)
            _copy(app, database, status)
            own = _settings(app.settings, sink.port)
            found, drained = asyncio.run(_send(app, own, database, key, hidden=as_json))
            with database.read() as db:
                tally = deliveries.tally(db, found.id)
        finally:
            database.close()
        _report(
            app.settings,
            key,
            Rehearsal(tally=tally, drained=drained, bytes=sink.caught.bytes, refused=sink.caught.refused),
            as_json=as_json,
        )


def _settings(settings: Settings, port: int) -> Settings:
    """The same, with the sink for a mail server, and at any hour: it wakes nobody."""
    sink = {"host": "127.0.0.1", "port": port, "security": "none", "username": "", "relays": (), "warm_up": None}
    smtp = settings.smtp.model_copy(update=sink)
    loud = {name: one.model_copy(update={"quiet_hours": ""}) for name, one in settings.newsletters.items()}
    return settings.model_copy(update={"smtp": smtp, "newsletters": loud})


def _copy(app: Digest, database: Database, status: EditionStatus) -> None:
    with app.database.read() as source, database.begin() as target:
        copy_edition(source, target, status, now=utcnow())


async def _send(
    app: Digest, settings: Settings, database: Database, key: str, *, hidden: bool
) -> tuple[EditionStatus, Drained]:
    found = publishing.approve(settings, database, key, now=utcnow()).edition
    owner = new_owner()
    with owners.Presence(database, owner), stopping() as stop, progress_bar(app, hidden=hidden) as bar:
        with database.read() as db:
            task = bar.add_task("Rehearsing", total=deliveries.tally(db, found.id).waiting)
        shift = Shift(owner=owner, stop=stop, edition_id=found.id, progress=lambda _: bar.advance(task))
        return found, await Drain(settings, database, shift).run()


def _report(settings: Settings, key: str, one: Rehearsal, *, as_json: bool) -> None:
    sent, seconds = one.tally.count(DeliveryState.SENT), one.drained.seconds
    rate = sent / seconds if seconds else 0.0
    smtp = settings.smtp
    if as_json:
        echo_json(
            {
                "edition": key,
                "audience": one.tally.audience,
                "deliveries": {str(state): count for state, count in sorted(one.tally.states.items())},
                "in_doubt": one.tally.in_doubt,
                "refused": one.refused,
                "connections": smtp.connections,
                "window": smtp.window,
                "signatures": len(settings.dkim.keys),
                "bytes": one.bytes,
                "seconds": round(seconds, 3),
                "messages_per_second": round(rate, 1),
                "paused": one.drained.paused,
            }
        )
        return
    click.echo(f"{key}: rehearsed for {counted(one.tally.audience, 'reader')}; nothing was sent, and nothing changed.")
    click.echo(
        f"Plan: {counted(smtp.connections, 'connection')}, {smtp.window} under way on each, "
        f"{counted(len(settings.dkim.keys), 'signature')} a message."
    )
    told = ", ".join(f"{count} {state}" for state, count in sorted(one.tally.states.items()))
    click.echo(f"{told or 'nobody'}; {one.refused} refused by the sink, {one.tally.in_doubt} in doubt.")
    size = f", {one.bytes / sent / 1000:.1f} KB each" if sent else ""
    click.echo(f"{one.bytes / 1e6:.1f} MB{size} in {seconds:.1f} s: {rate:,.0f} messages a second on this machine.")
    if one.drained.paused:
        click.echo(f"Sending paused itself: {one.drained.paused}")
