"""Lines of JSON in, an article or a rejection for each out.  Pure.

    {"url": …, "title": …, "published": …,                                       required
     "source": …, "section": …, "language": …, "summary": …, "body": …, "html": …,
     "authors": […], "modified": …, "image": {"url": …, "alt": …, "credit": …, "width": …, "height": …},
     "position": …}                                                              place on its source's front, 0 first

Times are ISO 8601 or RFC 822 with an offset, at most a day ahead; one without an offset is refused.  Where
there is no `body`, the text of `html` takes its place.  Null is the same as absent, other keys are left alone, and all
faults of a row are told at once.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from digest.intake import clean, dates
from digest.intake.canonical import canonical_url
from digest.intake.origin import EARLY, MAX_AUTHORS, MAX_PIXELS, Origin, article, image, language_tag
from digest.model import Article, Image, Rejection

MAX_LINE = 2 * 1024 * 1024  #: bytes
MAX_POSITION = 100_000

Row = dict[str, object]


class _Faults(list[str]):
    """What is wrong with a row; each reader of a field adds to it and returns an empty value."""

    def text(self, row: Row, key: str, *, prefix: str = "") -> str:
        value = row.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.append(f"{prefix}{key}: not a string")
        elif "\0" in value:
            self.append(f"{prefix}{key}: contains a NUL character")
        else:
            return value
        return ""

    def size(self, row: Row, key: str) -> int | None:
        value = row.get(key)
        if value is None or (type(value) is int and 0 < value <= MAX_PIXELS):
            return value
        self.append(f"image.{key}: not a number of pixels")
        return None


def parse(data: bytes | str | Iterable[bytes], origin: Origin) -> Iterator[Article | Rejection]:
    """One article or rejection for each line that is not blank.  A line beyond `MAX_LINE` is refused unread."""
    for number, raw in enumerate(_lines(data), start=1):
        where = f"line {number}"
        try:
            row = _row(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
            if row is not None:
                yield _article(row, origin)
        except ValueError as error:
            yield origin.rejection(where, str(error))


def _lines(data: bytes | str | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return data.split(b"\n") if isinstance(data, bytes) else data


def _row(raw: bytes) -> Row | None:
    if len(raw) > MAX_LINE:
        raise ValueError(f"longer than {MAX_LINE // 2**20} MB")
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}") from None
    if not text:
        return None
    if "\0" in text:
        raise ValueError("contains a NUL character")
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except (ValueError, RecursionError):
        raise ValueError("not JSON that can be read: a number too long or brackets too deep") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a fault of the row, told like the others
    return row


def _article(row: Row, origin: Origin) -> Article:
    faults = _Faults()
    url = _url(row, faults)
    title = faults.text(row, "title")
    if not clean.line(title) and not any(one.startswith("title:") for one in faults):
        faults.append("title: missing")
    published, modified = (_moment(row, key, faults, origin.now) for key in ("published", "modified"))
    if published is None and not any(one.startswith("published:") for one in faults):
        faults.append("published: missing")
    source, section, summary = (faults.text(row, key) for key in ("source", "section", "summary"))
    body, html = faults.text(row, "body"), faults.text(row, "html")
    language = _language(row, faults)
    authors = _authors(row, faults)
    picture = _image(row, faults)
    position = _position(row, faults)
    if faults or published is None:
        raise ValueError("; ".join(faults))
    return article(
        origin,
        url=url,
        title=title,
        published=published,
        source=source,
        section=section,
        summary=summary,
        body=body if body.strip() else clean.html_text(html),
        language=language,
        authors=authors,
        modified=modified,
        image=picture,
        position=position,
    )


def _position(row: Row, faults: _Faults) -> int | None:
    value = row.get("position")
    if value is None or (type(value) is int and 0 <= value < MAX_POSITION):
        return value
    faults.append("position: not a number from 0")
    return None


def _url(row: Row, faults: _Faults) -> str:
    known = len(faults)
    text = faults.text(row, "url")
    if len(faults) > known:
        return ""
    if not text.strip():
        faults.append("url: missing")
        return ""
    try:
        return canonical_url(text)
    except ValueError as error:
        faults.append(f"url: {error}")
        return ""


def _moment(row: Row, key: str, faults: _Faults, now: datetime) -> datetime | None:
    text = faults.text(row, key)
    if not text.strip():
        return None
    try:
        moment = dates.strict(text)
    except ValueError as error:
        faults.append(f"{key}: {error}")
        return None
    if moment > now + EARLY:
        faults.append(f"{key}: more than a day in the future")
    return moment


def _language(row: Row, faults: _Faults) -> str:
    text = faults.text(row, "language")
    if text.strip() and not language_tag(text):
        faults.append("language: not a tag such as en or pt-BR")
    return text


def _authors(row: Row, faults: _Faults) -> list[str]:
    value = row.get("authors")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) and "\0" not in one for one in value):
        faults.append("authors: not a list of strings")
        return []
    return cast(list[str], value)[:MAX_AUTHORS]


def _image(row: Row, faults: _Faults) -> Image | None:
    value = row.get("image")
    if value is None:
        return None
    if not isinstance(value, dict):
        faults.append("image: not an object")
        return None
    url, alt, credit = (faults.text(value, key, prefix="image.") for key in ("url", "alt", "credit"))
    width, height = faults.size(value, "width"), faults.size(value, "height")
    picture = image(url, alt=alt, credit=credit, width=width, height=height)
    if not picture and not any(one.startswith("image.url:") for one in faults):
        faults.append("image.url: not an absolute http(s) address" if url.strip() else "image.url: missing")
    return picture
