"""`build`: the draft of today's edition, and those of the day for readers of other cadences."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

import click

from digest.cli.app import Digest, as_json, at_option, echo_json, main, pass_app, utcnow
from digest.cli.shapes import edition_json
from digest.config import local_day, pick_newsletter
from digest.counting import counted
from digest.errors import NotFound, Refused
from digest.model import Cadence, Clock, EditionStatus, read_key
from digest.pipeline.audience import clocks, wanted
from digest.pipeline.building import build as build_draft
from digest.schedule.slots import slot


@main.command()
@click.argument("newsletter", required=False, metavar="[NEWSLETTER|EDITION]")
@at_option
@as_json
@pass_app
def build(app: Digest, newsletter: str | None, at: datetime | None, as_json: bool) -> None:
    """Make or refresh the draft of today's edition, or of a certain EDITION.

    On a day on which readers of another cadence get an edition of their own, such as that of the week, its draft too.

    \b
    digest build
    digest build weekly --at 2026-11-23T07:00:00+00:00 --json
    digest build daily/2026-11-23-later-0800
    """
    at = at or utcnow()
    made, refused = _named(app, newsletter, at) if newsletter and "/" in newsletter else _todays(app, newsletter, at)
    if as_json and made:
        first, *also = map(edition_json, made)
        echo_json(first | ({"also": also} if also else {}))
    for status in () if as_json else made:
        _echo(status, asked=app.settings.newsletters[status.newsletter].stories)
    if refused:
        raise refused[0]


def _named(app: Digest, key: str, at: datetime) -> tuple[list[EditionStatus], list[Refused]]:
    if (found := read_key(key)) is None:
        raise NotFound(f"no edition can be called {key}: write it as daily/2026-11-23, or as `digest schedule` has it")
    name, day, cadence, wave = found
    _, settings = pick_newsletter(app.settings, name)
    if wave and settings.built != "wave":
        raise Refused(f'{key}: {name} has no editions for one wave; newsletters.{name}.built = "wave" makes them')
    with app.database.read() as db:
        live = clocks(db, name, settings)
    due = slot(name, settings, day, cadence, clocks=live, wave=wave if settings.built == "wave" else None)
    make = partial(build_draft, app.settings, app.database, name, at=at, due_at=due.due_at)
    return [make(cadence=due.cadence, day=due.day, wave=due.wave)], []


def _todays(app: Digest, newsletter: str | None, at: datetime) -> tuple[list[EditionStatus], list[Refused]]:
    name, settings = pick_newsletter(app.settings, newsletter)
    with app.database.read() as db:
        live = clocks(db, name, settings)
        asked = wanted(db, name, settings, local_day(settings, at), now=at)
    return _build(app, name, asked, at, live)


def _build(
    app: Digest, name: str, asked: list[Cadence], at: datetime, clocks: Collection[Clock]
) -> tuple[list[EditionStatus], list[Refused]]:
    """An edition that is no draft any more does not stop the others."""
    settings = app.settings.newsletters[name]
    made, refused = [], []
    for cadence in asked:
        due_at = slot(name, settings, local_day(settings, at), cadence, clocks=clocks, wave=settings.own_wave).due_at
        try:
            made.append(build_draft(app.settings, app.database, name, at=at, due_at=due_at, cadence=cadence))
        except Refused as error:
            refused.append(error)
    return made, refused


def _echo(status: EditionStatus, *, asked: int) -> None:
    items = status.content.items
    click.echo(f"{status.key}: {status.state}, {counted(len(items), 'story', 'stories')}")
    click.echo(f"Subject: {status.content.subject}")
    if len(items) < asked:
        click.echo(f"Short: {asked} were asked for; `digest preview` says why the others are out")
    for number, item in enumerate(items, 1):
        click.echo(f"{number:3}. {item.headline}  ({counted(item.sources, 'source')}; {item.section or 'no section'})")
