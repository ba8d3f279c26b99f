"""The JSON-LD scripts of a page in, what they say of its article out (https://schema.org/NewsArticle).  Pure."""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from digest.intake import clean

MAX_NODES = 2_000  #: objects that are looked at
_TYPES = frozenset({"article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
                    "backgroundnewsarticle", "reviewnewsarticle", "blogposting", "liveblogposting", "techarticle",
                    "report", "scholarlyarticle", "socialmediaposting"})  # fmt: skip

Node = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class LinkedImage:
    url: str = ""
    caption: str = ""
    credit: str = ""
    width: object = None
    height: object = None


@dataclass(frozen=True, kw_only=True)
class LinkedArticle:
    """What was said, "" where nothing was."""

    url: str = ""
    headline: str = ""
    published: str = ""
    section: str = ""
    language: str = ""
    description: str = ""
    body: str = ""
    publisher: str = ""
    authors: tuple[str, ...] = ()
    image: LinkedImage = LinkedImage()


def linked_article(scripts: Sequence[str]) -> LinkedArticle:
    """The first article among the scripts that has a headline; an empty one where there is none."""
    nodes = [node for script in scripts for node in _nodes(_loaded(script))]
    return next(
        (_read(node) for node in nodes if _is_article(node) and _text(node, "headline", "name")), LinkedArticle()
    )


def _loaded(script: str) -> object:
    text = script.strip().removeprefix("<!--").removeprefix("//<![CDATA[").strip()
    text = text.removesuffix("-->").removesuffix("//]]>").strip().rstrip(";")
    try:
        return json.loads(text, strict=False)  # line breaks within strings are common
    except (ValueError, RecursionError):
        return None


def _nodes(value: object) -> Iterator[Node]:
    """Every object within, the outer ones first."""
    waiting, seen = deque([value]), 0
    while waiting and seen < MAX_NODES:
        one = waiting.popleft()
        seen += 1
        if isinstance(one, dict):
            yield one
            waiting.extend(inner for inner in one.values() if isinstance(inner, dict | list))
        elif isinstance(one, list):
            waiting.extend(one[:MAX_NODES])


def _is_article(node: Node) -> bool:
    return any(kind.rpartition("/")[2].lower() in _TYPES for kind in _texts(node.get("@type")))


def _read(node: Node) -> LinkedArticle:
    return LinkedArticle(
        url=_text(node, "url") or _text(node, "mainEntityOfPage", inner="@id"),
        headline=clean.html_line(_text(node, "headline", "name")),
        published=_text(node, "datePublished", "dateCreated"),
        section=clean.html_line(_text(node, "articleSection"), clean.MAX_NAME),
        language=_text(node, "inLanguage"),
        description=clean.html_text(_text(node, "description"), clean.MAX_SUMMARY),
        body=unescape(_text(node, "articleBody")),
        publisher=clean.html_line(_text(node, "publisher"), clean.MAX_NAME),
        authors=tuple(
            clean.html_line(name, clean.MAX_NAME) for name in _texts(node.get("author")) if "://" not in name
        ),
        image=_image(node.get("image")),
    )


def _image(value: object) -> LinkedImage:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, str):
        return LinkedImage(url=first)
    if not isinstance(first, dict):
        return LinkedImage()
    return LinkedImage(
        url=_text(first, "url", "contentUrl", "@id"),
        caption=clean.html_line(_text(first, "caption")),
        credit=clean.html_line(_text(first, "creditText", "credit", "copyrightHolder", "author")),
        width=_number(first.get("width")),
        height=_number(first.get("height")),
    )


def _number(value: object) -> object:
    """A size, also where it is written as a quantity: ``{"@type": "QuantitativeValue", "value": 640}``."""
    return value.get("value") if isinstance(value, dict) else value


def _text(node: Node, *keys: str, inner: str = "name") -> str:
    """The first text under the first of `keys` that has one; of an object its name (or `inner`)."""
    return next((text for key in keys for text in _texts(node.get(key), inner=inner)), "")


def _texts(value: object, *, inner: str = "name") -> list[str]:
    found = []
    for one in value if isinstance(value, list) else [value]:
        text = one.get(inner) if isinstance(one, dict) else one
        if isinstance(text, str) and text.strip():
            found.append(text)
    return found
