"""How well a colour can be read on another: WCAG 2.2, contrast ratio.  Pure."""

import re

Colour = tuple[int, int, int]  #: red, green, blue to 255

READABLE = 4.5  #: of letters of usual size (WCAG 2.2, 1.4.3)

_HEX = re.compile(r"#[0-9a-f]{6}")


def parsed(text: str) -> Colour:
    """The colour of six hexadecimal digits, as Outlook wants them.

    Raises:
        ValueError: it is written otherwise.
    """
    if not _HEX.fullmatch(text.lower()):
        raise ValueError("not a colour such as #8c1d18")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def hexadecimal(of: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*of)


def _luminance(of: Colour) -> float:
    red, green, blue = map(_linear, of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
