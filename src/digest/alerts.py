"""The state of things in, what an operator has to see to out, each with what to do.  Pure.

An alert is known by its key: it is told once while its key is there, and once more when it is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.config import Alerts
from digest.model import EditionStatus, Health, Tally
from digest.model.delivery import DeliveryState

MB = 1024 * 1024
ENOUGH = 50  #: deliveries that ended, before their share of failures says something
ARTICLES = 20  #: of a source, before its usual pace says something
GAPS = 10  #: usual pauses between two articles, after which a source is silent
SHORTEST_SILENCE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Alert:
    key: str  #: its kind, a slash, and what it is about
    what: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class SlotSeen:
    """A slot that was taken, and what came of it."""

    key: str
    due_at: datetime
    outcome: str
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class EditionSeen:
    """An edition that was approved."""

    edition: EditionStatus
    tally: Tally
    due: int = 0  #: deliveries that may go, and wait for a worker


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The state of things."""

    slots: tuple[SlotSeen, ...] = ()
    reviews: tuple[tuple[str, datetime], ...] = ()  #: editions that an editor has to approve yet, and when they are due
    going: tuple[EditionSeen, ...] = ()  #: approved, and not done
    newest: tuple[EditionSeen, ...] = ()  #: of each newsletter and cadence
    sources: tuple[Health, ...] = ()  #: those that are polled
    disk_free: int | None = None  #: bytes; None: the database is elsewhere
    backup_at: datetime | None = None
    backups_since: datetime | None = None  #: from when on one is expected; None: `digest` does not make them


def decide(seen: Seen, limits: Alerts, *, now: datetime) -> list[Alert]:
    """All that there is to see to now."""
    return [
        *_slots(seen, limits, now),
        *_reviews(seen, limits, now),
        *_going(seen, limits, now),
        *_bounces(seen, limits),
        *_sources(seen, now),
        *_machine(seen, limits, now),
    ]


def _slots(seen: Seen, limits: Alerts, now: datetime) -> Iterator[Alert]:
    late = now - timedelta(minutes=limits.late_minutes)
    for one in seen.slots:
        why = f": {one.remark}" if one.remark else ""
        if one.outcome == "missed":
            yield Alert(
                key=f"missed/{one.key}",
                what=f"{one.key} was missed{why}",
                advice=f"`digest build {one.key}` and `digest send {one.key}` make up for it; else do nothing",
            )
        elif one.outcome == "partly":
            advice = f"`digest deliveries list {one.key} --state expired` says who; nothing else is to be done"
            yield Alert(key=f"missed/{one.key}", what=f"{one.key} was missed by some readers{why}", advice=advice)
        elif one.outcome in {"taken", "waiting", "held"} and one.due_at <= late:
            advice = f"`digest status` says what is missing; `digest approve {one.key}` sends it"
            yield Alert(key=f"late/{one.key}", what=f"{one.key} is late, {one.outcome}{why}", advice=advice)


def _reviews(seen: Seen, limits: Alerts, now: datetime) -> Iterator[Alert]:
    soon = now + timedelta(minutes=limits.review_minutes)
    for key, due_at in seen.reviews:
        if now < due_at <= soon:
            what = f"{key} is due at {due_at:%H:%M} UTC and nobody has approved it"
            advice = f"`digest build` makes the draft, `digest preview` shows it, `digest approve {key}` signs it off"
            yield Alert(key=f"review/{key}", what=what, advice=advice)


def _going(seen: Seen, limits: Alerts, now: datetime) -> Iterator[Alert]:
    late = now - timedelta(minutes=limits.late_minutes)
    for one in seen.going:
        edition = one.edition
        if edition.paused_reason:
            advice = f"`digest doctor` says what is wrong; then `digest deliveries retry {edition.key}`"
            what = f"sending of {edition.key} has paused: {edition.paused_reason}"
            yield Alert(key=f"paused/{edition.key}", what=what, advice=advice)
        elif one.due and not one.tally.count(DeliveryState.SENT) and edition.due_at and edition.due_at <= late:
            held = "; an editor holds it" if edition.hold else ""
            advice = f"`digest status` says what it waits for; `digest approve {edition.key}` ends a hold"
            what = f"{edition.key} is late: none of {one.tally.audience} copies has been sent{held}"
            yield Alert(key=f"unsent/{edition.key}", what=what, advice=advice)


def _bounces(seen: Seen, limits: Alerts) -> Iterator[Alert]:
    for one in seen.newest:
        failed = one.tally.count(DeliveryState.FAILED)
        ended = failed + one.tally.count(DeliveryState.SENT)
        if ended >= ENOUGH and 100 * failed >= limits.bounce_percent * ended:
            what = f"{failed} of {ended} copies of {one.edition.key} were refused for good"
            advice = f"`digest deliveries list {one.edition.key} --state failed` says what the mail server said"
            yield Alert(key=f"bounces/{one.edition.key}", what=what, advice=advice)


def _sources(seen: Seen, now: datetime) -> Iterator[Alert]:
    for one in seen.sources:
        name = one.source.name
        if one.memory.told_at:
            since = one.memory.failing_since or one.memory.told_at
            what = f"source {name} keeps failing, since {since:%Y-%m-%d %H:%M} UTC"
            yield Alert(key=f"failing/{name}", what=what, advice="`digest sources list` says why")
        elif one.newest and now - one.newest > silence(one):
            what = f"source {name} answers, but has published nothing since {one.newest:%Y-%m-%d %H:%M} UTC"
            advice = "see whether its feed has moved, and correct [[sources]] url"
            yield Alert(key=f"silent/{name}", what=what, advice=advice)


def silence(one: Health) -> timedelta:
    """How long a source may publish nothing, by its own pace; for ever where that is not known."""
    if one.stored < ARTICLES or not one.oldest or not one.newest or one.newest <= one.oldest:
        return timedelta.max
    return max(SHORTEST_SILENCE, GAPS * (one.newest - one.oldest) / (one.stored - 1))


def _machine(seen: Seen, limits: Alerts, now: datetime) -> Iterator[Alert]:
    if seen.disk_free is not None and seen.disk_free < limits.disk_mb * MB:
        what = f"the disk of the database has {seen.disk_free // MB} MB left"
        yield Alert(key="disk/database", what=what, advice="make room: without any, sending stops")
    if not limits.backup_days or seen.backups_since is None:
        return
    last = seen.backup_at or seen.backups_since
    if now - last > timedelta(days=limits.backup_days):
        when = f"is of {last:%Y-%m-%d}" if seen.backup_at else "has never been made"
        advice = "`digest database backup FILE`, once a day from cron"
        yield Alert(key="backup/database", what=f"the last backup {when}", advice=advice)
