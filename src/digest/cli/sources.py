"""`fetch`, `sources`: where articles come from, and how that has been going."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

import click

from digest.cli.app import (
    Digest,
    as_json,
    echo_json,
    echo_table,
    main,
    pass_app,
    progress_bar,
    utcnow,
)
from digest.counting import counted
from digest.errors import DigestError
from digest.model import Health, Memory
from digest.pipeline.articles import configured_sources
from digest.pipeline.fetching import Report, Result, Status
from digest.pipeline.fetching import fetch as poll
from digest.signals import stopping
from digest.store import sources as store


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--force", is_flag=True, help="Also those that are not due yet.")
@as_json
@pass_app
def fetch(app: Digest, names: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Poll the feeds of the sources that are due, or of those that are named.

    A source that cannot be fetched is reported, and the rest goes in.  Ends with 1 when every one that was asked has
    failed.

    \b
    digest fetch
    digest fetch "Harbour Wire" --force
    """
    with progress_bar(app, hidden=as_json) as bar:
        total = len(names) or sum(bool(one.url) for one in app.settings.sources)
        task = bar.add_task("Fetching", total=total)
        polling = poll(
            app.settings,
            app.database,
            now=utcnow(),
            only=names,
            force=force,
            progress=lambda count: bar.advance(task, count),
        )
        report = asyncio.run(_until_stopped(polling))
    if as_json:
        echo_json({"sources": [_result_json(one) for one in report.results]})
    else:
        _tell(report)
    failed, waiting = report.of(Status.FAILED), report.of(Status.WAITING)
    if failed and len(failed) + len(waiting) == len(report.results):
        click.get_current_context().exit(1)


async def _until_stopped(polling: Coroutine[Any, Any, Report]) -> Report:
    """Its report.

    Raises:
        DigestError: SIGTERM or SIGINT came first; it has been ended in order.
    """
    with stopping() as stop:
        work, told = asyncio.ensure_future(polling), asyncio.ensure_future(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not work.done():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            raise DigestError("stopped; what was stored stays, and the rest is due as before")
        return work.result()


def _tell(report: Report) -> None:
    if not report.results:
        click.echo("no source has an address to fetch: see [[sources]] in the configuration")
        return
    for one in report.of(Status.FAILED):
        click.echo(f"{one.name}: {one.error}", err=True)
    for one in report.results:
        for rejection in one.rejected:
            click.echo(f"{one.name}{f', {rejection.where}' if rejection.where else ''}: {rejection.error}", err=True)
    counts = ", ".join(f"{len(report.of(status))} {status}" for status in Status)
    stored, updated = (sum(getattr(one, what) for one in report.results) for what in ("stored", "updated"))
    click.echo(f"{counted(len(report.results), 'source')}: {counts}")
    click.echo(f"{counted(stored, 'new article')}, {updated} updated")


def _result_json(one: Result) -> dict[str, Any]:
    rejected = [{"where": rejection.where, "error": rejection.error} for rejection in one.rejected]
    return {
        "name": one.name,
        "status": one.status,
        "stored": one.stored,
        "updated": one.updated,
        "duplicate": one.duplicate,
        "rejected": rejected,
        "error": one.error,
        "next": one.next_at,
    }


@main.group()
def sources() -> None:
    """Look after the sources."""


@sources.command("list")
@as_json
@pass_app
def list_(app: Digest, as_json: bool) -> None:
    """Show each source and its health: last success, failures, articles a day, oldest and newest."""
    found = _known(app)
    if as_json:
        echo_json({"sources": [_health_json(one) for one in found]})
        return
    columns = ["source", "role", "health", "last success", "a day", "stored", "oldest", "newest", "address"]
    rows = [
        (
            one.source.name,
            one.source.role,
            _state(one),
            _minute(one.memory.last_success_at),
            f"{one.per_day:.1f}",
            one.stored,
            _minute(one.oldest)[:10],
            _minute(one.newest)[:10],
            _address(one),
        )
        for one in found
    ]
    echo_table(columns, rows, empty="no sources: see [[sources]] in the configuration")
    for one in found:
        if one.memory.failures:
            since = _minute(one.memory.failing_since)
            click.echo(f"{one.source.name}: failing since {since}: {one.memory.last_error}")


def _known(app: Digest) -> list[Health]:
    """What is in the database, as the configuration has it today; and what is only configured."""
    configured = configured_sources(app.settings)
    with app.database.read() as db:
        found = {one.source.name: one for one in store.health(db, now=utcnow())}
    for name, source in configured.items():
        was = found.get(name, Health(source=source, memory=Memory(source=name)))
        memory = was.memory if was.memory.url == source.url else Memory(source=name, url=source.url)
        found[name] = Health(
            source=source,
            memory=memory,
            stored=was.stored,
            per_day=was.per_day,
            oldest=was.oldest,
            newest=was.newest,
        )
    return [found[name] for name in sorted(found)]


def _state(one: Health) -> str:
    if one.memory.failures:
        return f"failed {one.memory.failures}×"
    if not one.source.url:
        return "imported"
    return "well" if one.memory.last_success_at else "not fetched yet"


def _address(one: Health) -> str:
    return f"{one.source.url} → {one.memory.moved_to}" if one.memory.moved_to else one.source.url


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _health_json(one: Health) -> dict[str, Any]:
    memory = one.memory
    return {
        "name": one.source.name,
        "role": one.source.role,
        "url": one.source.url,
        "moved_to": memory.moved_to,
        "health": _state(one),
        "last_success": memory.last_success_at,
        "last_failure": memory.last_failure_at,
        "failures": memory.failures,
        "failing_since": memory.failing_since,
        "error": memory.last_error,
        "next": memory.next_at,
        "fetched": memory.items,
        "stored": one.stored,
        "per_day": round(one.per_day, 2),
        "oldest": one.oldest,
        "newest": one.newest,
    }
