"""Editions in, a feed of them out: Atom (RFC 4287) and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).  Pure.

An entry is an edition, known for ever by the address of its page.  It tells the headlines; the stories are on the page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from digest import links
from digest.model import EditionStatus

ATOM, JSON = "feed.xml", "feed.json"  #: what follows the address of a newsletter's archive
ENTRIES = 30  #: the newest

_NOT_IN_XML = re.compile("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  #: XML 1.0 2.2, on one line

ET.register_namespace("", "http://www.w3.org/2005/Atom")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a feed says of itself."""

    newsletter: str
    title: str
    author: str
    language: str
    base_url: str

    @property
    def archive(self) -> str:
        return links.archive_url(self.base_url, self.newsletter)


def atom(channel: Channel, editions: Sequence[EditionStatus], *, now: datetime) -> bytes:
    """`now` is when a feed without editions was changed last, as Atom asks for a moment."""
    newest = max((_published(one) for one in editions), default=now)
    feed = ET.Element(_named("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": channel.language})
    _add(feed, "id", channel.archive)
    _add(feed, "title", channel.title)
    _add(feed, "updated", newest.isoformat())
    _add(_add(feed, "author"), "name", channel.author)
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{channel.archive}/{ATOM}")
    _add(feed, "link", rel="alternate", type="text/html", href=channel.archive)
    for one in editions:
        entry = _add(feed, "entry")
        url = links.edition_url(channel.base_url, one.key)
        _add(entry, "id", url)
        _add(entry, "title", _visible(one.content.subject))
        _add(entry, "published", _published(one).isoformat())
        _add(entry, "updated", _published(one).isoformat())
        _add(entry, "link", rel="alternate", type="text/html", href=url)
        _add(entry, "summary", _headlines(one))
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def json_feed(channel: Channel, editions: Sequence[EditionStatus]) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.archive,
        "feed_url": f"{channel.archive}/{JSON}",
        "language": channel.language,
        "authors": [{"name": channel.author}],
        "items": [
            {
                "id": links.edition_url(channel.base_url, one.key),
                "url": links.edition_url(channel.base_url, one.key),
                "title": _visible(one.content.subject),
                "content_text": _headlines(one),
                "date_published": _published(one).isoformat(),
            }
            for one in editions
        ],
    }


def _published(one: EditionStatus) -> datetime:
    return (one.approved_at or one.content.built_at).astimezone(UTC)


def _headlines(one: EditionStatus) -> str:
    return "\n".join(_visible(item.headline) for item in one.content.items)


def _visible(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _named(name: str) -> str:
    return f"{{http://www.w3.org/2005/Atom}}{name}"


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    node = ET.SubElement(parent, _named(name), attributes)
    node.text = text or None
    return node
