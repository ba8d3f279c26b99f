"""Stories in their order in, the places of an edition filled under its rules out.  Pure.

A rule that bars a story begins to do so with one of the picks, and goes on to the end.  So what a story lacks is what
it would take to stand before that pick, and points that all of an edition gain alike change nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from digest.edition.affair import Nearness
from digest.model import Bar, Story, shared_section

ONE_AFFAIR = 0.35  #: nearness from which two stories are one affair: looked at by eye, see bench/README.md
NEAR = 0.15  #: nearness from which they crowd each other
HOLD = 0.25  #: points that a place in the draft is worth: less than one source more gives

HARD = (Bar.AFFAIR, Bar.SECTION_LIMIT, Bar.SOURCE_LIMIT)
SOFT = (Bar.SECTION_SHARE, Bar.CROWD, Bar.RESERVED)  #: only while others have something left
ALL = (Bar.FULL, *HARD, *SOFT)

#: The rules that are heeded each time that those who wait are asked again.  Places that nobody could have for whom they
#: were kept go to others first, and only then to those of whom there is enough.
ROUNDS = (ALL, tuple(bar for bar in ALL if bar is not Bar.RESERVED), (Bar.FULL, *HARD))


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

    @cached_property
    def keys(self) -> Mapping[Bar, tuple[Bar, str]]:
        """What each bar is about, for this story."""
        section, id_ = self.section.casefold(), self.story.id
        about = {Bar.AFFAIR: id_, Bar.CROWD: id_, Bar.SECTION_LIMIT: section, Bar.SECTION_SHARE: section}
        return {bar: (bar, about.get(bar, self.source if bar is Bar.SOURCE_LIMIT else "")) for bar in ALL}


class Filling:
    """The places of an edition while they are given away.

    Args:
        candidates: In their order.
        rules: The newsletter's.
        nearness: Of all stories.
        kept: How many places are kept for each section, as `kept_for` says it.
    """

    def __init__(
        self, candidates: Sequence[Candidate], rules: Rules, nearness: Nearness, kept: Mapping[str, int]
    ) -> None:
        self.rules, self.picks = rules, list[Candidate]()
        self._nearness, self.kept, self._most = nearness, kept, folded(rules.section_limits)
        self._sections, self._sources, self._near = Counter[str](), Counter[str](), Counter[str]()
        self._since: dict[tuple[Bar, str], int] = {}  # the number of the pick since which a bar is down
        self._met: dict[str, int] = {}  # that with which a section had its minimum
        self._ends = list[int]()  # how many picks there were after each round
        self._fill(candidates)

    def bars(self, candidate: Candidate, kinds: Sequence[Bar] = ALL) -> dict[Bar, int]:
        """The bars that are down for it, each with the number of the pick since which it is."""
        keys = candidate.keys
        down = {bar: self._since[keys[bar]] for bar in kinds if keys[bar] in self._since}
        if not down or candidate.section.casefold() not in self.kept:
            return down
        if self._owed(candidate.section) > 0:
            return {bar: number for bar, number in down.items() if bar not in SOFT}
        # A section that has a minimum heeds the soft rules only once it has that.
        met = self._met.get(candidate.section.casefold(), -1)
        return {bar: max(number, met) if bar in SOFT else number for bar, number in down.items()}

    def barred(self, candidate: Candidate) -> tuple[Bar | None, Candidate | None]:
        """What keeps it out, and the pick before which it would have to stand, the last of several that would do.

        No bar where it would be in behind all others, and no pick where standing before one would not help.
        """
        chances, begin = list[tuple[Bar, Candidate]](), 0
        for kinds, end in zip(ROUNDS, self._ends, strict=True):
            down = self.bars(candidate, kinds)
            bar = min(down, key=lambda one: down[one], default=None)  # of those that came together the first listed
            if bar is None or down[bar] >= end:
                return None, None
            if down[bar] >= begin:
                chances.append((bar, self.picks[down[bar]]))
            begin = end
        if not chances:
            return min(first := self.bars(candidate), key=lambda one: first[one]), None
        return max(chances, key=lambda chance: chance[1].order)

    def is_full(self) -> bool:
        return len(self.picks) >= self.rules.limit

    def wanting(self) -> dict[str, int]:
        """Sections below their minimum, and how many stories they lack."""
        least = folded(self.rules.section_minimums)
        return {name: owed for name, count in least.items() if (owed := count - self._sections[name]) > 0}

    def _fill(self, candidates: Sequence[Candidate]) -> None:
        self._reserve()
        waiting = candidates
        for kinds in ROUNDS:
            waiting = self._round(waiting, kinds)
            self._ends.append(len(self.picks))

    def _round(self, waiting: Sequence[Candidate], kinds: Sequence[Bar]) -> list[Candidate]:
        """Those who wait, asked in their order; those who still wait."""
        left = list[Candidate]()
        for place, candidate in enumerate(waiting):
            if self.is_full():
                return [*left, *waiting[place:]]
            if candidate.pinned or not self.bars(candidate, kinds):
                self._take(candidate, strict=Bar.CROWD in kinds)
            else:
                left.append(candidate)
        return left

    def _owed(self, section: str) -> int:
        return self.kept.get(section.casefold(), 0) - self._sections[section.casefold()]

    def _reserve(self) -> None:
        """Whether all places that are left are owed to sections."""
        if self.rules.limit - len(self.picks) <= sum(max(0, self._owed(name)) for name in self.kept):
            self._since.setdefault((Bar.RESERVED, ""), len(self.picks) - 1)

    def _take(self, candidate: Candidate, *, strict: bool) -> None:
        number, section, source = len(self.picks), candidate.section.casefold(), candidate.source
        self.picks.append(candidate)
        self._sections[section] += 1
        self._sources[source] += 1
        if self._owed(section) == 0:
            self._met[section] = number
        self._reserve()
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


def kept_for(candidates: Sequence[Candidate], rules: Rules) -> dict[str, int]:
    """How many places are kept for each section: its minimum, where there are so many and its limit is no lower.

    However they turn out: so what is in an edition does not hang on the order in which others fell out.
    """
    there, most = Counter(one.section.casefold() for one in candidates), folded(rules.section_limits)
    least = folded(rules.section_minimums).items()
    return {name: count for name, asked in least if (count := min(asked, there[name], most.get(name, asked))) > 0}


def folded(table: Mapping[str, int]) -> dict[str, int]:
    return {name.casefold(): value for name, value in table.items()}


def section_of(story: Story) -> str:
    return shared_section(story.lead, story.articles)
