"""`rank learn`: weights after the choices of one's own desk."""

from pathlib import Path

import click

from digest.cli.app import Digest, as_json, echo_json, main, pass_app
from digest.counting import counted
from digest.pipeline import learning

EDITIONS = "EDITIONS"


@main.group()
def rank() -> None:
    """What the ranking of stories weighs."""


@rank.command("learn")
@click.argument("newsletter", required=False)
@click.option(
    "--from",
    "origin",
    default=EDITIONS,
    show_default=True,
    metavar="EDITIONS|FILE",
    help="Past editions that an editor changed, or a file of JSON lines with day and url or title.",
)
@click.option("--write", is_flag=True, help="Append what was learnt to the configuration.")
@as_json
@pass_app
def learn_(app: Digest, newsletter: str | None, origin: str, write: bool, as_json: bool) -> None:
    """Fit the weights of a newsletter to what its desk chose.

    Days that are held out say what it is worth; where nothing is gained on them, nothing is learnt.

    \b
    digest rank learn daily
    digest rank learn --from picks.jsonl --write
    """
    if origin == EDITIONS:
        lessons = learning.from_editions(app.settings, app.database, newsletter)
    else:
        lessons = learning.from_file(app.settings, app.database, Path(origin), newsletter)
    for one in lessons.rejected:
        click.echo(f"{one.path}, {one.where}: {one.error}", err=True)
    if write:
        learning.write(lessons, app.path)
    learnt = lessons.learnt
    if as_json:
        tables = {"weights": learnt.options.weights, "subjects": learnt.options.subjects, "words": learnt.options.words}
        counts = {"days": learnt.days, "chosen": learnt.chosen}
        gain = {"before": learnt.before, "after": learnt.after, "written": write}
        rejected = [{"path": one.path, "where": one.where, "error": one.error} for one in lessons.rejected]
        named = {name: dict(table) for name, table in tables.items()}
        echo_json({"newsletter": lessons.newsletter, **counts, **gain, **named, "rejected": rejected})
        return
    click.echo(
        f"# {counted(learnt.days, 'day')} with {counted(learnt.chosen, 'chosen story', 'chosen stories')}.  "
        f"NDCG@10 of days held out: {learnt.before:.3f} before, {learnt.after:.3f} after."
    )
    click.echo(f"# Written to {app.path}." if write else learning.tables(lessons), nl=write)
