"""An edition in, the page its templates see out: text cleaned, links checked, pictures fitted.  Pure.

Nothing of an edition reaches a template but through here.  Escaping is the templates' own (autoescape); what escaping
does not stop is stopped here: control characters, links that are not web addresses, and `links.Token` markers in
outside text, which would hand a reader's own token to whoever wrote it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from urllib.parse import quote, urlsplit

from digest import config, links
from digest.languages import Voice, direction
from digest.model import Edition, Image, Item, Markets, Quote, Section, Sponsor
from digest.render import note
from digest.render.note import Block, Span

LEAD_BOX = (552, 414)  #: the most the lead picture takes, in CSS pixels
THUMB_BOX = (166, 166)
ENLARGE = 1.5  #: beyond this a small picture is too blurred to print

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

#: Controls (C1 too: Gmail takes them for a clipped message), lost text, surrogates, and marks that turn the direction
#: of what follows.
_UNWANTED = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff\ufeff\ufff9-\uffff]+")
_MARKER = "DIGESTxTOKENx"  #: how every marker begins
_NOT_IN_ANCHOR = re.compile(r"[^A-Za-z0-9-]")
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, kw_only=True)
class Picture:
    url: str
    alt: str
    credit: str
    width: int  #: CSS pixels, as shown
    height: int


@dataclass(frozen=True, kw_only=True)
class Card:
    """A story as a template sees it."""

    anchor: str  #: its place in the web page
    headline: str
    url: str  #: "" when it has none that is safe to follow
    blurb: str
    source: str
    sources: int
    section: str
    update: bool
    language: str  #: "" when it is the edition's, or unknown
    direction: str  #: "ltr" or "rtl", "" as `language`
    picture: Picture | None


@dataclass(frozen=True, kw_only=True)
class Shelf:
    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    last: str
    change: str  #: with its sign, as in "+0.42%"
    trend: str  #: "up", "down" or "flat"


@dataclass(frozen=True, kw_only=True)
class Table:
    as_of: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Advert:
    name: str
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that a template knows of an edition, and nothing personal."""

    title: str
    site: str
    date: str
    language: str
    direction: str
    subject: str
    preheader: str
    note: tuple[Block, ...]  #: paragraphs and points of lists
    lead: Card | None
    shelves: tuple[Shelf, ...]
    markets: Table | None
    sponsor: Advert | None
    postal_address: str
    more: int  #: stories that only the web page has
    late: bool = False  #: whether it comes later than usual; the web page does not
    browser_url: str
    archive_url: str
    subscribe_url: str


def page(edition: Edition, *, site: config.Site, zone: tzinfo, voice: Voice, more: int = 0) -> Page:
    """`edition` for templates; `voice` writes the dates and numbers, and `more` stories are on the web page only."""
    name, base, language = edition.newsletter, site.base_url, edition.language or site.language
    return Page(
        title=clean(edition.title),
        site=clean(site.name),
        date=voice.week(*edition.week) if edition.week else voice.long_date(edition.day),
        language=language,
        direction=direction(language),
        subject=clean(_subject(edition, voice)),
        preheader=clean(edition.preheader),
        note=tuple(noted(edition.note)),
        lead=card(edition.lead, language, LEAD_BOX, base) if edition.lead else None,
        shelves=tuple(_shelf(section, language, base) for section in edition.sections if section.items),
        markets=_table(edition.markets, zone, voice) if edition.markets and edition.markets.quotes else None,
        sponsor=_advert(edition.sponsor) if edition.sponsor else None,
        postal_address=clean(site.postal_address),
        more=more,
        browser_url=links.edition_url(base, edition.key),
        archive_url=links.archive_url(base, name),
        subscribe_url=subscribe_url(base, name),
    )


def _subject(edition: Edition, voice: Voice) -> str:
    if edition.week is None:
        return edition.subject
    return voice.gettext("The week: %(headline)s", headline=edition.subject)


def subscribe_url(base_url: str, newsletter: str) -> str:
    return f"{base_url}/subscribe/{newsletter}"


