"""`stats`: how editions went, and how the readers of a newsletter came and went."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.config import pick_newsletter
from digest.model import EditionStatus
from digest.pipeline.lookup import find
from digest.store import clicks
from digest.store.statistics import EditionFigures, Month, of_editions, of_months


@main.command()
@click.argument("of", metavar="[EDITION|NEWSLETTER]", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=14, show_default=True, help="So many editions.")
@click.option("--months", type=click.IntRange(1, 120), default=12, show_default=True, help="So far back.")
@as_json
@pass_app
def stats(app: Digest, of: str | None, limit: int, months: int, as_json: bool) -> None:
    """Say how editions went: deliveries, bounces, complaints, who left, clicks where they are counted.

    With the name of a newsletter, or where there is only one, its readers month by month too; of one edition, its
    stories.  All of it is counted; none of it is about one reader.

    \b
    digest stats
    digest stats daily --months 24
    digest stats daily/2026-11-23 --json
    """
    if of and "/" in of:
        _edition(app, find(app.database, of), as_json=as_json)
    else:
        _newsletter(app, of, limit=limit, months=months, as_json=as_json)


def _edition(app: Digest, status: EditionStatus, *, as_json: bool) -> None:
    with app.database.read() as db:
        figures = of_editions(db, edition_id=status.id)
        opened = clicks.of_edition(db, status.id)
    stories = [
        {"id": item.story, "headline": item.headline, "clicks": opened.get(item.story, 0)}
        for item in status.content.items
    ]
    if as_json:
        echo_json({"editions": list(map(asdict, figures)), "stories": stories})
        return
    _echo_editions(figures)
    if opened:
        click.echo()
        echo_table(["clicks", "story"], [(one["clicks"], one["headline"]) for one in stories], empty="")


def _newsletter(app: Digest, name: str | None, *, limit: int, months: int, as_json: bool) -> None:
    names = list(app.settings.newsletters) if name is None else [pick_newsletter(app.settings, name)[0]]
    starts = month_starts(utcnow(), months)
    with app.database.read() as db:
        figures = of_editions(db, newsletter=name, limit=limit)
        readers = {one: of_months(db, one, starts) for one in names}
    if as_json:
        told = {one: list(map(asdict, rows)) for one, rows in readers.items()}
        echo_json({"editions": list(map(asdict, figures)), "readers": told})
        return
    _echo_editions(figures)
    _echo_readers(readers)


def month_starts(now: datetime, months: int) -> list[datetime]:
    """Of so many months, this one is the last of them, and of the one after it; in UTC."""
    count = now.year * 12 + now.month - 1
    return [datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC) for at in range(count - months + 1, count + 2)]


def _echo_editions(figures: Sequence[EditionFigures]) -> None:
    columns = ["edition", "readers", "sent", "failed", "waiting", "bounced", "complaints", "left", "clicks"]
    echo_table(columns, list(map(_row, figures)), empty="no edition has been approved; `digest build` makes one")


def _row(one: EditionFigures) -> tuple[Any, ...]:
    waiting = sum(one.states.get(state, 0) for state in ("queued", "claimed", "attempting", "held"))
    bounced = ", ".join(f"{count} {severity}" for severity, count in one.bounces.items())
    sent, failed = one.states.get("sent", 0), one.states.get("failed", 0)
    name = f"{one.edition} (thinned)" if one.thinned else one.edition
    return name, one.audience, sent, failed, waiting, bounced or 0, one.complaints, one.left, one.clicks


def _echo_readers(readers: Mapping[str, Sequence[Month]]) -> None:
    for name, rows in readers.items():
        seen = [one for one in rows if one.joined or one.left or one.readers]
        click.echo(f"\nReaders of {name}, by month (UTC)")
        table = [(f"{one.start:%Y-%m}", one.joined, one.left, one.readers) for one in seen]
        echo_table(["month", "joined", "left", "at its end"], table, empty="none so far")
