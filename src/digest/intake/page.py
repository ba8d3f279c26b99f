"""A saved HTML page in, its article or a rejection out.  Pure, and never on the network.

What the page says of itself is looked for where it says it to machines: JSON-LD, then OpenGraph and meta tags, then
microdata and the markup.  The body is what trafilatura finds.  A time without an offset is taken to be in UTC.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import lxml.html
from lxml.etree import LxmlError

from digest.intake import clean, dates
from digest.intake.canonical import canonical_url
from digest.intake.linked_data import LinkedArticle, LinkedImage, linked_article
from digest.intake.microdata import marked_article
from digest.intake.origin import Origin, article, language_tag
from digest.intake.pictures import first_in, picture
from digest.model import Article, Image, Rejection

MAX_PAGE = 4 * 1024 * 1024  #: characters that are looked at
MAX_TAGS = 20_000  #: ``<`` that are looked at: the extraction is quadratic in tables
SHORT_BODY = 250  #: characters: below this the extraction has failed, and the page's own articleBody is asked

CANONICAL = "//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href"

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{2,40})""", re.IGNORECASE)
_BY = re.compile(r"\s*by:?\s+", re.IGNORECASE)
_SITE_AFTER_TITLE = re.compile(r"\s+[|–—·-]\s+")

Meta = dict[str, str]


def parse(data: bytes | str, origin: Origin) -> Iterator[Article | Rejection]:
    """One article, or one rejection that says what the page lacks."""
    text = data if isinstance(data, str) else decoded(data)
    tree = _tree(text)
    if tree is None:
        yield origin.rejection("", "not an HTML page")
        return
    try:
        yield _article(tree, origin)
    except ValueError as error:
        yield origin.rejection("", str(error))


