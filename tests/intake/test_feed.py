import json
from datetime import timedelta

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import NOW
from digest.intake import feed
from digest.intake.origin import Origin
from digest.model import Article, Rejection, Source

ORIGIN = Origin(path="a.rss", now=NOW)


def rss(items: str, *, link: str = "https://example.org/") -> str:
    return f'<rss version="2.0"><channel><title>Post</title><link>{link}</link>{items}</channel></rss>'


def item(title: str = "A roof", link: str = "https://example.org/roof", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def one(text: str, origin: Origin = ORIGIN) -> Article:
    (only,) = feed.parse(text, origin)
    assert isinstance(only, Article), only
    return only


def test_feedparser_is_only_ever_given_a_stream(monkeypatch, tmp_path):
    """A body that is an address or a path must be parsed, never opened."""
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(item("secret")))
    given_types = []
    parse = feedparser.parse
    monkeypatch.setattr(feedparser, "parse", lambda body, **how: given_types.append(type(body)) or parse(body, **how))

    for body in (str(secret), str(secret).encode(), "http://127.0.0.1:1/feed"):
        (only,) = feed.parse(body, ORIGIN)
        assert only == Rejection(path="a.rss", where="", error="not a feed")
    assert {kind.__name__ for kind in given_types} == {"BytesIO"}


def test_positions_are_places_in_the_feed_also_behind_a_rejection():
    first, bad, last = feed.parse(rss(item() + item(link="") + item(link="/3")), ORIGIN)

    assert (first.position, last.position) == (0, 2)
    assert bad == Rejection(path="a.rss", where="entry 2", error="link: missing")
    assert last.url == "https://example.org/3"


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("", NOW),
        ("<pubDate>nonsense</pubDate>", NOW),
        ("<pubDate>Mon, 23 Nov 2026 08:00:00 +0200</pubDate>", NOW - timedelta(hours=1)),
        ("<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>", NOW + timedelta(hours=2)),
        ("<pubDate>Mon, 23 Nov 2099 09:00:00 GMT</pubDate>", NOW),
    ],
)
def test_an_entry_without_a_usable_date_is_of_now(date, published):
    assert one(rss(item(more=date))).published == published


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("A &lt;b&gt;bold&lt;/b&gt; claim", "A bold claim"),
        ("Q&amp;amp;A with 1 &amp;lt; 2", "Q&A with 1 < 2"),
        ("5 &lt; 6 and so on", "5 < 6 and so on"),
        ("<![CDATA[One<br>line]]>", "One line"),
        ("Rise of the\u202e evil\u200b", "Rise of the evil"),
    ],
)
def test_a_title_is_plain_text(raw, title):
    assert one(rss(item(title=raw))).title == title


def test_a_given_source_names_the_source_and_resolves_its_links():
    source = Source(name="Wire", url="https://wire.example/rss/all.xml", section="World")
    article = one(rss(item(link="../story"), link=""), Origin(path="", now=NOW, source=source))

    assert (article.source, article.section, article.url) == ("Wire", "World", "https://wire.example/story")


def test_entities_and_outside_files_are_not_expanded(tmp_path):
    (tmp_path / "secret").write_text("hunter2")
    bomb = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{tmp_path}/secret"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    for result in feed.parse(f'<?xml version="1.0"?>{bomb}{rss(item(title="t &x; &b;"))}', ORIGIN):
        assert "hunter2" not in repr(result)


def test_an_address_in_place_of_an_author_is_left_out():
    assert one(rss(item(more="<author>ann@example.org</author>"))).authors == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "not a feed"),
        ("<html><body>Hello</body></html>", "not a feed"),
        (rss(""), "a feed without entries"),
        ('{"version": "1"}', "not a JSON Feed"),
        ("{" * 5, "not JSON that can be read"),
        ('{"version": "https://jsonfeed.org/version/1", "items": []}', "a feed without entries"),
    ],
)
def test_what_is_no_feed(text, error):
    assert list(feed.parse(text, ORIGIN)) == [Rejection(path="a.rss", where="", error=error)]


def test_what_breaks_feedparser_is_one_rejection(monkeypatch):
    def broken(*_args, **_how):
        raise RecursionError

    monkeypatch.setattr(feedparser, "parse", broken)
    (only,) = feed.parse(rss(item()), ORIGIN)
    assert only.error == "not a feed that can be read (RecursionError)"


