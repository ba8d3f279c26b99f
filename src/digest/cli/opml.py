"""`opml`: sources from other programs, and for them."""

import json
from pathlib import Path

import click

from digest.cli.app import Digest, main, pass_app, utcnow
from digest.counting import counted
from digest.errors import DigestError
from digest.intake import opml as outlines
from digest.intake.origin import Origin
from digest.model import Source
from digest.pipeline.articles import configured_sources

MAX_FILE = 10 * 1024 * 1024  #: bytes


@main.group()
def opml() -> None:
    """Exchange sources with feed readers."""


@opml.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_app
def import_(app: Digest, file: Path) -> None:
    """Print the feeds of an OPML file as [[sources]], to be added to the configuration.

    Feeds that the configuration has already are left out, and nothing is written: look at them first.

    \b
    digest opml import feeds.opml >> config.toml
    """
    configured = configured_sources(app.settings)
    addresses = {one.url for one in configured.values()}
    with file.open("rb") as opened:
        data = opened.read(MAX_FILE + 1)
    found = list(outlines.parse(data, Origin(path=str(file), now=utcnow())))
    new: list[Source] = []
    for one in found:
        if not isinstance(one, Source):
            click.echo(f"{one.path}{f', {one.where}' if one.where else ''}: {one.error}", err=True)
        elif one.url not in addresses and one.name in configured:
            click.echo(f"{one.name}: a source of this name has another address; it is left out", err=True)
        elif one.url not in addresses:
            addresses.add(one.url)
            new.append(one)
    for one in new:
        click.echo(_toml(one))
    click.echo(f"{counted(len(new), 'new source')} of {len(found)}", err=True)
    if not any(isinstance(one, Source) for one in found):
        click.get_current_context().exit(1)


@opml.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_app
def export(app: Digest, file: Path) -> None:
    """Write the configured sources that have an address as OPML."""
    sources = [one for one in configured_sources(app.settings).values() if one.url]
    try:
        with file.open("xb") as opened:
            opened.write(outlines.build(sources, title=app.settings.site.name))
    except FileExistsError:
        raise DigestError(f"{file} is there already") from None
    click.echo(f"{file}: {counted(len(sources), 'source')}")


def _toml(source: Source) -> str:
    """A string of JSON is one of TOML, where it has no control characters; names and sections have been cleaned."""
    lines = [
        "",
        "[[sources]]",
        f"name = {json.dumps(source.name, ensure_ascii=False)}",
        f"url = {json.dumps(source.url)}",
    ]
    if source.section:
        lines.append(f"section = {json.dumps(source.section, ensure_ascii=False)}")
    return "\n".join(lines)
