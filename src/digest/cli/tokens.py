"""`tokens`: who may use the web API, and for what."""

import re

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.errors import NotFound, Refused
from digest.model import Scope
from digest.store import api_tokens

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
SCOPE = click.Choice([str(one) for one in Scope])


@main.group()
def tokens() -> None:
    """Tokens by which programs of yours use the web API."""


@tokens.command()
@click.argument("name")
@click.option("--scope", "scopes", type=SCOPE, multiple=True, required=True, help="May be given again.")
@pass_app
def add(app: Digest, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token and print it, this once.

    \b
    digest tokens add shop --scope subscribe --scope read
    """
    if not NAME.fullmatch(name):
        raise Refused("a name is 1 to 40 letters, digits, dots, hyphens and underscores")
    with app.database.begin() as db:
        token = api_tokens.add(db, name, map(Scope, scopes), now=utcnow())
    if token is None:
        raise Refused(f"there is a token {name} already; `digest tokens revoke {name}` first, or take another name")
    click.echo(token)


@tokens.command("list")
@as_json
@pass_app
def list_(app: Digest, as_json: bool) -> None:
    """List the tokens; what they are is kept as a hash alone."""
    with app.database.read() as db:
        found = api_tokens.listing(db)
    if as_json:
        rows = [{"name": one.name, "scopes": sorted(one.scopes), "created_at": one.created_at} for one in found]
        echo_json({"tokens": rows})
        return
    shown = [(one.name, ", ".join(sorted(one.scopes)), f"{one.created_at:%Y-%m-%d}") for one in found]
    echo_table(["name", "scopes", "since"], shown, empty="no tokens; `digest tokens add`")


@tokens.command()
@click.argument("name")
@pass_app
def revoke(app: Digest, name: str) -> None:
    """End a token, at once."""
    with app.database.begin() as db:
        if not api_tokens.revoke(db, name):
            raise NotFound(f"no token {name}")
    click.echo("revoked")
