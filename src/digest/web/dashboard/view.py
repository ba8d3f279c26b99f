"""A board in, what its page is filled with out: words, charts, and each chart once more as a table.  Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from digest.config import Newsletter, Settings, zone
from digest.model import WAITING, Cadence, DeliveryState
from digest.outbox.pace import LATELY, done_at
from digest.store.alerts import Standing
from digest.web.dashboard import charts
from digest.web.dashboard.charts import Frame, Series
from digest.web.dashboard.figures import Figure, came_back, clock, days, delivery, readers
from digest.web.dashboard.look import ARTICLES, Board, Paper, SourceSeen
from digest.web.desk.standing import looks
from digest.worker.quota import Warmth
from digest.worker.slowed import DomainRow, RelayRow, configured

KINDS = {Cadence.WEEKDAYS: "for weekday readers", Cadence.WEEKLY: "for weekly readers"}
#: What an edition's numbers are called, and the class of each in its bar.
STATES: Mapping[str, tuple[str, tuple[DeliveryState, ...]]] = {
    "sent": ("sent", (DeliveryState.SENT,)),
    "failed": ("failed", (DeliveryState.FAILED,)),
    "held": ("held", (DeliveryState.HELD,)),
    "waiting": ("rest", WAITING),
    "skipped": ("out", (DeliveryState.SKIPPED,)),
    "expired": ("out", (DeliveryState.EXPIRED,)),
}
ALWAYS = ("sent", "failed", "held", "waiting")  #: told even where they are 0


@dataclass(frozen=True, kw_only=True)
class Card:
    """An edition of today."""

    title: str
    key: str
    subject: str
    word: str
    kind: str  #: of the dot before it, as on the desk
    told: str
    numbers: Sequence[tuple[str, str, str]] = ()  #: what, how many, class
    svg: str = ""


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    name: str
    is_well: bool
    health: str
    error: str
    newest: str
    lately: str
    svg: str


@dataclass(frozen=True, kw_only=True)
class RelayLine:
    name: str
    weight: str
    is_well: bool
    state: str
    why: str
    rate: str  #: now, and what is allowed
    warm_up: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """The whole of it."""

    at: datetime
    told_at: str
    cards: Sequence[Card]
    alerts: Sequence[tuple[str, str, Sequence[tuple[bool, str]]]]  #: since when, what, and the advice in pieces
    figures: Sequence[Figure]
    sources: Sequence[SourceRow]
    limits: Sequence[Sequence[str]]
    relays: Sequence[RelayLine]
    rates: str
    unreleased: bool
    newsletters: Mapping[str, str] = field(default_factory=dict)  #: titles by name
    chosen: str = ""


def page(board: Board, settings: Settings) -> Page:
    here = _zone(settings, board.chosen)
    return Page(
        at=board.at,
        told_at=f"{board.at.astimezone(here):%H:%M:%S %Z}",
        cards=[_card(number, one, settings, board.at) for number, one in enumerate(board.papers)],
        alerts=[_alert(one, here) for one in board.alerts],
        figures=[
            delivery(board.last, here),
            came_back(board.domains),
            *readers(board, _named(settings, board.chosen)),
        ],
        sources=sorted((_source(n, one, board, here) for n, one in enumerate(board.sources)), key=_trouble_first),
        limits=[_limit(one, here) for one in board.limits],
        relays=[_relay(one, board, here) for one in board.relays],
        rates=_rates(settings),
        unreleased=board.unreleased,
        newsletters={name: letter.title for name, letter in settings.newsletters.items()},
        chosen=board.chosen,
    )


def _named(settings: Settings, name: str) -> str:
    letter = settings.newsletters.get(name)
    return letter.title if letter else name


def _zone(settings: Settings, name: str) -> tzinfo:
    letter = settings.newsletters.get(name)
    return zone(letter) if letter else UTC


# --- editions --------------------------------------------------------------------------------------------------------


def _card(number: int, paper: Paper, settings: Settings, now: datetime) -> Card:
    letter = settings.newsletters[paper.newsletter]
    here = zone(letter)
    if paper.edition is None:
        word = "No edition" if paper.why_none else "Not built yet"
        told = paper.why_none or f"due {clock(paper.due_at, here)}"
        return Card(title=_title(letter, paper), key=paper.key, subject="", word=word, kind="open", told=told)
    edition, (word, kind) = paper.edition, looks(paper.edition)
    return Card(
        title=_title(letter, paper),
        key=paper.key,
        subject=edition.content.subject,
        word=word,
        kind=kind,
        told=_how_it_goes(paper, here, now),
        numbers=list(_numbers(paper.states)),
        svg=_share(f"share-{number}", paper.states),
    )


def _title(letter: Newsletter, paper: Paper) -> str:
    cadence = paper.edition.cadence if paper.edition else Cadence.DAILY
    kind = f", {KINDS[cadence]}" if cadence in KINDS else ""
    wave = f", {_away(paper.edition.wave)}" if paper.edition and paper.edition.wave else ""
    return f"{letter.title}, {paper.day:%A} {paper.day.day} {paper.day:%B}{kind}{wave}"


def _away(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{hours}:{rest:02} h {'later' if minutes > 0 else 'earlier'}"


def _how_it_goes(paper: Paper, here: tzinfo, now: datetime) -> str:
    edition = paper.edition
    assert edition is not None
    if edition.paused_reason:
        return f"Sending paused: {edition.paused_reason}"
    if edition.approved_at is None:
        return f"due {clock(edition.due_at, here)}" if edition.due_at else ""
    if paper.flow is None:
        ended = max(
            (at for state, at, _ in paper.course if state in {DeliveryState.SENT, DeliveryState.FAILED}), default=None
        )
        return f"the last copy left {clock(ended, here)}" if ended else ""
    if edition.hold:
        return "waits for a person: to approve it again lets it go on"
    rate = f"{paper.flow.rate:,.1f} a second over the last minute"
    end = done_at(paper.flow, now=now)
    if end:
        return f"{rate}; done about {clock(end, here)}"
    return f"{rate}; nothing moves, so nobody knows when it is done" if paper.flow.due else rate


def _numbers(states: Counter[DeliveryState]) -> Iterator[tuple[str, str, str]]:
    if not states:
        return
    yield "audience", f"{states.total():,}", ""
    for name, (kind, which) in STATES.items():
        count = sum(states[one] for one in which)
        if count or name in ALWAYS:
            yield name, f"{count:,}", kind


def _share(name: str, states: Counter[DeliveryState]) -> str:
    if not states:
        return ""
    counts = {told: (kind, sum(states[one] for one in which)) for told, (kind, which) in STATES.items()}
    title = ", ".join(f"{count:,} {told}" for told, (_, count) in counts.items() if count)
    return charts.share(
        Frame(name=name, title=f"Of {states.total():,} copies: {title}"),
        [Series(name=told, kind=kind, values=[count]) for told, (kind, count) in counts.items()],
    )


# --- sources, domains, alerts ----------------------------------------------------------------------------------------


def _source(number: int, one: SourceSeen, board: Board, here: tzinfo) -> SourceRow:
    memory = one.memory
    values = [one.by_day.get(day, 0) for day in days(board.at, ARTICLES)]
    is_silent = any(alert.key == f"silent/{memory.source}" for alert in board.alerts)
    title = f"Articles of {memory.source} a day: {', '.join(map(str, values))}"
    return SourceRow(
        name=memory.source,
        is_well=not (memory.failures or is_silent),
        health=_health(one, is_silent=is_silent),
        error=memory.last_error if memory.failures else "",
        newest=clock(one.newest, here, whole=True) if one.newest else "never",
        lately=f"{sum(values):,}",
        svg=charts.strip(
            Frame(name=f"source-{number}", title=title), Series(name="articles", kind="sent", values=values)
        ),
    )


def _health(one: SourceSeen, *, is_silent: bool) -> str:
    if one.memory.failures:
        return f"failed {one.memory.failures}×"
    if is_silent:
        return "silent"
    return "well" if one.memory.last_success_at else "not fetched yet"


def _trouble_first(row: SourceRow) -> tuple[bool, str]:
    return row.is_well, row.name


def _limit(one: DomainRow, here: tzinfo) -> list[str]:
    rate = f"no mail before {clock(one.shut_until, here)}" if one.shut_until else ""
    at_most = f"{one.rate:.3g} a second" if one.rate is not None else "any"
    return [
        one.place,
        f"{one.waiting:,}",
        rate or at_most,
        clock(one.since, here),
        one.reason or "the configured rate",
    ]


def _relay(one: RelayRow, board: Board, here: tzinfo) -> RelayLine:
    rate = f"{board.lately.get(one.name, 0) / LATELY.total_seconds():,.1f} a second"
    return RelayLine(
        name=one.name or "the mail server",
        weight=f"{one.weight:g}",
        is_well=not one.reason,
        state=_circuit(one, here),
        why=one.reason,
        rate=f"{rate}, at most {one.rate}" if one.rate else rate,
        warm_up=_warm_up(one.warm_up, here) if one.warm_up else "",
    )


def _circuit(one: RelayRow, here: tzinfo) -> str:
    if one.shut_until:
        return f"no mail before {clock(one.shut_until, here)}"
    return "is tried again" if one.reason else "takes mail"


def _warm_up(one: Warmth, here: tzinfo) -> str:
    goes_on = clock(one.goes_on_at, here, whole=True) if one.goes_on_at else ""
    if one.day < 1:
        return f"begins {goes_on}"
    return f"day {one.day}: {one.used:,} of {one.quota:,}{f', goes on {goes_on}' if goes_on else ''}"


def _rates(settings: Settings) -> str:
    told = configured(settings.smtp)
    return f"At most {', '.join(told)}." if told else "No rate is set."


def _alert(one: Standing, here: tzinfo) -> tuple[str, str, list[tuple[bool, str]]]:
    advice = [(bool(number % 2), words) for number, words in enumerate(one.advice.split("`")) if words]
    return clock(one.since, here, whole=True), one.what, advice
