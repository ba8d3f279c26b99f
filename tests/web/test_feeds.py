"""The feeds of a newsletter's editions, as programs read them."""

from datetime import date
from html import unescape

import feedparser

from build import NOW, edition
from digest.model import EditionState, EditionStatus
from digest.store import editions
from digest.web import feeds

PAGE = "https://news.example.org/editions/daily"


def test_the_atom_feed_tells_the_editions(town):
    answer = town.client.get("/editions/daily/feed.xml")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert (found.bozo, found.version) == (False, "atom10")
    assert found.feed.title == "The Daily Digest"
    assert {link.rel: link.href for link in found.feed.links} == {"self": f"{PAGE}/feed.xml", "alternate": PAGE}
    (entry,) = found.entries
    assert (entry.id, entry.link) == (f"{PAGE}/2026-11-23", f"{PAGE}/2026-11-23")
    assert entry.title == "Central bank holds rates, and three more stories"
    assert entry.summary.splitlines() == [f"Central bank holds rates for meeting {number}" for number in range(1, 5)]
    assert entry.published == entry.updated == NOW.isoformat()


def test_the_json_feed_tells_the_same(town):
    answer = town.client.get("/editions/daily/feed.json")
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    feed, atom = answer.json(), feedparser.parse(town.client.get("/editions/daily/feed.xml").content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{PAGE}/feed.json"
    told = [(one["id"], one["url"], one["title"], one["date_published"], one["content_text"]) for one in feed["items"]]
    assert told == [(one.id, one.link, one.title, one.published, one.summary) for one in atom.entries]


def test_drafts_are_in_no_feed(town):
    with town.database.begin() as db:
        editions.save_draft(db, edition(day=date(2026, 11, 24), subject="Draft"), [], due_at=None)
    assert "Draft" not in town.client.get("/editions/daily/feed.xml").text
    assert len(town.client.get("/editions/daily/feed.json").json()["items"]) == 1


def test_a_newsletter_without_editions_has_an_empty_feed(town):
    found = feedparser.parse(town.client.get("/editions/weekly/feed.xml").content)
    assert (found.bozo, found.feed.updated, found.entries) == (False, NOW.isoformat(), [])
    assert town.client.get("/editions/weekly/feed.json").json()["items"] == []


def test_an_unknown_newsletter_has_none(town):
    assert town.client.get("/editions/nothing/feed.xml").status_code == 404
    assert town.client.get("/editions/nothing/feed.json").status_code == 404


def test_outside_text_breaks_no_feed():
    odd = edition(subject="a\x01b\x0b<c> & ]]> \ud800\ufffe“d”")
    status = EditionStatus(
        id=1, newsletter="daily", day=odd.day, state=EditionState.DONE, hold=False, approved_at=NOW, content=odd
    )
    channel = feeds.Channel(
        newsletter="daily", title="The Daily & <b>", author="A & B", language="en", base_url="https://news.example.org"
    )
    found = feedparser.parse(feeds.atom(channel, [status], now=NOW))
    assert not found.bozo
    assert unescape(found.feed.title) == channel.title
    assert unescape(found.entries[0].title) == "ab<c> & ]]> “d”"


def test_the_archive_and_the_web_page_lead_to_the_feeds(town):
    page = town.client.get("/editions/daily").text
    assert 'type="application/atom+xml" title="The Daily Digest" href="/editions/daily/feed.xml"' in page
    assert 'type="application/feed+json" title="The Daily Digest" href="/editions/daily/feed.json"' in page
