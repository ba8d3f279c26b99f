"""What a board has of deliveries, returns and readers in, figures out: a chart each, its words, and a table.  Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from digest.counting import counted
from digest.model import DeliveryState
from digest.web.dashboard import charts
from digest.web.dashboard.charts import Bar, Frame, Mark, Series
from digest.web.dashboard.look import CAME_BACK, READERS, Board, Paper, since
from digest.web.dashboard.scale import Buckets, buckets, marks

DOMAINS = 10  #: that have a row of their own
#: What came back, with its class and what it means.
CAME = {
    "hard": ("hard", "nobody there"),
    "soft": ("soft", "full, or out of reach"),
    "policy": ("policy", "we were refused"),
    "complaint": ("complaint", "called spam"),
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart, and what it says in words and as a table."""

    name: str
    title: str
    told: str
    svg: str = ""  #: "" where there is nothing to draw
    legend: Sequence[tuple[str, str]] = ()  #: class and word of each colour
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def delivery(paper: Paper | None, here: tzinfo) -> Figure:
    """Copies a minute, from the first that left to the last."""
    name, title = "delivery", "Delivery, minute by minute"
    ended = {
        state: {at: count for one, at, count in (paper.course if paper else ()) if one is state}
        for state in (DeliveryState.SENT, DeliveryState.FAILED)
    }
    moments = [at for minutes in ended.values() for at in minutes]
    if paper is None or not moments:
        told = f"Nothing of {paper.key} has left yet." if paper else "No edition has been approved yet."
        return Figure(name=name, title=title, told=told)
    span = buckets(min(moments), max(moments))
    sums = {state: span.summed(minutes) for state, minutes in ended.items()}
    whole = max(moments) - min(moments) >= timedelta(days=1)
    clocks = [clock(start, here, whole=whole) for start in span.starts()]
    last = clock(max(moments), here, whole=whole)
    frame = Frame(
        name=name,
        title=f"Copies of {paper.key} a minute, from {clocks[0]} to {last}",
        marks=_marks(span, here),
        labels=clocks,
    )
    series = [
        Series(name=f"{state} a minute", kind=state.value, values=[count / span.minutes for count in counts])
        for state, counts in sums.items()
    ]
    return Figure(
        name=name,
        title=title,
        told=_pace(paper, sums[DeliveryState.SENT], span.minutes, f"between {clocks[0]} and {last}"),
        svg=charts.columns(frame, series),
        legend=[("sent", "sent"), ("failed", "failed")],
        head=[f"from, {span.minutes} min each" if span.minutes > 1 else "minute", "sent", "failed"],
        rows=[[when, f"{sent:,}", f"{failed:,}"] for when, sent, failed in zip(clocks, *sums.values(), strict=True)],
    )


def _pace(paper: Paper, sent: Sequence[int], minutes: int, between: str) -> str:
    most = max(sent)
    fastest = f", {most / minutes:,.0f} a minute at most" if most else ""
    return f"{paper.key}: {counted(sum(sent), 'copy', 'copies')} sent {between}{fastest}."


def _marks(span: Buckets, here: tzinfo) -> list[Mark]:
    return [Mark(place=span.place(moment), text=text) for moment, text in marks(span, here)]


# --- what came back --------------------------------------------------------------------------------------------------


def came_back(found: Sequence[tuple[str, str, int]]) -> Figure:
    name, title = "returned", "What came back, by domain"
    counts: dict[str, Counter[str]] = {}
    for domain, what, count in found:
        counts.setdefault(domain or "(erased readers)", Counter())[what] += count
    if not counts:
        return Figure(name=name, title=title, told=f"Nothing in the last {CAME_BACK} days.")
    ranked = sorted(counts, key=lambda one: (-counts[one].total(), one))
    shown = {one: counts[one] for one in ranked[:DOMAINS]}
    if others := ranked[DOMAINS:]:
        shown[counted(len(others), "other domain")] = sum((counts[one] for one in others), Counter[str]())
    whole = sum(counts.values(), Counter[str]())
    told = ", ".join(f"{whole[what]:,} {what}" for what in CAME if whole[what])
    return Figure(
        name=name,
        title=title,
        told=f"Copies of the last {CAME_BACK} days: {told}.",
        svg=charts.bars(
            Frame(name=name, title=f"Bounces and complaints of the last {CAME_BACK} days by domain: {told}"),
            [Bar(name=one, parts=[row[what] for what in CAME]) for one, row in shown.items()],
            [(what, kind) for what, (kind, _) in CAME.items()],
        ),
        legend=[(kind, f"{what}: {means}") for what, (kind, means) in CAME.items()],
        head=["domain", *CAME],
        rows=[[one, *(f"{row[what]:,}" for what in CAME)] for one, row in shown.items()],
    )


# --- readers ---------------------------------------------------------------------------------------------------------


def readers(board: Board, name: str) -> Iterator[Figure]:
    span = days(board.at, READERS)
    joined, left = ([counts.get(day, 0) for day in span] for counts in (board.readers.joined, board.readers.left))
    there = _back(board.readers.readers, joined, left)
    labels = [f"{day.day} {day:%b}" for day in span]
    place = [Mark(place=(at + 0.5) / READERS, text=labels[at]) for at in range(1, READERS, 7)]
    change = there[-1] - there[0] + joined[0] - left[0]
    rows = [
        list(row) for row in zip(labels, *([f"{one:,}" for one in all_] for all_ in (joined, left, there)), strict=True)
    ]
    if not any((*there, *joined, *left)):
        yield Figure(name="readers", title="Readers", told="Nobody has confirmed yet.")
        return
    yield Figure(
        name="readers",
        title="Readers",
        told=f"{counted(there[-1], 'reader')}, {change:+,} in {READERS} days.",
        svg=charts.line(
            Frame(name="readers", title=f"Readers of {name} at the end of each day", marks=place, labels=labels),
            Series(name="readers", kind="readers", values=there),
        ),
        head=["day (UTC)", "joined", "left", "readers at its end"],
        rows=rows,
    )
    yield Figure(
        name="moves",
        title="Joined and left",
        told=f"{sum(joined):,} joined and {sum(left):,} left in {READERS} days.",
        svg=charts.columns(
            Frame(name="moves", title=f"Who joined {name} and who left it, by day", marks=place, labels=labels),
            [Series(name="joined", kind="joined", values=joined)],
            [Series(name="left", kind="left", values=left)],
        ),
        legend=[("joined", "joined"), ("left", "left")],
        head=["day (UTC)", "joined", "left"],
        rows=[row[:3] for row in rows],
    )


def days(now: datetime, number: int) -> list[date]:
    first = since(now, number).date()
    return [first + timedelta(days=at) for at in range(number)]


def _back(now: int, joined: Sequence[int], left: Sequence[int]) -> list[int]:
    """How many there were at the end of each day, told from how many there are."""
    found = [now]
    for came, went in zip(reversed(joined[1:]), reversed(left[1:]), strict=True):
        found.append(found[-1] - came + went)
    return found[::-1]


def clock(moment: datetime | None, here: tzinfo, *, whole: bool = False) -> str:
    if moment is None:
        return "at no set time"
    local = moment.astimezone(here)
    return f"{local.day} {local:%b %H:%M}" if whole else f"{local:%H:%M}"
