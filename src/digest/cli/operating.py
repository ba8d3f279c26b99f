"""`edition`: what an editor decides about a draft, as the desk does it in a browser."""

import sys
from collections.abc import Callable
from typing import Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow, who_option
from digest.cli.shapes import decided_json, edition_json
from digest.errors import Refused
from digest.model import (
    Aim,
    ChooseImage,
    ChooseLead,
    Decided,
    Drop,
    Image,
    Merge,
    Move,
    Operation,
    Pin,
    Reword,
    SetNote,
    SetPreheader,
    SetSection,
    SetSponsor,
    SetSubject,
    Split,
    Sponsor,
    Verdict,
    aims_of,
)
from digest.pipeline import operating
from digest.pipeline.operating import Opened, decided_about, open_edition
from digest.pipeline.publishing import signed_off

Making = Callable[[Opened], Operation]


@main.group("edition")
def edition_() -> None:
    """Decide about the draft of an edition: what is in it, in which order, in which words.

    STORY is a number as `digest editions show` has it (runners-up are numbered on behind those that are in), a story's
    id, or the address of one of its articles.  What is decided is kept when the draft is made anew, until it is undone.

    \b
    digest edition pin daily/2026-11-23 14
    digest edition move daily/2026-11-23 5 --place 1
    digest edition reword daily/2026-11-23 2 --headline "Rates held"
    digest edition log daily/2026-11-23
    """


def _shared(command: Callable[..., object]) -> Callable[..., object]:
    """What all that decide have in common."""
    since = click.option(
        "--revision",
        "based_on",
        type=click.IntRange(min=0),
        help="Refuse if others have changed the same since this revision (`digest edition log`).",
    )
    return click.argument("edition")(who_option(since(as_json(pass_app(command)))))


def _decide(app: Digest, edition: str, shared: dict[str, Any], make: Making) -> None:
    opened = open_edition(app.settings, app.database, edition)
    done = operating.operate(
        app.settings,
        app.database,
        opened,
        make(opened),
        who=shared["who"],
        now=utcnow(),
        based_on=shared["based_on"],
    )
    _echo(done, as_json=shared["as_json"])


def _echo(done: Opened, *, as_json: bool) -> None:
    record = operating.judged(done.draft.decided, done.status.verdicts)
    if as_json:
        told = {"revision": done.status.revision, "operations": [decided_json(*one) for one in record]}
        echo_json(edition_json(done.status) | told)
        return
    status = done.status
    click.echo(f"{status.key}: revision {status.revision}")
    click.echo(f"Subject: {status.content.subject}")
    for number, item in enumerate(status.content.items, 1):
        click.echo(f"{number:3}. {item.headline}")
    for one, verdict in record:
        if verdict and verdict.is_conflict:
            click.echo(f"Decision {one.number} ({one.operation.kind}) does not hold: {verdict.sentence}")


# --- which stories are in, and where ---------------------------------------------------------------------------------


@edition_.command()
@_shared
@click.argument("story")
def pin(app: Digest, edition: str, story: str, **shared: Any) -> None:
    """Put a story in, before all that is not pinned.

    For this edition alone; `digest decide pin` is for all.

    \b
    digest edition pin daily/2026-11-23 14
    digest edition pin daily/2026-11-23 https://example.org/news/budget
    """
    _decide(app, edition, shared, lambda opened: Pin(story=operating.aim(opened, story)))


@edition_.command()
@_shared
@click.argument("story")
def drop(app: Digest, edition: str, story: str, **shared: Any) -> None:
    """Keep a story out; the next best takes its place.

    \b
    digest edition drop daily/2026-11-23 3
    """
    _decide(app, edition, shared, lambda opened: Drop(story=operating.aim(opened, story)))


@edition_.command()
@_shared
@click.argument("story")
@click.option("--place", type=click.IntRange(min=1), default=None, help="1 is the lead story.")
@click.option("--before", metavar="STORY", help="It takes the section of this one.")
def move(app: Digest, edition: str, story: str, place: int | None, before: str | None, **shared: Any) -> None:
    """Put a story in a place, or before another one.  It stays in, whatever comes.

    \b
    digest edition move daily/2026-11-23 5 --place 1
    digest edition move daily/2026-11-23 5 --before 2
    """

    def make(opened: Opened) -> Operation:
        other = operating.aim(opened, before) if before else None
        return Move(story=operating.aim(opened, story), place=place or 0, before=other)

    _decide(app, edition, shared, make)


