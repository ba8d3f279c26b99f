"""A database and a moment in, what the dashboard shows out: counted by the database, and of nobody in particular."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from digest.config import Newsletter, Settings, local_day
from digest.edition import cadences
from digest.model import Cadence, DeliveryState, EditionState, EditionStatus, Memory, edition_key
from digest.outbox.pace import LATELY, Flow
from digest.pipeline.seeing import flow
from digest.store import alerts, backup, editions, events, figures, sources, statistics
from digest.store.alerts import Standing
from digest.store.database import Database
from digest.store.statistics import Days
from digest.worker.slowed import DomainRow, RelayRow, domain_rows, relay_rows

RECENT = 8  #: editions of a newsletter among which today's and the last one are looked for
CAME_BACK = 14  #: days over which bounces and complaints are counted
READERS = 30  #: days over which readers are shown
ARTICLES = 14  #: days over which the articles of a source are shown
UNDERWAY = (EditionState.APPROVED, EditionState.SENDING)

Course = Sequence[tuple[DeliveryState, datetime, int]]  #: state, minute of the last change, and how many


@dataclass(frozen=True, kw_only=True)
class Paper:
    """An edition, or the place of one that is not built yet."""

    key: str
    newsletter: str
    day: date
    due_at: datetime | None = None
    why_none: str = ""  #: why the day has no edition
    edition: EditionStatus | None = None  #: None where none is stored
    course: Course = ()
    flow: Flow | None = None  #: while it is going out

    @property
    def states(self) -> Counter[DeliveryState]:
        """How many deliveries are in each."""
        found = Counter[DeliveryState]()
        for state, _, count in self.course:
            found[state] += count
        return found


@dataclass(frozen=True, kw_only=True)
class SourceSeen:
    """A source that is polled."""

    memory: Memory
    newest: datetime | None  #: when its last article was published
    by_day: Mapping[date, int]


@dataclass(frozen=True, kw_only=True)
class Board:
    """All that is shown, as of one moment."""

    at: datetime
    chosen: str  #: the newsletter whose readers and last edition are shown
    papers: Sequence[Paper]  #: today's of all newsletters, and what else is going out
    last: Paper | None  #: the newest that was approved, of the chosen newsletter
    readers: Days
    domains: Sequence[tuple[str, str, int]]  #: domain, what came back, how many copies
    sources: Sequence[SourceSeen]
    alerts: Sequence[Standing]
    limits: Sequence[DomainRow]
    relays: Sequence[RelayRow]
    lately: Mapping[str, int]  #: copies that each relay took within `LATELY`, of what is going out
    unreleased: bool  #: it is a copy, from which nothing is sent


def look(settings: Settings, database: Database, wanted: str, *, now: datetime) -> Board:
    """One view of the database.  `wanted`: a newsletter; another word leaves the choice to the newest edition."""
    with database.read() as db:
        recent = {name: _recent(db, name) for name in settings.newsletters}
        chosen = wanted if wanted in recent else _newest(recent)
        seen = _Editions(db, now)
        papers = [
            paper for name, letter in settings.newsletters.items() for paper in seen.today(name, letter, recent[name])
        ]
        relays = relay_rows(db, settings.smtp, now=now)
        return Board(
            at=now,
            chosen=chosen,
            papers=papers,
            last=next((seen.paper(one) for one in recent.get(chosen, ()) if one.approved_at), None),
            readers=statistics.of_days(db, chosen, since=since(now, READERS)),
            domains=events.by_domain(db, since=since(now, CAME_BACK)),
            sources=_sources(settings, db, now),
            alerts=alerts.standing(db),
            limits=domain_rows(db, settings.smtp, now=now),
            relays=relays,
            lately=_lately(db, papers, now) if relays else {},
            unreleased=backup.unreleased(db),
        )


def _lately(db: Connection, papers: Sequence[Paper], now: datetime) -> Mapping[str, int]:
    going = [one.edition.id for one in papers if one.edition and one.flow]
    return figures.by_relay(db, going, since=now - LATELY) if going else {}


def since(now: datetime, days: int) -> datetime:
    """The midnight in UTC with which so many days begin, of which this is the last."""
    first = now.astimezone(UTC).date() - timedelta(days=days - 1)
    return datetime.combine(first, time(), tzinfo=UTC)


def _recent(db: Connection, name: str) -> list[EditionStatus]:
    """The last ones, and of those for further waves what is going out."""
    found = editions.listing(db, newsletter=name, waves=False, limit=RECENT)
    return [*found, *(one for one in editions.unfinished(db) if one.newsletter == name and one.wave)]


def _newest(recent: Mapping[str, Sequence[EditionStatus]]) -> str:
    """The newsletter that approved last, else the first."""
    approved = {
        name: max((one.approved_at for one in found if one.approved_at), default=None) for name, found in recent.items()
    }
    begun = {name: moment for name, moment in approved.items() if moment}
    return max(begun, key=begun.__getitem__) if begun else next(iter(recent), "")


class _Editions:
    """Editions with their figures; the deliveries of each are counted once for a look."""

    def __init__(self, db: Connection, now: datetime) -> None:
        self._db, self._now = db, now
        self._papers: dict[int, Paper] = {}

    def today(self, name: str, letter: Newsletter, recent: Sequence[EditionStatus]) -> list[Paper]:
        """Those of the local day, and others that are going out still; at least one, be it the one to come."""
        day = local_day(letter, self._now)
        found = [self.paper(one) for one in recent if one.day == day or one.state in UNDERWAY]
        return found if any(one.day == day for one in found) else [_to_come(name, letter, day), *found]

    def paper(self, one: EditionStatus) -> Paper:
        if one.id not in self._papers:
            self._papers[one.id] = Paper(
                key=one.key,
                newsletter=one.newsletter,
                day=one.day,
                due_at=one.due_at,
                edition=one,
                course=figures.course(self._db, one.id) if one.approved_at else (),
                flow=flow(self._db, one.id, now=self._now) if one.state in UNDERWAY else None,
            )
        return self._papers[one.id]


def _to_come(name: str, letter: Newsletter, day: date) -> Paper:
    why = "" if Cadence.DAILY in cadences.due(letter, day) else cadences.why_none(letter, day) or "no daily edition"
    due_at = None if why else cadences.moment(letter, day, letter.timezone)
    return Paper(key=edition_key(name, day), newsletter=name, day=day, due_at=due_at, why_none=why)


def _sources(settings: Settings, db: Connection, now: datetime) -> list[SourceSeen]:
    urls = {one.name: one.url for one in settings.sources if one.url}
    names = list(urls)
    newest = sources.newest(db, names, now=now)
    by_day = sources.by_day(db, names, since=since(now, ARTICLES), now=now)
    remembered = sources.memories(db, names)
    return [
        SourceSeen(memory=_of_url(remembered[name], url), newest=newest.get(name), by_day=by_day.get(name, {}))
        for name, url in urls.items()
    ]


def _of_url(memory: Memory, url: str) -> Memory:
    """What is remembered of another address says nothing of this one."""
    return memory if memory.url == url else Memory(source=memory.source, url=url)
