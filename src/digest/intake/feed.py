"""A feed in (RSS 0.9x to 2.0, RDF, Atom, JSON Feed), an article or a rejection for each entry out.  Pure.

feedparser opens what it is given, if that looks like an address or a path: it only ever gets `io.BytesIO` here.  An
entry without a date was published when its file was written; one more than a day in the future too.
"""

import calendar
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser

from digest.intake import clean, dates, jsonfeed, pictures, prescan
from digest.intake.canonical import canonical_url
from digest.intake.origin import NO_ENTRIES, Origin, article
from digest.model import Article, Image, Rejection

MAX_ENTRIES = 5_000
HEAD = 2_048  #: bytes in which a page says that it is one

Entry = Mapping[str, Any]  # what feedparser makes; read by `_get` alone

_TAGS = re.compile(
    r"</?(?:p|br|b|i|em|strong|span|a|img|div|font|sup|sub|ul|ol|li|h[1-6])(?:\s[^<>]{0,2000})?/?>", re.IGNORECASE
)
_ADDRESS = re.compile(r"[<(]?(?:mailto:)?[^\s<>()@]{1,100}@[^\s<>()@]{1,200}[>)]?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(data: bytes | str, origin: Origin) -> Iterator[Article | Rejection]:
    """One article or rejection for each entry, or one rejection for what is no feed."""
    data = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if jsonfeed.looks_like(data):
        yield from jsonfeed.parse(data, origin)
        return
    if fault := prescan.fault(data):
        yield origin.rejection("", fault)
        return
    try:
        # Markup is removed here, not made safe, and addresses in it are resolved where one is wanted: both would take
        # feedparser time that grows with the square of strange markup.
        parsed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - what strange feeds raise inside of it has no end; the next file counts
        yield origin.rejection("", f"not a feed that can be read ({type(error).__name__})")
        return
    feed, entries = parsed["feed"], parsed["entries"]
    if not entries:
        # An error page has a title too.
        is_feed = parsed.get("version") or (feed.get("title") and b"<html" not in data[:HEAD].lower())
        yield origin.rejection("", NO_ENTRIES if is_feed else "not a feed")
    for position, entry in enumerate(entries[:MAX_ENTRIES]):
        try:
            yield _article(entry, feed, position, origin)
        except ValueError as error:
            yield origin.rejection(f"entry {position + 1}", str(error))
    if len(entries) > MAX_ENTRIES:
        yield origin.rejection(f"entry {MAX_ENTRIES + 1}", f"more than {MAX_ENTRIES} entries: the rest was left out")


def _article(entry: Entry, feed: Entry, position: int, origin: Origin) -> Article:
    base = _base(feed, origin)
    url = _url(entry, base)
    summary, content = _text(entry, "summary"), _content(entry)
    body = content or summary
    return article(
        origin,
        url=url,
        title=clean.line(_text(entry, "title"), clean.MAX_TITLE) or clean.opening(body),
        published=origin.moment(_published(entry)),
        source=_text(feed, "title"),
        section=_section(entry),
        language=_string(entry, "language") or _language(entry) or _string(feed, "language") or _language(feed),
        summary=summary,
        body=body,
        image=_image(entry, base or url),
        authors=_authors(entry),
        modified=_moment(entry, "updated"),
        position=position,
    )


def _get(entry: Entry, key: str) -> Any:
    """The value under exactly this key: feedparser's own lookup answers for related keys too, and warns about it."""
    return dict.get(entry, key) if isinstance(entry, dict) else None


def _string(entry: Entry, key: str) -> str:
    value = _get(entry, key)
    return value if isinstance(value, str) else ""


def _all(entry: Entry, key: str) -> list[Entry]:
    value = _get(entry, key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _base(feed: Entry, origin: Origin) -> str:
    """What relative addresses are resolved against: the site that the feed names, itself relative to the feed's own."""
    own = [_string(link, "href") for link in _all(feed, "links") if _string(link, "rel") == "self"]
    candidates = [origin.base, *own, _string(feed, "id")]
    base = next((one for one in candidates if re.match(r"https?://", one, re.IGNORECASE)), "")
    try:
        return canonical_url(_string(feed, "link"), base=base)
    except ValueError:
        return base


def _url(entry: Entry, base: str) -> str:
    candidates = [_string(entry, key) for key in ("link", "feedburner_origlink")]
    candidates += [_string(link, "href") for link in _all(entry, "links") if _string(link, "rel") == "alternate"]
    identity = _string(entry, "id")
    if re.match(r"https?://", identity.strip(), re.IGNORECASE):
        candidates.append(identity)
    reason = "link: missing"
    for candidate in filter(None, candidates):
        try:
            return canonical_url(candidate, base=base)
        except ValueError as error:
            reason = f"link: {error}"
    raise ValueError(reason)


def _published(entry: Entry) -> datetime | None:
    found = (_moment(entry, key) for key in ("published", "updated", "created"))
    return next(filter(None, found), None)


def _moment(entry: Entry, key: str) -> datetime | None:
    """As we read it; else as feedparser does, which knows odder forms, but of other languages makes wrong days."""
    if said := dates.loose(_string(entry, key)):
        return said
    value = _get(entry, f"{key}_parsed")
    try:
        return _EPOCH + timedelta(seconds=calendar.timegm(value)) if value else None
    except (ValueError, OverflowError, TypeError):
        return None


def _text(entry: Entry, key: str) -> str:
    """A text of an entry without markup, as paragraphs."""
    return _plain(_string(entry, key), _string(_get(entry, f"{key}_detail") or {}, "type"))


def _plain(text: str, kind: str) -> str:
    """feedparser tells HTML from text, but calls it text where a tag stands alone (``<br>``)."""
    html = kind != "text/plain" or _TAGS.search(text[: clean.MAX_HTML])
    return clean.html_text(text) if html else clean.paragraphs(text)


def _content(entry: Entry) -> str:
    texts = (
        _plain(_string(one, "value"), _string(one, "type"))
        for one in _all(entry, "content")
        if _string(one, "type").startswith("text/") or "xhtml" in _string(one, "type")
    )
    return max(texts, key=len, default="")


def _section(entry: Entry) -> str:
    names = (
        clean.html_line(_string(tag, "label") or _string(tag, "term"), clean.MAX_NAME) for tag in _all(entry, "tags")
    )
    return next((name for name in names if name and "://" not in name), "")


def _language(entry: Entry) -> str:
    """The language of the title, where the feed does not say its own as such (``xml:lang``)."""
    return _string(_get(entry, "title_detail") or {}, "language")


def _authors(entry: Entry) -> list[str]:
    named = [_string(one, "name") for one in _all(entry, "authors")]
    if len(named) < 2:
        named = [_string(entry, "author") or "".join(named)]  # whole: feedparser cuts addresses of long domains in two
    names = (clean.html_line(_person(name), clean.MAX_NAME) for name in named)
    return [name for name in names if "@" not in name]


def _person(text: str) -> str:
    """The name of somebody without their address: ``a@b.example (Name)``, ``Name <a@b.example>``."""
    text = _ADDRESS.sub("", text)
    before, _, within = text.partition("(")
    return within.strip(" )") if within and not before.strip() else text.removesuffix("(").strip()


# --- pictures --------------------------------------------------------------------------------------------------------


def _image(entry: Entry, base: str) -> Image | None:
    """The first that there is: media content, an enclosure, a picture in the text, its own image, a thumbnail."""
    credit = clean.html_line(" · ".join(_string(one, "content") for one in _all(entry, "media_credit")))
    finders: tuple[Callable[[], Image | None], ...] = (
        lambda: _media(_all(entry, "media_content"), base, credit),
        lambda: _enclosure(entry, base, credit),
        lambda: _inline(entry, base, credit),
        lambda: pictures.picture(_string(_get(entry, "image") or {}, "href"), base=base, credit=credit),
        lambda: _media(_all(entry, "media_thumbnail"), base, credit, thumbnail=True),
    )
    return next((found for finder in finders if (found := finder())), None)


def _media(offered: list[Entry], base: str, credit: str, *, thumbnail: bool = False) -> Image | None:
    shown = [one for one in offered if thumbnail or _is_picture(one)]
    return pictures.widest(
        pictures.picture(
            _string(one, "url"), base=base, credit=credit, width=_get(one, "width"), height=_get(one, "height")
        )
        for one in shown
    )


def _is_picture(media: Entry) -> bool:
    kind = _string(media, "medium") or _string(media, "type").partition("/")[0]
    return kind == "image" or (not kind and pictures.has_picture_name(_string(media, "url")))


def _enclosure(entry: Entry, base: str, credit: str) -> Image | None:
    links = [one for one in _all(entry, "links") if _string(one, "rel") == "enclosure"]
    shown = (one for one in links if _string(one, "type").startswith("image/") or _is_untyped_picture(one))
    found = (pictures.picture(_string(one, "href"), base=base, credit=credit) for one in shown)
    return next(filter(None, found), None)


def _is_untyped_picture(link: Entry) -> bool:
    return "/" not in _string(link, "type") and pictures.has_picture_name(_string(link, "href"))


def _inline(entry: Entry, base: str, credit: str) -> Image | None:
    texts = [_string(one, "value") for one in _all(entry, "content")] + [_string(entry, "summary")]
    found = (pictures.first_in(text, base=_content_base(entry, base), credit=credit) for text in texts)
    return next(filter(None, found), None)


def _content_base(entry: Entry, base: str) -> str:
    own = next((_string(one, "base") for one in _all(entry, "content")), "")
    return urljoin(base, own) if own else base
