"""CSS colours in, numbers out, and what is seen through them."""

import re
from collections.abc import Mapping
from typing import cast

from cssutils.css.colors import COLORS

from digest.colours import Colour

_NAMES = cast("Mapping[str, tuple[int, int, int, float]]", COLORS)
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_NUMBER = r"(\d*\.?\d+%?)"
_RGB = re.compile(rf"rgba?\(\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+{_NUMBER}(?:[\s,/]+{_NUMBER})?\s*\)")


def colour(text: str) -> tuple[int, int, int, float] | None:
    """Red, green, blue to 255, and how much of it is opaque, to 1; None of what is no colour that we know."""
    text = text.strip().lower()
    if match := _HEX.fullmatch(text):
        digits = match[1] if len(match[1]) > 4 else "".join(one * 2 for one in match[1])
        red, green, blue, alpha = (int(digits.ljust(8, "f")[at : at + 2], 16) for at in (0, 2, 4, 6))
        return red, green, blue, alpha / 255
    if match := _RGB.fullmatch(text):
        red, green, blue = (min(255, round(_amount(match[at], 255))) for at in (1, 2, 3))
        return red, green, blue, min(1.0, _amount(match[4] or "1", 1))
    return _NAMES.get(text)


def _amount(text: str, whole: float) -> float:
    number = float(text.rstrip("%"))
    return number * whole / 100 if text.endswith("%") else number


def over(text: str, below: Colour) -> Colour | None:
    """A colour as it is seen on another."""
    found = colour(text)
    if found is None:
        return None
    *parts, share = found
    red, green, blue = (round(above * share + under * (1 - share)) for above, under in zip(parts, below, strict=True))
    return red, green, blue
