"""`webhooks`: the publisher's own programs that are told what happens to subscriptions."""

import base64
import secrets

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app
from digest.store import webhooks as store
from digest.worker.calling import told


@main.group()
def webhooks() -> None:
    """Programs of yours that are told what happens to subscriptions."""


@webhooks.command("list")
@as_json
@pass_app
def list_(app: Digest, as_json: bool) -> None:
    """List the webhooks of the configuration, and what waits to be told."""
    with app.database.read() as db:
        waiting = store.waiting(db, {one.name: one.kinds for one in app.settings.webhooks})
    rows = [(told(one.url), ", ".join(one.kinds), *waiting.get(one.name, (0, None))) for one in app.settings.webhooks]
    names = ("host", "kinds", "waiting", "since")
    if as_json:
        echo_json({"webhooks": [dict(zip(names, row, strict=True)) for row in rows]})
        return
    shown = [(host, kinds, count, f"{since:%Y-%m-%d %H:%M}" if since else "") for host, kinds, count, since in rows]
    echo_table(names, shown, empty="no webhooks in the configuration; docs/api.md")


@webhooks.command()
def secret() -> None:
    """Print a fresh secret for a webhook."""
    click.echo(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
