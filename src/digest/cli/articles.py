"""`import`, `stories`, `why`, `decide`: what came in, and what it amounts to."""

from datetime import datetime
from pathlib import Path

import click

from digest.cli.app import (
    Digest,
    as_json,
    at_option,
    echo_json,
    main,
    pass_app,
    progress_bar,
    utcnow,
)
from digest.cli.shapes import change_json, story_json
from digest.config import pick_newsletter
from digest.counting import counted
from digest.errors import DigestError, NotFound
from digest.intake import files
from digest.model import EditorAction
from digest.pipeline import articles as intake
from digest.pipeline.ranking import rank, why
from digest.pipeline.storing import find, known_as
from digest.store import decisions, newsletters


@main.command("import")
@click.argument("given", nargs=-1, required=True, metavar="PATH|URL...")
@click.option("--source", metavar="NAME", help="The source of these articles, as named in the configuration.")
@as_json
@pass_app
def import_(app: Digest, given: tuple[str, ...], source: str | None, as_json: bool) -> None:
    """Take in articles from files, folders, or the web.

    Reads .jsonl, RSS, Atom, RDF and JSON Feed files, news sitemaps, saved .html pages and scraped .txt pages; at an
    http(s) address a page, a feed or a sitemap.  What cannot be read is reported with its place; the rest goes in.
    Importing twice changes nothing: stopped with Ctrl-C, the same command goes on where it was.

    \b
    digest import articles.jsonl
    digest import --source "Harbour Wire" feeds/harbour.xml
    digest import scraped/ --json
    digest import https://example.org/news/a-page
    """
    addresses = [one for one in given if one.lower().startswith(("http://", "https://"))]
    paths = [Path(one) for one in given if one not in addresses]
    with progress_bar(app, hidden=as_json, sizes=True) as bar:
        task = bar.add_task("Importing", total=files.size(paths))
        try:
            done = intake.import_paths(
                app.settings,
                app.database,
                paths,
                addresses=addresses,
                source=source,
                now=utcnow(),
                progress=lambda size: bar.advance(task, size),
            )
        except KeyboardInterrupt:
            raise DigestError("stopped; what was stored stays, and the same command goes on from there") from None
    rejected = [{"path": one.path, "where": one.where, "error": one.error} for one in done.rejected]
    if as_json:
        counts = {"read": done.read, "stored": done.stored, "updated": done.updated, "duplicate": done.duplicate}
        echo_json({**counts, "rejected": rejected})
    else:
        for one in done.rejected:
            click.echo(f"{one.path}{f', {one.where}' if one.where else ''}: {one.error}", err=True)
        click.echo(
            f"{counted(done.read, 'article')} read: {done.stored} stored, {done.updated} updated, "
            f"{done.duplicate} known already, {len(done.rejected)} rejected"
        )
    if done.rejected and done.read == len(done.rejected):
        click.get_current_context().exit(1)


@main.command()
@at_option
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="Length of the window.")
@click.option("--newsletter", metavar="NAME", help="Rank as this newsletter does.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many stories to show.")
@click.option("--all", "everything", is_flag=True, help="Every story: each article of the window is in exactly one.")
@as_json
@pass_app
def stories(
    app: Digest,
    at: datetime | None,
    hours: float | None,
    newsletter: str | None,
    limit: int,
    everything: bool,
    as_json: bool,
) -> None:
    """Show the ranked stories of the window, with the ledger of each score.

    \b
    digest stories
    digest stories --at 2026-11-23T07:00:00+00:00 --hours 48 --all --json
    """
    ranking = rank(app.settings, app.database, newsletter, at=at or utcnow(), hours=hours)
    shown = ranking.stories if everything else ranking.stories[:limit]
    if as_json:
        window = {"at": ranking.at, "from": ranking.start, "articles": ranking.articles}
        echo_json({**window, "stories": [story_json(one) | {"change": change_json(one, ranking)} for one in shown]})
        return
    click.echo(f"{counted(ranking.articles, 'article')}, {counted(len(ranking.stories), 'story', 'stories')}")
    for story in shown:
        click.echo(f"\n{story.rank:3}. {story.lead.title}")
        click.echo(f"     {story.score:.2f} points, {counted(story.sources, 'source')}, {story.state}, {story.id}")
        for point in story.ledger:
            if point.points:
                click.echo(f"     {point.points:+6.2f}  {point.signal}: {point.sentence}")


@main.command("why")
@click.argument("article", metavar="ARTICLE")
@at_option
@click.option("--newsletter", metavar="NAME")
@as_json
@pass_app
def why_(app: Digest, article: str, at: datetime | None, newsletter: str | None, as_json: bool) -> None:
    """Say why an article is in the edition, or is not, and what would have changed it.

    ARTICLE is its address, as `digest stories --all --json` lists it.
    """
    sentences = why(app.settings, app.database, article, newsletter, at=at or utcnow())
    if as_json:
        echo_json({"article": article, "why": list(sentences)})
    else:
        click.echo("\n".join(sentences))


@main.command()
@click.argument("action", type=click.Choice(["pin", "drop", "clear"]))
@click.argument("article", metavar="ARTICLE")
@click.option("--newsletter", metavar="NAME")
@click.option("--who", default="editor", show_default=True, help="Whose decision it is.")
@pass_app
def decide(app: Digest, action: str, article: str, newsletter: str | None, who: str) -> None:
    """Overrule the ranking: pin a story, drop it, or clear what was decided.

    The next `digest build` keeps to it.

    \b
    digest decide pin https://example.org/news/budget
    """
    name, _ = pick_newsletter(app.settings, newsletter)
    with app.database.begin() as db:
        newsletters.ensure(db, [name], now=utcnow())
        if action != "clear":
            article = find(db, article).url
            decisions.decide(db, newsletter=name, url=article, action=EditorAction(action), who=who, now=utcnow())
        elif not decisions.clear(db, newsletter=name, url=(article := known_as(db, article))):
            raise NotFound(f"nothing was decided about {article}")
    click.echo(f"{action}: {article}")
