"""Rules on contrast, from the colours as they come out, in the light scheme and in the dark one."""

from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.colours import READABLE, Colour, contrast, hexadecimal
from digest.lint.cascade import Look, has_dark, looks
from digest.lint.finding import Rule, Severity, Spot
from digest.lint.mail import Mail
from digest.lint.markup import own_text

LARGE = 3.0  #: to 1, of large letters


def light(mail: Mail) -> Iterator[Spot]:
    return _faint(mail, dark=False)


def dark(mail: Mail) -> Iterator[Spot]:
    """Where the mail has colours of its own for it; others are turned around by the mail programs."""
    return _faint(mail, dark=True) if has_dark(mail.html) else iter(())


def _faint(mail: Mail, *, dark: bool) -> Iterator[Spot]:
    """One for each pair of colours, at the first place that has it."""
    places: dict[tuple[Colour, Colour, float], list[HtmlElement]] = {}
    for element, look in looks(mail.html, dark=dark).items():
        pair = _pair(look)
        if pair and not look.hidden and (own_text(element) or element.get("alt")):
            places.setdefault(pair, []).append(element)
    for (colour, ground, wanted), elements in places.items():
        if (ratio := contrast(colour, ground)) < wanted:
            yield Spot(
                place=mail.place(elements[0]),
                wrong=f"{hexadecimal(colour)} on {hexadecimal(ground)} is {ratio:.2f} to 1, less than {wanted:g}, "
                f"{_often(len(elements))}",
            )


def _pair(look: Look) -> tuple[Colour, Colour, float] | None:
    if look.colour is None or look.ground is None:
        return None
    return look.colour, look.ground, LARGE if look.large else READABLE


def _often(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


RULES = (
    Rule(
        name="contrast-light",
        severity=Severity.ERROR,
        look=light,
        why="who sees less well cannot read faint text, and nobody can in the sun",
        source="WCAG 1.4.3",
        mend="a darker text or a lighter ground: 4.5 to 1, 3 to 1 for 24 pixels, or 19 in bold",
    ),
    Rule(
        name="contrast-dark",
        severity=Severity.ERROR,
        look=dark,
        why="a text whose colour the dark scheme forgets stands dark on dark",
        source="WCAG 1.4.3; caniemail, prefers-color-scheme",
        mend="set the colour in the dark block too (_dark.css)",
    ),
)
