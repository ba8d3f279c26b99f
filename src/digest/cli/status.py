"""`status`: what is due, what runs, how fast it goes, what waits and why."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from digest.cli.app import Digest, as_json, echo_json, main, pass_app
from digest.cli.paces import limit_lines, limits_json, relay_line
from digest.cli.quiet import ends_at, quiet_line
from digest.config import Newsletter, Settings, zone
from digest.counting import counted
from digest.edition.variants import MOST
from digest.model import Cadence, EditionStatus, Slot, Tally
from digest.outbox.pace import Flow, done_at
from digest.pipeline.seeing import flow
from digest.schedule.coming import coming
from digest.schedule.leading import SILENCE
from digest.schedule.slots import GOOD
from digest.store import alerts, backup, deliveries, destinations, editions, leaders, owners, processes, slots
from digest.store.alerts import Standing
from digest.store.database import Database
from digest.store.leaders import Leader
from digest.store.processes import Process
from digest.store.trouble import matter
from digest.worker.slowed import DomainRow, RelayRow, domain_rows, relay_rows, spent_until

REMEMBERED = timedelta(days=2)  #: how long `status` speaks of a slot that came to nothing

KINDS = {Cadence.WEEKDAYS: "weekday", Cadence.WEEKLY: "weekly"}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """An edition on its way."""

    edition: EditionStatus
    tally: Tally
    flow: Flow
    variants: int


@dataclass(frozen=True, kw_only=True)
class Status:
    """All that is told, as of one moment."""

    at: datetime
    due: tuple[Slot, ...]
    trouble: tuple[tuple[str, str, str], ...]  #: edition, outcome and remark of slots that came to nothing good
    sending: tuple[Sending, ...]
    running: tuple[Process, ...]
    workers: tuple[str, ...]  #: who has deliveries at this moment, and lives
    alerts: tuple[Standing, ...]
    leader: Leader | None  #: who takes slots and polls
    limits: tuple[DomainRow, ...]  #: destinations that are slowed down, or wait for their turns
    known: destinations.Roster  #: where the mail for readers' domains goes
    relays: tuple[RelayRow, ...]  #: where there are several, or one that warms up
    unreleased: bool
    doubt_bound: int


@main.command()
@click.option("--watch", is_flag=True, help="Stay, and keep it up to date until Ctrl-C.")
@click.option("--every", type=click.FloatRange(min=0.2), default=2.0, show_default=True, help="With --watch: seconds.")
@as_json
@pass_app
def status(app: Digest, watch: bool, every: float, as_json: bool) -> None:
    """Say what is due, what runs, how fast it goes, what waits and why."""
    if watch and as_json:
        raise click.UsageError("--watch is for people: ask again and again with --json alone")
    if watch:
        _watch(app, every)
        return
    found = look(app.settings, app.database, now=datetime.now(UTC))
    if as_json:
        echo_json(_json(found, app.settings))
        return
    for line in told(found, app.settings):
        click.echo(line)


def _watch(app: Digest, every: float) -> None:
    """Drawn over and over on a terminal; elsewhere the last look is printed at the end.

    While the database is away, what was seen last stays, and why it is no newer.
    """
    from rich.live import Live  # noqa: PLC0415 - drawn seldom, and start-up counts
    from rich.text import Text  # noqa: PLC0415

    def seen() -> list[str]:
        now = datetime.now(UTC)
        return [f"{now:%Y-%m-%d %H:%M:%S} UTC", *told(look(app.settings, app.database, now=now), app.settings)]

    lines = seen()
    try:
        with Live(Text("\n".join(lines)), auto_refresh=False) as live:
            while True:
                time.sleep(every)
                try:
                    lines, trouble = seen(), []
                except DBAPIError as error:
                    trouble = [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: the database is away: {matter(error)}"]
                live.update(Text("\n".join([*trouble, *lines])), refresh=True)
    except KeyboardInterrupt:
        return


def look(settings: Settings, database: Database, *, now: datetime) -> Status:
    with database.read() as db:
        due = coming(settings, db, now=now)
        sending = [
            Sending(
                edition=one,
                tally=deliveries.tally(db, one.id),
                flow=flow(db, one.id, now=now),
                variants=len(deliveries.by_variant(db, one.id)),
            )
            for one in editions.unfinished(db)
        ]
        working = deliveries.owners(db)
        trouble = [one for one in slots.remarks(db, since=now.date() - REMEMBERED) if one[1] not in GOOD]
        running, copied = processes.running(db, now=now), backup.unreleased(db)
        standing = alerts.standing(db)
        limits = domain_rows(db, settings.smtp, now=now)
        known_places = destinations.roster(db, now=now)
        relays = relay_rows(db, settings.smtp, now=now)
        leader = leaders.current(db)
    known = {*working, *(one.owner for one in running), *([leader.owner] if leader else [])}
    dead = owners.dead(database, known)
    return Status(
        at=now,
        due=tuple(due),
        trouble=tuple(trouble),
        sending=tuple(sending),
        running=tuple(one for one in running if one.owner not in dead),
        workers=tuple(one for one in working if one not in dead),
        alerts=tuple(standing),
        leader=leader if leader and leader.owner not in dead else None,
        limits=tuple(limits),
        known=known_places,
        relays=tuple(relays),
        unreleased=copied,
        doubt_bound=sum(one.smtp.connections * one.smtp.window for one in settings.smtp.routes),
    )


# --- for people ------------------------------------------------------------------------------------------------------


def told(found: Status, settings: Settings) -> Iterator[str]:
    """In lines.  Pure."""
    if found.unreleased:
        yield "This database was restored from a backup: nothing is sent until `digest database release`."
    for slot in found.due:
        local = slot.due_at.astimezone(zone(settings.newsletters[slot.newsletter]))
        kind = "edition" if slot.cadence is Cadence.DAILY else f"edition for {KINDS[slot.cadence]} readers"
        named = f" ({slot.key})" if slot.wave is not None else ""
        yield f"{slot.newsletter}: the next {kind} is due {local:%A %Y-%m-%d %H:%M %Z}{named}"
    for key, outcome, remark in found.trouble:
        yield f"{key}: {outcome}{f': {remark}' if remark else ''}"
    for one in found.sending:
        yield from _sending(one, settings.newsletters.get(one.edition.newsletter), found)
    if not found.sending:
        yield "No edition is being sent."
    for alert in found.alerts:
        yield f"To see to, since {alert.since:%Y-%m-%d %H:%M} UTC: {alert.what}; {alert.advice}"
    for process in found.running:
        roles = ", ".join(process.roles) or "nothing"
        yield f"{process.owner} runs {roles} since {process.started_at:%Y-%m-%d %H:%M} UTC"
    yield _lead(found.leader, found.at)
    yield from limit_lines(settings.smtp, found.limits, found.known)
    yield from map(relay_line, found.relays)
    bound = counted(found.doubt_bound, "delivery", "deliveries")
    yield f"A crash leaves at most {bound} a process in doubt (smtp.connections x smtp.window)."


def _lead(leader: Leader | None, now: datetime) -> str:
    if leader is None:
        return "No `digest run` is at work: nothing is built or polled by itself."
    silent = (now - leader.heard_at).total_seconds()
    told = f"; not heard for {silent:.0f} s" if silent >= SILENCE else ""
    return f"{leader.owner} leads since {leader.since:%Y-%m-%d %H:%M} UTC{told}."


def _sending(one: Sending, newsletter: Newsletter | None, found: Status) -> Iterator[str]:
    edition, tally, now = one.edition, one.tally, found.at
    counts = ", ".join(f"{count} {state}" for state, count in sorted(tally.states.items()))
    why = "held by an editor" if edition.hold else edition.paused_reason
    yield f"{edition.key}: {edition.state}{f' ({why})' if why else ''}: {counts or 'no readers'}"
    if one.variants > 1:
        yield f"  in {one.variants} variants (at most {MOST})"
    if edition.paused_reason:
        yield f"  waits for a person: see `digest doctor`; `digest deliveries retry {edition.key}` goes on"
    elif edition.hold:
        yield f"  waits for a person: `digest approve {edition.key}` lets it go on"
    elif tally.waiting:
        yield f"  {_speed(one.flow, now)}"
        yield from (f"  {line}" for line in [quiet_line(newsletter, now)] if line)
    yield from _waits(one.flow, spent_until(found.relays))
    if tally.waiting and tally.next_due:
        yield f"  the next is due at {tally.next_due:%Y-%m-%d %H:%M:%S} UTC"


def _speed(flow: Flow, now: datetime) -> str:
    end = done_at(flow, now=now)
    until = f"done about {end:%Y-%m-%d %H:%M} UTC" if end else "nothing moves, so nobody knows when it is done"
    return f"{flow.rate:.1f} a second over the last minute; {until}"


def _waits(flow: Flow, until: datetime | None) -> Iterator[str]:
    if flow.due and until:
        yield f"  {flow.due} wait for {until:%Y-%m-%d %H:%M} UTC, as the warm-up lets no more leave today"
    elif flow.due:
        yield f"  {flow.due} wait for a worker"
    if flow.later and flow.last_due:
        yield f"  {flow.later} wait for the hour of their readers, the last until {flow.last_due:%Y-%m-%d %H:%M} UTC"
    for retry in flow.retries:
        said = f"the mail server said {retry.code}" if retry.code else "nothing was answered"
        yield f"  {retry.count} wait for another try, as {said}: from {retry.next_at:%Y-%m-%d %H:%M:%S} UTC on"


# --- for programs ----------------------------------------------------------------------------------------------------


def _json(found: Status, settings: Settings) -> dict[str, Any]:
    leader = found.leader
    return {
        "at": found.at,
        "next": [_slot(one) for one in found.due],
        "slots": [{"edition": key, "outcome": what, "remark": why} for key, what, why in found.trouble],
        "editions": [
            _edition(one, settings.newsletters.get(one.edition.newsletter), found.at) for one in found.sending
        ],
        "leader": {"owner": leader.owner, "since": leader.since, "heard_at": leader.heard_at} if leader else None,
        "limits": limits_json(settings.smtp, found.limits, found.known),
        "relays": [asdict(one) for one in found.relays],
        "workers": found.workers,
        "running": [asdict(one) for one in found.running],
        "alerts": [asdict(one) for one in found.alerts],
        "unreleased": found.unreleased,
        "doubt_bound": found.doubt_bound,
    }


def _slot(one: Slot) -> dict[str, Any]:
    known = {"newsletter": one.newsletter, "day": one.day, "cadence": one.cadence, "due_at": one.due_at}
    return known | {"edition": one.key}


def _edition(one: Sending, newsletter: Newsletter | None, now: datetime) -> dict[str, Any]:
    edition, tally = one.edition, one.tally
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
        "quiet_until": ends_at(newsletter, now),
        "rate": one.flow.rate,
        "done_at": done_at(one.flow, now=now),
        "waits": {
            "due": one.flow.due,
            "later": one.flow.later,
            "retry": [asdict(retry) for retry in one.flow.retries],
        },
        "variants": one.variants,
        "variants_bound": MOST,
    }
