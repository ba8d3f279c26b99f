"""A group of articles in, the ledger of its score out.  Pure.

The signals are those of Setty et al. (WSDM 2017) and some more: who reports it, how much, how fast, how hot its words
are today, what it is about.  What matters is each desk's own decision, so every weight is an option.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType

from digest.model import PINNED, Article, EditorAction, Point, Role, Source, outlet, shared_section
from digest.stories import subjects
from digest.stories.interest import UNKNOWN, Interest, bounded

HOTTEST = 3.0  #: a word twenty times as frequent as usual; more than that is chance

#: Points per unit of each signal, where neither profile nor newsletter sets others.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "coverage": 1.0,  # x ln(1 + distinct sources)
        "syndicated": 0.25,  # x ln(1 + sources that carry another one's text)
        "size": 0.7,  # x ln(1 + different articles)
        "growth": 0.2,  # x ln(1 + sources that joined in the last hours)
        "run": 0.1,  # x days from the first article to the last, at most 2
        "hot_terms": 1.3,  # x ln(how many times as frequent as usual the story's words are)
        "subject": 3.0,  # x what its titles are about
        "section": 1.0,  # x the points of its section
        "source": 1.0,  # x (weight of the best source - 1)
        "prominence": 0.5,  # for the first place in its source; a third of it at place 7
        "freshness": 0.5,  # for a story of this moment
        "interest": 0.0,  # x ln(how many times as often as usual its like is opened); off
    }
)

#: Points by section.
SECTION_PRIOR: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(("world", "politics", "international", "welt", "politik", "monde", "politique", "mundo"), 1.0)
    | dict.fromkeys(("política", "mondo", "politica", "ausland"), 1.0)
    | dict.fromkeys(("nation", "national", "inland", "nacional", "nazionale"), 0.5)
    | dict.fromkeys(("sport", "sports", "entertainment", "lifestyle", "celebrity", "deportes", "unterhaltung"), -1.0)
)

#: Points by subject: what a general desk puts before the rest.
SUBJECT_PRIOR: Mapping[str, float] = MappingProxyType(
    {
        "states": 1.0,
        "force": 1.0,
        "disaster": 1.2,
        "rule": 0.7,
        "court": 0.4,
        "economy": 0.3,
        "sport": -1.0,
        "show": -1.0,
        "service": -1.0,
    }
)


@dataclass(frozen=True, kw_only=True)
class RankOptions:
    """How stories are told apart and ranked."""

    window_hours: float = 24  #: articles this young say which words are hot
    merge_hours: float = 48  #: articles further apart than this are not the same story
    language: str = ""  #: of the newsletter, for the choice of lead articles; "" prefers none
    paywalls: frozenset[str] = frozenset()  #: sources whose articles one has to pay for
    half_life_hours: float = 12  #: of freshness
    growth_hours: float = 6  #: sources that joined this lately say how fast a story grows
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)  #: points per unit of each signal
    sections: Mapping[str, float] = field(default_factory=lambda: SECTION_PRIOR)  #: points by section, in small letters
    subjects: Mapping[str, float] = field(default_factory=lambda: SUBJECT_PRIOR)  #: points by subject
    words: Mapping[str, float] = field(default_factory=dict)  #: points by word, instead of its subject's

    def weight(self, signal: str) -> float:
        return self.weights.get(signal, WEIGHTS[signal])


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What every story is judged by."""

    now: datetime
    options: RankOptions
    sources: Mapping[str, Source]
    decisions: Mapping[str, EditorAction]
    interest: Interest = UNKNOWN

    def may_print(self, article: Article) -> bool:
        """Whether its source may be printed; one that is not known may."""
        known = self.sources.get(article.source)
        return known is None or known.role is Role.PUBLISH

    def weight(self, article: Article) -> float:
        """That of its source; 1 for one that is not known."""
        known = self.sources.get(article.source)
        return 1.0 if known is None else known.weight


@dataclass(frozen=True, kw_only=True)
class Group:
    """Articles that report the same, before they are a story."""

    copies: tuple[tuple[Article, ...], ...]  #: near-identical ones together, in order of url
    words: tuple[str, ...]  #: that tell it from others, the most telling first
    heat: float | None  #: mean ln(share of today's articles / share of earlier ones); None: there are no earlier ones
    news: frozenset[str]  #: addresses that no earlier edition told

    @cached_property
    def articles(self) -> tuple[Article, ...]:
        return tuple(article for copy in self.copies for article in copy)


