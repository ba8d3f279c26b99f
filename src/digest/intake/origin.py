"""Where a text came from, and the one way in which its parts become an `Article`: cleaned.  Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from digest.intake import clean
from digest.intake.canonical import image_url
from digest.model import Article, Image, Rejection, Source

EARLY = timedelta(hours=24)  #: how far ahead of now an article may say that it was published: clocks and zones differ
NO_ENTRIES = "a feed without entries"  #: as an error of the whole: it is a feed nevertheless
MAX_AUTHORS = 20
MAX_PIXELS = 100_000

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a parser has to know besides the text."""

    path: str  #: for rejections
    now: datetime
    source: Source | None = None  #: given by the caller: it overrides what the text says of its source
    known: Mapping[str, Source] = field(default_factory=dict)  #: by name: for the section of articles without one
    address: str = ""  #: where the text was found on the web, "" for a file
    fallback: datetime | None = None  #: when the text was last changed, for one that does not say when it was published

    @property
    def base(self) -> str:
        """What relative addresses are meant from, "" where nobody knows."""
        return self.address or (self.source.url if self.source else "")

    def rejection(self, where: str, error: str) -> Rejection:
        return Rejection(path=self.path, where=where, error=error)

    def moment(self, published: datetime | None) -> datetime:
        """`published`, else the fallback, else now; one that lies too far ahead becomes now."""
        said = published or self.fallback or self.now
        return said if said <= self.now + EARLY else self.now


def article(
    origin: Origin,
    *,
    url: str,
    title: str,
    published: datetime,
    source: str = "",
    section: str = "",
    language: str = "",
    summary: str = "",
    body: str = "",
    image: Image | None = None,
    authors: Iterable[str] = (),
    modified: datetime | None = None,
    position: int | None = None,
) -> Article:
    """An article of cleaned plain text.  `url` is canonical; markup is gone from the texts.

    A body that begins with the title loses it.  The source is the caller's, else the text's own, else the host of
    `url`; it fills in for a missing section.

    Raises:
        ValueError: when no title is left.
    """
    title = clean.line(title, clean.MAX_TITLE)
    if not title:
        raise ValueError("title: empty")
    name = origin.source.name if origin.source else source
    name = clean.line(name) or (urlsplit(url).hostname or "").removeprefix("www.")
    described = origin.source or origin.known.get(name)
    section = section or (described.section if described else "")
    return Article(
        url=url,
        title=title,
        published=published,
        source=name,
        section=clean.line(section),
        language=language_tag(language),
        summary=clean.paragraphs(summary, clean.MAX_SUMMARY),
        body=_without_title(clean.paragraphs(body, clean.MAX_BODY), title),
        image=image,
        authors=_names(authors),
        modified=modified if modified and published < modified <= origin.now + EARLY else None,
        position=position,
    )


def image(
    url: str, *, base: str = "", alt: str = "", credit: str = "", width: object = None, height: object = None
) -> Image | None:
    """An image of cleaned parts, or None where its address is of no use."""
    url = image_url(url, base=base)
    if not url:
        return None
    return Image(
        url=url,
        alt=clean.line(alt, clean.MAX_TITLE),
        credit=clean.line(credit, clean.MAX_TITLE),
        width=pixels(width),
        height=pixels(height),
    )


def pixels(value: object) -> int | None:
    """A size as a number of pixels, or None where it is none: ``640``, ``"640"``, ``"640px"``."""
    if value is None:
        return None
    if type(value) is int:
        return value if 0 < value <= MAX_PIXELS else None
    match = re.match(r"\s*(\d{1,6})(?:\.0*)?(?:px)?\s*$", str(value), re.ASCII)
    number = int(match[1]) if match else 0
    return number if 0 < number <= MAX_PIXELS else None


def language_tag(text: str) -> str:
    """A BCP 47 tag as it is usually written (``pt-BR``), or "" where the text has not the form of one."""
    tag = text.strip()
    return _language_tag(tag) if len(tag) <= 35 else ""


@lru_cache(maxsize=256)  # a feed repeats one all along
def _language_tag(text: str) -> str:
    tag = text.replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return ""
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _without_title(body: str, title: str) -> str:
    first, _, rest = body.partition("\n\n")
    return rest if rest and first.rstrip(".") == title.rstrip(".") else body


def _names(authors: Iterable[str]) -> tuple[str, ...]:
    cleaned = (clean.line(author) for author in authors)
    return tuple(dict.fromkeys(filter(None, cleaned)))[:MAX_AUTHORS]
