import json
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import NOW
from digest.intake import microdata, page
from digest.intake.origin import Origin
from digest.model import Article, Image, Rejection

BRIDGE = (Path(__file__).parent / "data" / "bridge.html").read_text(encoding="utf-8")
MODIFIED = datetime(2026, 11, 20, tzinfo=UTC)
ORIGIN = Origin(path="a.html", now=NOW, fallback=MODIFIED)
LINK = '<link rel="canonical" href="https://example.org/a">'


def one(head: str, body: str = "<p>Text.</p>", origin: Origin = ORIGIN) -> Article:
    (only,) = page.parse(f"<html><head>{head}</head><body>{body}</body></html>", origin)
    assert isinstance(only, Article), only
    return only


def test_the_body_is_the_article_and_nothing_around_it():
    (article,) = page.parse(BRIDGE, ORIGIN)

    assert len(article.body.split("\n\n")) == 3
    assert "newsletter" not in article.body
    assert "Local" not in article.body


def test_a_page_without_an_address_says_so():
    (only,) = page.parse("<html><head><title>A</title></head><body>b</body></html>", ORIGIN)

    error = "no canonical address in the page (link rel=canonical, og:url or JSON-LD url)"
    assert only == Rejection(path="a.html", where="", error=error)


@pytest.mark.parametrize("data", [b"", b"plain words", b"\x00\x01\xff"])
def test_what_is_no_page(data):
    assert list(page.parse(data, ORIGIN)) == [Rejection(path="a.html", where="", error="not an HTML page")]


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("", MODIFIED),
        (
            '<meta property="article:published_time" content="2026-11-22T10:00:00+02:00">',
            datetime(2026, 11, 22, 8, tzinfo=UTC),
        ),
        ('<meta name="date" content="2026-11-22">', datetime(2026, 11, 22, tzinfo=UTC)),
        ('<meta name="pubdate" content="soon">', MODIFIED),
        ('<meta property="article:published_time" content="2099-01-01T00:00:00Z">', NOW),
        ('<meta property="article:modified_time" content="2026-11-22T10:00:00Z">', MODIFIED),
    ],
)
def test_the_time_is_the_pages_own_or_else_the_files(head, published):
    assert one(f"{LINK}<title>A</title>{head}").published == published


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ('<meta property="og:title" content="A &amp;amp; B"><title>C</title>', "", "A & B"),
        ("<title>C | Site</title>", "<h1>The <i>one</i> heading</h1>", "The one heading"),
        ("<title>Roof saved | The Post</title>", "<h1>a</h1><h1>b</h1>", "Roof saved"),
    ],
)
def test_where_the_title_comes_from(head, body, title):
    assert one(LINK + head, body).title == title


@pytest.mark.parametrize(
    "script",
    [
        "{broken",
        "[]",
        "null",
        "[" * 99_999,
        '{"@type": 7, "headline": []}',
        '{"@type": "NewsArticle", "headline": {"name": 1}}',
    ],
)
def test_json_ld_that_says_nothing_is_passed_over(script):
    article = one(f'{LINK}<title>Kept</title><script type="application/ld+json">{script}</script>')
    assert article.title == "Kept"


def test_the_pages_own_article_body_where_none_is_found():
    words = "The roof of the hall was repaired at last. " * 10
    script = f'{{"@type": "NewsArticle", "headline": "Roof", "articleBody": "{words}"}}'
    assert one(f'{LINK}<script type="application/ld+json">{script}</script>', "").body == words.strip()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("café".encode(), "café"),
        ("café".encode("utf-8-sig"), "café"),
        ("café".encode("windows-1252"), "café"),
        ("café".encode("utf-16"), "café"),
        ('<meta charset="koi8-r">мир'.encode("koi8-r"), '<meta charset="koi8-r">мир'),
        (b'<meta charset="no-such">caf\xe9', '<meta charset="no-such">café'),
    ],
)
def test_the_encoding_is_proven_said_or_guessed(data, text):
    assert page.decoded(data) == text


def test_no_page_reaches_for_the_network(monkeypatch):
    def refuse(*_args):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    head = '<base href="http://127.0.0.1/"><link rel="stylesheet" href="http://127.0.0.1/a.css">'
    doctype = '<!DOCTYPE html SYSTEM "http://127.0.0.1/a.dtd">'
    (article,) = page.parse(doctype + BRIDGE.replace("<head>", f"<head>{head}"), ORIGIN)
    assert article.title == "Old bridge to close for repairs"


def test_trafilatura_is_not_imported_before_the_first_page():
    code = "import sys, digest.intake.files; sys.exit('trafilatura' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


parts = st.lists(
    st.sampled_from([
        LINK, "<title>a", "</title>", "<script type='application/ld+json'>", '{"@type":"Article"', "</script>", "<p>",
        "<article>", "<h1>x", "<img src=x>", "<figure>", "\0", "<!--", "<svg>", "words " * 30, "]]>",
    ]),
    max_size=20,
)  # fmt: skip


@settings(deadline=None)
@given(st.binary(max_size=200) | parts.map(lambda some: "".join(some).encode()))
def test_no_bytes_make_it_raise(data):
    assert len(list(page.parse(data, ORIGIN))) == 1


def ld(script: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(script)}</script>'


