"""`editors`: who may sit at the desk that `digest serve` has."""

import re
import sys

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.errors import NotFound, Refused
from digest.store import editors as store
from digest.web.desk import passwords

NAME = re.compile(r"[\w.@-]{1,64}")


@main.group()
def editors() -> None:
    """Who may sit at the desk of `digest serve`."""


@editors.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, as a script does.")
@pass_app
def add(app: Digest, name: str, password_stdin: bool) -> None:
    """Make an account, or give it another password, which ends its sessions.

    \b
    digest editors add ada
    printf %s "$PASSWORD" | digest editors add ada --password-stdin
    """
    if not NAME.fullmatch(name):
        raise Refused(f"{name}: a name has 1 to 64 letters, digits, dots, hyphens or at signs")
    try:
        password = passwords.check(_password(from_stdin=password_stdin))
    except ValueError as error:
        raise Refused(str(error)) from None
    with app.database.begin() as db:
        is_new = store.put(db, name=name, password=passwords.hashed(password), now=utcnow())
    click.echo(f"{name}: {'added' if is_new else 'has another password'}")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


@editors.command("list")
@as_json
@pass_app
def list_(app: Digest, as_json: bool) -> None:
    """List the accounts."""
    with app.database.read() as db:
        found = store.listing(db)
    if as_json:
        echo_json({"editors": [{"name": one.name, "password_since": one.changed_at} for one in found]})
        return
    rows = [(one.name, one.changed_at.isoformat(timespec="minutes")) for one in found]
    echo_table(["name", "password since"], rows, empty="nobody; `digest editors add NAME` makes an account")


@editors.command()
@click.argument("name")
@pass_app
def remove(app: Digest, name: str) -> None:
    """Take an account away; its sessions end.  What the editor decided stays, with the name."""
    with app.database.begin() as db:
        if not store.remove(db, name):
            raise NotFound(f"there is no editor {name}; `digest editors list` shows who there is")
    click.echo(f"{name}: removed")
