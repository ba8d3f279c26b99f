"""A mail and a colour scheme in, what each element looks like out: its colours, the size of its letters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from cssselect import HTMLTranslator, SelectorError
from cssselect import parse as parse_selectors
from lxml.etree import XPath
from lxml.html import HtmlElement

from digest.colours import Colour
from digest.lint import css
from digest.lint.colours import over
from digest.lint.css import Declaration
from digest.lint.markup import Markup, tag

_Weight = tuple[bool, tuple[int, int, int, int]]  #: important; in the element itself, then by its selector
_IN_ELEMENT = (1, 0, 0, 0)
_DARK = re.compile(
    r"@media\s*((only\s+)?(all|screen)\s+and\s*)?\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE
)
_BOLD = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"))
#: What browsers make of them, times the letters around.
_SCALE = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 0.83}
_UNITS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}
_WHITE: Colour = (255, 255, 255)
_UNSET = frozenset(("", "inherit", "initial", "none", "transparent"))


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the text of an element is shown.  A colour that cannot be told is None."""

    colour: Colour | None
    ground: Colour | None
    size: float  #: CSS pixels
    bold: bool
    hidden: bool

    @property
    def large(self) -> bool:
        """18 points, or 14 in bold (WCAG 2.2, large scale)."""
        return self.size >= 24 or (self.bold and self.size > 18.66)


LIGHT = Look(colour=(0, 0, 0), ground=_WHITE, size=16, bold=False, hidden=False)
DARK = replace(LIGHT, colour=_WHITE, ground=(18, 18, 18))  # the canvas of browsers in dark mode
_LINKS: Mapping[bool, Colour] = {False: (0, 0, 238), True: (158, 158, 255)}


def has_dark(markup: Markup) -> bool:
    return any(_DARK.fullmatch(block.head) for style in markup.all("style") for block in css.blocks(style.text or ""))


def looks(markup: Markup, *, dark: bool) -> Mapping[HtmlElement, Look]:
    """How each element of the body looks, by style attributes and by the style blocks.

    Of the @media blocks only that of the dark scheme counts, and only when it is asked for.
    """
    rules = _by_element(markup, dark=dark)
    first = DARK if dark else LIGHT
    shown: dict[HtmlElement, Look] = {}
    for element in markup.all():
        parent = shown.get(above, first) if (above := element.getparent()) is not None else first
        shown[element] = _look(element, _computed(element, rules.get(element, [])), parent, dark=dark)
    return shown


def _by_element(markup: Markup, *, dark: bool) -> dict[HtmlElement, list[tuple[_Weight, Declaration]]]:
    found: dict[HtmlElement, list[tuple[_Weight, Declaration]]] = {}
    for block in _blocks(markup, dark=dark):
        said = css.declarations(block.body)
        for path, specificity in _selectors(block.head):
            for element in _matched(path, markup.root):
                for one in said:
                    found.setdefault(element, []).append(((one.important, (0, *specificity)), one))
    return found


def _blocks(markup: Markup, *, dark: bool) -> Iterator[css.Block]:
    for style in markup.all("style"):
        for block in css.blocks(style.text or ""):
            if dark and _DARK.fullmatch(block.head):
                yield from block.blocks()
            elif not block.head.startswith("@"):
                yield block


@lru_cache(maxsize=512)
def _selectors(head: str) -> tuple[tuple[XPath, tuple[int, int, int]], ...]:
    """What each selector finds, and its weight; none of what browsers would not understand either."""
    try:
        parsed = parse_selectors(head.replace(":root", "html"))
        translator = HTMLTranslator()
        return tuple((XPath(translator.selector_to_xpath(one)), one.specificity()) for one in parsed)
    except (SelectorError, SyntaxError):
        return ()


def _matched(path: XPath, root: HtmlElement) -> list[HtmlElement]:
    found = path(root)
    return [one for one in found if isinstance(one, HtmlElement)] if isinstance(found, list) else []


def _computed(element: HtmlElement, rules: list[tuple[_Weight, Declaration]]) -> Mapping[str, str]:
    own = [((one.important, _IN_ELEMENT), one) for one in css.declarations(element.get("style", ""))]
    ordered = sorted([*rules, *own], key=lambda one: one[0])  # stable: of equal ones the last wins
    return {one.name: one.value for _, one in ordered}


def _look(element: HtmlElement, said: Mapping[str, str], around: Look, *, dark: bool) -> Look:
    name = tag(element)
    ground = _ground(element, said, around)
    link = _LINKS[dark] if name == "a" and element.get("href") is not None else around.colour
    written = said.get("color", element.get("color", "") if name == "font" else "").lower()
    inherits = written in {"", "inherit", "currentcolor"}
    return Look(
        colour=(around.colour if written else link) if inherits else ground and over(written, ground),
        ground=ground,
        size=_size(said.get("font-size", ""), around.size) or around.size * _SCALE.get(name, 1.0),
        bold=_bold(said.get("font-weight", ""), around=around.bold or name in _BOLD),
        hidden=around.hidden or _hidden(element, said),
    )


def _ground(element: HtmlElement, said: Mapping[str, str], around: Look) -> Colour | None:
    written = said.get("background-color") or said.get("background") or element.get("bgcolor") or ""
    if re.search(r"(url|gradient|image)\(", said.get("background-image", "") + said.get("background", "")):
        return None  # a picture
    if not written.startswith("rgb"):
        written = written.partition(" ")[0]
    return around.ground if written.lower() in _UNSET else over(written, around.ground or _WHITE)


def _size(written: str, around: float) -> float | None:
    match = re.fullmatch(r"(\d*\.?\d+)(px|pt|rem|em|%)", written.strip().lower())
    if match is None:
        return None
    number = float(match[1])
    return number * _UNITS.get(match[2], around if match[2] == "em" else around / 100)


def _bold(written: str, *, around: bool) -> bool:
    if written.isdecimal():
        return int(written) >= 700
    return {"bold": True, "bolder": True, "normal": False}.get(written.lower(), around)


def _hidden(element: HtmlElement, said: Mapping[str, str]) -> bool:
    shut = said.get("overflow", "").lower() == "hidden" and re.fullmatch(r"0(px)?", said.get("max-height", ""))
    return (
        bool(shut)
        or element.get("hidden") is not None
        or element.tag in {"head", "script", "style", "title", "template"}
        or said.get("display", "").lower() == "none"
        or said.get("visibility", "").lower() == "hidden"
    )
