"""`init`: a configuration and a database to begin with."""

import os
from pathlib import Path

import click

from digest.assets import EXAMPLE_CONFIG
from digest.cli.app import Digest, main, pass_app
from digest.config import with_fresh_secrets
from digest.errors import Refused
from digest.store import migrate


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
@pass_app
def init(app: Digest, directory: Path) -> None:
    """Write a commented config.toml with fresh secrets, and create the database.

    \b
    digest init .
    digest init /srv/digest
    """
    path = directory / "config.toml"
    directory.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # secrets: for the owner's eyes
    except FileExistsError:
        raise Refused(f"{path} is there already; `digest database upgrade` brings its database up to date") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(with_fresh_secrets(EXAMPLE_CONFIG.read_text(encoding="utf-8")))
    app.path = path
    database = app.open_database()
    migrate.upgrade(database)
    database.close()
    click.echo(f"{path} written, database ready. Next: set [site], [smtp] and the sender in it, then `digest doctor`.")
