"""Data of caniemail.com in, the features that large mail programs lack out; and which features a mail uses.

The data is the operator's own copy, as <https://www.caniemail.com/api/data.json> has it: it changes with the programs.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

from digest.lint import css
from digest.lint.mail import Feature, Mail
from digest.lint.markup import tag as tag_of

#: Family and platform, as the data names them, and as people do.
PROGRAMS = {
    ("gmail", "desktop-webmail"): "Gmail on the web",
    ("gmail", "ios"): "Gmail on iOS",
    ("gmail", "android"): "Gmail on Android",
    ("outlook", "windows"): "Outlook for Windows",
    ("outlook", "outlook-com"): "Outlook.com",
    ("apple-mail", "macos"): "Apple Mail",
    ("apple-mail", "ios"): "Mail on iOS",
    ("yahoo", "desktop-webmail"): "Yahoo Mail",
}
_TAGS = {**dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "h1-h6"), **dict.fromkeys(("ul", "ol", "dl"), "lists")}
_SEMANTIC = ("article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "nav", "section")
_IMAGES = {"jpeg": "jpg", "tif": "tiff", "svgz": "svg"}


def parse_support(text: str) -> Mapping[str, Feature]:
    """By slug.

    Raises:
        ValueError: it is not that data; says where.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    rows = document.get("data") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise ValueError('no list "data" in it, as the data of caniemail.com has')  # noqa: TRY004 - the file is wrong
    return dict(_feature(number, row) for number, row in enumerate(rows))


def _feature(number: int, row: Any) -> tuple[str, Feature]:
    try:
        lacking = [name for key, name in PROGRAMS.items() if _newest(row["stats"], *key).startswith("n")]
        return str(row["slug"]), Feature(title=str(row["title"]), url=str(row["url"]), lacking=tuple(lacking))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"data, entry {number}: {type(error).__name__} {error}") from None


def _newest(stats: Any, family: str, platform: str) -> str:
    """What was last seen of a program; "" where nobody has looked."""
    versions = stats.get(family, {}).get(platform, {})
    return str(list(versions.values())[-1]) if versions else ""


def used(mail: Mail) -> Mapping[str, HtmlElement]:
    """The features that the mail builds on, by slug, each with the first element that has it.

    Style blocks do not count: many programs drop them, and the mail has to hold without.
    """
    found: dict[str, HtmlElement] = {}
    for element in mail.html.all():
        for slug in (*_of_element(element), *_of_style(element.get("style", ""))):
            found.setdefault(slug, element)
    return found


def _of_element(element: HtmlElement) -> Iterator[str]:
    tag = tag_of(element)
    yield f"html-{_TAGS.get(tag, tag)}"
    if tag in _SEMANTIC:
        yield "html-semantics"
    for name in element.attrib:
        yield f"html-{name}"
    if tag == "meta":
        yield f"html-meta-{element.get('name', '')}"
    if tag == "img":
        url = element.get("src", "")
        ending = re.split("[?#]", url)[0].rpartition(".")[2].lower()
        yield "image-base64" if url.startswith("data:") else f"image-{_IMAGES.get(ending, ending)}"


def _of_style(style: str) -> Iterator[str]:
    for one in css.declarations(style):
        value = one.value.lower()
        yield f"css-{one.name}"
        if one.name == "display":
            yield f"css-display-{value.removeprefix('inline-')}"
        for name in re.findall(r"([a-z-]+)\(", value):
            yield from (f"css-{name}", f"css-function-{name}", f"css-unit-{name}")
        if "var(" in value or one.name.startswith("--"):
            yield "css-variables"
        for unit in re.findall(r"(?<![\w#.-])-?\d*\.?\d+(%|[a-z]+)", value):
            yield f"css-unit-{'percent' if unit == '%' else unit}"
