"""Damaged documents, each through every parser: nothing escapes but articles and rejections, clean and in time."""

import json
import random
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from build import NOW
from digest.intake import feed, jsonl, opml, page, scraped, sitemap
from digest.intake.origin import Origin
from digest.model import Article, Rejection, Source

ORIGIN = Origin(path="damaged", now=NOW)
HERE = Path(__file__).parent
PARSERS: dict[str, Callable[[bytes], Iterator[Article | Source | Rejection]]] = {
    "feed": lambda data: feed.parse(data, ORIGIN),
    "page": lambda data: page.parse(data, ORIGIN),
    "sitemap": lambda data: sitemap.parse(data, ORIGIN),
    "opml": lambda data: opml.parse(data, ORIGIN),
    "jsonl": lambda data: jsonl.parse(data, ORIGIN),
    "scraped": lambda data: scraped.parse(data, ORIGIN, stem="damaged"),
}
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
    "<url><loc>https://example.org/a</loc><n:news><n:publication_date>2026-11-22</n:publication_date>"
    "<n:title>The roof is saved</n:title></n:news></url></urlset>"
)
ROW = {"url": "https://example.org/a", "title": "A", "published": "2026-11-22T08:00:00Z", "image": {"url": "/a.jpg"}}
DOCUMENTS = {path.name: path.read_bytes() for path in HERE.glob("data/*") if ".golden" not in path.suffixes} | {
    "de.txt": (HERE / "pages" / "de.txt").read_bytes(),
    "ja.txt": (HERE / "pages" / "ja.txt").read_bytes(),
    "sitemap.xml": SITEMAP.encode(),
    "feeds.opml": b'<opml version="1.0"><body><outline text="A" xmlUrl="https://example.org/f"/></body></opml>',
    "rows.jsonl": b"\n".join([json.dumps(ROW).encode()] * 3),
}
STRAY = (
    b"\0",
    b"<",
    b"]]>",
    b"<![CDATA[",
    b"&#0;",
    b"&#x110000;",
    b"<item>",
    b"\xff\xfe",
    b"<?xml",
    b"-->",
    b'"',
    b"{",
)


def damaged(data: bytes, seed: str) -> Iterator[bytes]:
    chance = random.Random(seed)
    for _ in range(4):
        first, second = sorted(chance.randrange(len(data)) for _ in range(2))
        flipped = bytearray(data)
        for _ in range(1 + len(data) // 100):
            flipped[chance.randrange(len(data))] = chance.randrange(256)
        yield data[:first]
        yield data[:first] + chance.choice([*STRAY, data]) + data[second:]
        yield bytes(flipped)
        yield data.replace(chance.choice([b">", b"<", b'"', b"/", b"&", b"\n"]), chance.choice(STRAY))
        yield data.decode("utf-8", "replace").encode(chance.choice(["utf-16", "utf-32", "cp500", "koi8-r"]), "replace")


def texts(article: Article) -> Iterator[str]:
    yield from (article.title, article.source, article.section, article.summary, article.body, *article.authors)
    if article.image:
        yield from (article.image.alt, article.image.credit)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_damaged_document_is_articles_and_rejections(name, parser):
    for data in (DOCUMENTS[name], *damaged(DOCUMENTS[name], name + parser)):
        begun = time.process_time()
        results = list(PARSERS[parser](data))
        assert time.process_time() - begun < 1
        for article in (result for result in results if isinstance(result, Article)):
            shown = "".join(texts(article)).replace("\n", "")
            assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in shown)
            picture = article.image.url if article.image else ""
            assert {urlsplit(url).scheme for url in (article.url, picture or article.url)} <= {"http", "https"}
