"""`deliveries`, `status`: who got what, what waits, and why."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.cli.paces import domain_rows, limit_lines, limits_json
from digest.config import zone
from digest.counting import counted
from digest.edition.variants import DEFAULT, MOST
from digest.errors import NotFound
from digest.links import message_id
from digest.model import Cadence, DeliveryState, EditionStatus, Slot, Tally
from digest.outbox.skeleton import message_domain
from digest.pipeline.audience import is_wanted, zones
from digest.pipeline.lookup import find
from digest.schedule.leading import SILENCE
from digest.schedule.slots import GOOD, next_slots
from digest.store import deliveries as store
from digest.store import editions, history, leaders, owners, slots
from digest.store.leaders import Leader

#: What `due_at` says of a delivery that is not at its end.
STILL = {
    DeliveryState.QUEUED: "is when it is due next",
    DeliveryState.CLAIMED: "is until when a worker has it",
    DeliveryState.ATTEMPTING: "is until when an answer is waited for; then it is in doubt",
}
REMEMBERED = timedelta(days=2)  #: how long `status` speaks of a slot that came to nothing


KINDS = {Cadence.WEEKDAYS: "weekday", Cadence.WEEKLY: "weekly"}


@main.group()
def deliveries() -> None:
    """Who got what, and what waits."""


@deliveries.command("list")
@click.argument("edition")
@click.option("--state", type=click.Choice([str(state) for state in DeliveryState]), help="Only those in this state.")
@as_json
@pass_app
def list_(app: Digest, edition: str, state: str | None, as_json: bool) -> None:
    """List the deliveries of an edition, one a reader."""
    status = find(app.database, edition)
    with app.database.read() as db:
        rows = store.listing(db, status.id, state=DeliveryState(state) if state else None)
        raw = editions.skeleton(db, status.id, DEFAULT)
    domain = message_domain(raw) if raw else ""
    if as_json:
        echo_json({"deliveries": [_row_json(row, edition, domain) for row in rows]})
        return
    table = [(row.address, row.state, row.attempts, row.in_doubt, row.code, _moment(row.due_at)) for row in rows]
    columns = ["address", "state", "attempts", "in doubt", "the mail server said", "due"]
    echo_table(columns, table, empty="no deliveries; `digest approve` freezes the audience")


def _row_json(row: store.DeliveryRow, edition: str, domain: str) -> dict[str, Any]:
    return {
        "address": row.address,
        "state": row.state,
        "attempts": row.attempts,
        "in_doubt": row.in_doubt,
        "message_id": message_id(edition, row.uid, domain),
        "code": row.code,
        "due_at": row.due_at,
    }


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


@deliveries.command()
@click.argument("edition")
@pass_app
def retry(app: Digest, edition: str) -> None:
    """Make everything that waits due now, and end a pause of sending."""
    status = find(app.database, edition)
    with app.database.begin() as db:
        count = store.retry(db, status.id, now=utcnow())
    click.echo(f"{edition}: {counted(count, 'delivery', 'deliveries')} due now; `digest send {edition}` sends them")


@deliveries.command()
@click.argument("edition")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def release(app: Digest, edition: str, yes: bool) -> None:
    """Send what is held in doubt after all: some readers may get a second copy."""
    status = find(app.database, edition)
    with app.database.read() as db:
        held = store.tally(db, status.id).count(DeliveryState.HELD)
    if held and not yes:
        click.confirm(f"{edition}: {held} held deliveries may have arrived already. Send them again?", abort=True)
    with app.database.begin() as db:
        count = store.release(db, status.id, now=utcnow())
    click.echo(f"{edition}: {counted(count, 'delivery', 'deliveries')} queued again")


@deliveries.command()
@click.argument("address")
@click.argument("edition")
@as_json
@pass_app
def explain(app: Digest, address: str, edition: str, as_json: bool) -> None:
    """Tell the life of one copy: when it was frozen, each try, and what the mail server said.

    \b
    digest deliveries explain reader@example.net daily/2026-11-23
    """
    status = find(app.database, edition)
    with app.database.read() as db:
        found = history.life(db, status.id, address)
        raw = editions.skeleton(db, status.id, DEFAULT)
    if found is None:
        raise NotFound(
            f"{address} was not in the audience of {edition}; `digest subscribers show {address}` may say why"
        )
    name = message_id(edition, found.uid, message_domain(raw)) if raw else ""
    if as_json:
        echo_json({"address": address, "edition": edition, "message_id": name, **asdict(found)})
        return
    click.echo(f"{address}, {edition}: {found.state}")
    click.echo(f"  {_moment(found.frozen_at)}  frozen as variant {found.variant}, Message-ID {name}")
    for event in found.events:
        said = f" at {event.stage}: {event.code or 'no answer'} {event.text}" if event.stage else f": {event.text}"
        click.echo(f"  {_moment(event.at)}  {event.kind}{said.rstrip(': ')}")
    if found.state in STILL:
        click.echo(f"  {_moment(found.due_at)}  {STILL[found.state]}")


# --- status ----------------------------------------------------------------------------------------------------------


@main.command()
@as_json
@pass_app
def status(app: Digest, as_json: bool) -> None:
    """Say what is due, what is being sent, what waits and why."""
    now = datetime.now(UTC)
    letters = app.settings.newsletters
    with app.database.read() as db:
        due = [
            one
            for name, letter in letters.items()
            for one in next_slots(name, letter, now=now, zones=zones(db, name, letter))
            if is_wanted(db, name, letter, one.day, one.cadence, now=now)
        ]
        active = [(one, store.tally(db, one.id), len(store.by_variant(db, one.id))) for one in store.unfinished(db)]
        alive = store.owners(db)
        slow = domain_rows(db, app.settings.smtp, now=now)
        trouble = [one for one in slots.remarks(db, since=now.date() - REMEMBERED) if one[1] not in GOOD]
        leader = leaders.current(db)
    alive = sorted(set(alive) - set(owners.dead(app.database, alive)))
    leader = None if leader and owners.dead(app.database, [leader.owner]) else leader
    bound = app.settings.smtp.connections * app.settings.smtp.window
    if as_json:
        echo_json(
            {
                "at": now,
                "next": [_slot_json(one) for one in due],
                "slots": [{"edition": key, "outcome": what, "remark": why} for key, what, why in trouble],
                "editions": [_status_json(*one) for one in active],
                "leader": _leader_json(leader) if leader else None,
                "workers": alive,
                "doubt_bound": bound,
                "limits": limits_json(app.settings.smtp, slow),
            }
        )
        return
    for one in due:
        local = one.due_at.astimezone(zone(letters[one.newsletter]))
        kind = "edition" if one.cadence is Cadence.DAILY else f"edition for {KINDS[one.cadence]} readers"
        click.echo(f"{one.newsletter}: the next {kind} is due {local:%A %Y-%m-%d %H:%M %Z}")
    for key, outcome, remark in trouble:
        click.echo(f"{key}: {outcome}{f': {remark}' if remark else ''}")
    for edition, tally, variants in active:
        _echo_active(edition, tally, variants)
    if not active:
        click.echo("No edition is being sent.")
    click.echo(_lead_line(leader, now))
    for line in limit_lines(app.settings.smtp, slow):
        click.echo(line)
    click.echo(
        f"A crash leaves at most {counted(bound, 'delivery', 'deliveries')} a process in doubt "
        "(smtp.connections x smtp.window)."
    )


def _leader_json(leader: Leader) -> dict[str, Any]:
    return {"owner": leader.owner, "since": leader.since, "heard_at": leader.heard_at}


def _lead_line(leader: Leader | None, now: datetime) -> str:
    if leader is None:
        return "No `digest run` is at work: nothing is built or polled by itself."
    silent = (now - leader.heard_at).total_seconds()
    told = f"; not heard for {silent:.0f} s" if silent >= SILENCE else ""
    return f"{leader.owner} leads since {_moment(leader.since)} UTC{told}."


def _slot_json(one: Slot) -> dict[str, Any]:
    return {"newsletter": one.newsletter, "day": one.day, "cadence": one.cadence, "due_at": one.due_at}


def _status_json(edition: EditionStatus, tally: Tally, variants: int) -> dict[str, Any]:
    return {
        "edition": edition.key,
        "state": edition.state,
        "hold": edition.hold,
        "paused": edition.paused_reason,
        "audience": tally.audience,
        "states": {str(state): count for state, count in sorted(tally.states.items())},
        "waiting": tally.waiting,
        "in_doubt": tally.in_doubt,
        "next_due": tally.next_due,
        "variants": variants,
        "variants_bound": MOST,
    }


def _echo_active(edition: EditionStatus, tally: Tally, variants: int) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in sorted(tally.states.items()))
    why = "held by an editor" if edition.hold else edition.paused_reason
    click.echo(f"{edition.key}: {edition.state}{f' ({why})' if why else ''}: {counts or 'no readers'}")
    if variants > 1:
        click.echo(f"  in {variants} variants (at most {MOST})")
    if tally.waiting and tally.next_due:
        click.echo(f"  the next is due at {tally.next_due:%Y-%m-%d %H:%M:%S} UTC")
