"""Addresses and markup in, the picture of an article out, or None.  Pure."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from lxml import etree

from digest.intake import clean
from digest.intake.origin import image
from digest.model import Image

MIN_SIDE = 50  #: pixels: what says to be smaller is a counter, an icon or a button
_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"})
#: Counters, buttons, faces and smileys that feeds and pages carry as pictures.
_NO_PICTURE = re.compile(
    r"//feeds\d?\.feedburner\.com/~|/~ff/|//feeds\.wordpress\.com/1\.0/|//[^/]*(?:doubleclick|statcounter|feedsportal"
    r"|scorecardresearch|google-analytics|gravatar)\.|//pixel\.|/(?:smilies|emojis?|core/emoji)/|/(?:spacer|blank|pixel|1x1)\.(?:gif|png)",
    re.IGNORECASE,
)
_CREDIT_CLASS = re.compile(r"credit|copyright|photographer|fotograf|source", re.IGNORECASE)


def picture(
    url: str, *, base: str, alt: str = "", credit: str = "", width: object = None, height: object = None
) -> Image | None:
    """The image, unless its address is of no use or of a counter, or it is too small to be one that is looked at."""
    found = image(url, base=base, alt=alt, credit=credit, width=width, height=height)
    if found is None or _NO_PICTURE.search(found.url):
        return None
    small = any(side is not None and side < MIN_SIDE for side in (found.width, found.height))
    return None if small else found


def widest(offered: Iterable[Image | None]) -> Image | None:
    """The widest of several sizes; the first among equals."""
    return max(filter(None, offered), key=lambda one: one.width or 0, default=None)


def has_picture_name(url: str) -> bool:
    try:
        return PurePosixPath(urlsplit(url).path).suffix.lower() in _ENDINGS
    except ValueError:
        return False


def first_in(html: str, *, base: str, credit: str = "") -> Image | None:
    """The first picture in some untrusted HTML, with the credit of its figure where that has one."""
    tree = clean.parse_html(html) if "<img" in html[: clean.MAX_HTML].lower() else None
    if tree is None:
        return None
    for node in tree.iter("img"):
        found = picture(
            node.get("src", ""),
            base=base,
            alt=node.get("alt", ""),
            credit=credit or _credit(node),
            width=node.get("width"),
            height=node.get("height"),
        )
        if found:
            return found
    return None


def _credit(node: etree._Element) -> str:
    figure = next(node.iterancestors("figure"), None)
    if figure is None:
        return ""
    for inner in figure.iterdescendants("span", "cite", "small", "figcaption", "div", "p"):
        if inner.tag == "cite" or _CREDIT_CLASS.search(inner.get("class", "")):
            return clean.line("".join(inner.itertext()), clean.MAX_TITLE)
    return ""
