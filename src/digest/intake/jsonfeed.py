"""A JSON Feed in (https://www.jsonfeed.org/version/1.1/), an article or a rejection for each item out.  Pure."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from digest.intake import clean, dates, pictures
from digest.intake.canonical import canonical_url
from digest.intake.origin import NO_ENTRIES, Origin, article
from digest.model import Article, Image, Rejection

MAX_ITEMS = 5_000

Object = Mapping[str, object]


def looks_like(data: bytes) -> bool:
    """Whether this is JSON at all: a feed in XML begins with another character."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def parse(data: bytes, origin: Origin) -> Iterator[Article | Rejection]:
    """One article or rejection for each item, or one rejection for what is no JSON Feed."""
    try:
        feed = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        yield origin.rejection("", "not JSON that can be read")
        return
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/" not in _string(feed, "version"):
        yield origin.rejection("", "not a JSON Feed")
        return
    if not items:
        yield origin.rejection("", NO_ENTRIES)
    for position, item in enumerate(items[:MAX_ITEMS]):
        try:
            yield _article(item, feed, position, origin)
        except ValueError as error:
            yield origin.rejection(f"entry {position + 1}", str(error))
    if len(items) > MAX_ITEMS:
        yield origin.rejection(f"entry {MAX_ITEMS + 1}", f"more than {MAX_ITEMS} entries: the rest was left out")


def _article(item: object, feed: Object, position: int, origin: Origin) -> Article:
    if not isinstance(item, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a fault of the entry, told like the others
    base = _base(feed, origin)
    url = _url(item, base)
    html = _string(item, "content_html")
    body = clean.html_text(html) or _string(item, "content_text")
    return article(
        origin,
        url=url,
        title=clean.html_line(_string(item, "title")) or clean.opening(_string(item, "summary") or body),
        published=origin.moment(_published(item)),
        source=clean.html_line(_string(feed, "title")),
        section=next(iter(_strings(item.get("tags"))), ""),
        language=_string(item, "language") or _string(feed, "language"),
        summary=_string(item, "summary"),
        body=body,
        image=_image(item, html, base or url),
        authors=_authors(item) or _authors(feed),
        modified=dates.loose(_string(item, "date_modified")),
        position=position,
    )


def _string(value: Object, key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _base(feed: Object, origin: Origin) -> str:
    base = origin.base or _string(feed, "feed_url")
    try:
        return canonical_url(_string(feed, "home_page_url"), base=base)
    except ValueError:
        return base


def _url(item: Object, base: str) -> str:
    identity = _string(item, "id")
    candidates = [_string(item, "url"), _string(item, "external_url"), identity if "://" in identity else ""]
    reason = "url: missing"
    for candidate in filter(None, candidates):
        try:
            return canonical_url(candidate, base=base)
        except ValueError as error:
            reason = f"url: {error}"
    raise ValueError(reason)


def _published(item: Object) -> datetime | None:
    found = (dates.loose(_string(item, key)) for key in ("date_published", "date_modified"))
    return next(filter(None, found), None)


def _authors(value: Object) -> list[str]:
    """`authors` of version 1.1, or the one `author` of version 1."""
    listed = value.get("authors")
    people = listed if isinstance(listed, list) else [value.get("author")]
    return [_string(one, "name") for one in people if isinstance(one, dict)]


def _image(item: Object, html: str, base: str) -> Image | None:
    named = (pictures.picture(_string(item, key), base=base) for key in ("image", "banner_image") if item.get(key))
    return next(filter(None, named), None) or pictures.first_in(html, base=base)
