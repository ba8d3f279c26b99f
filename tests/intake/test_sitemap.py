"""News sitemaps: an article for each entry with a news title, a rejection for each without, nothing opened."""

import time
from datetime import UTC, datetime

import pytest

from build import NOW
from digest.intake import files, sitemap
from digest.intake.confine import Parsers
from digest.intake.origin import Origin
from digest.model import Image, Rejection

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)
FULL = """<url><loc> https://example.org/rates?utm_source=map </loc>
<n:news><n:publication><n:name>The Ledger</n:name><n:language>en</n:language></n:publication>
<n:publication_date>2026-11-23T06:30:00+01:00</n:publication_date>
<n:title>Rates &amp; prices <![CDATA[held]]></n:title></n:news>
<image:image><image:loc>/pictures/bank.jpg</image:loc></image:image></url>"""
ORIGIN = Origin(path="sitemap.xml", now=NOW)


def parse(entries: str, head: str = HEAD) -> list:
    return list(sitemap.parse(f"{head}{entries}</urlset>".encode(), ORIGIN))


def entry(title: str, number: int = 1) -> str:
    return f"<url><loc>https://example.org/{number}</loc><n:news><n:title>{title}</n:title></n:news></url>"


def test_an_entry_becomes_an_article_without_a_body():
    (one,) = parse(FULL)
    assert (one.url, one.title) == ("https://example.org/rates", "Rates & prices held")
    assert one.published == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    assert (one.source, one.language, one.body, one.position) == ("The Ledger", "en", "", 0)
    assert one.image == Image(url="https://example.org/pictures/bank.jpg")


def test_what_is_no_article_is_rejected_with_its_place():
    found = parse(
        "<url><loc>https://example.org/about</loc></url>" + FULL + "<url><n:news><n:title>T</n:title></n:news></url>"
    )
    assert [(one.where, one.error) for one in found if isinstance(one, Rejection)] == [
        ("entry 1", "news:title: missing"),
        ("entry 3", "loc: empty address"),
    ]
    assert len(found) == 3


def test_an_index_names_its_parts():
    index = (
        b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://example.org/news.xml</loc>'
        b"</sitemap><sitemap><loc>file:///etc/passwd</loc></sitemap></sitemapindex>"
    )
    assert sitemap.children(index) == ["https://example.org/news.xml"]
    (one,) = sitemap.parse(index, ORIGIN)
    assert "index" in one.error


@pytest.mark.parametrize(
    ("entries", "head"),
    [
        (entry("&x;"), '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD.partition("?>")[2]),
        (entry("&x;"), '<!DOCTYPE u SYSTEM "file:///etc/passwd">' + HEAD.partition("?>")[2]),
        (entry("<b>" * 300), HEAD),
        (entry("T" * 11_000_000), HEAD),
        ("<url>", HEAD),
        ("", ""),
    ],
    ids=["entity", "dtd", "nested", "long text", "damaged", "nothing"],
)
def test_what_is_hostile_or_damaged_is_one_rejection(entries, head):
    found = parse(entries, head)
    assert len(found) == 1
    assert isinstance(found[0], Rejection)
    assert "root:" not in found[0].error


def test_what_came_before_the_damage_counts():
    found = list(sitemap.parse((HEAD + entry("One") + "<url><loc>").encode(), ORIGIN))
    assert found[0].title == "One"
    assert found[1].where == "after entry 1"


def test_a_large_one_is_read_to_the_cap_and_no_further():
    begun = time.process_time()
    found = parse("".join(entry("Title", number) for number in range(sitemap.MAX_ENTRIES + 10)))
    assert len(found) == sitemap.MAX_ENTRIES + 1
    assert "the rest was left out" in found[-1].error
    assert time.process_time() - begun < 15


def test_a_file_is_told_from_a_feed_and_it_can_be_confined(tmp_path):
    path = tmp_path / "news.xml"
    path.write_text(HEAD + FULL + "</urlset>")
    (one,) = files.read(path, now=NOW)
    assert one.source == "The Ledger"
    with Parsers() as parsers:
        assert parsers.parse("sitemap", path.read_bytes(), ORIGIN) == [one]
