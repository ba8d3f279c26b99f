"""Rules on the style blocks: what makes a mail program drop one, or all of them."""

import re
from collections.abc import Iterator

from digest.lint import css
from digest.lint.finding import Rule, Severity, Spot
from digest.lint.mail import Mail

STYLES = 8_192  #: characters over all style blocks
STYLES_DROPPED = 16_384  #: from here Gmail drops every one


def css_size(mail: Mail) -> Iterator[Spot]:
    found = list(mail.html.all("style"))
    size = sum(len(one.text or "") for one in found)
    if size > STYLES:
        severity = Severity.ERROR if size >= STYLES_DROPPED else Severity.WARNING
        wrong = f"{size:,} characters in {len(found)} style blocks"
        yield Spot(place=mail.place(found[0]), wrong=wrong, severity=severity)


def css_comment(mail: Mail) -> Iterator[Spot]:
    for style in mail.html.all("style"):
        for comment in css.COMMENT.finditer(style.text or ""):
            yield Spot(place=mail.within(style, comment.start()), wrong="a comment in a style block")


def media_comma(mail: Mail) -> Iterator[Spot]:
    for style in mail.html.all("style"):
        for block in css.blocks(style.text or ""):
            if re.match(r"@media\b[^{]*,", block.head, re.IGNORECASE):
                yield Spot(place=mail.within(style, block.offset), wrong=f"a comma in {' '.join(block.head.split())}")


def nested_at(mail: Mail) -> Iterator[Spot]:
    for style in mail.html.all("style"):
        for block in css.blocks(style.text or ""):
            for inner in block.blocks() if block.head.startswith("@") else ():
                if inner.head.startswith("@"):
                    wrong = f"{inner.head.split()[0]} inside of {block.head.split()[0]}"
                    yield Spot(place=mail.within(style, inner.offset), wrong=wrong)


RULES = (
    Rule(
        name="css-size",
        severity=Severity.ERROR,
        look=css_size,
        why="Gmail drops every style block once they have 16,384 characters together",
        source="seen in Gmail (caniemail, <style> element)",
        mend="stay within 8,192 characters: take out what is inlined anyway",
    ),
    Rule(
        name="css-comment",
        severity=Severity.WARNING,
        look=css_comment,
        why="Yahoo drops the rule after a comment",
        source="seen in Yahoo Mail (caniemail, CSS comments)",
        mend="put the comment into the template, as {# … #}",
    ),
    Rule(
        name="css-media-comma",
        severity=Severity.WARNING,
        look=media_comma,
        why="Yahoo cuts the style block off there",
        source="seen in Yahoo Mail (caniemail, @media)",
        mend="one condition for each @media; write the block twice",
    ),
    Rule(
        name="css-nested-at",
        severity=Severity.WARNING,
        look=nested_at,
        why="Gmail drops the whole style block",
        source="seen in Gmail (caniemail, @media)",
        mend="put the inner rule into a block of its own, with both conditions joined by “and”",
    ),
)
