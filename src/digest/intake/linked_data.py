"""The JSON-LD scripts of a page in, what they say of its article out (https://schema.org/NewsArticle).  Pure.

A page may describe several articles: itself, and those it leads to.  Its own is the one with its address, else the one
that it calls its main thing, else the first with a headline.  What is only named (``{"@id": "#author"}``) is looked up
among what else the page describes.
"""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from digest.intake import clean

MAX_NODES = 2_000  #: objects that are looked at
_TYPES = frozenset({"article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
                    "backgroundnewsarticle", "reviewnewsarticle", "blogposting", "liveblogposting", "techarticle",
                    "report", "scholarlyarticle", "socialmediaposting"})  # fmt: skip

_REFERENCES = frozenset({"author", "image", "publisher"})

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
    modified: str = ""
    section: str = ""
    trail: str = ""  #: the section by the page's place in the site
    language: str = ""
    description: str = ""
    body: str = ""
    publisher: str = ""
    authors: tuple[str, ...] = ()
    image: LinkedImage = LinkedImage()


def linked_article(scripts: Sequence[str], pages: Iterable[str] = ()) -> LinkedArticle:
    """The article that the scripts say the page is; an empty one where there is none.

    Args:
        scripts: the JSON texts.
        pages: addresses of the page, as it gives them elsewhere.
    """
    nodes = [node for script in scripts for node in _nodes(_loaded(script))]
    articles = [node for node in nodes if _is_article(node) and _text(node, "headline", "name")]
    if not articles:
        return LinkedArticle()
    known = {_key(page) for page in pages if page}
    own = next((node for node in articles if known & _addresses(node)), None)
    main = next((node for node in articles if node.get("mainEntityOfPage")), articles[0])
    return _read(own or main, nodes)


def is_article_type(kind: str) -> bool:
    """Whether a type of schema.org is an article's: ``NewsArticle``, ``https://schema.org/NewsArticle``."""
    return kind.rstrip("/").rpartition("/")[2].lower() in _TYPES


def _addresses(node: Node) -> set[str]:
    said = [*_texts(node.get("url")), *_texts(node.get("mainEntityOfPage"), inner="@id"), *_texts(node.get("@id"))]
    return {_key(address) for address in said}


def _key(address: str) -> str:
    """An address as it is compared: scheme, fragment, query and the last slash tell no two articles of a page apart."""
    return re.split(r"[?#]", address.strip())[0].partition("://")[2].rstrip("/").lower()


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
    return any(is_article_type(kind) for kind in _texts(node.get("@type")))


def _looked_up(node: Node, nodes: Sequence[Node]) -> Node:
    """The node with what it only names in the place of the names."""
    named = {str(one["@id"]): one for one in reversed(nodes) if "@id" in one and len(one) > 1 + ("@type" in one)}

    def resolved(value: object) -> object:
        if isinstance(value, list):
            return [named.get(str(one.get("@id")), one) if isinstance(one, dict) else one for one in value]
        return named.get(str(value.get("@id")), value) if isinstance(value, dict) else value

    return {key: resolved(value) if key in _REFERENCES else value for key, value in node.items()}


def _trail(nodes: Sequence[Node]) -> str:
    """The step of a trail between the front page and the page itself: ``Home > Politics > Title``."""
    for node in nodes:
        steps = node.get("itemListElement") if "BreadcrumbList" in _texts(node.get("@type")) else None
        if isinstance(steps, list) and len(steps) > 2:
            step = steps[1] if isinstance(steps[1], dict) else {}
            name = _text(step, "name", "item")
            return "" if "://" in name else name
    return ""


def _read(node: Node, nodes: Sequence[Node]) -> LinkedArticle:
    node = _looked_up(node, nodes)
    return LinkedArticle(
        url=_text(node, "url") or _text(node, "mainEntityOfPage", inner="@id"),
        headline=clean.html_line(_text(node, "headline", "name")),
        published=_text(node, "datePublished", "dateCreated"),
        modified=_text(node, "dateModified"),
        section=clean.html_line(_text(node, "articleSection"), clean.MAX_NAME),
        trail=clean.html_line(_trail(nodes), clean.MAX_NAME),
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
        url=_text(first, "url", "contentUrl"),
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
