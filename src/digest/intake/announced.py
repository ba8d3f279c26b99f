"""A page where a feed was expected in, the feeds that it names out: in words for who set the source up.  Pure."""

from collections.abc import Iterator

import lxml.html
from lxml.etree import LxmlError

from digest.intake import clean
from digest.intake.canonical import canonical_url
from digest.intake.origin import Origin
from digest.intake.page import decoded
from digest.model import Rejection

MAX_HEAD = 256 * 1024  #: characters that are looked at: it stands in the head
MAX_TAGS = 5_000
NAMED = 3  #: feeds that are told of

_KINDS = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


def parse(data: bytes, origin: Origin) -> Iterator[Rejection]:
    """One rejection, which names the feeds."""
    found = feeds(data, base=origin.base)[:NAMED]
    if not found:
        yield origin.rejection("", "not a feed but a page, and it names no feed")
    else:
        words = "its feed is" if len(found) == 1 else "its feeds are"
        yield origin.rejection("", f"not a feed but a page; {words} {', '.join(found)}")


def feeds(data: bytes, *, base: str) -> list[str]:
    """Absolute addresses of ``<link rel=alternate>`` of a kind that can be polled, in the order of the page."""
    markup = clean.capped(decoded(data), size=MAX_HEAD, tags=MAX_TAGS)
    try:
        tree = lxml.html.document_fromstring(
            markup.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8", no_network=True)
        )
    except (LxmlError, ValueError):
        return []
    return list(dict.fromkeys(_addresses(tree, base)))


def _addresses(tree: lxml.html.HtmlElement, base: str) -> Iterator[str]:
    for link in tree.iter("link"):
        kind = link.get("type", "").partition(";")[0].strip().lower()
        if "alternate" in link.get("rel", "").lower().split() and kind in _KINDS:
            try:
                yield canonical_url(link.get("href", ""), base=base)
            except ValueError:
                continue
