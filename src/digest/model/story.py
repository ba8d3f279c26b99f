"""What is told of: stories and the ledger of their scores."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.model.article import Article


class StoryState(StrEnum):
    """A story against the past editions of its newsletter."""

    NEW = "new"  #: Never in an edition.
    DEVELOPED = "developed"  #: Was in an edition, and more has been reported since.
    REPEAT = "repeat"  #: Was in an edition, and nothing has changed.


@dataclass(frozen=True, kw_only=True)
class Point:
    """One line of the ledger of a story's score: the points sum up to the score."""

    signal: str
    value: float
    points: float
    sentence: str = ""  #: for people


@dataclass(frozen=True, kw_only=True)
class Story:
    """What several articles report together."""

    id: str  #: stable over the days: "again" and "developed" are told by it
    rank: int  #: 1 is the most important
    score: float
    lead: Article  #: the article that speaks for the story
    articles: tuple[Article, ...]  #: newest first, the lead among them
    ledger: tuple[Point, ...]
    sources: int  #: distinct sources
    state: StoryState = StoryState.NEW


@dataclass(frozen=True, kw_only=True)
class PastStory:
    """A story as an earlier edition of the same newsletter told it."""

    id: str
    day: date
    headline: str
    urls: tuple[str, ...]
    sources: int
    text: str  #: titles and leads of its articles, an article a line
    at: datetime | None = None  #: when its edition was approved


class Bar(StrEnum):
    """What keeps a story out of an edition."""

    DROPPED = "dropped"  #: An editor dropped it.
    SIGNAL_ONLY = "signal_only"  #: No source of it may be printed.
    REPEAT = "repeat"  #: It was told, and nothing has changed.
    SECTION_CLOSED = "section_closed"  #: The newsletter wants nothing of its section.
    MINIMUM_SCORE = "minimum_score"  #: It has fewer points than the newsletter asks for.
    AFFAIR = "affair"  #: A better story tells of the same affair.
    SECTION_LIMIT = "section_limit"  #: Its section has as many as the newsletter wants.
    SOURCE_LIMIT = "source_limit"  #: So has its source.
    SECTION_SHARE = "section_share"  #: Its section has half of the places, and others have something left.
    CROWD = "crowd"  #: Several stories near to it are in.
    RESERVED = "reserved"  #: The last places are for sections that must be in.
    FULL = "full"  #: Better ones fill the edition.


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a story stands to an edition."""

    bar: Bar | None = None  #: None where it is in
    sentence: str = ""  #: why it is out, for people
    gap: float | None = None  #: points that it lacks; where it is in, those it could lose; None if points do not decide
    rival: str = ""  #: id of the story it would have to pass, or that would take its place

    @property
    def is_in(self) -> bool:
        return self.bar is None


PINNED = 100.0  #: points of what an editor pinned, and lost by what was dropped: more than all else can give


class EditorAction(StrEnum):
    """What an editor decided about an article, and so about its story."""

    PIN = "pin"  #: Its story goes in, before all that is not pinned.
    DROP = "drop"  #: Its story stays out.
