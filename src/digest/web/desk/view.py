"""An edition at the desk in, what its panels show out.  Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from digest.edition.checklist import checklist
from digest.edition.comparing import Comparison
from digest.edition.select import is_pinned
from digest.lint.finding import Finding, Severity
from digest.lint.mail import Part
from digest.model import Article, Decided, Edition, EditionStatus, Fate, Image, Item, Point, Story, Verdict
from digest.pipeline.building import Draft
from digest.store.operations import SignOff
from digest.stories.change import change
from digest.stories.why import verdict
from digest.web.desk.frame import marks_of
from digest.web.desk.words import told

OTHERS = 40  #: runners-up that are shown

#: What a story's row says of each decision about it that holds.
TAGS: Mapping[str, str] = {
    "pin": "pinned",
    "move": "moved",
    "merge": "merged",
    "split": "parted",
    "lead": "other lead",
    "reword": "reworded",
    "image": "picture",
    "section": "filed",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A story in the running order, or one that is left out."""

    place: int
    story: str
    headline: str
    url: str
    language: str
    told_by: str
    points: float
    tags: tuple[str, ...]
    why: str = ""  #: what keeps it out


@dataclass(frozen=True, kw_only=True)
class Group:
    """The stories under one heading; "" for none."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Told:
    """An article of a story."""

    title: str
    url: str
    source: str
    language: str
    published: datetime
    told: str
    leads: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One that a story could have."""

    url: str
    alt: str
    credit: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class About:
    """A story, and why it stands where it stands."""

    id: str
    is_in: bool
    verdict: str
    headline: str
    blurb: str
    section: str
    language: str
    image: Image | None
    images: tuple[Picture, ...]
    sentences: tuple[str, ...]
    ledger: tuple[Point, ...]
    most: float  #: points of the greatest line, but for an editor's: beside a pin's no other could be seen
    score: float
    rank: int
    total: int
    sources: int
    articles: tuple[Told, ...]
    first_seen: str
    last_update: str


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Something on the editor's checklist."""

    story: str
    headline: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Linted:
    """A finding of `digest lint`, with what it is found by in the frame."""

    rule: str
    severity: str
    place: str
    wrong: str
    why: str
    mend: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A decision in the record."""

    number: int
    told: str
    who: str
    at: datetime
    when: str
    undone: str  #: by whom; "" while it holds


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What somebody did about the edition as a whole."""

    told: str
    who: str
    when: str


@dataclass(frozen=True, kw_only=True)
class Before:
    """What the edition before this one had."""

    key: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]  #: what became of stories, and their headlines


def groups(draft: Draft) -> tuple[Group, ...]:
    """The edition, heading by heading, as a reader meets it."""
    edition, place, found = draft.edition, 0, []
    tags, stories = _tags(draft), {one.id: one for one in draft.replayed.stories}
    headings = [("", (edition.lead,) if edition.lead else ()), *((one.name, one.items) for one in edition.sections)]
    for name, items in headings:
        rows = tuple(_row(place + n, item, stories.get(item.story), tags) for n, item in enumerate(items, 1))
        place += len(rows)
        if rows:
            found.append(Group(name=name, rows=rows))
    return tuple(found)


def others(draft: Draft) -> tuple[tuple[Row, ...], int]:
    """What is left out, the best first, and how many more there are."""
    inside = {item.story for item in draft.edition.items}
    outside = sorted((one for one in draft.replayed.stories if one.id not in inside), key=lambda one: one.rank)
    standings, tags = draft.replayed.selection.standings, _tags(draft)
    rows = [
        _row(story.rank, None, story, tags, why=_capital(standings[story.id].sentence) if story.id in standings else "")
        for story in outside[:OTHERS]
    ]
    return tuple(rows), max(0, len(outside) - OTHERS)


def _row(
    place: int, item: Item | None, story: Story | None, tags: Mapping[str, Sequence[str]], *, why: str = ""
) -> Row:
    id_ = item.story if item else story.id if story else ""
    marks = [*(["update"] if item and item.update else []), *tags.get(id_, ())]
    if story and is_pinned(story) and "pinned" not in marks and "moved" not in marks:
        marks.append("pinned")
    source, sources = (item.source, item.sources) if item else (story.lead.source, story.sources) if story else ("", 1)
    return Row(
        place=place,
        story=id_,
        headline=item.headline if item else story.lead.title if story else "",
        url=item.url if item else story.lead.url if story else "",
        language=item.language if item else story.lead.language if story else "",
        told_by=_told_by(source, sources),
        points=_earned(story) if story else 0.0,
        tags=tuple(marks),
        why=why,
    )


def _earned(story: Story) -> float:
    """Its points without those that an editor's pin or drop stands for."""
    return story.score - sum(point.points for point in story.ledger if point.signal == "editor")


def _told_by(source: str, sources: int) -> str:
    """As in "Harbour Wire +2"."""
    return f"{source or 'no source'}{f' +{sources - 1}' if sources > 1 else ''}"


