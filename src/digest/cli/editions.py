"""`build`: the draft of today's edition."""

from datetime import datetime

import click

from digest.cli.app import Digest, as_json, at_option, echo_json, main, pass_app, utcnow
from digest.cli.shapes import edition_json
from digest.config import local_day, pick_newsletter
from digest.counting import counted
from digest.pipeline.building import build as build_draft
from digest.schedule.slots import slot


@main.command()
@click.argument("newsletter", required=False)
@at_option
@as_json
@pass_app
def build(app: Digest, newsletter: str | None, at: datetime | None, as_json: bool) -> None:
    """Make or refresh the draft of today's edition.

    \b
    digest build
    digest build weekly --at 2026-11-23T07:00:00+00:00 --json
    """
    at = at or utcnow()
    name, settings = pick_newsletter(app.settings, newsletter)
    due_at = slot(name, settings, local_day(settings, at)).due_at
    status = build_draft(app.settings, app.database, name, at=at, due_at=due_at)
    if as_json:
        echo_json(edition_json(status))
        return
    click.echo(f"{status.key}: {status.state}, {counted(len(status.content.items), 'story', 'stories')}")
    click.echo(f"Subject: {status.content.subject}")
    if len(status.content.items) < settings.stories:
        click.echo(f"Short: {settings.stories} were asked for; `digest preview` says why the others are out")
    for number, item in enumerate(status.content.items, 1):
        click.echo(f"{number:3}. {item.headline}  ({counted(item.sources, 'source')}; {item.section or 'no section'})")
