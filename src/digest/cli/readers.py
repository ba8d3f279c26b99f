"""`subscribers`, `unsubscribe`, `suppressions`: the people, and their wish to be left alone; `widget`: their way in."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, progress_bar, utcnow
from digest.config import pick_newsletter
from digest.counting import counted
from digest.errors import DigestError, NotFound, Refused
from digest.model import NewSubscriber, Reason, Subscriber, Subscription, SubscriptionState
from digest.pipeline import tables
from digest.pipeline.explaining import explained, sentences
from digest.pipeline.readers import Order, Summary, import_readers
from digest.pipeline.roster import write_lines, write_table
from digest.pipeline.tables import FORMS
from digest.store import addresses, events, newsletters
from digest.store import subscribers as store
from digest.store import suppressions as suppressed
from digest.store.database import Database
from digest.store.enrolling import Enrolment
from digest.store.lookalikes import looks_like, shown
from digest.web import pages


@main.group()
def subscribers() -> None:
    """Add, import, export and look up subscribers."""


@subscribers.command()
@click.argument("address")
@click.option("--newsletter", metavar="NAME")
@click.option("--name", default="", help="The person's name.")
@click.option("--consent", help="The wording they agreed to; without it they are asked to confirm.")
@pass_app
def add(app: Digest, address: str, newsletter: str | None, name: str, consent: str | None) -> None:
    """Add one subscriber."""
    letter, _ = pick_newsletter(app.settings, newsletter)
    try:
        new = NewSubscriber(address=addresses.check(address, smtputf8=app.settings.smtp.smtputf8), name=name)
    except ValueError as error:
        raise Refused(f"{address}: {error}") from None
    with app.database.begin() as db:
        newsletters.ensure(db, [letter], now=utcnow())
        done = store.add(db, [new], newsletter=letter, consent=consent, now=utcnow())
    if done.refused:
        raise Refused(done.refused[0].error)
    if done.already:
        click.echo("known already; nothing was changed")
    else:
        click.echo("confirmed" if consent else "asked to confirm: the mail leaves with the next `digest run` or `work`")


@subscribers.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--newsletter", metavar="NAME")
@click.option("--consent", metavar="TEXT", help="Rows are confirmed, and this is kept as the evidence.")
@click.option("--from", "form", type=click.Choice(FORMS), help="Whose export it is, where the columns do not say.")
@click.option("--encoding", default="", metavar="NAME", help="Such as windows-1252; without it UTF-8 or UTF-16.")
@click.option("--dry-run", is_flag=True, help="Check every row, tell what would become of it, and change nothing.")
@as_json
@pass_app
def import_(
    app: Digest,
    files: tuple[Path, ...],
    newsletter: str | None,
    consent: str | None,
    form: str | None,
    encoding: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import subscribers from CSV files with a header line, or from an export of listmonk, Mailchimp or Ghost.

    Columns: email (required), name, language, timezone, frequency, hour, sections (separated by ;), under these and
    many other names; between them stand commas, semicolons or tabs.  With --consent the rows are confirmed; without it
    each person is asked to confirm, but for those of whom an export has the evidence.  Nobody who left or bounced, here
    or there, is brought back.  Importing twice changes nothing: stopped with Ctrl-C, the same command goes on from
    there.

    \b
    digest subscribers import readers.csv --newsletter daily --consent "Ticked the box on the order form"
    digest subscribers import mailchimp-export.zip --dry-run
    """
    order = Order(newsletter=newsletter, consent=consent, form=form or "", encoding=_codec(encoding), dry_run=dry_run)
    with progress_bar(app, hidden=as_json, sizes=True) as bar:
        task = bar.add_task("Checking" if dry_run else "Importing", total=tables.size(files))
        try:
            done = import_readers(
                app.settings,
                app.database,
                files,
                order,
                now=utcnow(),
                progress=lambda size: bar.advance(task, size),
            )
        except KeyboardInterrupt:
            raise DigestError("stopped; what was taken in stays, and the same command goes on from there") from None
    _report(done, dry_run=dry_run, as_json=as_json)


def _codec(name: str) -> str:
    """Raises a usage error where Python knows no such encoding of text."""
    try:
        "a".encode(name or "utf-8")
    except (LookupError, UnicodeError):
        raise click.BadParameter(f"no encoding {name!r} is known", param_hint="--encoding") from None
    return codecs.lookup(name).name if name else ""


