"""A news sitemap in, an article without a body or a rejection for each entry out.  Pure.

    https://www.sitemaps.org/protocol.html          namespace 0.9: urlset, or an index of other sitemaps
    …/schemas/sitemap-news/0.9                      title, publication_date, publication (name, language)
    …/schemas/sitemap-image/1.1                     the address of a picture

An entry without a news title is no article: there is nothing to print.  An index has no articles; `children` names the
sitemaps in it.  Nothing is opened: no document type, no entity, no network.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from digest.intake import clean, dates, prescan
from digest.intake.canonical import canonical_url
from digest.intake.origin import Origin, article
from digest.intake.pictures import picture
from digest.model import Article, Image, Rejection

MAX_ENTRIES = 50_000  #: of one sitemap, by the protocol
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
MAX_TAGS = 2_000_000  #: an entry has some 25, and a sitemap has but one level
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def parse(data: bytes, origin: Origin) -> Iterator[Article | Rejection]:
    """One article or rejection for each entry, or one rejection for what is no sitemap."""
    number = 0
    try:
        for number, entry in enumerate(islice(_entries(data, "url"), MAX_ENTRIES + 1), start=1):
            if number > MAX_ENTRIES:
                yield origin.rejection(f"entry {number}", f"more than {MAX_ENTRIES} entries: the rest was left out")
                return
            try:
                yield _article(entry, number - 1, origin)
            except ValueError as error:
                yield origin.rejection(f"entry {number}", str(error))
    except _Unreadable as error:
        yield origin.rejection(f"after entry {number}" if number else "", str(error))
        return
    if not number:
        index = next(iter(children(data)), None)
        yield origin.rejection("", "an index of sitemaps: its parts have the articles" if index else "no entries")


def children(data: bytes) -> list[str]:
    """The addresses that an index of sitemaps names, what changed last first; those without a date last, in its order.

    None where this is no index, or is damaged.
    """
    found: list[tuple[datetime, str]] = []
    try:
        for entry in islice(_entries(data, "sitemap"), MAX_ENTRIES):
            changed = dates.loose(_text(entry, SITEMAP, "lastmod")) or _LONG_AGO
            with suppress(ValueError):
                found.append((changed, canonical_url(_text(entry, SITEMAP, "loc"))))
    except _Unreadable:
        pass
    return [url for _, url in sorted(found, key=lambda one: one[0], reverse=True)]


class _Unreadable(Exception):  # noqa: N818 - a fault of the document
    """No XML, or none that should be read."""


def _entries(data: bytes, name: str) -> Iterator[etree._Element]:
    """The elements of this name right below the root, one at a time: what has been read is let go."""
    if fault := prescan.fault(data, tags=MAX_TAGS, size=prescan.MAX_SITEMAP):
        raise _Unreadable(fault)
    if b"<!DOCTYPE" in data[: 64 * 1024].replace(b"\0", b"").upper():
        raise _Unreadable("a sitemap has no document type")
    walk = etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        tag=f"{{*}}{name}",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, node in walk:
            parent = node.getparent()
            if parent is not None and parent.getparent() is None:
                yield node
                parent.remove(node)
    except etree.XMLSyntaxError as error:
        raise _Unreadable(f"not XML: {(error.msg or 'damaged')[:200]}") from None


def _article(entry: etree._Element, position: int, origin: Origin) -> Article:
    title = clean.line(_text(entry, NEWS, "title"), clean.MAX_TITLE)
    if not title:
        raise ValueError("news:title: missing")
    try:
        url = canonical_url(_text(entry, SITEMAP, "loc"))
    except ValueError as error:
        raise ValueError(f"loc: {error}") from None
    return article(
        origin,
        url=url,
        title=title,
        published=origin.moment(dates.loose(_text(entry, NEWS, "publication_date"))),
        source=_text(entry, NEWS, "name"),
        language=_text(entry, NEWS, "language"),
        image=_image(entry, url),
        modified=dates.loose(_text(entry, SITEMAP, "lastmod")),
        position=position,
    )


def _image(entry: etree._Element, url: str) -> Image | None:
    named = (picture(clean.line(node.text or "", 2_000), base=url) for node in entry.iter(f"{{{IMAGE}}}loc"))
    return next(filter(None, islice(named, 10)), None)


def _text(entry: etree._Element, namespace: str, name: str) -> str:
    """The text of the first element of this name; sitemaps of the protocol before 0.9 have another namespace."""
    node = next(entry.iter(f"{{{namespace}}}{name}"), None)
    if node is None and namespace == SITEMAP:
        node = next((one for one in entry if isinstance(one.tag, str) and etree.QName(one).localname == name), None)
    return (node.text or "").strip() if node is not None else ""
