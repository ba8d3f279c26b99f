"""The HTML of a mail in, the same as some readers see it out, and with marks to jump to.  Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from digest.web.measure import GMAIL_CUTS_KB, KB

_STYLE = re.compile(r"<style\b[^>]*>.*?</style\s*>", re.DOTALL | re.IGNORECASE)
_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_BOTH = re.compile(r"(color-scheme[\"']?(?:\s+content=[\"']|\s*:\s*))light dark", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z][a-zA-Z0-9]*")
ALWAYS, NEVER = "(min-width:0)", "(max-width:0)"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a reader's program shows a mail.  Pictures that are off are kept from loading by the page's policy."""

    dark: bool = False
    images: bool = True
    styles: bool = True  #: False: style blocks are gone, as some programs do


def shown(html: str, look: Look, *, marks: Mapping[str, tuple[int, int]] | None = None) -> str:
    """The mail in a look, whatever the browser at hand is set to.

    Args:
        html: As it is sent.
        look: Of whom.
        marks: Line and column of start tags, both from 1, by what they are to be found by (``data-mark``).  What is
            at no start tag is left alone.
    """
    marked = _marked(html, {**_places(html, marks or {}), **_clip(html)})
    there = "dark" if look.dark else "light"
    seen = _QUERY.sub(lambda found: ALWAYS if found[1].lower() == there else NEVER, marked)
    seen = _BOTH.sub(rf"\g<1>{there}", seen)
    return seen if look.styles else _STYLE.sub("", seen)


def clipped_at(html: str) -> int | None:
    """The first character that Gmail leaves out, None where it shows all."""
    raw = html.encode()
    if len(raw) <= GMAIL_CUTS_KB * KB:
        return None
    return len(raw[: GMAIL_CUTS_KB * KB].decode("utf-8", "ignore"))


def _clip(html: str) -> dict[int, str]:
    """The first element of which Gmail shows nothing."""
    cut = clipped_at(html)
    found = _TAG.search(html, cut) if cut is not None else None
    return {found.end(): " data-clipped"} if found else {}


def _places(html: str, marks: Mapping[str, tuple[int, int]]) -> dict[int, str]:
    starts = _line_starts(html)
    found: dict[int, list[str]] = {}
    for name, (line, column) in marks.items():
        if 0 < line <= len(starts) and (tag := _TAG.match(html, starts[line - 1] + column - 1)):
            found.setdefault(tag.end(), []).append(name)
    return {end: f' data-mark="{" ".join(names)}"' for end, names in found.items()}


def _line_starts(html: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", html))]


def _marked(html: str, at: Mapping[int, str]) -> str:
    pieces, before = [], 0
    for end in sorted(at):
        pieces += [html[before:end], at[end]]
        before = end
    return "".join([*pieces, html[before:]])


def marks_of(places: Iterable[tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Places by a name each: ``f0``, ``f1``, …"""
    return {f"f{number}": place for number, place in enumerate(places)}
