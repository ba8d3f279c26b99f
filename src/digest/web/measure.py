"""A preview in, the figures and header lines that its desk shows out.  Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from digest.model import Edition, Rendered, Story

GMAIL_CUTS_KB = 102  #: Gmail shows no more of an HTML part, and so loses the unsubscribe link at its end
GMAIL_STYLES = 16_384  #: characters over all style blocks, beyond which Gmail drops every one
KB = 1024  #: bytes

_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.DOTALL | re.IGNORECASE)
_FOLD = re.compile(r"\r?\n(?=[ \t])")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """An edition as it would go out, and how it came about."""

    edition: Edition
    rendered: Rendered
    message: bytes  #: as it goes over the wire
    stories: tuple[Story, ...]  #: ranked
    chosen: tuple[str, ...]  #: ids of the stories that are in
    left_out: Mapping[str, str]  #: id of a story → why it is not in
    findings: tuple[str, ...]  #: what an editor should look at


@dataclass(frozen=True, kw_only=True)
class Size:
    """One figure against its limit."""

    name: str
    value: float
    limit: float | None
    unit: str

    @property
    def over(self) -> bool:
        return self.limit is not None and self.value > self.limit


def sizes(preview: Preview) -> list[Size]:
    message = Size(name="Message", value=len(preview.message) / KB, limit=None, unit="KB")
    return [*sizes_of(preview.rendered), message]


def sizes_of(rendered: Rendered) -> list[Size]:
    """Of the parts of a mail."""
    html, text = rendered.html, rendered.text
    styles = sum(len(block) for block in _STYLE.findall(html))
    return [
        Size(name="HTML", value=len(html.encode()) / KB, limit=GMAIL_CUTS_KB, unit="KB"),
        Size(name="Style blocks", value=styles, limit=GMAIL_STYLES, unit="characters"),
        Size(name="Plain text", value=len(text.encode()) / KB, limit=None, unit="KB"),
    ]


def headers(message: bytes) -> list[tuple[str, str]]:
    """Names and values as they go over the wire, unfolded but not decoded."""
    head = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[0].decode("utf-8", "replace")
    lines = _FOLD.sub("", head).splitlines()
    return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