tags = st.sampled_from(
    ["<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "https://example.org/1", "<pubDate>", "&#x0;",
     "31 Feb 2026", "<media:content url='x'/>", "<content:encoded>", "<![CDATA[", "]]>", "<img src='", "&lt;"]
)  # fmt: skip


@settings(deadline=None)
@given(st.binary(max_size=200) | st.lists(tags, max_size=25).map(lambda parts: rss("".join(parts)).encode()))
def test_no_bytes_make_it_raise(data):
    assert list(feed.parse(data, ORIGIN))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("https://example.org/x"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["url", "id", "title", "name", "image", "tags", "authors", "author"]), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(json_values, json_values)
def test_no_json_feed_makes_it_raise(items, language):
    document = {"version": "https://jsonfeed.org/version/1.1", "items": items, "language": language, "authors": items}
    assert list(feed.parse(json.dumps(document), ORIGIN))


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("mer, 18 nov 2026 00:38:15 +0100", (17, 23, 38)), ("18 novembre 2026 à 6h30", (18, 6, 30)),
        ("18.11.2026 06:30", (18, 6, 30)), ("Nov 18 2026 02:02:08 PM", (18, 14, 2)), ("2026年11月18日", (18, 0, 0)),
        ("Wed, 18 Nov 26 06:30:00 EST", (18, 11, 30)), ("1795000000", (18, 11, 6)), ("2026-11-18", (18, 0, 0)),
    ],
)  # fmt: skip
def test_dates_as_feeds_of_any_language_write_them(date, published):
    day, hour, minute = published
    found = one(rss(item(more=f"<pubDate>{date}</pubDate>"))).published
    assert (found.year, found.month, found.day, found.hour, found.minute) == (2026, 11, day, hour, minute)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("<author>jonas@insanity.industries (Jonas Groß)</author>", ("Jonas Groß",)),
        ("<author>Ann Lee &lt;ann@example.org&gt;</author>", ("Ann Lee",)),
        ("<dc:creator>Ann Lee (mailto:ann@example.org)</dc:creator>", ("Ann Lee",)),
        ("<author>Ann Lee (Post)</author>", ("Ann Lee (Post)",)),
        ("<dc:creator>Ann Lee</dc:creator><dc:creator>Bo Ek</dc:creator>", ("Ann Lee", "Bo Ek")),
    ],
)
def test_an_author_is_a_name_without_an_address(said, names):
    dublin = rss(item(more=said)).replace("<rss ", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" ')
    assert one(dublin).authors == names


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The roof is saved. It cost a million.", "The roof is saved"),
        ("&lt;p&gt;Is it saved?&lt;/p&gt;&lt;p&gt;Yes.&lt;/p&gt;", "Is it saved?"),
        ("屋根は救われた。費用は百万。", "屋根は救われた。"),
        ("word " * 40, "word " * 23 + "word…"),
    ],
)
def test_an_entry_without_a_title_has_its_first_sentence(text, title):
    """RSS 2.0 and JSON Feed allow for it, and short notes come so."""
    assert one(rss(item(title="", more=f"<description>{text}</description>"))).title == title


def test_an_item_of_a_json_feed_without_a_title_has_its_first_sentence():
    items = [{"id": "https://example.org/1", "content_html": "<p>Short note. More.</p>"}]
    data = {"version": "https://jsonfeed.org/version/1", "title": "Q&amp;A", "items": items}
    assert (one(json.dumps(data)).title, one(json.dumps(data)).source) == ("Short note", "Q&A")


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ('<enclosure url="/a.jpg" length="1"/>', "https://example.org/a.jpg"),
        ('<enclosure url="/a.mp3" type="audio/mpeg" length="1"/>', None),
        ('<itunes:image href="https://example.org/b.png"/>', "https://example.org/b.png"),
        (
            '<description>&lt;img src="http://feeds.feedburner.com/~f/x?i=1"&gt;&lt;img src="c.jpg"&gt;</description>',
            "https://example.org/c.jpg",
        ),
    ],
)
def test_pictures_where_feeds_hide_them(more, url):
    podcast = rss(item(more=more)).replace("<rss ", '<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" ')
    found = one(podcast).image
    assert (found.url if found else None) == url