def _report(done: Summary, *, dry_run: bool, as_json: bool) -> None:
    refused = [*done.files, *done.refused]
    if as_json:
        echo_json(_summary_json(done) | {"refused": [asdict(one) for one in refused], "dry_run": dry_run})
        return
    for one in refused:
        click.echo(f"{one.path}{f', {one.where}' if one.where else ''}: {one.error}", err=True)
    for line in _remarks(done):
        click.echo(line, err=True)
    would, of = "would be " if dry_run else "", done.enrolments
    click.echo(
        f"{counted(done.read, 'row')} read: {done.confirmed} {would}confirmed, {done.asked} {would}asked to confirm, "
        f"{of[Enrolment.LEFT]} {would}noted as having left, {of[Enrolment.SUPPRESSED]} {would}suppressed, "
        f"{of[Enrolment.ALREADY]} known already, {len(done.refused)} refused "
        f"({of[Enrolment.HAS_LEFT]} had left, {of[Enrolment.IS_SUPPRESSED]} suppressed, "
        f"{done.unusable} not usable)"
    )


def _summary_json(done: Summary) -> dict[str, Any]:
    counts = {one.name.lower(): done.enrolments[one] for one in Enrolment}
    files = [{"path": path, "form": form.name, "ignored": list(form.ignored)} for path, form in done.forms.items()]
    alike = [asdict(one) for one in done.look_alikes]
    return {"read": done.read} | counts | {"unusable": done.unusable, "files": files, "look_alikes": alike}


def _remarks(done: Summary) -> Iterator[str]:
    """What a person should look at, once for each file or address."""
    for path, form in done.forms.items():
        if form.ignored:
            yield f"{path}: columns that nothing is made of: {', '.join(form.ignored)}"
        if form.remark:
            yield f"{path}: {form.remark}"
    for one in done.look_alikes:
        yield f"{one.path}, {one.where}: {one.domain} can be taken for {one.like}"