def decoded(data: bytes) -> str:
    """The text of a page in the encoding that it proves (UTF-8), says, or most likely has (windows-1252)."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        said = _CHARSET.search(data[:8192])
    try:
        return data.decode(said[1].decode("ascii") if said else "windows-1252", "replace")
    except LookupError:
        return data.decode("windows-1252", "replace")


def _tree(text: str) -> lxml.html.HtmlElement | None:
    markup = clean.without_invisible(clean.capped(text, size=MAX_PAGE, tags=MAX_TAGS)).strip()
    if "<" not in markup:
        return None
    try:
        parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True)
        return lxml.html.document_fromstring(markup.encode(), parser=parser)
    except (LxmlError, ValueError):
        return None


def _article(tree: lxml.html.HtmlElement, origin: Origin) -> Article:
    meta, marked = _meta(tree), marked_article(tree)
    linked = linked_article(_scripts(tree), (_said(tree, CANONICAL), meta.get("og:url", "")))
    url = _url(tree, meta, linked, origin)
    return article(
        origin,
        url=url,
        title=_title(tree, meta, linked, marked),
        published=origin.moment(_published(tree, meta, linked, marked)),
        source=meta.get("og:site_name", "") or linked.publisher or marked.publisher,
        section=_section(meta, linked, marked),
        language=language_tag(_said(tree, "//html/@lang") or linked.language or marked.language)
        or meta.get("og:locale", ""),
        summary=meta.get("og:description", "")
        or meta.get("description", "")
        or linked.description
        or marked.description,
        image=_image(tree, meta, linked.image if linked.image.url else marked.image, url),
        authors=linked.authors or _authors(tree, meta, marked),
        modified=_modified(meta, linked, marked),
        body=_body(tree, linked),
    )


def _said(tree: lxml.html.HtmlElement, path: str) -> str:
    """The first text that an XPath of ours finds, or ""."""
    found = tree.xpath(path)
    first = found[0] if isinstance(found, list) and found else ""
    return str(first).strip() if isinstance(first, str) else ""


def _meta(tree: lxml.html.HtmlElement) -> Meta:
    """Name, property or itemprop → content of the meta tags; the first of several counts."""
    values: Meta = {}
    for node in tree.iter("meta"):
        name = node.get("property") or node.get("name") or node.get("itemprop") or ""
        content = clean.line(node.get("content", ""), clean.MAX_SUMMARY)
        if name and content:
            values.setdefault(name.strip().lower(), content)
    return values


def _scripts(tree: lxml.html.HtmlElement) -> list[str]:
    return [node.text or "" for node in tree.iter("script") if "ld+json" in node.get("type", "").lower()]


def _url(tree: lxml.html.HtmlElement, meta: Meta, linked: LinkedArticle, origin: Origin) -> str:
    candidates = (_said(tree, CANONICAL), meta.get("og:url", ""), linked.url, origin.address)
    for candidate in filter(None, candidates):
        try:
            return canonical_url(candidate, base=origin.base)
        except ValueError:
            continue
    raise ValueError("no canonical address in the page (link rel=canonical, og:url or JSON-LD url)")


def _section(meta: Meta, linked: LinkedArticle, marked: LinkedArticle) -> str:
    """The first of a list without spaces (``news,apple,slider``): a name has one behind its comma."""
    said = (
        linked.section or meta.get("article:section", "") or meta.get("section", "") or marked.section or linked.trail
    )
    return re.split(r",(?=\S)", said)[0]


def _title(tree: lxml.html.HtmlElement, meta: Meta, linked: LinkedArticle, marked: LinkedArticle) -> str:
    title = linked.headline or meta.get("og:title", "") or meta.get("twitter:title", "") or marked.headline
    if title:
        return clean.html_line(title)
    headings = [clean.line("".join(node.itertext()), clean.MAX_TITLE) for node in tree.iter("h1")]
    if len(headings) == 1 and headings[0]:
        return headings[0]
    return _SITE_AFTER_TITLE.split(clean.line(_said(tree, "//head/title/text()"), clean.MAX_TITLE))[0]


def _published(
    tree: lxml.html.HtmlElement, meta: Meta, linked: LinkedArticle, marked: LinkedArticle
) -> datetime | None:
    names = (
        "article:published_time", "og:article:published_time", "datepublished", "date", "pubdate", "publishdate",
        "parsely-pub-date", "sailthru.date", "dc.date.issued", "dc.date", "dcterms.created",
    )  # fmt: skip
    said = [linked.published, *(meta.get(name, "") for name in names)]
    said += [
        marked.published,
        _said(tree, "//*[@itemprop='datePublished']/@datetime"),
        _said(tree, "//article//time/@datetime"),
    ]
    return _first_moment(said)


def _modified(meta: Meta, linked: LinkedArticle, marked: LinkedArticle) -> datetime | None:
    names = (
        "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "last-modified",
        "dcterms.modified", "dc.date.modified",
    )  # fmt: skip
    return _first_moment([linked.modified, *(meta.get(name, "") for name in names), marked.modified])


def _first_moment(said: Iterable[str]) -> datetime | None:
    return next(filter(None, (dates.loose(one) for one in said if one)), None)


def _authors(tree: lxml.html.HtmlElement, meta: Meta, marked: LinkedArticle) -> list[str]:
    named = [meta.get("author", ""), meta.get("article:author", "")]
    named += ["".join(node.itertext()) for node in tree.iterfind(".//*[@rel='author']")][:5]
    names = [name for name in named if name and "://" not in name and "@" not in name]
    return [_BY.sub("", name) for name in names or marked.authors]


def _image(tree: lxml.html.HtmlElement, meta: Meta, linked: LinkedImage, url: str) -> Image | None:
    figure = next((one for one in tree.iter("figure") if one.find(".//img") is not None), None)
    shown = None if figure is None else first_in(lxml.html.tostring(figure, encoding="unicode"), base=url)
    credit = linked.credit or (shown.credit if shown else "")
    alt = meta.get("og:image:alt", "") or linked.caption or (shown.alt if shown else "")
    width, height = meta.get("og:image:width"), meta.get("og:image:height")
    named = (
        picture(meta.get("og:image", ""), base=url, alt=alt, credit=credit, width=width, height=height),
        picture(linked.url, base=url, alt=alt, credit=credit, width=linked.width, height=linked.height),
        picture(meta.get("twitter:image", ""), base=url, alt=alt, credit=credit),
    )
    return next(filter(None, named), shown)


def _body(tree: lxml.html.HtmlElement, linked: LinkedArticle) -> str:
    """The paragraphs of the article; the tree is used up.

    Precision first: it leaves out more furniture, and hardly any text (bench/README.md).
    """
    import trafilatura  # noqa: PLC0415 - 0.2 s that only saved pages are worth

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # pages are data: their faults are no news of ours
    try:
        found = trafilatura.bare_extraction(tree, include_comments=False, favor_precision=True)
    except Exception:  # noqa: BLE001 - what strange pages raise inside of it has no end; the rest of the page counts
        found = None
    text = getattr(found, "text", None) or ""
    body = clean.paragraphs(text.replace("\n", "\n\n"))
    own = clean.html_text(linked.body)
    return own if len(body) < SHORT_BODY < len(own) else body