def card(item: Item, language: str, box: tuple[int, int], base_url: str) -> Card:
    """`item` in an edition of `language`, its picture fitted into `box`."""
    foreign = _LANGUAGE.fullmatch(item.language) and item.language.casefold() != language.casefold()
    headline = clean(item.headline)
    return Card(
        anchor=_NOT_IN_ANCHOR.sub("", item.story),
        headline=headline,
        url=web_url(item.url),
        blurb=clean(item.blurb),
        source=clean(item.source),
        sources=item.sources,
        section=clean(item.section),
        update=item.update,
        language=item.language if foreign else "",
        direction=direction(item.language) if foreign else "",
        picture=picture(item.image, headline, box, base_url) if item.image else None,
    )


def picture(image: Image, headline: str, box: tuple[int, int], base_url: str) -> Picture | None:
    """`image` as shown, or None where a mail could not show it.

    Mail clients fetch https only; a site that is itself http (a demonstration) may show what it serves itself.
    """
    url = web_url(image.url)
    if not url.startswith(("https://", f"{base_url}/")):
        return None
    width, height = fit(image.width, image.height, box)
    # Without an alt of its own the picture is the link to its story, and is called so.
    return Picture(url=url, alt=clean(image.alt) or headline, credit=clean(image.credit), width=width, height=height)


def fit(width: int | None, height: int | None, box: tuple[int, int]) -> tuple[int, int]:
    """The largest whole size in `box` of the same shape: 16:9 where the picture's is unknown."""
    if not width or not height or width < 0 or height < 0:
        return box[0], min(box[1], round(box[0] * 9 / 16))
    scale = min(box[0] / width, box[1] / height, ENLARGE)
    return max(1, round(width * scale)), max(1, round(height * scale))


def clean(text: str) -> str:
    """`text` on one line, without what no reader should get."""
    line = re.sub(" {2,}", " ", _UNWANTED.sub(" ", text)).strip(" ")
    # A space breaks the marker for good: cutting it out could put another one together.
    return line.replace(_MARKER, "DIGESTx TOKENx")


def web_url(url: str) -> str:
    """`url` in ASCII when it is an absolute http(s) address, else "".

    What stays unescaped here is what lxml leaves so, for the text part has to name the same address as the HTML.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or _NOT_IN_URL.search(url) or _MARKER in url:
        return ""
    try:
        return quote(url, safe=_URL_SAFE)
    except UnicodeEncodeError:  # a lone surrogate
        return ""


def _shelf(section: Section, language: str, base_url: str) -> Shelf:
    cards = tuple(card(item, language, THUMB_BOX, base_url) for item in section.items)
    return Shelf(name=clean(section.name), cards=cards)


def _table(markets: Markets, zone: tzinfo, voice: Voice) -> Table:
    return Table(as_of=voice.moment(markets.as_of, zone), rows=tuple(_row(one, voice) for one in markets.quotes))


def _row(one: Quote, voice: Voice) -> Row:
    printed, trend = voice.change(one.change)
    return Row(name=clean(one.name), last=clean(one.last), change=printed, trend=trend)


def _advert(sponsor: Sponsor) -> Advert:
    return Advert(name=clean(sponsor.name), text=clean(sponsor.text), url=web_url(sponsor.url))


def noted(markdown: str) -> Iterator[Block]:
    """What is left of a note when its text is clean and its links can be followed."""
    for block in note.blocks(markdown):
        spans = [replace(one, text=_inner(one.text), url=web_url(one.url)) for one in block.spans]
        kept = replace(block, spans=tuple(one for one in spans if one.text))
        if _MARKER in str(kept):  # put together from pieces: the text part has no tags between them
            kept = Block(spans=(Span(text=clean(str(kept))),))
        if clean(str(kept)):
            yield kept


def _inner(text: str) -> str:
    """As `clean`, of a piece of a line: it keeps the space on either side."""
    line = clean(text)
    return f"{' ' * text[:1].isspace()}{line}{' ' * (text[-1:].isspace() and line != '')}"