@subscribers.command()
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False), default="-")
@click.option("--newsletter", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line instead of CSV.")
@pass_app
def export(app: Digest, file: IO[str], newsletter: str | None, as_json: bool) -> None:
    """Export subscribers with state, evidence of consent and dates, as CSV that `import` takes back as it was.

    Cells that a spreadsheet would run as a formula are defused by an apostrophe, which `import` takes off again.
    """
    with app.database.read() as db:
        rows = store.export(db, newsletter=newsletter)
        write_lines(file, rows) if as_json else write_table(file, rows)


@subscribers.command("list")
@click.option("--newsletter", metavar="NAME")
@click.option("--state", type=click.Choice([str(state) for state in SubscriptionState]))
@as_json
@pass_app
def list_(app: Digest, newsletter: str | None, state: str | None, as_json: bool) -> None:
    """List subscribers."""
    with app.database.read() as db:
        found = list(store.listing(db, newsletter=newsletter, state=SubscriptionState(state) if state else None))
    if as_json:
        echo_json({"subscribers": [_subscription_json(one) for one in found]})
        return
    rows = [(one.subscriber.address, one.newsletter, one.state, _wished(one), one.subscriber.name) for one in found]
    echo_table(
        ["address", "newsletter", "state", "gets", "name"], rows, empty="no subscribers yet; `digest subscribers add`"
    )


def _subscription_json(one: Subscription) -> dict[str, Any]:
    return {
        "address": one.subscriber.address,
        "name": one.subscriber.name,
        "language": one.subscriber.language,
        "timezone": one.subscriber.timezone,
        "newsletter": one.newsletter,
        "state": one.state,
        "frequency": one.frequency,
        "hour": one.hour,
        "sections": list(one.sections),
        "consent": _evidence(one.consent),
        "asked_at": one.asked_at,
        "confirmed_at": one.confirmed_at,
        "left_at": one.left_at,
        "paused_until": one.paused_until,
    }


def _wished(one: Subscription) -> str:
    """As in "weekly, World, Sport only"."""
    sections = f"{', '.join(one.sections)} only" if one.sections else "all sections"
    hour = f" at {one.hour}" if one.hour else ""
    return f"{one.frequency}{hour}, {sections}"


def _evidence(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


@subscribers.command()
@click.argument("address")
@as_json
@pass_app
def show(app: Digest, address: str, as_json: bool) -> None:
    """Show all that is stored of one person."""
    person = find(app.database, address)
    with app.database.read() as db:
        found = store.subscriptions_of(db, person.id)
        refused = suppressed.is_suppressed(db, person.address)
    if as_json:
        subscriptions = [_subscription_json(one) for one in found]
        domain = person.address.rpartition("@")[2]
        letters = {"shown_as": shown(person.address), "looks_like": looks_like(domain)}
        echo_json(asdict(person) | letters | {"suppressed": refused, "subscriptions": subscriptions})
        return
    click.echo(f"{person.address}{f' ({person.name})' if person.name else ''}, since {person.created_at:%Y-%m-%d}")
    for line in _lettering(person.address):
        click.echo(f"  {line}")
    for one in found:
        since = one.left_at or one.confirmed_at or one.asked_at
        click.echo(f"  {one.newsletter}: {one.state}{f' since {since:%Y-%m-%d}' if since else ''}; {_wished(one)}")
    if refused:
        click.echo("  suppressed: gets no mail; `digest suppressions list` says why")


def _lettering(address: str) -> Iterator[str]:
    """How a domain beyond ASCII reads, and whether it can be taken for another."""
    if (written := shown(address)) != address:
        yield f"its owner writes it {written}"
    if like := looks_like(address.rpartition("@")[2]):
        yield f"the domain can be taken for {like}"


@subscribers.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def erase(app: Digest, address: str, yes: bool) -> None:
    """Forget a person.  Only a hash stays, so that no import brings them back.  This cannot be undone."""
    if not yes:
        click.confirm(f"Forget {address} for good?", abort=True)
    with app.database.begin() as db:
        if not store.erase(db, address, now=utcnow()):
            raise NotFound(f"nobody with the address {address}")
    click.echo("erased")


def find(database: Database, address: str) -> Subscriber:
    """Raises NotFound when nobody has this address."""
    with database.read() as db:
        person = store.by_address(db, address)
    if person is None:
        raise NotFound(f"nobody with the address {address}")
    return person


@main.command()
@click.argument("address")
@click.option("--newsletter", metavar="NAME", help="Leave this one only; without it all of them.")
@pass_app
def unsubscribe(app: Digest, address: str, newsletter: str | None) -> None:
    """Unsubscribe a person at once, also in the middle of a send."""
    person = find(app.database, address)
    with app.database.begin() as db:
        left = store.unsubscribe(db, person.id, newsletter, now=utcnow())
    click.echo(f"left {counted(len(left), 'newsletter')}" if left else "had left already")


@main.group()
def suppressions() -> None:
    """Addresses that get no more mail."""


@suppressions.command("list")
@as_json
@pass_app
def list_suppressions(app: Digest, as_json: bool) -> None:
    """List suppressed addresses, and why."""
    with app.database.read() as db:
        found = suppressed.listing(db)
    if as_json:
        echo_json({"suppressions": [asdict(one) for one in found]})
        return
    rows = [(one.address or "(erased)", one.reason, f"{one.since:%Y-%m-%d}", one.evidence) for one in found]
    echo_table(["address", "reason", "since", "evidence"], rows, empty="no address is suppressed")


@suppressions.command("add")
@click.argument("address")
@click.option("--evidence", default="", help="Why, for whoever asks later.")
@pass_app
def add_suppression(app: Digest, address: str, evidence: str) -> None:
    """Send nothing more to an address."""
    with app.database.begin() as db:
        new = suppressed.add(db, address, reason=Reason.MANUAL, evidence=evidence, now=utcnow())
    click.echo("suppressed" if new else "was suppressed already")


@suppressions.command("remove")
@click.argument("address")
@pass_app
def remove_suppression(app: Digest, address: str) -> None:
    """Allow mail to an address again: its bounces so far do not count.  It brings back no subscription."""
    with app.database.begin() as db:
        if not suppressed.remove(db, address):
            raise NotFound(f"{address} is not suppressed")
        events.clear(db, address, now=utcnow())
    click.echo("removed")


@suppressions.command()
@click.argument("address")
@as_json
@pass_app
def explain(app: Digest, address: str, as_json: bool) -> None:
    """Tell the whole story of an address: what it got, what came back, its score, and why it gets mail or not.

    \b
    digest suppressions explain ada@example.org
    """
    told = explained(app.database, address)
    if as_json:
        echo_json(asdict(told))
        return
    click.echo("\n".join(sentences(told)))


@suppressions.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--evidence", default="imported", show_default=True)
@pass_app
def import_suppressions(app: Digest, file: IO[str], evidence: str) -> None:
    """Import addresses, one a line, that are to get no mail."""
    new = total = 0
    with app.database.begin() as db:
        for line in file:
            if address := line.strip():
                total += 1
                new += suppressed.add(db, address, reason=Reason.MANUAL, evidence=evidence, now=utcnow())
    click.echo(f"{counted(total, 'address', 'addresses')} read: {new} suppressed, {total - new} were already")


@main.command()
@click.argument("newsletter", required=False)
@pass_app
def widget(app: Digest, newsletter: str | None) -> None:
    """Print a sign-up form to paste into pages of other sites.  It needs no script; `digest serve` answers it.

    \b
    digest widget
    digest widget daily > signup.html
    """
    name, _ = pick_newsletter(app.settings, newsletter)
    click.echo(pages.widget(app.settings, name), nl=False)
