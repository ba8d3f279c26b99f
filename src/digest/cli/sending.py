"""`send`: an edition on its way to every reader."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from digest.cli.app import (
    WAITING,
    Digest,
    as_json,
    echo_json,
    main,
    pass_app,
    progress_bar,
    utcnow,
)
from digest.cli.paces import allowed_line, relay_line
from digest.cli.quiet import ahead_line, quiet_json, quiet_line
from digest.cli.rehearsing import FaultType, rehearse
from digest.config import Settings, local_day, pick_newsletter
from digest.counting import counted
from digest.errors import DigestError, Refused, SendingPaused
from digest.model import Cadence, DeliveryState, EditionState, EditionStatus, Tally, edition_key
from digest.outbox.warming import day_at
from digest.pipeline import publishing
from digest.pipeline.audience import plan
from digest.pipeline.lookup import find
from digest.signals import stopping
from digest.store import deliveries as store
from digest.store import editions, owners
from digest.store.backup import unreleased
from digest.transport.sink import Fault
from digest.worker.drain import Drained
from digest.worker.fleet import Fleet, hold_strays
from digest.worker.meanwhile import meanwhile, repeated
from digest.worker.patience import Patience
from digest.worker.quota import left
from digest.worker.service import new_owner
from digest.worker.shift import Shift
from digest.worker.slowed import relay_rows
from digest.worker.starting import answers
from digest.worker.upkeep import tidy

START_SECONDS = 60.0  #: that the database may take to answer at the start
OVER = (EditionState.CANCELLED, EditionState.EXPIRED)
COUNTED = ("sent", "failed", "held", "skipped", "expired")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What became of one edition."""

    key: str
    tally: Tally
    drained: Drained
    paused: str  #: why sending stopped itself
    stopped: bool  #: by a signal
    spent: Sequence[str] = ()  #: in words, the relays that have taken all that their warm-up allows for the day


@main.command()
@click.argument("edition", required=False)
@click.option("--dry-run", is_flag=True, help="Say how many readers would get it; change and send nothing.")
@click.option(
    "--to",
    type=click.Choice(["sink"]),
    help="Rehearse: send a copy of it to a mail server in this process; nobody is mailed, nothing changes.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=FaultType(),
    metavar="STAGE:CODE:SHARE",
    help="With --to sink: refuse such a share at mail, rcpt, data or dot; `drop` closes.  May be given again.",
)
@as_json
@pass_app
def send(
    app: Digest, edition: str | None, dry_run: bool, to: str | None, faults: tuple[Fault, ...], as_json: bool
) -> None:
    """Send an edition now: approve it if need be, send all that is due, end when nothing more is due.

    Without EDITION, today's of the only newsletter, and with it those of the day for other readers, such as that of the
    week.  Ends with 75 when deliveries wait for a retry; sending it again later goes on where it stopped.  Nobody is
    mailed twice: several `digest send` share the work.

    \b
    digest send
    digest send daily/2026-11-23 --json
    digest send daily/2026-11-23 --to sink --fault rcpt:451:0.02 --fault dot:drop:0.001
    """
    asyncio.run(_await_database(app))
    keys = [edition] if edition else _todays(app)
    if faults and not to:
        raise click.UsageError("--fault goes with --to sink")
    if to:
        for key in keys:
            rehearse(app, key, faults, as_json=as_json)
        return
    if dry_run:
        _dry_run(app, keys, as_json=as_json)
        return
    sent, errors = _send_all(app, keys, hidden=as_json)
    if as_json:
        _echo_documents([_sent_json(one) for one in sent])
    for one in sent:
        if not as_json:
            _echo_sent(one, app.settings)
        if one.drained.unreachable:
            click.echo(f"digest: the mail server cannot be used: {one.drained.unreachable}", err=True)
    if errors:
        raise errors[0]
    click.get_current_context().exit(WAITING if any(one.tally.waiting for one in sent) else 0)


async def _await_database(app: Digest) -> None:
    """A server that is just being started again must not cost the readers of a nightly job their edition."""
    with stopping() as stop:
        await answers(lambda: app.database, stop, seconds=START_SECONDS)
        if stop.is_set():  # also where it came while there was an answer
            raise click.Abort


def _todays(app: Digest) -> list[str]:
    """The daily edition in any case, and the others of the day that have been built."""
    name, newsletter = pick_newsletter(app.settings, None)
    day = local_day(newsletter, utcnow())
    first, *others = (edition_key(name, day, cadence) for cadence in Cadence)
    with app.database.read() as db:
        return [first, *(key for key in others if (one := editions.get(db, key)) and one.state not in OVER)]


def _echo_documents(documents: Sequence[dict[str, Any]]) -> None:
    """One: the first, with the others of the day in it."""
    first, *also = documents or [{}]
    if first:
        echo_json(first | ({"also": also} if also else {}))


# --- a dry run -------------------------------------------------------------------------------------------------------


def _dry_run(app: Digest, keys: Sequence[str], *, as_json: bool) -> None:
    found = [find(app.database, key) for key in keys]
    planned = [_planned(app, status) for status in found]
    if as_json:
        _echo_documents([document for document, _ in planned])
    for _, words in planned:
        if not as_json:
            click.echo(words)
    for status in found:
        publishing.refuse_empty(status)  # as `send` would


