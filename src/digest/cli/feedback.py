"""`feedback`: bounces, complaints and wishes to leave, from files."""

from pathlib import Path
from typing import Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, progress_bar, utcnow
from digest.counting import counted
from digest.errors import DigestError
from digest.intake import mailfiles
from digest.pipeline.feedback import Effect, take


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@as_json
@pass_app
def feedback(app: Digest, paths: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Read bounces, complaints and wishes to leave from files, folders, Maildirs and mboxes.

    Only what is proven to be about a mail of this program has an effect, and the same message has one once.  The files
    stay as they are.  `digest run` reads a Maildir, a mailbox or an LMTP port by itself (docs/operating.md).

    \b
    digest feedback bounces.mbox
    digest feedback --dry-run Maildir/ --json
    """
    rows, faults = [], []
    with progress_bar(app, hidden=as_json, sizes=True) as bar:
        task = bar.add_task("Reading", total=mailfiles.size(paths))
        for found in mailfiles.read(paths):
            if found.error:
                faults.append({"path": found.path, "error": found.error})
                continue
            effect = take(app.database, app.settings.site.keys, found.raw, now=utcnow(), dry_run=dry_run)
            rows.append(_row(found.path, effect))
            bar.advance(task, found.size)
    _report(rows, faults, as_json=as_json, dry_run=dry_run)
    if faults and not rows:
        raise DigestError("nothing could be read")


def _row(path: str, effect: Effect) -> dict[str, Any]:
    return {
        "path": path,
        "kind": effect.kind,
        "severity": effect.severity,
        "cause": effect.cause,
        "status": effect.status,
        "address": effect.address,
        "edition": effect.edition,
        "action": effect.action,
    }


def _report(rows: list[dict[str, Any]], faults: list[dict[str, str]], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        echo_json({"messages": rows, "rejected": faults, "dry_run": dry_run})
        return
    for fault in faults:
        click.echo(f"{fault['path']}: {fault['error']}", err=True)
    columns = ("path", "kind", "severity", "status", "address", "edition", "action")
    echo_table(columns, [[row[name] for name in columns] for row in rows], empty="no messages")
    would = "would have" if dry_run else "had"
    done = sum(row["action"] not in ("not ours", "left", "known") for row in rows)
    click.echo(f"{counted(len(rows), 'message')} read, {done} {would} an effect, {len(faults)} could not be read")