def ledger(group: Group, lead: Article, desk: Desk) -> tuple[Point, ...]:
    """Every signal of a story, in a fixed order, also those that give nothing.  `lead` speaks for it."""
    signals: Sequence[Callable[[Group, Article, Desk], Point | None]] = (
        _coverage,
        _syndicated,
        _size,
        _growth,
        _run,
        _hot_terms,
        _subject,
        _section,
        _source,
        _prominence,
        _freshness,
        _interest,
        _editor,
        _unpublishable,
    )
    return tuple(point for signal in signals if (point := signal(group, lead, desk)))


def _voices(group: Group) -> set[str]:
    # Of near-identical copies the earliest counts: one wire report in ten papers is one voice.
    return {outlet(min(copy, key=lambda one: (one.published, one.url))) for copy in group.copies}


def _coverage(group: Group, _lead: Article, desk: Desk) -> Point:
    voices = _voices(group)
    sources = {outlet(article) for article in group.articles}
    sentence = f"{_many(len(voices), 'source')} of its own words" if len(sources) > len(voices) else ""
    return Point(
        signal="coverage",
        value=len(voices),
        points=desk.options.weight("coverage") * math.log1p(len(voices)),
        sentence=f"{_many(len(sources), 'source')} {_reports(sources)} it"
        + (f", {sentence}" if sentence else "")
        + ".",
    )


def _syndicated(group: Group, _lead: Article, desk: Desk) -> Point | None:
    """Sources that only carry what another wrote: less than a voice, and yet a desk that found it worth its page."""
    carriers = {outlet(article) for article in group.articles} - _voices(group)
    if not carriers:
        return None
    largest = max(group.copies, key=lambda copy: len({outlet(one) for one in copy}))
    together = len({outlet(one) for one in largest})
    return Point(
        signal="syndicated",
        value=len(carriers),
        points=desk.options.weight("syndicated") * math.log1p(len(carriers)),
        sentence=f"A syndicated text: {together} sources carry the same one; "
        f"{_many(len(carriers), 'source')} {'has' if len(carriers) == 1 else 'have'} no words of "
        f"{'its' if len(carriers) == 1 else 'their'} own.",
    )


def _size(group: Group, _lead: Article, desk: Desk) -> Point:
    count = len(group.copies)
    spare = len(group.articles) - count
    copied = f"; {_many(spare, 'near-identical copy', 'near-identical copies')} not counted" if spare else ""
    points = desk.options.weight("size") * math.log1p(count)
    return Point(signal="size", value=count, points=points, sentence=f"{_many(count, 'article')} on it{copied}.")


def _growth(group: Group, _lead: Article, desk: Desk) -> Point:
    since = desk.now - timedelta(hours=desk.options.growth_hours)
    first: dict[str, datetime] = {}
    for article in group.articles:
        first[outlet(article)] = min(first.get(outlet(article), article.published), article.published)
    joined = sum(at > since for at in first.values())
    return Point(
        signal="growth",
        value=joined,
        points=desk.options.weight("growth") * math.log1p(joined),
        sentence=f"{_many(joined, 'source')} joined in the last {desk.options.growth_hours:g} hours.",
    )


def _run(group: Group, _lead: Article, desk: Desk) -> Point:
    times = [article.published for article in group.articles]
    hours = (max(times) - min(times)).total_seconds() / 3600
    return Point(
        signal="run",
        value=hours,
        points=desk.options.weight("run") * min(hours / 24, 2.0),
        sentence=f"It has been told for {hours:.1f} hours." if hours else "It has been told once.",
    )


def _hot_terms(group: Group, _lead: Article, desk: Desk) -> Point:
    told = ", ".join(group.words)
    if group.heat is None:
        return Point(
            signal="hot_terms", value=0.0, points=0.0, sentence="There are no earlier articles to compare with."
        )
    return Point(
        signal="hot_terms",
        value=group.heat,
        points=desk.options.weight("hot_terms") * min(max(group.heat, 0.0), HOTTEST),
        sentence=f"Its words ({told}) are {math.exp(group.heat):.1f} times as frequent as usual.",
    )


