"""A database in, the figures of it out, as Prometheus reads them (text format 0.0.4).  No label names a person."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.model import EditionStatus
from digest.pipeline.seeing import flow
from digest.store import alerts, backup, deliveries, destinations, editions, figures, paces, processes, sources
from digest.store.database import Database

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

MOST_PLACES = 20  #: that have a label: each is a series of its own

Samples = Sequence[tuple[Mapping[str, str], float]]


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """One figure, or one for each set of labels."""

    name: str
    help: str
    samples: Samples


def exposition(gauges: Iterable[Gauge]) -> str:
    """Pure."""
    return "".join(line for gauge in gauges for line in _lines(gauge))


def _lines(gauge: Gauge) -> Iterator[str]:
    name = f"digest_{gauge.name}"
    yield f"# HELP {name} {gauge.help}\n# TYPE {name} gauge\n"
    for labels, value in gauge.samples:
        pairs = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{pairs}}} {value:.15g}\n" if pairs else f"{name} {value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def gauges(database: Database, *, alive: Mapping[str, bool], now: datetime) -> list[Gauge]:
    """All of them.  `alive`: the parts of this process."""
    with database.read() as db:
        found = [*_of_editions(db, now), *_of_readers(db), *_around(db, now), *_of_destinations(db, now)]
    free = float(shutil.disk_usage(database.path.parent).free) if database.path else None
    return [
        *found,
        Gauge(name="part_alive", help="Whether a part of this process works.", samples=_by("part", alive)),
        Gauge(
            name="disk_free_bytes", help="Room beside the SQLite file.", samples=[] if free is None else [({}, free)]
        ),
    ]


def _of_editions(db: Connection, now: datetime) -> Iterator[Gauge]:
    newest = figures.newest_editions(db)
    yield Gauge(
        name="edition_due_timestamp_seconds",
        help="When the newest edition was due.",
        samples=[(_whose(one), one.due_at.timestamp()) for one in newest if one.due_at],
    )
    yield Gauge(
        name="edition_deliveries",
        help="Deliveries of the newest edition by state.",
        samples=[
            (_whose(one) | {"state": state}, count)
            for one in newest
            for state, count in sorted(deliveries.tally(db, one.id).states.items())
        ],
    )
    going = editions.unfinished(db)
    paused, held = sum(bool(one.paused_reason) for one in going), sum(one.hold for one in going)
    yield Gauge(name="editions_paused", help="Editions whose sending stopped itself.", samples=[({}, paused)])
    yield Gauge(name="editions_held", help="Approved editions that an editor holds.", samples=[({}, held)])
    flows = [flow(db, one.id, now=now) for one in going]
    waiting = {
        "due": sum(one.due for one in flows),
        "later": sum(one.later for one in flows),
        "retry": sum(retry.count for one in flows for retry in one.retries),
        "underway": sum(one.underway for one in flows),
    }
    yield Gauge(name="deliveries_waiting", help="Deliveries that wait, by what for.", samples=_by("what", waiting))
    rate = sum(one.rate for one in flows)
    yield Gauge(name="send_rate", help="Copies a second over the last minute.", samples=[({}, rate)])


def _whose(one: EditionStatus) -> dict[str, str]:
    return {"newsletter": one.newsletter, "cadence": str(one.cadence)}


def _of_readers(db: Connection) -> Iterator[Gauge]:
    states = figures.subscriptions_by_state(db)
    samples = [({"newsletter": newsletter, "state": state}, count) for newsletter, state, count in states]
    yield Gauge(name="subscriptions", help="Subscriptions by newsletter and state.", samples=samples)
    reasons = dict(figures.suppressions_by_reason(db))
    yield Gauge(name="suppressions", help="Addresses that get no mail.", samples=_by("reason", reasons))


def _around(db: Connection, now: datetime) -> Iterator[Gauge]:
    polled = sources.polled(db)
    failing = sum(one.failures > 0 for one in polled)
    by_state = {"well": len(polled) - failing, "failing": failing}
    yield Gauge(name="sources", help="Polled sources by how the last poll went.", samples=_by("state", by_state))
    roles = [role for one in processes.running(db, now=now) for role in one.roles]
    counts = {role: roles.count(role) for role in sorted(set(roles))}
    yield Gauge(name="processes", help="Processes that live, by what works in them.", samples=_by("role", counts))
    kinds = [one.key.partition("/")[0] for one in alerts.standing(db)]
    standing = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    yield Gauge(name="alerts", help="What an operator has to see to.", samples=_by("kind", standing))
    made = backup.last(db)
    samples: Samples = [({}, made.timestamp())] if made else []
    yield Gauge(name="backup_timestamp_seconds", help="When the last backup was made.", samples=samples)


def _of_destinations(db: Connection, now: datetime) -> Iterator[Gauge]:
    known = destinations.roster(db, now=now)
    counts = {"domains": known.domains, "looked_up": known.looked_up, "destinations": known.destinations}
    yield Gauge(name="destinations", help="Domains of readers, and where they go.", samples=_by("what", counts))
    yield Gauge(
        name="destination_waiting",
        help="Deliveries that stand aside for the pace of their destination; of one domain alone as other.",
        samples=_by("destination", _waiting(db)),
    )


def _waiting(db: Connection) -> Mapping[str, int]:
    """A domain that stands for itself may be one person's, and has no label."""
    found, counts = paces.waiting(db), Counter[str]()
    sizes = destinations.sizes(db, [one.domain for one in found])
    for number, one in enumerate(found):
        named = number < MOST_PLACES and sizes.get(one.domain, 0) > 1
        counts[one.domain if named else "other"] += one.number
    return counts


def _by(label: str, counts: Mapping[str, float]) -> Samples:
    return [({label: key}, float(count)) for key, count in counts.items()]