GRAPH = {
    "@graph": [
        {"@type": "WebSite", "@id": "https://example.org/#site", "name": "The Site"},
        {
            "@type": "BreadcrumbList",
            "itemListElement": [{"name": "Home"}, {"item": {"name": "Politics"}}, {"name": "Roof"}],
        },
        {"@type": "NewsArticle", "headline": "Another", "url": "https://example.org/b", "author": {"name": "Bo Ek"}},
        {
            "@type": ["Article", "NewsArticle"],
            "@id": "https://example.org/a/#article",
            "headline": "The roof is saved",
            "datePublished": "2026-11-22T08:00:00+02:00",
            "author": [{"@id": "#ann"}, {"@type": "Person", "name": "Cy Orr"}],
            "publisher": {"@id": "#post"},
            "image": {"@id": "https://example.org/a/#primaryimage"},
        },
        {"@type": "Person", "@id": "#ann", "name": "Ann Lee"},
        {"@type": "Organization", "@id": "#post", "name": "The Post"},
        {
            "@type": "ImageObject", "@id": "https://example.org/a/#primaryimage", "url": "/roof.jpg", "width": 640,
            "caption": "The roof", "creditText": "Ann Lee / Post",
        },
    ],
}  # fmt: skip


def test_a_graph_is_read_through_its_references():
    article = one(LINK + ld(GRAPH))

    assert (article.title, article.section, article.source) == ("The roof is saved", "Politics", "The Post")
    assert article.authors == ("Ann Lee", "Cy Orr")
    assert article.published == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert article.image == Image(
        url="https://example.org/roof.jpg", alt="The roof", credit="Ann Lee / Post", width=640
    )


@pytest.mark.parametrize("address", ["https://example.org/a/", "http://example.org/a#x", "https://example.org/a?amp=1"])
@pytest.mark.parametrize("key", ["url", "@id", "mainEntityOfPage"])
def test_of_several_articles_the_one_with_the_pages_address_counts(key, address):
    other = {"@type": "NewsArticle", "headline": "Other", "url": "https://example.org/b"}
    own = {"@type": "NewsArticle", "headline": "Own", key: address}
    assert one(LINK + ld([other, {"@type": "ItemList", "itemListElement": [own]}])).title == "Own"


def test_else_the_one_that_is_the_main_thing_counts_and_else_the_first():
    plain = [{"@type": "Article", "headline": name} for name in ("First", "Second")]
    main = {"@type": "Article", "headline": "Main", "mainEntityOfPage": True}
    assert one(LINK + ld(plain)).title == "First"
    assert one(LINK + ld([*plain, main])).title == "Main"


def test_an_image_that_is_only_named_is_no_address():
    script = {"@type": "Article", "headline": "A", "image": {"@id": "https://example.org/a/#primaryimage"}}
    assert one(LINK + ld(script)).image is None


MICRODATA = """
<div itemscope itemtype="https://schema.org/WebPage"><span itemprop="name">The page</span>
<article itemscope itemtype="http://schema.org/NewsArticle">
<h1 itemprop="name headline">The roof is <i>saved</i></h1><h1>Another heading</h1>
<div itemprop="author" itemscope itemtype="https://schema.org/Person">
<span itemprop="jobTitle">Editor</span> <a itemprop="url" href="/ann">x</a><b itemprop="name">Ann Lee</b></div>
<span itemprop="author">Cy Orr</span>
<time itemprop="datePublished" datetime="2026-11-22T08:00:00+02:00">yesterday</time>
<a itemprop="articleSection" href="/politics">Politics</a>
<p itemprop="description">It was close.</p>
<div itemprop="publisher" itemscope><meta itemprop="name" content="Post"></div>
<figure itemprop="image" itemscope><link itemprop="url" href="/roof.jpg">
<meta itemprop="width" content="640">
<span itemprop="caption">The roof</span>
<i itemprop="creditText">Bo Ek</i></figure>
</article></div>
"""


def test_microdata_is_read():
    article = one(LINK, MICRODATA)

    assert (article.title, article.section, article.source) == ("The roof is saved", "Politics", "Post")
    assert (article.summary, article.authors) == ("It was close.", ("Ann Lee", "Cy Orr"))
    assert article.published == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert article.image == Image(url="https://example.org/roof.jpg", alt="The roof", credit="Bo Ek", width=640)


@pytest.mark.parametrize(
    ("section", "named"), [("news,apple,slider", "news"), ("Arts, Books & More", "Arts, Books & More")]
)
def test_of_a_list_of_sections_the_first_counts(section, named):
    assert one(f'{LINK}<title>A</title><meta property="article:section" content="{section}">').section == named


@pytest.mark.parametrize("tag", ["img", "a", "span", "div", "object", "meta"])
def test_any_element_may_be_a_picture_in_microdata(tag):
    """One that has no address says nothing, and stops nothing."""
    body = f'<div itemscope itemtype="https://schema.org/Article"><b itemprop="headline">A</b><{tag} itemprop="image">'
    assert one(LINK, body).image is None


def test_a_byline_in_a_link_is_a_name():
    assert one(f"{LINK}<title>A</title>", '<a rel="author">By Ann Lee</a>').authors == ("Ann Lee",)


def test_json_ld_and_meta_tags_go_before_microdata():
    head = LINK + '<meta property="og:title" content="Said"><meta name="author" content="Di Ash">'
    article = one(head + ld({"@type": "Article", "headline": "A", "articleSection": "Local"}), MICRODATA)
    assert (article.title, article.section) == ("A", "Local")
    assert one(head, MICRODATA).title == "Said"


@pytest.mark.parametrize(
    "body",
    [
        '<div itemscope itemtype="https://schema.org/Article">' * 4_000,
        '<i itemscope itemprop="author" itemtype="https://schema.org/Article">' * 4_000 + "x" * 10**6,
        '<i itemscope itemtype="https://schema.org/Article">' + '<b itemprop="author headline">' * 9_000 + "x" * 10**6,
    ],
)
def test_absurd_microdata_takes_no_time(body):
    begun = time.process_time()
    microdata.marked_article(page._tree(body))
    assert time.process_time() - begun < 1
