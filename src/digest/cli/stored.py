"""`articles`: look at what is stored, and take it out again."""

from dataclasses import asdict
from datetime import datetime

import click

from digest.cli.app import Digest, MomentType, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.counting import counted
from digest.model import Article, EditionState
from digest.pipeline import retention
from digest.pipeline.storing import find
from digest.store import articles as store

UNSENT = (EditionState.DRAFT, EditionState.CANCELLED, EditionState.EXPIRED)


@main.group()
def articles() -> None:
    """Look at the stored articles, or take some out."""


@articles.command("list")
@click.option("--source", metavar="NAME", help="Only those of this source.")
@click.option("--since", type=MomentType(), metavar="TIME", help="Only those published since (ISO 8601 with offset).")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@as_json
@pass_app
def list_(app: Digest, source: str | None, since: datetime | None, limit: int, as_json: bool) -> None:
    """List stored articles, the newest first."""
    with app.database.read() as db:
        found = store.listing(db, source=source, since=since, limit=limit)
    if as_json:
        named = ("url", "title", "published", "source", "section", "language")
        echo_json({"articles": [{key: getattr(one, key) for key in named} for one in found]})
        return
    rows = [(f"{one.published:%Y-%m-%d %H:%M}", one.source, one.title, one.url) for one in found]
    echo_table(
        ["published", "source", "title", "address"], rows, empty="no such articles; `digest import` takes some in"
    )


@articles.command()
@click.argument("url")
@as_json
@pass_app
def show(app: Digest, url: str, as_json: bool) -> None:
    """Show all that is stored of an article."""
    article, told = _find(app, url)
    if as_json:
        echo_json(asdict(article) | {"editions": [{"edition": key, "state": state} for key, state in told]})
        return
    image = article.image
    facts = {
        "Published": f"{article.published:%Y-%m-%d %H:%M} UTC",
        "Modified": f"{article.modified:%Y-%m-%d %H:%M} UTC" if article.modified else "",
        "Source": " · ".join(filter(None, (article.source, article.section, article.language))),
        "Authors": ", ".join(article.authors),
        "Image": " · ".join(filter(None, (image.url, image.alt, image.credit))) if image else "",
        "Editions": ", ".join(f"{key} ({state})" for key, state in told),
    }
    click.echo(f"{article.title}\n{article.url}")
    for name, value in facts.items():
        if value:
            click.echo(f"{name}: {value}")
    for text in filter(None, (article.summary, article.body)):
        click.echo(f"\n{text}")


@articles.command()
@click.argument("url")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def remove(app: Digest, url: str, yes: bool) -> None:
    """Delete an article, and what was decided about it.  This cannot be undone.

    Editions keep what they say: a draft drops it when it is built again, one that was sent is a record.
    """
    article, told = _find(app, url)
    click.echo(f"{article.title} ({article.source}, {article.published:%Y-%m-%d})")
    for key, state in told:
        click.echo(f"  {key} ({state}): {'may name it until it is built again' if state in UNSENT else 'keeps it'}")
    if not yes:
        click.confirm("Remove it?", abort=True)
    with app.database.begin() as db:
        store.remove(db, article.url)
    click.echo(f"removed: {article.url}")


@articles.command()
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@pass_app
def prune(app: Digest, dry_run: bool) -> None:
    """Drop body texts that have been kept for `[articles] keep_body_days`; `digest run` does it once a day."""
    days = app.settings.articles.keep_body_days
    if not days:
        click.echo("[articles] keep_body_days is 0: body texts are kept for ever")
        return
    count = retention.prune(app.settings, app.database, now=utcnow(), dry_run=dry_run)
    verb = "would lose" if dry_run else "lost"
    click.echo(f"{counted(count, 'article')} {verb} the body text: stored more than {days} days ago")


def _find(app: Digest, url: str) -> tuple[Article, list[tuple[str, EditionState]]]:
    with app.database.read() as db:
        article = find(db, url)
        return article, store.told_in(db, article.url)
