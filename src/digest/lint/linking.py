"""Rules on links: that each leads somewhere, says where, and that the ways out are there."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.lint.finding import Rule, Severity, Spot
from digest.lint.mail import Mail, Part, Place
from digest.lint.markup import said
from digest.lint.size import position

#: Texts that say nothing of where a link leads, as whole texts and in lower case.
_SAYS_NOTHING = frozenset(
    (
        *("click here", "here", "click", "link", "this link", "more", "read more", "learn more", "continue"),
        *("hier", "hier klicken", "klicken sie hier", "mehr", "weiterlesen"),
        *("cliquez ici", "ici", "lire la suite", "en savoir plus", "haga clic aquí", "aquí", "leer más"),
        *("اضغط هنا", "هنا", "المزيد"),
    )
)
_UNRESOLVED = re.compile(r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|%\([a-z_]{1,40}\)[sd]|DIGESTx\w*")
_LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")  #: a demonstration: nothing leaves the machine


def web_links(mail: Mail) -> Iterator[tuple[HtmlElement, str]]:
    """Every <a href> and its address."""
    return ((one, one.get("href", "").strip()) for one in mail.html.all("a") if one.get("href") is not None)


def scheme_of(url: str) -> str:
    """ "https", "local" for http on this machine, the scheme of another; "" of what is no absolute address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme == "http" and host in _LOCAL:
        return "local"
    return parts.scheme if host or parts.scheme == "mailto" else ""


def empty(mail: Mail) -> Iterator[Spot]:
    for link, url in web_links(mail):
        if not url.lstrip("#"):
            yield Spot(place=mail.place(link), wrong=f"a link to {url or 'nothing'}")


def address(mail: Mail) -> Iterator[Spot]:
    for link, url in web_links(mail):
        if url.lstrip("#") and scheme_of(url) not in {"https", "http", "local", "mailto", "tel"}:
            yield Spot(place=mail.place(link), wrong=f"{url[:100]} is no absolute web address")


def encrypted(mail: Mail) -> Iterator[Spot]:
    for link, url in web_links(mail):
        if scheme_of(url) == "http":
            severity = Severity.WARNING if url.startswith(mail.own.all) else Severity.NOTE
            yield Spot(place=mail.place(link), wrong=f"{url[:100]} is not https", severity=severity)


def named(mail: Mail) -> Iterator[Spot]:
    for link, url in web_links(mail):
        text = said(link) or " ".join(one.get("alt", "") for one in link.iter("img")).strip() or link.get("aria-label")
        if not text:
            yield Spot(place=mail.place(link), wrong=f"a link to {url[:100]} without a text")


def telling(mail: Mail) -> Iterator[Spot]:
    for link, _ in web_links(mail):
        text = said(link)
        if text.casefold().strip(" .…›»→>") in _SAYS_NOTHING:
            yield Spot(place=mail.place(link), wrong=f"a link that only says “{text}”")


def unresolved(mail: Mail) -> Iterator[Spot]:
    header = "\n".join(one.value for one in mail.fields or ())
    for part, text in ((Part.HTML, mail.html.source), (Part.TEXT, mail.text or ""), (Part.HEADER, header)):
        for marker in _UNRESOLVED.finditer(text):
            place = Place(part=part) if part is Part.HEADER else position(part, text, marker.start())
            yield Spot(place=place, wrong=f"{marker[0][:60]} was not filled in")


def unsubscribe(mail: Mail) -> Iterator[Spot]:
    return _way(mail, mail.own.unsubscribe, "unsubscribe")


def preferences(mail: Mail) -> Iterator[Spot]:
    return _way(mail, mail.own.preferences, "preferences")


def confirm(mail: Mail) -> Iterator[Spot]:
    return _way(mail, mail.own.confirm, "confirm")


def _way(mail: Mail, beginnings: tuple[str, ...], called: str) -> Iterator[Spot]:
    if not beginnings:
        return
    if not any(url.startswith(beginnings) for _, url in web_links(mail)):
        yield Spot(place=mail.place(None), wrong=f"there is no {called} link")
    if mail.text is not None and not any(one in mail.text for one in beginnings):
        yield Spot(place=Place(part=Part.TEXT), wrong=f"there is no {called} link")


RULES = (
    Rule(
        name="link-empty",
        severity=Severity.ERROR,
        look=empty,
        why="it looks like a link and leads nowhere",
        source="WCAG 2.4.4",
        mend="give it the address, or take the <a> away",
    ),
    Rule(
        name="link-address",
        severity=Severity.ERROR,
        look=address,
        why="a mail has no page that a relative address could be meant from, and programs block other schemes",
        source="RFC 3986 4.3",
        mend="write the whole address, with https:// and the host",
    ),
    Rule(
        name="link-https",
        severity=Severity.WARNING,
        look=encrypted,
        why="a personal link in clear can be read, and used, by whoever is on the way; others are only a pity",
        source="RFC 8058 3.1",
        mend="set site.base_url to an https address; of an article, nothing can be done",
    ),
    Rule(
        name="link-name",
        severity=Severity.ERROR,
        look=named,
        why="a screen reader reads the address aloud, letter by letter",
        source="WCAG 2.4.4",
        mend="put text into the link, or an alt on its picture",
    ),
    Rule(
        name="link-text",
        severity=Severity.WARNING,
        look=telling,
        why="who goes from link to link hears the same word again and again, and not where it leads",
        source="WCAG 2.4.4",
        mend="link the headline, or name what is behind the link",
    ),
    Rule(
        name="unresolved",
        severity=Severity.ERROR,
        look=unresolved,
        why="readers would see the template's own language instead of what belongs there",
        source="Jinja2, and the markers of docs/templates.md",
        mend="mend the template; in an article's own text it may be meant, and can be overruled",
    ),
    Rule(
        name="unsubscribe-link",
        severity=Severity.ERROR,
        look=unsubscribe,
        why="law and mail providers want a visible way out in the mail itself, in each of its parts",
        source="Gmail and Yahoo sender rules of 2024; CAN-SPAM 5(a)(3)",
        mend="put unsubscribe_url into the template (docs/templates.md)",
    ),
    Rule(
        name="preferences-link",
        severity=Severity.WARNING,
        look=preferences,
        why="who only wants less mail has no other choice than to leave",
        source="our own",
        mend="put preferences_url into the template (docs/templates.md)",
    ),
    Rule(
        name="confirm-link",
        severity=Severity.ERROR,
        look=confirm,
        why="who asked for the newsletter cannot say yes, and never gets it",
        source="our own",
        mend="put url into confirm.html.j2 and confirm.txt.j2 (docs/templates.md)",
    ),
)
