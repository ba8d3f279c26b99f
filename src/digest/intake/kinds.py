"""The first bytes of a document in, what kind of document it is out.  Pure."""

import re
from enum import StrEnum

SNIFFED = 2_048  #: bytes that are looked at


class Kind(StrEnum):
    """What is in a document."""

    JSONL = "jsonl"  #: One article a line.
    FEED = "feed"  #: RSS, RDF, Atom or JSON Feed.
    SITEMAP = "sitemap"  #: A news sitemap.
    INDEX = "index"  #: A list of sitemaps.
    PAGE = "page"  #: One HTML page.
    SCRAPED = "scraped"  #: The plain text of one article page.


#: The first element, after all that may stand before it.  Atomic, as its time must not grow with what is in there.
_ROOT = re.compile(r"(?>\s|<\?.*?\?>|<!--.*?-->|<![^>]*>)*+<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
_ROOTS = {
    "rss": Kind.FEED, "feed": Kind.FEED, "rdf": Kind.FEED,
    "urlset": Kind.SITEMAP, "sitemapindex": Kind.INDEX,
    "html": Kind.PAGE,
}  # fmt: skip


def sniff(start: bytes) -> Kind | None:
    """The kind of a document by its first bytes, in whatever encoding; None where that is not certain."""
    text = start[:SNIFFED].replace(b"\0", b"").decode("latin-1").lstrip("\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if text.startswith("{"):
        return Kind.FEED if "jsonfeed.org/version" in text else Kind.JSONL
    if not text.startswith("<"):
        return None
    root = _ROOT.match(text)
    if root and root[1] in _ROOTS:
        return _ROOTS[root[1]]
    return Kind.PAGE if "<!doctype html" in text or "<html" in text else None
