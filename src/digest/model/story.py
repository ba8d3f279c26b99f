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


class EditorAction(StrEnum):
    """What an editor decided about an article, and so about its story."""

    PIN = "pin"  #: Its story goes in, before all that is not pinned.
    DROP = "drop"  #: Its story stays out.