def _planned(app: Digest, status: EditionStatus) -> tuple[dict[str, Any], str]:
    """Who would get an edition, as JSON and in words: once it is frozen those who wait for it."""
    now = utcnow()
    head = f"{status.key}: {status.content.subject}\n"
    with app.database.read() as db:
        tally, allowed = store.tally(db, status.id), left(db, app.settings.smtp, day_at(now))
        planned = plan(app.settings, db, status, now=now, due_at=now) if status.state is EditionState.DRAFT else None
    letter = app.settings.newsletters.get(status.newsletter)
    known = {"edition": status.key, "state": status.state, "warm_up_left": allowed, **quiet_json(letter, now)}
    count = sum(planned.readers.values()) if planned else tally.waiting
    counts = {"variants": planned.readers, "without": planned.without} if planned else {}
    without = counted(planned.without, "reader") if planned and planned.without else ""
    others = f"; {without} of other sections would not" if without else ""
    lines = [f"{counted(count, 'reader')} would get it{others}.", allowed_line(count, allowed), ahead_line(letter, now)]
    return known | {"would_send": count} | counts, head + "\n".join(filter(None, lines))


# --- sending ---------------------------------------------------------------------------------------------------------


def _send_all(app: Digest, keys: Sequence[str], *, hidden: bool) -> tuple[list[Sent], list[DigestError]]:
    """One that cannot be sent does not stop the others; a signal does."""
    sent: list[Sent] = []
    errors: list[DigestError] = []
    for key in keys:
        try:
            sent.append(_send_one(app, key, hidden=hidden))
        except DigestError as error:
            errors.append(error)
        else:
            errors += _paused(sent[-1])
            if sent[-1].stopped:
                break
    return sent, errors


def _send_one(app: Digest, key: str, *, hidden: bool) -> Sent:
    with app.database.read() as db:
        if unreleased(db):
            raise Refused("this database was restored from a backup: `digest database release` lets it send")
    status = publishing.approve(app.settings, app.database, key, now=utcnow()).edition
    drained, stopped = asyncio.run(_send(app, status, hidden=hidden))
    with app.database.read() as db:
        tally, after = store.tally(db, status.id), editions.by_id(db, status.id)
        relays = relay_rows(db, app.settings.smtp, now=utcnow())
    spent = [relay_line(one) for one in relays if one.warm_up and one.warm_up.goes_on_at]
    paused = after.paused_reason if after else ""
    return Sent(key=key, tally=tally, drained=drained, paused=paused, stopped=stopped, spent=spent)


def _paused(one: Sent) -> list[DigestError]:
    mend = f"mend it, then `digest deliveries retry {one.key}`"
    return [SendingPaused(f"sending paused: {one.paused}; {mend}")] if one.paused else []


async def _send(app: Digest, status: EditionStatus, *, hidden: bool) -> tuple[Drained, bool]:
    owner = new_owner()
    with owners.Presence(app.database, owner) as presence, stopping() as stop:
        tidy(app.database, now=utcnow())
        hold_strays(app.settings, app.database)
        with app.database.begin() as db:
            store.bring_forward(db, status.id, now=utcnow())
            waiting = store.tally(db, status.id).waiting
        with progress_bar(app, hidden=hidden) as bar:
            task = bar.add_task("Sending", total=waiting)
            shift = Shift(owner=owner, stop=stop, edition_id=status.id, progress=lambda _: bar.advance(task))
            async with meanwhile(repeated(presence.renew, every=owners.RENEWED)):
                drained = await Fleet(app.settings, app.database, shift).run()
        await Patience(stop)(lambda: tidy(app.database, now=utcnow()))
        return drained, stop.is_set()


def _sent_json(one: Sent) -> dict[str, Any]:
    rest = {"waiting": one.tally.waiting, "in_doubt": one.tally.in_doubt, "seconds": round(one.drained.seconds, 3)}
    return {"edition": one.key, "audience": one.tally.audience, **_counts(one), **rest}


def _echo_sent(one: Sent, settings: Settings) -> None:
    tally, key = one.tally, one.key
    told = ", ".join(f"{count} {name}" for name, count in _counts(one).items() if count) or "nothing sent"
    click.echo(f"{key}: {counted(tally.audience, 'reader')}: {told} in {one.drained.seconds:.1f} s")
    if tally.in_doubt:
        click.echo(f"{counted(tally.in_doubt, 'delivery', 'deliveries')} were in doubt; each is recorded.")
    if tally.waiting:
        if quiet := quiet_line(settings.newsletters.get(key.partition("/")[0]), utcnow()):
            click.echo(f"{key}: {quiet}")
        for line in one.spent:
            click.echo(f"{key}: {line}")
        due = f", the next at {tally.next_due:%H:%M} UTC" if tally.next_due else ""
        what = "wait" if one.spent else f"wait for a retry{due}"
        click.echo(f"{tally.waiting} {what}; `digest deliveries list {key} --state queued`")


def _counts(one: Sent) -> dict[str, int]:
    return {name: one.tally.count(DeliveryState(name)) for name in COUNTED}