@edition_.command()
@_shared
@click.argument("story")
@click.argument("other")
def merge(app: Digest, edition: str, story: str, other: str, **shared: Any) -> None:
    """Make two stories one: the articles of OTHER go to STORY.

    \b
    digest edition merge daily/2026-11-23 2 7
    """

    def make(opened: Opened) -> Operation:
        return Merge(story=operating.aim(opened, story), other=operating.aim(opened, other))

    _decide(app, edition, shared, make)


def _with_article(opened: Opened, article: str, kind: type[Split | ChooseLead]) -> Operation:
    return kind(story=operating.aim(opened, article), article=article)


@edition_.command()
@_shared
@click.argument("article", metavar="ARTICLE")
def split(app: Digest, edition: str, article: str, **shared: Any) -> None:
    """Take an article out of its story.  It stands behind all others then, until it is pinned.

    ARTICLE is its address.

    \b
    digest edition split daily/2026-11-23 https://example.org/news/budget
    """
    _decide(app, edition, shared, lambda opened: _with_article(opened, article, Split))


@edition_.command()
@_shared
@click.argument("article", metavar="ARTICLE")
def lead(app: Digest, edition: str, article: str, **shared: Any) -> None:
    """Let another article speak for its story: headline, blurb, picture and link.

    ARTICLE is its address.

    \b
    digest edition lead daily/2026-11-23 https://example.org/news/budget
    """
    _decide(app, edition, shared, lambda opened: _with_article(opened, article, ChooseLead))


@edition_.command()
@_shared
@click.argument("story")
@click.argument("section")
def section(app: Digest, edition: str, story: str, section: str, **shared: Any) -> None:
    """Put a story under a heading; "" for none.

    \b
    digest edition section daily/2026-11-23 4 World
    """
    _decide(app, edition, shared, lambda opened: SetSection(story=operating.aim(opened, story), section=section))


# --- words and pictures ----------------------------------------------------------------------------------------------


@edition_.command()
@_shared
@click.argument("story")
@click.option("--headline", metavar="TEXT")
@click.option("--blurb", metavar="TEXT", help='"" for none.')
def reword(app: Digest, edition: str, story: str, headline: str | None, blurb: str | None, **shared: Any) -> None:
    """Give a story another headline, or another blurb.

    \b
    digest edition reword daily/2026-11-23 2 --headline "Rates held" --blurb "Two members voted for a cut."
    """

    def make(opened: Opened) -> Operation:
        return Reword(story=operating.aim(opened, story), headline=headline, blurb=blurb)

    _decide(app, edition, shared, make)


@edition_.command()
@_shared
@click.argument("story")
@click.argument("url", required=False)
@click.option("--alt", default="", metavar="TEXT", help="What it shows.")
@click.option("--credit", default="", metavar="TEXT", help="Who made it.")
@click.option("--remove", is_flag=True, help="No picture.")
def image(
    app: Digest, edition: str, story: str, url: str | None, alt: str, credit: str, remove: bool, **shared: Any
) -> None:
    """Give a story another picture, or none.

    \b
    digest edition image daily/2026-11-23 1 https://example.org/port.jpg --alt "Ships in the port" --credit "Ada Roe"
    digest edition image daily/2026-11-23 1 --remove
    """
    if remove == bool(url):
        raise click.UsageError("say one: the address of a picture, or --remove")
    picture = Image(url=url, alt=alt, credit=credit) if url else None
    _decide(app, edition, shared, lambda opened: ChooseImage(story=operating.aim(opened, story), image=picture))


@edition_.command()
@_shared
@click.argument("text", required=False)
@click.option("--propose", is_flag=True, help="Show three subjects made from the stories, and set none.")
def subject(app: Digest, edition: str, text: str | None, propose: bool, **shared: Any) -> None:
    """Set the subject of the mail.

    \b
    digest edition subject daily/2026-11-23 "Rates held, and a storm at the coast"
    digest edition subject daily/2026-11-23 --propose
    """
    if propose == bool(text):
        raise click.UsageError("say one: a subject, or --propose")
    if text:
        _decide(app, edition, shared, lambda _: SetSubject(text=text))
        return
    found = operating.proposals(app.database, edition)
    if shared["as_json"]:
        echo_json({"edition": edition, "proposals": list(found)})
    else:
        click.echo("\n".join(found))


