"""`doctor`, `database`, `config`: keeping it well."""

import ipaddress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.config import effective
from digest.counting import counted
from digest.doctor import Finding, Level, examine
from digest.doctor.names import Address
from digest.errors import Refused
from digest.pipeline.storing import fill_keys
from digest.store import backup as copies
from digest.store import editions, health, migrate, revision


class AddressType(click.ParamType[Address]):
    """An IPv4 or IPv6 address."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        try:
            return ipaddress.ip_address(value)
        except ValueError:
            self.fail(f"{value!r} is no IP address", param, ctx)


@main.command()
@click.option("--offline", is_flag=True, help="Ask neither the mail server nor DNS.")
@click.option(
    "--sends-from",
    multiple=True,
    type=AddressType(),
    help="The IP address that mail leaves from, where smtp.host does not say it; may be given again.",
)
@as_json
@pass_app
def doctor(app: Digest, offline: bool, sends_from: tuple[Address, ...], as_json: bool) -> None:
    """Check configuration, database, mail server, DNS, public address and clock; say what to do.

    Below what is wrong stands what mends it: a line for the zone file, a line for config.toml, or a command.
    Ends with 1 when something would stop the mail.

    \b
    digest doctor
    digest doctor --sends-from 203.0.113.25
    """
    findings = examine(
        app.settings, app.open_database(), offline=offline, path=app.path.absolute(), sends_from=sends_from
    )
    worst = max((one.level for one in findings), default=Level.GOOD)
    if as_json:
        echo_json({"findings": [{**asdict(one), "level": one.level.name.lower()} for one in findings]})
    else:
        for one in findings:
            _echo_finding(one)
    click.get_current_context().exit(1 if worst is Level.BAD else 0)


def _echo_finding(one: Finding) -> None:
    mark, colour = {Level.GOOD: ("ok", "green"), Level.WARNING: ("mind", "yellow"), Level.BAD: ("BAD", "red")}[
        one.level
    ]
    click.echo(f"{click.style(f'{mark:5}', fg=colour)} {one.about}: {one.text}")
    if one.mend:
        click.echo(f"      {one.mend}")


@main.group()
def database() -> None:
    """Migrations and safe copies."""


@database.command()
@pass_app
def upgrade(app: Digest) -> None:
    """Create the database, or bring it up to date.  Doing it twice changes nothing."""
    opened = app.open_database()
    before = revision.current(opened)
    migrate.upgrade(opened)
    fill_keys(opened)
    after = revision.current(opened)
    click.echo("up to date already" if before == after else f"upgraded from {before or 'nothing'} to {after}")


@database.command()
@pass_app
def check(app: Digest) -> None:
    """Say whether the database fits this program, is whole, and accounts for every delivery; ends with 1 if not."""
    wrong = list(health.faults(app.database))
    for one in wrong:
        click.echo(one)
    if wrong:
        raise Refused(f"{counted(len(wrong), 'fault')} in the database: restore a backup, or ask who knows it")
    click.echo(f"the database is at {revision.HEAD}, as it should be, and whole")


@database.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_app
def backup(app: Digest, file: Path) -> None:
    """Write a consistent copy of the database, also while mail is being sent.

    SQLite into a file of its own kind; PostgreSQL by pg_dump, which has to be on PATH, in its custom format.
    """
    copies.backup(app.database, file, now=utcnow())
    click.echo(f"{file}: {file.stat().st_size:,} bytes, checked")


@database.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def restore(app: Digest, file: Path, yes: bool) -> None:
    """Put a backup in the place of the database.  Stop every other digest first.

    What the backup holds as unsent may have been sent since: nothing is sent until `digest database release`,
    unfinished editions stay paused until `digest deliveries retry`, and no slot before now is taken.
    """
    opened = app.open_database()
    if not yes:
        click.confirm(f"Replace what is in {opened.path or opened.url.database} by {file}?", abort=True)
    copies.restore(opened, file, now=utcnow())
    click.echo("restored; nothing is sent until `digest database release`")


@database.command()
@pass_app
def release(app: Digest) -> None:
    """Let a restored database send again.

    First make sure that no other digest sends from the database this one is a copy of.  Editions that were not finished
    when the backup was made stay paused: some of their readers may have had them since.
    """
    with app.database.begin() as db:
        done = copies.release(db, now=utcnow())
        paused = [one.key for one in editions.unfinished(db) if one.paused_reason]
    click.echo("released: new editions are sent" if done else "nothing to release: this database sends")
    for key in paused:
        click.echo(
            f"{key} stays paused: `digest deliveries retry {key}` sends the rest, `digest cancel {key}` does not"
        )


@main.command()
@as_json
@pass_app
def config(app: Digest, as_json: bool) -> None:
    """Show the settings in effect and where each came from.  Secrets show as stars."""
    rows = list(effective(app.settings, app.path))
    if as_json:
        echo_json({"settings": {key: {"value": value, "from": origin} for key, value, origin in rows}})
    else:
        echo_table(["key", "value", "from"], rows, empty="no settings")