def _tags(draft: Draft) -> dict[str, list[str]]:
    """What each story's row says was decided about it, where it holds."""
    kinds = {one.number: one.operation.kind for one in draft.decided}
    found: dict[str, list[str]] = {}
    for one in draft.replayed.verdicts:
        tag = TAGS.get(kinds[one.number], "")
        if one.fate is Fate.APPLIED and one.story and tag and tag not in found.setdefault(one.story, []):
            found[one.story].append(tag)
    return found


def about(draft: Draft, id_: str, zone: tzinfo, *, limit: int) -> About | None:
    """All that is known of a story; None where there is none of this id.

    Args:
        draft: The edition.
        id_: Of the story.
        zone: In which moments are told.
        limit: How many stories the newsletter takes.
    """
    story = next((one for one in draft.replayed.stories if one.id == id_), None)
    if story is None:
        return None
    item = next((one for one in draft.edition.items if one.story == id_), None)
    selection = draft.replayed.selection
    standing = selection.standings.get(id_)
    said = tuple(verdict(story, standing, selection.leads, limit)) if standing else ()
    turn = change(story, standing, draft.ranking.desk.options).sentence if standing else ""
    times = sorted(one.published for one in story.articles)
    return About(
        id=id_,
        is_in=item is not None,
        verdict=said[0] if said else "",
        headline=item.headline if item else story.lead.title,
        blurb=item.blurb if item else "",
        section=item.section if item else "",
        language=item.language if item else story.lead.language,
        image=item.image if item else None,
        images=_pictures(story, item),
        sentences=(*said[1:], *([turn] if turn else [])),
        ledger=tuple(sorted(story.ledger, key=lambda point: -abs(point.points))),
        most=max((abs(point.points) for point in story.ledger if point.signal != "editor"), default=0.0),
        score=story.score,
        rank=story.rank,
        total=len(draft.replayed.stories),
        sources=story.sources,
        articles=tuple(_told(one, story, zone) for one in story.articles),
        first_seen=_when(times[0], zone),
        last_update=_when(times[-1], zone),
    )


def _told(article: Article, story: Story, zone: tzinfo) -> Told:
    return Told(
        title=article.title,
        url=article.url,
        source=article.source,
        language=article.language,
        published=article.published,
        told=_when(article.published, zone),
        leads=article.url == story.lead.url,
    )


def _pictures(story: Story, item: Item | None) -> tuple[Picture, ...]:
    """Those of its articles, and the one it has."""
    there = [item.image] if item and item.image else []
    known = {one.url: one for one in (*there, *(article.image for article in story.articles)) if one}
    chosen = item.image.url if item and item.image else ""
    return tuple(
        Picture(url=url, alt=one.alt or "", credit=one.credit or "", chosen=url == chosen)
        for url, one in known.items()
        if url.startswith(("https://", "http://"))
    )


def checks(edition: Edition, *, now: datetime) -> tuple[Noted, ...]:
    headlines = {item.story: item.headline for item in edition.items}
    return tuple(
        Noted(story=one.story, headline=headlines.get(one.story, ""), sentence=one.sentence)
        for one in checklist(edition, now=now)
    )


def marks(findings: Iterable[Finding]) -> dict[str, tuple[int, int]]:
    """The places of findings in the HTML, by name."""
    return marks_of((one.place.line, one.place.column) for one in _to_mend(findings))


def linted(findings: Iterable[Finding]) -> tuple[Linted, ...]:
    """Errors and warnings, each with its mark where it has a place in the HTML."""
    return tuple(
        Linted(
            rule=one.rule,
            severity=one.severity,
            place=str(one.place),
            wrong=one.wrong,
            why=one.why,
            mend=one.mend,
            mark=f"f{number}" if one.place.part is Part.HTML and one.place.line else "",
        )
        for number, one in enumerate(_to_mend(findings))
    )


def _to_mend(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity is not Severity.NOTE]


def record(decided: Iterable[Decided], zone: tzinfo) -> tuple[Entry, ...]:
    """What was decided, the newest first."""
    return tuple(
        Entry(
            number=one.number,
            told=told(one.operation),
            who=one.who,
            at=one.at,
            when=_when(one.at, zone),
            undone="" if one.is_active else one.undone_by,
        )
        for one in sorted(decided, key=lambda one: -one.number)
    )


def against(found: tuple[EditionStatus, Comparison] | None) -> Before | None:
    """The edition beside the one before it."""
    if found is None:
        return None
    status, compared = found
    moved = [f"{one.before} → {one.place}  {one.item.headline}" for one in compared.moved]
    parts = {
        "New": [one.headline for one in compared.new],
        "Elsewhere": moved,
        "Gone": [one.headline for one in compared.gone],
    }
    return Before(key=status.key, parts=tuple((name, tuple(lines)) for name, lines in parts.items() if lines))


def signed(signs: Iterable[SignOff], zone: tzinfo) -> tuple[Signed, ...]:
    """Who approved, held or cancelled it, the newest first."""
    return tuple(
        Signed(told=f"{one.action}{f': {one.remark}' if one.remark else ''}", who=one.who, when=_when(one.at, zone))
        for one in reversed(tuple(signs))
    )


def conflicts(verdicts: Iterable[Verdict]) -> Iterator[str]:
    return (one.sentence for one in verdicts if one.is_conflict)


def _when(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d %b, %H:%M}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
