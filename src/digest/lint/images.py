"""Rules on pictures: that programs fetch them, that they do not break the layout, and that nobody misses them."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from digest.lint import css
from digest.lint.finding import Rule, Severity, Spot
from digest.lint.linking import scheme_of
from digest.lint.mail import Mail

_UNSHOWN = ("svg", "svgz", "webp", "avif", "heic", "heif", "tif", "tiff")


def address(mail: Mail) -> Iterator[Spot]:
    for image in mail.html.all("img"):
        url = image.get("src", "").strip()
        scheme = scheme_of(url)
        if scheme not in {"https", "local"} and not url.startswith("data:"):
            severity = Severity.WARNING if scheme == "http" else Severity.ERROR
            yield Spot(
                place=mail.place(image), wrong=f"{url[:100] or 'nothing'} is no https address", severity=severity
            )


def alternative(mail: Mail) -> Iterator[Spot]:
    for image in mail.html.all("img"):
        if image.get("alt") is None:
            yield Spot(place=mail.place(image), wrong=f"no alt on {image.get('src', '')[:100]}")


def dimensions(mail: Mail) -> Iterator[Spot]:
    for image in mail.html.all("img"):
        missing = [name for name in ("width", "height") if not re.fullmatch(r"[1-9]\d*", image.get(name, ""))]
        if missing:
            wrong = f"no whole number of pixels as {' and '.join(missing)}"
            yield Spot(place=mail.place(image), wrong=f"{wrong} on {image.get('src', '')[:100]}")
        elif "height" not in {one.name for one in css.declarations(image.get("style", ""))}:
            yield Spot(place=mail.place(image), wrong=f"no height in the style of {image.get('src', '')[:100]}")


def kind(mail: Mail) -> Iterator[Spot]:
    for image in mail.html.all("img"):
        url = image.get("src", "").strip()
        if url.startswith("data:"):
            yield Spot(place=mail.place(image), wrong="a data: picture", severity=Severity.ERROR)
        elif (ending := _ending(url)) in _UNSHOWN:
            yield Spot(place=mail.place(image), wrong=f"{url[:100]} is {ending.upper()}", severity=Severity.WARNING)
    for drawing in mail.html.all("svg"):
        yield Spot(place=mail.place(drawing), wrong="an <svg> in the HTML", severity=Severity.WARNING)


def _ending(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return path.rpartition(".")[2].lower()


RULES = (
    Rule(
        name="image-https",
        severity=Severity.ERROR,
        look=address,
        why="mail programs fetch pictures over https only, through servers of their own",
        source="seen in Gmail and Apple Mail",
        mend="use a picture at an https address",
    ),
    Rule(
        name="image-alt",
        severity=Severity.ERROR,
        look=alternative,
        why="many programs show no picture until they are asked, and some readers see none: they get this text",
        source="WCAG 1.1.1",
        mend='give it an alt; alt="" where it only decorates',
    ),
    Rule(
        name="image-size",
        severity=Severity.WARNING,
        look=dimensions,
        why="Outlook for Windows goes by the attributes, phones by the style; without, the text jumps as pictures come",
        source="seen in Outlook for Windows (caniemail, width and height)",
        mend='write width="552" height="311" and style="width:100%;height:auto"',
    ),
    Rule(
        name="image-kind",
        severity=Severity.ERROR,
        look=kind,
        why="Outlook for Windows shows no WebP and Gmail no SVG; both drop data: pictures",
        source="caniemail, image formats",
        mend="offer a JPEG or a PNG, or drop the picture",
    ),
)
