"""Articles, sources, decisions and slots: what is put in twice is there once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from build import NOW, article, edition, story
from digest.model import EditionState, EditorAction, Image, Role, Slot, Source
from digest.pipeline import storing
from digest.pipeline.storing import Stored
from digest.store import articles, decisions, editions, newsletters, slots, sources


def put(database, *items, now=NOW):
    with database.begin() as db:
        return storing.put(db, items, now=now)


def test_a_new_article_is_stored_with_all_it_says(database):
    image = Image(url="https://example.org/1.jpg", alt="A bank", width=800)
    full = article(image=image, authors=("A", "B"), position=3)
    assert put(database, full, article(2)) == Stored(new=(full.url, article(2).url))
    with database.read() as db:
        assert articles.get(db, full.url) == full
        assert articles.get(db, article(2).url) == article(2)
        assert articles.count(db) == 2


def test_the_same_article_again_is_a_duplicate(database):
    put(database, article())
    assert put(database, article(), article(2)) == Stored(new=(article(2).url,), duplicate=1)


def test_its_place_in_a_feed_does_not_make_it_another(database):
    put(database, article(position=0))
    assert put(database, article(position=7)).duplicate == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Rates rise"},
        {"published": NOW},
        {"image": Image(url="https://example.org/2")},
        {"authors": ("C",)},
    ],
)
def test_an_article_that_says_something_else_replaces_its_older_self(database, change):
    put(database, article())
    newer = replace(article(), **change)
    assert put(database, newer) == Stored(updated=(newer.url,))
    with database.read() as db:
        assert articles.get(db, newer.url) == newer
        assert articles.count(db) == 1


def test_twice_in_one_call_the_later_one_counts(database):
    assert put(database, article(), article(title="Rates rise")) == Stored(new=(article().url,), duplicate=1)
    with database.read() as db:
        assert articles.get(db, article().url).title == "Rates rise"


def test_the_window_begins_after_its_start_and_ends_with_its_end(database):
    moments = [NOW - timedelta(hours=24), NOW - timedelta(hours=23), NOW, NOW + timedelta(seconds=1)]
    put(database, *[article(n, published=moment) for n, moment in enumerate(moments, start=1)])
    with database.read() as db:
        found = articles.window(db, start=NOW - timedelta(hours=24), end=NOW)
    assert [one.url for one in found] == [article(2).url, article(3).url]


def test_nothing_is_unknown_and_unknown_is_none(database):
    assert put(database) == Stored()
    with database.read() as db:
        assert articles.get(db, "https://example.org/none") is None


def test_many_articles_are_many_batches(database):
    items = [article(n) for n in range(2500)]
    assert len(put(database, *items).new) == 2500
    assert put(database, *items).duplicate == 2500


def test_sources_are_remembered_as_last_said(database):
    with database.begin() as db:
        sources.seen(db, [Source(name="Wire"), Source(name="Agency", weight=2.0)], now=NOW)
        sources.seen(db, [Source(name="Wire", role=Role.SIGNAL), Source(name="Wire", role=Role.SIGNAL)], now=NOW)
        assert sources.all_sources(db) == [
            Source(name="Agency", weight=2.0),
            Source(name="Wire", role=Role.SIGNAL),
        ]


def test_the_last_decision_counts_until_it_is_taken_back(database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily", "weekly"], now=NOW)
        for action in (EditorAction.PIN, EditorAction.DROP):
            decisions.decide(db, newsletter="daily", url="https://example.org/1", action=action, who="ed", now=NOW)
        assert decisions.of(db, "daily") == {"https://example.org/1": EditorAction.DROP}
        assert decisions.of(db, "weekly") == {}
        assert decisions.clear(db, newsletter="daily", url="https://example.org/1")
        assert not decisions.clear(db, newsletter="daily", url="https://example.org/1")


def test_a_newsletter_is_known_since_it_was_first_made_known(database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        newsletters.ensure(db, ["daily", "weekly"], now=NOW + timedelta(days=1))
        assert newsletters.created(db, "daily") == NOW


def test_a_slot_is_taken_once(database):
    slot = Slot(newsletter="daily", day=date(2026, 11, 23), due_at=NOW)
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        assert slots.take(db, slot, now=NOW)
        assert not slots.take(db, slot, now=NOW)
        slots.remark(db, slot, outcome="missed", remark="too late")
        assert slots.taken(db, "daily", since=slot.day, now=NOW) == {slot.key}
        assert slots.taken(db, "daily", since=slot.day + timedelta(days=1), now=NOW) == set()


# --- looking at what is stored, and taking it out --------------------------------------------------------------------


def test_a_listing_is_newest_first_and_can_be_narrowed(database):
    put(database, article(1), article(2), article(3, source="Other"))
    with database.read() as db:
        assert [one.url[-1] for one in articles.listing(db)] == ["1", "2", "3"]
        assert [one.url[-1] for one in articles.listing(db, source="Example Wire", limit=1)] == ["1"]
        assert [one.url[-1] for one in articles.listing(db, since=article(2).published)] == ["1", "2"]


def test_removing_an_article_takes_its_decisions_along_and_leaves_editions(database):
    one = article(1, url="https://example.org/100%_real")
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        storing.put(db, [one, article(2)], now=NOW)
        decisions.decide(db, newsletter="daily", url=one.url, action=EditorAction.PIN, who="a", now=NOW)
        status = editions.save_draft(db, edition(), [story(1, articles=[one])], due_at=None)
        assert articles.told_in(db, one.url) == [(status.key, EditionState.DRAFT)]
        assert articles.told_in(db, "https://example.org/100%25_real") == []
        assert articles.remove(db, one.url)
        assert not articles.remove(db, one.url)
        assert articles.get(db, one.url) is None
        assert decisions.of(db, "daily") == {}
        assert articles.count(db) == 1
        assert editions.get(db, status.key).content == status.content


def test_a_dropped_body_leaves_the_record_and_the_same_text_is_still_known(database):
    put(database, article(1), article(2))
    with database.begin() as db:
        assert articles.drop_bodies(db, [article(1).url]) == 1
        assert articles.get(db, article(1).url) == replace(article(1), body="")
    assert put(database, article(1)).duplicate == 1
    assert put(database, article(1, title="Changed")).updated == (article(1).url,)


def test_old_bodies_are_told_by_when_an_article_was_first_stored(database):
    put(database, article(1), article(2))
    put(database, article(1, title="Changed"), article(3), now=NOW + timedelta(days=2))
    with database.read() as db:
        old = articles.with_old_body(db, before=NOW + timedelta(days=1), after="", limit=9)
        assert old == [article(1).url, article(2).url]
        assert articles.with_old_body(db, before=NOW + timedelta(days=1), after=old[0], limit=9) == old[1:]
        assert articles.with_old_body(db, before=NOW, after="", limit=9) == []