def _subject(group: Group, _lead: Article, desk: Desk) -> Point:
    """What its titles are about, for want of a section or beside it."""
    counted = subjects.counted(group.articles, subjects=desk.options.subjects, own=desk.options.words)
    value = math.fsum(counted.values())
    loudest = sorted(counted, key=lambda word: (-abs(counted[word]), word))[:3]
    return Point(
        signal="subject",
        value=value,
        points=desk.options.weight("subject") * value,
        sentence=f"Its titles speak of {', '.join(loudest)}." if loudest else "No word of its titles counts.",
    )


def _section(group: Group, lead: Article, desk: Desk) -> Point:
    section = shared_section(lead, group.articles)
    value = desk.options.sections.get(section.casefold(), 0.0)
    points = desk.options.weight("section") * value
    sentence = f"Section {section} counts {points:+.1f}." if section else "It has no section."
    return Point(signal="section", value=value, points=points, sentence=sentence)


def _source(group: Group, _lead: Article, desk: Desk) -> Point | None:
    printed = [(desk.weight(article), outlet(article)) for article in group.articles if desk.may_print(article)]
    if not printed:
        return Point(signal="source", value=0.0, points=0.0, sentence="No source of it may be printed.")
    weight, name = max(printed)
    return Point(
        signal="source",
        value=weight,
        points=desk.options.weight("source") * (weight - 1),
        sentence=f"The weight of its best source, {name}, is {weight:g}.",
    )


def _prominence(group: Group, _lead: Article, desk: Desk) -> Point:
    places = [(article.position, outlet(article)) for article in group.articles if article.position is not None]
    if not places:
        return Point(signal="prominence", value=0.0, points=0.0, sentence="Its place in its sources is not known.")
    position, name = min(places)
    return Point(
        signal="prominence",
        value=position + 1,
        points=desk.options.weight("prominence") / (1 + position / 3),
        sentence=f"It stands in place {position + 1} at {name}.",
    )


def _freshness(group: Group, _lead: Article, desk: Desk) -> Point:
    newest = max(article.published for article in group.articles)
    hours = max(0.0, (desk.now - newest).total_seconds() / 3600)
    return Point(
        signal="freshness",
        value=hours,
        points=desk.options.weight("freshness") * 0.5 ** (hours / desk.options.half_life_hours),
        sentence=f"The newest article is {hours:.1f} hours old.",
    )


def _interest(group: Group, lead: Article, desk: Desk) -> Point | None:
    """What its section, its source and, where it was told before, the story itself were opened: sums over many."""
    if not desk.options.weight("interest"):
        return None
    section, known = shared_section(lead, group.articles), desk.interest
    told = next((known.stories[one.url] for one in group.articles if one.url in known.stories), None)
    likes = {
        f"section {section}": known.sections.get(section.casefold()),
        f"source {lead.source}": known.sources.get(lead.source),
        "the story itself": told,
    }
    values = {name: value for name, value in likes.items() if value is not None}
    value = bounded(math.fsum(values.values()))
    parts = ", ".join(f"{name} {math.exp(one):.1f} times" for name, one in values.items())
    return Point(
        signal="interest",
        value=value,
        points=desk.options.weight("interest") * value,
        sentence=f"Readers open {parts} as often as is usual in its places."
        if values
        else "Too few readers have opened its like to tell.",
    )


def _editor(group: Group, _lead: Article, desk: Desk) -> Point:
    actions = {desk.decisions.get(article.url) for article in group.articles}
    if EditorAction.DROP in actions:  # also when another article of it was pinned: a no is the safer mistake
        return Point(signal="editor", value=-1, points=-PINNED, sentence="An editor dropped it.")
    if EditorAction.PIN in actions:
        return Point(signal="editor", value=1, points=PINNED, sentence="An editor pinned it.")
    return Point(signal="editor", value=0, points=0.0, sentence="No editor decided about it.")


def _unpublishable(_group: Group, lead: Article, desk: Desk) -> Point | None:
    if desk.may_print(lead):
        return None
    sentence = "Only signal sources report it, and their articles are not printed."
    return Point(signal="unpublishable", value=1, points=0.0, sentence=sentence)


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def _reports(sources: set[str]) -> str:
    return "reports" if len(sources) == 1 else "report"
