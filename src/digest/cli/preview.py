"""`preview`: the editor's desk in a browser, or the edition as files."""

import asyncio
import json
import secrets
import webbrowser
from getpass import getuser
from pathlib import Path
from typing import Any

import click

from digest.cli import pictures
from digest.cli.app import Digest, as_json, can_open_browser, echo_json, main, pass_app, utcnow
from digest.cli.shapes import stories_json, story_json
from digest.config import pick_newsletter
from digest.errors import Refused
from digest.links import Token
from digest.lint.finding import Finding, Severity
from digest.model import Rendered, Wish
from digest.outbox.skeleton import SAMPLE_UID
from digest.pipeline import drafts, testing
from digest.pipeline.linting import lint_message, read_support
from digest.pipeline.lookup import find
from digest.signals import stopping
from digest.web.desk.app import create_desk
from digest.web.desk.door import OwnDoor
from digest.web.desk.sheet import Desk
from digest.web.measure import Preview, sizes
from digest.web.server import Server


@main.command()
@click.argument("edition", required=False)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write files instead of serving a page.")
@click.option("--to", metavar="ADDRESS", help="Send a copy marked [TEST] to this address instead.")
@click.option("--language", default="", metavar="TAG", help="As readers see it who asked for this language.")
@click.option("--section", "sections", multiple=True, help="As readers see it who chose this section; may be repeated.")
@click.option("--late", is_flag=True, help="With --out or --to: as readers see it whose copy is late (`late_note`).")
@click.option("--no-browser", is_flag=True, help="Print the address, do not open it.")
@click.option("--port", type=click.IntRange(0, 65535), default=8602, show_default=True)
@as_json
@pass_app
def preview(
    app: Digest,
    edition: str | None,
    out: Path | None,
    to: str | None,
    language: str,
    sections: tuple[str, ...],
    late: bool,
    no_browser: bool,
    port: int,
    as_json: bool,
) -> None:
    """Open the editor's desk: the edition as readers will see it, and why each story is there.

    Without EDITION it shows today's, as `digest build` would make it now.  It is changed and signed off there, and what
    changes elsewhere shows at once: a template, an article, what another editor decides.

    \b
    digest preview
    digest preview daily/2026-11-23 --out out
    digest preview --to me@example.org
    digest preview --language de --section Economy --section World
    """
    wish = Wish(language=language, sections=sections)
    if late and not (to or out):
        raise click.UsageError("--late goes with --out or --to")
    if to:
        _send_test(app, edition, wish, to, late=late)
    elif out:
        report = _write(app, edition, wish, out, late=late)
        if as_json:
            echo_json(report)
        else:
            files = ["edition.html", "edition.txt", "web.html", "message.eml", "report.json", *report["pictures"]]
            click.echo(f"{out}: {', '.join(files)}")
    else:
        asyncio.run(_serve(app, edition, wish, port=port, open_page=not no_browser and can_open_browser()))


def _load(app: Digest, key: str | None, wish: Wish, *, late: bool) -> Preview:
    proof = drafts.proof(app.settings, app.database, key, wish=wish, late=late, now=utcnow())
    selection = proof.replayed.selection
    support = read_support(app.settings.lint.caniemail)
    found = lint_message(app.settings, proof.edition.newsletter, proof.message, support=support)
    return Preview(
        edition=proof.edition,
        rendered=proof.rendered,
        message=proof.message,
        stories=tuple(sorted(proof.replayed.stories, key=lambda one: (one.rank, one.id))),
        chosen=tuple(item.story for item in proof.edition.items),
        left_out=selection.left_out,
        findings=(
            *selection.notes,
            *(one.sentence for one in proof.replayed.conflicts),
            *_shortened(proof.rendered),
            *(_told(one) for one in found if one.severity is not Severity.NOTE),
        ),
    )


def _told(one: Finding) -> str:
    return (
        f"{one.severity.capitalize()}, {one.rule}, {one.place}: {one.wrong}.  Why: {one.why}.  To mend it: {one.mend}."
    )


def _shortened(rendered: Rendered) -> tuple[str, ...]:
    return (f"To be shown whole, the mail does without: {', '.join(rendered.left_out)}.",) if rendered.left_out else ()


# --- files -----------------------------------------------------------------------------------------------------------


def _write(app: Digest, key: str | None, wish: Wish, out: Path, *, late: bool) -> dict[str, Any]:
    shown = _load(app, key, wish, late=late)
    if shown.edition.lead is None:
        raise Refused("no stories in the window; `digest stories --hours 72` looks further back")
    out.mkdir(parents=True, exist_ok=True)
    (out / "edition.html").write_text(_sampled(shown.rendered.html), encoding="utf-8")
    (out / "edition.txt").write_text(_sampled(shown.rendered.text), encoding="utf-8")
    (out / "web.html").write_text(shown.rendered.web, encoding="utf-8")
    (out / "message.eml").write_bytes(shown.message)
    report = _report(shown) | {"pictures": list(pictures.take(out))}
    (out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=2, default=str), encoding="utf-8")
    return report


def _sampled(body: str) -> str:
    """The body with something of the right shape where each reader's own token goes."""
    for marker in Token:
        body = body.replace(marker, SAMPLE_UID * 2)
    return body


def _report(shown: Preview) -> dict[str, Any]:
    rendered = shown.rendered
    return {
        "edition": shown.edition.key,
        "variant": rendered.variant,
        "subject": rendered.subject,
        "preheader": rendered.preheader,
        "stories": stories_json(shown.edition),
        "ranking": [story_json(story) for story in shown.stories],
        "left_out": dict(shown.left_out),
        "sizes": {
            one.name: {"value": round(one.value, 1), "limit": one.limit, "unit": one.unit} for one in sizes(shown)
        },
        "findings": list(shown.findings),
    }


# --- a test copy -----------------------------------------------------------------------------------------------------


def _send_test(app: Digest, key: str | None, wish: Wish, to: str, *, late: bool) -> None:
    address = testing.recipient(app.settings, to, any_unless_listed=True)
    proof = drafts.proof(app.settings, app.database, key, wish=wish, late=late, now=utcnow())
    outcome = asyncio.run(testing.send_test(app.settings, proof, address, now=utcnow()))
    click.echo(f"sent to {address}: {outcome.reply}")


# --- the desk --------------------------------------------------------------------------------------------------------


async def _serve(app: Digest, key: str | None, wish: Wish, *, port: int, open_page: bool) -> None:
    desk = Desk(app.settings, app.database, utcnow, wish=wish)
    key = find(app.database, key).key if key else desk.key(pick_newsletter(app.settings, None)[0])
    root = f"/{secrets.token_urlsafe(12)}"
    pages, live = create_desk(desk, OwnDoor(getuser()), root=root)
    server = Server(pages, host="127.0.0.1", port=port)
    url = f"{server.url}{root}/{key}/"
    click.echo(f"The desk: {url}   (Ctrl-C ends it)")
    if open_page:
        webbrowser.open(url)
    with stopping() as stop:
        serving = asyncio.create_task(server.serve())
        await stop.wait()
        live.end()
        await server.stop()
        await serving
