"""`schedule`: when the next editions are due, for whom, and on which days there is none."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow
from digest.cli.quiet import ahead_line, held_until, held_words, quiet_json
from digest.config import Newsletter, pick_newsletter, zone
from digest.model import Cadence, Slot, edition_key
from digest.outbox.warming import day_at
from digest.pipeline.audience import Wave, clocks, is_for_all, waves
from digest.schedule.slots import ahead
from digest.store.backup import unreleased
from digest.worker.quota import left

COLUMNS = ["edition", "where it is at home", "UTC", "readers", ""]


@dataclass(frozen=True, kw_only=True)
class Due:
    """A slot, and who is to get its edition, wave by wave."""

    slot: Slot
    local: datetime  #: when it is due, by the clock of the newsletter's home
    waves: tuple[Wave, ...]
    allowed: int | None  #: messages that the warm-up of the relays lets leave that day; None: any number

    @property
    def readers(self) -> int:
        return sum(one.readers for one in self.waves)


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A day, or the edition of a cadence, that is left out."""

    edition: str
    day: date
    why: str


@dataclass(frozen=True, kw_only=True)
class Agenda:
    name: str
    newsletter: Newsletter
    due: tuple[Due, ...]
    skipped: tuple[Skipped, ...]


@main.command()
@click.argument("newsletter", required=False)
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How far to look ahead.")
@as_json
@pass_app
def schedule(app: Digest, newsletter: str | None, days: int, as_json: bool) -> None:
    """Tell when the next editions are due, for how many readers, and on which days there is none.

    Of one NEWSLETTER, or of all.  With `deliver = "local"` or `hours`: its waves, each with the time zones whose
    readers get it then.

    \b
    digest schedule
    digest schedule daily --days 60
    """
    now = utcnow()
    names = [pick_newsletter(app.settings, newsletter)[0]] if newsletter else list(app.settings.newsletters)
    agendas = [_agenda(app, name, now, days) for name in names]
    with app.database.read() as db:
        waits = unreleased(db)
    if as_json:
        echo_json({"at": now, "days": days, "released": not waits, "newsletters": [_json(one) for one in agendas]})
        return
    if waits:
        click.echo("This database was restored from a backup: nothing is sent until `digest database release`.")
    rows = [row for one in agendas for row in _rows(one)]
    echo_table(COLUMNS, rows, empty="no newsletter in the configuration")
    for one in agendas:
        if one.due and (line := ahead_line(one.newsletter, one.due[0].slot.due_at)):
            click.echo(f"{one.name}: {line}")


def _agenda(app: Digest, name: str, now: datetime, days: int) -> Agenda:
    newsletter = app.settings.newsletters[name]
    with app.database.read() as db:
        slots, without = ahead(name, newsletter, now=now, days=days, clocks=clocks(db, name, newsletter))
        days_waves = {(one.day, one.cadence): one for one in reversed(slots)}
        known = {which: waves(db, one, newsletter) for which, one in days_waves.items()}
        allowed = {day: left(db, app.settings.smtp, day) for day in {day_at(one.due_at) for one in slots}}
    found = [_due(one, newsletter, known[one.day, one.cadence], allowed[day_at(one.due_at)]) for one in slots]
    due = [one for one in found if one.waves or is_for_all(one.slot)]
    skipped = [Skipped(edition=edition_key(name, day), day=day, why=why) for day, why in without.items()]
    skipped += [
        Skipped(edition=one.slot.key, day=one.slot.day, why="has no readers") for one in found if one not in due
    ]
    return Agenda(name=name, newsletter=newsletter, due=tuple(due), skipped=tuple(skipped))


def _due(one: Slot, newsletter: Newsletter, found: Sequence[Wave], allowed: int | None) -> Due:
    theirs = tuple(wave for wave in found if one.wave is None or wave.at == one.due_at)
    return Due(slot=one, local=one.due_at.astimezone(zone(newsletter)), waves=theirs, allowed=allowed)


def _json(one: Agenda) -> dict[str, Any]:
    return {
        "newsletter": one.name,
        "timezone": one.newsletter.timezone,
        "slots": [
            {
                "edition": due.slot.key,
                "day": due.slot.day,
                "cadence": due.slot.cadence,
                "due_at": due.slot.due_at,
                "local": due.local,
                "readers": due.readers,
                "waves": [
                    asdict(wave) | {"held_until": held_until(one.newsletter, wave.at, wave.zones)} for wave in due.waves
                ],
                "warm_up_left": due.allowed,
                **quiet_json(one.newsletter, due.slot.due_at),
            }
            for due in one.due
        ],
        "skipped": [asdict(skipped) for skipped in sorted(one.skipped, key=lambda skipped: skipped.edition)],
    }


def _rows(one: Agenda) -> list[tuple[object, ...]]:
    """In the order of the days; below an edition that leaves in waves, these."""
    rows = [((due.slot.day, list(Cadence).index(due.slot.cadence)), _due_rows(due, one.newsletter)) for due in one.due]
    rows += [((left.day, len(Cadence)), [(left.edition, "", "", "", left.why)]) for left in one.skipped]
    return [row for _, those in sorted(rows, key=lambda found: found[0]) for row in those]


def _due_rows(due: Due, newsletter: Newsletter) -> list[tuple[object, ...]]:
    local = f"{due.local:%a %Y-%m-%d %H:%M %Z}"
    first = (due.slot.key, local, f"{due.slot.due_at:%Y-%m-%d %H:%M}", due.readers)
    if due.slot.wave is not None:
        return [(*first, _in_one(_bound(due), *(_of_wave(one, newsletter) for one in due.waves)))]
    if newsletter.deliver != "local" and not newsletter.hours:
        held = held_words(held_until(newsletter, due.slot.due_at, ()))
        return [(*first, _in_one(_bound(due), held))]
    below = [("", "", f"{one.at:%Y-%m-%d %H:%M}", one.readers, _of_wave(one, newsletter)) for one in due.waves]
    return [(*first, _bound(due)), *below]


def _of_wave(wave: Wave, newsletter: Newsletter) -> str:
    """Whose it is, and until when it is held back."""
    return _in_one(_whose(wave), held_words(held_until(newsletter, wave.at, wave.zones)))


def _bound(due: Due) -> str:
    is_larger = due.allowed is not None and due.readers > due.allowed
    return f"the warm-up lets {due.allowed} leave that day" if is_larger else ""


def _in_one(*remarks: str) -> str:
    return "; ".join(filter(None, remarks))


def _whose(wave: Wave) -> str:
    """As in "Asia/Tokyo, Europe/Berlin", and the hours that readers chose."""
    return ", ".join((*wave.zones, *(f"at {hour}" for hour in wave.hours)))
