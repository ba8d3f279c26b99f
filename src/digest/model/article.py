"""What comes in: sources and their articles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit


class Role(StrEnum):
    """What a source's articles are used for."""

    PUBLISH = "publish"  #: They may appear in an edition.
    SIGNAL = "signal"  #: They only count as coverage of a story.


@dataclass(frozen=True, kw_only=True)
class Source:
    """A feed or folder that is read."""

    name: str
    url: str = ""
    section: str = ""  #: for articles that name none
    weight: float = 1.0
    role: Role = Role.PUBLISH


@dataclass(frozen=True, kw_only=True)
class Image:
    url: str
    alt: str = ""
    credit: str = ""
    width: int | None = None  #: pixels
    height: int | None = None  #: pixels


@dataclass(frozen=True, kw_only=True)
class Article:
    """One item as published.  All text is plain text: markup is gone before an Article exists."""

    url: str  #: canonical, absolute http(s): the natural key
    title: str
    published: datetime
    source: str = ""
    section: str = ""
    language: str = ""  #: BCP 47, "" when unknown
    summary: str = ""
    body: str = ""  #: paragraphs separated by a blank line
    image: Image | None = None
    authors: tuple[str, ...] = ()
    modified: datetime | None = None  #: when it was last changed, where it says so and that is after it was published
    position: int | None = None  #: place in its feed or file, 0 first: the source's own prominence


@dataclass(frozen=True, kw_only=True)
class Marked:
    """An article and the marks by which it is known when it comes again."""

    article: Article
    key: str  #: of its page, whatever the spelling of the address
    fingerprint: str  #: of all that it says: tells an update from a duplicate
    text: int | None  #: of its source, title and text; None where it has too little to be known by
    sketch: bytes = b""  #: of its text, to find those that are nearly the same; empty where it is not compared


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is known of an address under which something comes in."""

    url: str  #: of the article that it is an address of
    fingerprint: str | None  #: of what came under it last; None where nothing has yet


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A further address of an article."""

    url: str
    key: str
    article: str  #: the article's own address
    fingerprint: str  #: of what came under this one last


@dataclass(frozen=True, kw_only=True, slots=True)  # an import may have a million
class Rejection:
    """Something that could not be taken in, and where it was."""

    path: str
    where: str  #: "line 12", "entry 3", or "" for the whole file
    error: str


def outlet(article: Article) -> str:
    """The source's name, or the host of an article that names none."""
    return article.source or urlsplit(article.url).hostname or ""


def shared_section(lead: Article, others: Iterable[Article]) -> str:
    """The section of what several articles tell: the lead's or, where it has none, the commonest of the others."""
    if lead.section:
        return lead.section
    named = sorted(article.section for article in others if article.section)
    return max(named, key=named.count, default="")
