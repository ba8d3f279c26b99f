"""Rules on how long the parts are, and on characters that no reader should get."""

import re
from collections.abc import Iterator

from digest.lint.finding import Rule, Severity, Spot
from digest.lint.mail import Mail, Part, Place

HTML = 80 * 1024  #: bytes
HTML_CUT = 102_000  #: bytes, from which Gmail shows no more
SHOWN = 3  #: places of the same fault in one part


def html_size(mail: Mail) -> Iterator[Spot]:
    size = len(mail.html.source.encode())
    if size > HTML:
        severity = Severity.ERROR if size >= HTML_CUT else Severity.WARNING
        yield Spot(place=mail.place(None), wrong=f"the HTML has {size:,} bytes", severity=severity)


def controls(mail: Mail) -> Iterator[Spot]:
    for place, char in characters(mail, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"):
        yield Spot(place=place, wrong=f"the control character U+{ord(char):04X}")


def lost_text(mail: Mail) -> Iterator[Spot]:
    for place, _ in characters(mail, "\ufffd"):
        yield Spot(place=place, wrong="U+FFFD, which stands for a character that was lost")


def characters(mail: Mail, pattern: str) -> Iterator[tuple[Place, str]]:
    """Where something stands in the HTML and in the text: the first few of each."""
    for part, text in ((Part.HTML, mail.html.source), (Part.TEXT, mail.text or "")):
        for _, one in zip(range(SHOWN), re.finditer(pattern, text), strict=False):
            yield position(part, text, one.start()), one[0]


def position(part: Part, text: str, offset: int) -> Place:
    line = text.count("\n", 0, offset) + 1
    return Place(part=part, line=line, column=offset - text.rfind("\n", 0, offset))


RULES = (
    Rule(
        name="html-size",
        severity=Severity.ERROR,
        look=html_size,
        why="Gmail shows the first 102 KB of the HTML: the end, with the unsubscribe link, is cut off",
        source="seen in Gmail (“[Message clipped]”)",
        mend="fewer stories, or shorter ones: about 2 KB each; 80 KB leave room for long addresses",
    ),
    Rule(
        name="control-character",
        severity=Severity.ERROR,
        look=controls,
        why="Gmail takes a mail with one for a clipped one, however small; others show a box",
        source="seen in Gmail; RFC 5198 2",
        mend="it comes from the text of an article: mend its title or summary, or drop the story",
    ),
    Rule(
        name="lost-text",
        severity=Severity.ERROR,
        look=lost_text,
        why="a reader sees a question mark where a letter was",
        source="Unicode 5.22",
        mend="the article was read in the wrong charset: mend it at its source, or drop the story",
    ),
)
