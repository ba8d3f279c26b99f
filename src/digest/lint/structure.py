"""Rules on the frame of the HTML: what every mail program and every screen reader builds on."""

from collections.abc import Iterator
from itertools import pairwise

from lxml.html import HtmlElement

from digest.lint.finding import Rule, Severity, Spot
from digest.lint.mail import Mail
from digest.lint.markup import said, tag

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LAYOUT = ("presentation", "none")
_SCOPES = ("col", "row", "colgroup", "rowgroup")


def doctype(mail: Mail) -> Iterator[Spot]:
    if not mail.html.source.lower().startswith("<!doctype html>"):
        yield Spot(place=mail.place(None), wrong="it does not begin with <!DOCTYPE html>")


def one_head(mail: Mail) -> Iterator[Spot]:
    heads = list(mail.html.all("head"))
    if not heads:
        yield Spot(place=mail.place(None), wrong="there is no <head>")
    for extra in heads[1:]:
        yield Spot(place=mail.place(extra), wrong="a second <head>")


def language(mail: Mail) -> Iterator[Spot]:
    html = next(mail.html.all("html"), None)
    if missing := _unsaid(html):
        yield Spot(place=mail.place(html), wrong=f"<html> has no {missing}")


def body_language(mail: Mail) -> Iterator[Spot]:
    for child in mail.html.body if mail.html.body is not None else ():
        if said(child) and (missing := _unsaid(child)):
            yield Spot(place=mail.place(child), wrong=f"<{tag(child)}>, the outermost in the body, has no {missing}")


def _unsaid(element: HtmlElement | None) -> str:
    lacks = [name for name in ("lang", "dir") if element is None or not element.get(name, "").strip()]
    return " and no ".join(lacks)


def title(mail: Mail) -> Iterator[Spot]:
    titles = list(mail.html.all("title"))
    if not any(map(said, titles)):
        yield Spot(place=mail.place(titles[0] if titles else None), wrong="there is no <title>, or an empty one")


def charset(mail: Mail) -> Iterator[Spot]:
    named = [(one, one.get("charset", "")) for one in mail.html.all("meta") if one.get("charset") is not None]
    if not named:
        yield Spot(place=mail.place(None), wrong='there is no <meta charset="utf-8">')
    for meta, name in named:
        if name.strip().lower() != "utf-8":
            yield Spot(place=mail.place(meta), wrong=f"the charset is said to be {name!r}; the mail is UTF-8")


def tables(mail: Mail) -> Iterator[Spot]:
    for table in mail.html.all("table"):
        cells = [one for one in table.iter("th") if _table_of(one) is table]
        caption = any(child.tag == "caption" for child in table)
        if table.get("role", "").strip().lower() in _LAYOUT:
            if cells or caption:
                yield Spot(place=mail.place(table), wrong="a table for layout has a caption or <th> cells")
        elif not cells:
            yield Spot(place=mail.place(table), wrong="a table with neither role=presentation nor <th> cells")
        elif not caption:
            yield Spot(place=mail.place(table), wrong="a table of data has no <caption>")
        elif any(one.get("scope", "").strip().lower() not in _SCOPES for one in cells):
            yield Spot(place=mail.place(table), wrong="a table of data has a <th> without scope")


def _table_of(cell: HtmlElement) -> HtmlElement | None:
    return next(cell.iterancestors("table"), None)


def headings(mail: Mail) -> Iterator[Spot]:
    found = list(mail.html.all(*_HEADINGS))
    if found and tag(found[0]) != "h1":
        yield Spot(place=mail.place(found[0]), wrong=f"the first heading is <{tag(found[0])}>, not <h1>")
    for before, after in pairwise(found):
        if int(tag(after)[1]) > int(tag(before)[1]) + 1:
            yield Spot(place=mail.place(after), wrong=f"<{tag(after)}> follows <{tag(before)}>: a level is left out")
    for one in found:
        if not said(one) and not any(image.get("alt") for image in one.iter("img")):
            yield Spot(place=mail.place(one), wrong=f"an empty <{tag(one)}>")


RULES = (
    Rule(
        name="doctype",
        severity=Severity.ERROR,
        look=doctype,
        why="without it, as the very first bytes, programs lay the mail out by the faults of the browsers of 1998",
        source="HTML standard, 13.1.1",
        mend="begin the template with <!DOCTYPE html>, in capitals: inlining drops it in lower case",
    ),
    Rule(
        name="one-head",
        severity=Severity.ERROR,
        look=one_head,
        why="Yahoo reads one <head>, and drops the styles of the other",
        source="seen in Yahoo Mail; HTML standard, 4.2.1",
        mend="put everything into one <head>",
    ),
    Rule(
        name="language",
        severity=Severity.ERROR,
        look=language,
        why="a screen reader chooses its voice by lang, and Arabic or Hebrew is laid out by dir",
        source="WCAG 3.1.1",
        mend="write <html lang dir> with the language of the edition",
    ),
    Rule(
        name="body-language",
        severity=Severity.ERROR,
        look=body_language,
        why="webmail shows the inside of the body in a page of its own: what <html> and <body> said is lost",
        source="WCAG 3.1.1; caniemail, <body> element",
        mend="wrap what is in the body in one <div lang dir>",
    ),
    Rule(
        name="title",
        severity=Severity.ERROR,
        look=title,
        why="a screen reader says it first, and a browser shows it where the mail is opened in one",
        source="WCAG 2.4.2",
        mend="write the subject into <title>",
    ),
    Rule(
        name="charset",
        severity=Severity.ERROR,
        look=charset,
        why="programs that save or print the HTML have no header to ask; Gmail cuts off mails whose charset is wrong",
        source="HTML standard, 4.2.5.4",
        mend='write <meta charset="utf-8"> first in the <head>',
    ),
    Rule(
        name="table-role",
        severity=Severity.ERROR,
        look=tables,
        why="a screen reader counts out rows and columns, unless it is told that the table only holds the layout",
        source="WCAG 1.3.1",
        mend="role=presentation for layout and nothing else in it; a caption and <th scope> for data",
    ),
    Rule(
        name="heading-order",
        severity=Severity.WARNING,
        look=headings,
        why="who cannot see the page goes through it from heading to heading",
        source="WCAG 1.3.1, 2.4.6",
        mend="one <h1> first, then no level left out on the way down, and none empty",
    ),
)
