"""Stories in their order in, the places of an edition filled under its rules out.  Pure.

A rule that bars a story begins to do so with one of the picks, and goes on to the end.  So what a story lacks is what
it would take to stand before that pick.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.edition.affair import Nearness
from digest.model import Bar, Story, shared_section

ONE_AFFAIR = 0.35  #: nearness from which two stories are one affair: looked at by eye, see bench/README.md
NEAR = 0.15  #: nearness from which they crowd each other
HOLD = 0.25  #: points that a place in the draft is worth: less than one source more gives

HARD = (Bar.AFFAIR, Bar.SECTION_LIMIT, Bar.SOURCE_LIMIT)
SOFT = (Bar.SECTION_SHARE, Bar.CROWD, Bar.RESERVED)  #: only while others have something left
ALL = (Bar.FULL, *HARD, *SOFT)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a newsletter asks of a selection.  Sections are compared without regard to case."""

    limit: int  #: stories
    sections: Sequence[str] = ()  #: their order
    section_limits: Mapping[str, int] = field(default_factory=dict)
    section_minimums: Mapping[str, int] = field(default_factory=dict)
    per_source: int = 0  #: the most of one source; 0: no limit
    minimum_score: float | None = None

    @property
    def share(self) -> int:
        """What a section gets while others have something left."""
        return max(1, -(-self.limit // 2))

    @property
    def crowd(self) -> int:
        """How many stories near to each other an edition takes while there are others."""
        return max(2, self.limit // 4)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A story that may be in."""

    story: Story
    section: str
    pinned: bool
    held: bool  #: was in the draft

    @property
    def score(self) -> float:
        return self.story.score + (HOLD if self.held else 0.0)

    @property
    def order(self) -> tuple[bool, float, int, str]:
        return (not self.pinned, -self.score, self.story.rank, self.story.id)

    @property
    def source(self) -> str:
        return self.story.lead.source


class Filling:
    """The places of an edition while they are given away.  `candidates`: in their order."""

    def __init__(self, candidates: Sequence[Candidate], rules: Rules, nearness: Nearness) -> None:
        self.rules, self.picks = rules, list[Candidate]()
        self.strict = 0  #: how many picks heeded the soft rules too
        self._nearness, self._candidates = nearness, candidates
        self._most, self._least = folded(rules.section_limits), folded(rules.section_minimums)
        self._sections, self._sources, self._near = Counter[str](), Counter[str](), Counter[str]()
        self._since: dict[tuple[Bar, str], int] = {}  # the number of the pick since which a bar is down
        self._met: dict[str, int] = {}  # that with which a section had its minimum
        self._fill()

    def bars(self, candidate: Candidate, kinds: Sequence[Bar] = ALL) -> dict[Bar, int]:
        """The bars that are down for it, each with the number of the pick since which it is."""
        keys = _keys(candidate)
        down = {bar: self._since[bar, keys[bar]] for bar in kinds if (bar, keys[bar]) in self._since}
        if self.is_owed(candidate):
            return {bar: number for bar, number in down.items() if bar in HARD or bar is Bar.FULL}
        # A section that has a minimum heeds the soft rules only once it has that.
        met = self._met.get(candidate.section.casefold(), -1)
        return {bar: max(number, met) if bar in SOFT else number for bar, number in down.items()}

    def is_owed(self, candidate: Candidate) -> bool:
        """Whether its section is below its minimum."""
        return self._owed(candidate.section) > 0

    def is_full(self) -> bool:
        return len(self.picks) >= self.rules.limit

    def wanting(self) -> dict[str, int]:
        """Sections below their minimum, and how many stories they lack."""
        return {name: owed for name in self._least if (owed := self._owed(name)) > 0}

    def _fill(self) -> None:
        skipped = []
        for place, candidate in enumerate(self._candidates):
            if self.is_full():
                break
            self._reserve(self._candidates[place:])
            if candidate.pinned or not self.bars(candidate):
                self._take(candidate, strict=True)
            else:
                skipped.append(candidate)
        self.strict = len(self.picks)
        for candidate in skipped:
            if not self.is_full() and not self.bars(candidate, HARD):
                self._take(candidate, strict=False)

    def _owed(self, section: str) -> int:
        return self._least.get(section.casefold(), 0) - self._sections[section.casefold()]

    def _reserve(self, waiting: Sequence[Candidate]) -> None:
        """Whether all places that are left are owed to sections, and there are stories that could have them."""
        free, wanting = self.rules.limit - len(self.picks), self.wanting()
        reserved = 0 < free <= sum(wanting.values())
        if reserved:
            there = Counter(
                one.section.casefold()
                for one in waiting
                if one.section.casefold() in wanting and not self.bars(one, HARD)
            )
            reserved = free <= sum(min(owed, there[name]) for name, owed in wanting.items())
        if reserved:
            self._since.setdefault((Bar.RESERVED, ""), len(self.picks) - 1)
        else:
            self._since.pop((Bar.RESERVED, ""), None)

    def _take(self, candidate: Candidate, *, strict: bool) -> None:
        number, section, source = len(self.picks), candidate.section.casefold(), candidate.source
        self.picks.append(candidate)
        self._sections[section] += 1
        self._sources[source] += 1
        if self._owed(section) == 0:
            self._met[section] = number
        if section in self._most and self._sections[section] >= self._most[section]:
            self._since.setdefault((Bar.SECTION_LIMIT, section), number)
        if self.rules.per_source and self._sources[source] >= self.rules.per_source:
            self._since.setdefault((Bar.SOURCE_LIMIT, source), number)
        if self.is_full():
            self._since[Bar.FULL, ""] = number
        if strict and section and self._sections[section] >= self.rules.share:
            self._since.setdefault((Bar.SECTION_SHARE, section), number)
        self._crowd(candidate, number, strict=strict)

    def _crowd(self, candidate: Candidate, number: int, *, strict: bool) -> None:
        for id_, near in self._nearness.to(candidate.story).items():
            if near >= ONE_AFFAIR:
                self._since.setdefault((Bar.AFFAIR, id_), number)
            self._near[id_] += near >= NEAR
            if strict and self._near[id_] >= self.rules.crowd:
                self._since.setdefault((Bar.CROWD, id_), number)


def _keys(candidate: Candidate) -> dict[Bar, str]:
    """What each bar is about, for this story."""
    section = candidate.section.casefold()
    return {
        Bar.AFFAIR: candidate.story.id,
        Bar.CROWD: candidate.story.id,
        Bar.SECTION_LIMIT: section,
        Bar.SECTION_SHARE: section,
        Bar.SOURCE_LIMIT: candidate.source,
        Bar.RESERVED: "",
        Bar.FULL: "",
    }


def folded(table: Mapping[str, int]) -> dict[str, int]:
    return {name.casefold(): value for name, value in table.items()}


def section_of(story: Story) -> str:
    return shared_section(story.lead, story.articles)
