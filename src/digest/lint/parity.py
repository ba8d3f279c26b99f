"""Rules that hold the text part to the HTML: who reads the one misses nothing of the other."""

from collections.abc import Iterator

from digest.lint.finding import Rule, Severity, Spot
from digest.lint.linking import web_links
from digest.lint.mail import Mail, Part, Place
from digest.lint.markup import said, unbroken


def links(mail: Mail) -> Iterator[Spot]:
    if mail.text is None:
        return
    there = {one for word in mail.text.split() for one in (word, word.strip("<>()[].,;"))}
    missing = {url: link for link, url in web_links(mail) if url.lstrip("#") and url not in there}
    for url, link in missing.items():
        yield Spot(place=mail.place(link), wrong=f"{url[:100]} is not in the text part")


def headlines(mail: Mail) -> Iterator[Spot]:
    if mail.text is None:
        return
    text = " ".join(unbroken(mail.text).split())
    for heading in mail.html.all("h1", "h2", "h3", "h4", "h5", "h6"):
        if said(heading) not in text:
            yield Spot(place=mail.place(heading), wrong=f"“{said(heading)[:100]}” is not in the text part")


def even(mail: Mail) -> Iterator[Spot]:
    if mail.text is None:
        return
    html = [url for _, url in web_links(mail)] + [one.get("src", "") for one in mail.html.all("img")]
    count = mail.text.count("://") + sum("://" in one for one in html)
    if count % 2:
        yield Spot(place=Place(part=Part.MESSAGE), wrong=f"both parts together have {count} addresses, an odd number")


def empty(mail: Mail) -> Iterator[Spot]:
    if mail.text is not None and not mail.text.strip():
        yield Spot(place=Place(part=Part.TEXT), wrong="there is no text part, or an empty one")


RULES = (
    Rule(
        name="text-part",
        severity=Severity.ERROR,
        look=empty,
        why="watches, terminals and some readers show nothing else; spam filters count its absence",
        source="RFC 2046 5.1.4",
        mend="see to edition.txt.j2",
    ),
    Rule(
        name="text-headlines",
        severity=Severity.ERROR,
        look=headlines,
        why="who reads the text part does not learn of the story",
        source="RFC 2046 5.1.4",
        mend="print every headline in edition.txt.j2 too",
    ),
    Rule(
        name="text-links",
        severity=Severity.WARNING,
        look=links,
        why="who reads the text part cannot go there, and spam filters count a difference of addresses",
        source="RFC 2046 5.1.4; rspamd, URI_COUNT_ODD",
        mend="print every address in edition.txt.j2 too, whole and with space around it",
    ),
    Rule(
        name="links-even",
        severity=Severity.NOTE,
        look=even,
        why="rspamd takes it for a sign that the parts say different things, and adds a point",
        source="rspamd, URI_COUNT_ODD",
        mend="name a link of the frame once more in one part; a story with a picture has two links and an image",
    ),
)
