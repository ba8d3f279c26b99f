"""`digest import` with addresses on the web."""

from datetime import UTC, datetime

import pytest

from feeds import Answer, Feeds, rss

PARAGRAPH = "<p>The council met for three hours on Tuesday and agreed to repair the roof of the old hall by spring.</p>"
PAGE = (
    "<!doctype html><html lang=en><head><title>The roof is saved</title><meta property=og:site_name content=Courier>"
    f"</head><body><article><h1>The roof is saved</h1>{PARAGRAPH * 5}</article></body></html>"
).encode()
INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{}</loc></sitemap></sitemapindex>'
)
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
    "<url><loc>https://ledger.example/mapped</loc><n:news><n:title>Mapped</n:title></n:news></url></urlset>"
)


@pytest.fixture
def feeds(monkeypatch):
    monkeypatch.setenv("DIGEST_FETCH__ALLOW", '["127.0.0.0/8:*"]')
    monkeypatch.setenv("DIGEST_FETCH__PAUSE", "0")
    with Feeds() as one:
        now = datetime.now(UTC)
        one.answers |= {
            "/moved": Answer(302, headers={"Location": "/page"}),
            "/page": Answer(200, PAGE),
            "/feed": Answer(200, rss([("/a", "Of the feed", now), ("", "Without address", now)])),
            "/map": Answer(200, SITEMAP.encode()),
            "/index": Answer(200, INDEX.format(one.url("/map")).encode()),
            "/words": Answer(200, b"words"),
        }
        yield one


def test_a_page_a_feed_and_sitemaps_become_articles(digest, feeds, news):
    words = [str(news), *(feeds.url(path) for path in ("/moved", "/feed", "/map", "/index"))]
    done = digest("import", *words, "--json")
    assert done.code == 0
    assert (done.json["stored"], done.json["duplicate"], len(done.json["rejected"])) == (5 + 3, 1, 2)
    page = digest("articles", "show", feeds.url("/page"), "--json").json
    assert (page["title"], page["source"]) == ("The roof is saved", "Courier")
    assert page["body"].count("three hours") >= 1
    assert digest("articles", "show", feeds.url("/a"), "--json").json["title"] == "Of the feed"
    assert digest("import", *words, "--json").json["stored"] == 0


def test_the_source_can_be_named(digest, feeds):
    digest("import", feeds.url("/page"), "--source", "Harbour Wire")
    assert digest("articles", "show", feeds.url("/page"), "--json").json["source"] == "Harbour Wire"


def test_what_cannot_be_had_is_a_rejection_like_any_other(digest, feeds):
    gone, words = feeds.url("/gone"), feeds.url("/words")
    said = digest("import", gone, words, feeds.url("/page"))
    assert said.code == 0
    assert f"{gone}: HTTP 404\n{words}: not a feed\n" in said.err
    assert "3 articles read: 1 stored, 0 updated, 0 known already, 2 rejected" in said.out
    assert digest("import", gone).code == 1


def test_what_is_not_public_is_not_fetched(digest, feeds, monkeypatch):
    monkeypatch.setenv("DIGEST_FETCH__ALLOW", "[]")
    said = digest("import", feeds.url("/page"), "http://user:word@example.org/")
    assert said.code == 1
    assert said.err.count("refused") == 2
    assert feeds.asked == []


def test_the_age_of_a_page_without_a_date_is_what_the_server_says(digest, feeds):
    feeds.answers["/page"] = Answer(200, PAGE, {"Last-Modified": "Mon, 23 Nov 2020 06:00:00 GMT"})
    digest("import", feeds.url("/page"))
    shown = digest("articles", "show", feeds.url("/page"), "--json").json["published"]
    assert datetime.fromisoformat(shown) == datetime(2020, 11, 23, 6, tzinfo=UTC)