@edition_.command()
@_shared
@click.argument("text")
def preheader(app: Digest, edition: str, text: str, **shared: Any) -> None:
    """Set the line that mailboxes show beside the subject.

    \b
    digest edition preheader daily/2026-11-23 "Two members voted for a cut"
    """
    _decide(app, edition, shared, lambda _: SetPreheader(text=text))


@edition_.command()
@_shared
@click.argument("text", metavar="TEXT|-")
def note(app: Digest, edition: str, text: str, **shared: Any) -> None:
    """Write the editor's note above the stories, in Markdown; - reads it from the standard input, "" takes it away.

    Emphasis, links, lists and paragraphs are printed; HTML and pictures are not.

    \b
    digest edition note daily/2026-11-23 "Good morning. *Two* decisions today."
    digest edition note daily/2026-11-23 - < note.md
    """
    read = sys.stdin.read() if text == "-" else text
    _decide(app, edition, shared, lambda _: SetNote(text=read))


@edition_.command()
@_shared
@click.argument("name", required=False)
@click.argument("text", required=False)
@click.argument("url", required=False, default="")
@click.option("--remove", is_flag=True, help="No sponsor.")
def sponsor(
    app: Digest, edition: str, name: str | None, text: str | None, url: str, remove: bool, **shared: Any
) -> None:
    """Set the sponsor's block below the stories, or remove it.

    \b
    digest edition sponsor daily/2026-11-23 "Example Bank" "No fee until 2028." https://bank.example.com
    digest edition sponsor daily/2026-11-23 --remove
    """
    if remove == bool(name and text):
        raise click.UsageError("say one: the sponsor's name and a text, or --remove")
    block = Sponsor(name=name, text=text, url=url) if name and text else None
    _decide(app, edition, shared, lambda _: SetSponsor(sponsor=block))


# --- the record ------------------------------------------------------------------------------------------------------


@edition_.command()
@_shared
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1))
@click.option("--all", "everything", is_flag=True, help="All of them: the automatic edition.")
def undo(app: Digest, edition: str, numbers: tuple[int, ...], everything: bool, **shared: Any) -> None:
    """Take operations back, by their numbers in `digest edition log`; without any, the latest.

    \b
    digest edition undo daily/2026-11-23
    digest edition undo daily/2026-11-23 3 5
    digest edition undo daily/2026-11-23 --all
    """
    opened = open_edition(app.settings, app.database, edition)
    active = [one.number for one in opened.draft.decided if one.is_active]
    wanted = tuple(active) if everything else numbers or tuple(active[-1:])
    if not wanted:
        raise Refused(f"{edition}: there is nothing to undo")
    who, based_on = shared["who"], shared["based_on"]
    done = operating.undo(app.settings, app.database, opened, wanted, who=who, now=utcnow(), based_on=based_on)
    _echo(done, as_json=shared["as_json"])


@edition_.command()
@click.argument("edition")
@as_json
@pass_app
def log(app: Digest, edition: str, as_json: bool) -> None:
    """Show what was decided about an edition, by whom, what became of it, and who signed it off.

    \b
    digest edition log daily/2026-11-23 --json
    """
    record = decided_about(app.database, edition)
    signed = signed_off(app.database, edition)
    if as_json:
        signs = [{"action": one.action, "who": one.who, "at": one.at, "remark": one.remark} for one in signed]
        echo_json({"edition": edition, "operations": [decided_json(*one) for one in record], "signed": signs})
        return
    rows = [_row(one, verdict) for one, verdict in record]
    echo_table(["", "what", "about", "who", "when", "state"], rows, empty="nothing was decided")
    for sign in signed:
        click.echo(f"{sign.at:%Y-%m-%d %H:%M} UTC: {sign.action} by {sign.who}{f': {sign.remark}' * bool(sign.remark)}")


def _row(one: Decided, verdict: Verdict | None) -> tuple[object, ...]:
    aims: tuple[Aim, ...] = aims_of(one.operation)
    state = f"undone by {one.undone_by}" if not one.is_active else str(verdict.fate) if verdict else ""
    if verdict and verdict.is_conflict:
        state = verdict.sentence
    about = " + ".join(aim.headline for aim in aims) or _text(one.operation)
    return (one.number, one.operation.kind, about, one.who, f"{one.at:%Y-%m-%d %H:%M}", state)


def _text(operation: Operation) -> str:
    match operation:
        case SetSubject(text=text) | SetPreheader(text=text) | SetNote(text=text):
            return text.partition("\n")[0]
        case SetSponsor(sponsor=found):
            return found.name if found else ""
    return ""
