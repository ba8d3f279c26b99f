"""Polling, against a real server of feeds."""

import asyncio
import json
import logging
import time
from datetime import timedelta

import pytest

from build import NOW
from digest.errors import NotFound
from digest.model import Memory, Source
from digest.pipeline.fetching import CLAIM, fetch
from digest.store import articles, sources
from digest.store.database import Database
from feeds import Answer, conditional, rss, slow

QUARTER = timedelta(minutes=15)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # seconds of parsing, the same on both


def news(count=3, *, at=NOW - timedelta(hours=1), site="https://ledger.example", title="Harbour news"):
    return [(f"{site}/{n}", f"{title}, part {n}", at - timedelta(minutes=n) if at else None) for n in range(count)]


def memory(database, name="Ledger"):
    with database.read() as db:
        return sources.memories(db, [name])[name]


def window(database, *, hours=24, now=NOW):
    with database.read() as db:
        return [one.url for one in articles.window(db, start=now - timedelta(hours=hours), end=now)]


def test_a_feed_is_stored_and_is_not_asked_again_before_it_is_due(poll, feeds, database):
    feeds.answers["/feed"] = conditional(rss(news()))
    first = poll({"Ledger": feeds.url()})["Ledger"]
    assert (first.status, first.stored, first.next_at) == ("stored", 3, NOW + QUARTER)
    assert len(window(database)) == 3
    again = poll({"Ledger": feeds.url()}, now=NOW + timedelta(minutes=14))["Ledger"]
    assert (again.status, again.next_at) == ("waiting", NOW + QUARTER)
    assert len(feeds.asked) == 1


def test_what_has_not_changed_is_not_fetched_again(poll, feeds, database):
    feeds.answers["/feed"] = conditional(rss(news()))
    poll({"Ledger": feeds.url()})
    again = poll({"Ledger": feeds.url()}, now=NOW + QUARTER)["Ledger"]
    assert (again.status, again.stored) == ("unchanged", 0)
    assert memory(database).last_success_at == NOW + QUARTER
    assert memory(database).items == 3


def test_force_and_names_decide_who_is_asked(poll, feeds):
    feeds.answers |= {"/a": conditional(rss(news())), "/b": conditional(rss(news(site="https://b.example")))}
    urls = {"A": feeds.url("/a"), "B": feeds.url("/b")}
    poll(urls)
    assert poll(urls, only=["B"], force=True)["B"].status == "unchanged"
    assert feeds.paths() == ["/a", "/b", "/b"]
    with pytest.raises(NotFound, match="'C'"):
        poll(urls, only=["C"])


def test_a_permanent_redirect_is_remembered_until_the_configuration_changes(poll, feeds, database):
    feeds.answers |= {"/old": Answer(301, headers={"Location": "/new"}), "/new": conditional(rss(news()))}
    poll({"Ledger": feeds.url("/old")})
    assert memory(database).moved_to == feeds.url("/new")
    poll({"Ledger": feeds.url("/old")}, now=NOW + QUARTER)
    assert feeds.paths() == ["/old", "/new", "/new"]
    feeds.answers["/other"] = Answer(200, rss(news()))
    poll({"Ledger": feeds.url("/other")}, now=NOW + QUARTER)
    assert feeds.asked[-1].path == "/other"
    assert "If-None-Match" not in feeds.asked[-1].headers
    assert memory(database).moved_to == ""


def test_a_temporary_redirect_is_followed_and_forgotten(poll, feeds, database):
    feeds.answers |= {"/old": Answer(302, headers={"Location": "/new"}), "/new": Answer(200, rss(news()))}
    assert poll({"Ledger": feeds.url("/old")})["Ledger"].stored == 3
    assert memory(database).moved_to == ""


def test_a_redirect_to_what_is_no_feed_is_not_remembered(poll, feeds, database):
    page = b"<!doctype html><html><head><title>Please log in</title></head><body>Welcome</body></html>"
    feeds.answers |= {"/old": Answer(301, headers={"Location": "/login"}), "/login": Answer(200, page)}
    assert poll({"Ledger": feeds.url("/old")})["Ledger"].status == "failed"
    assert memory(database).moved_to == ""


def test_too_many_requests_wait_as_long_as_the_server_says_and_so_does_its_host(poll, feeds, database):
    feeds.answers |= {"/a": Answer(429, headers={"Retry-After": "7200"}), "/b": Answer(200, rss(news()))}
    done = poll({"A": feeds.url("/a"), "B": feeds.url("/b"), "C": feeds.url("/b", "127.0.0.2")})
    assert [one.status for one in done.values()] == ["failed", "waiting", "stored"]
    assert done["A"].next_at == done["B"].next_at == NOW + timedelta(hours=2)
    assert memory(database, "B").failures == 0


def test_a_failing_source_is_asked_less_and_less_and_recovers(poll, feeds, database):
    feeds.answers["/feed"] = Answer(500)
    now, waits = NOW, []
    for _ in range(4):
        done = poll({"Ledger": feeds.url()}, now=now)["Ledger"]
        assert done.status == "failed"
        waits.append(done.next_at - now)
        now = done.next_at
    assert waits == [QUARTER, 2 * QUARTER, 4 * QUARTER, 8 * QUARTER]
    assert (memory(database).failures, memory(database).failing_since) == (4, NOW)
    feeds.answers["/feed"] = Answer(200, rss(news()))
    assert poll({"Ledger": feeds.url()}, now=now)["Ledger"].next_at == now + QUARTER
    assert (memory(database).failures, memory(database).last_error) == (0, "")


def test_the_operator_hears_once_that_a_source_keeps_failing(poll, feeds, caplog):
    caplog.set_level(logging.WARNING, "digest")
    feeds.answers["/feed"] = Answer(500)
    now = NOW
    for _ in range(12):
        now = poll({"Ledger": feeds.url()}, now=now)["Ledger"].next_at
    assert [one.getMessage() for one in caplog.records] == [
        "source Ledger keeps failing; `digest sources list` says why"
    ]
    feeds.answers["/feed"] = Answer(200, rss(news()))
    poll({"Ledger": feeds.url()}, now=now)
    assert caplog.records[-1].getMessage() == "source Ledger answers again"


@pytest.mark.parametrize("body", [b"", b"\x00\xff garbage", b"<html><title>Oops</title></html>", b"{}", b"[" * 9000])
def test_garbage_is_a_failure_and_the_others_go_in(poll, feeds, body):
    feeds.answers |= {"/bad": Answer(200, body), "/good": Answer(200, rss(news()))}
    done = poll({"Bad": feeds.url("/bad"), "Good": feeds.url("/good"), "None": feeds.url("/gone")})
    assert [one.status for one in done.values()] == ["failed", "stored", "failed"]
    assert done["Bad"].error
    assert "\n" not in done["Bad"].error


def test_an_empty_feed_is_no_failure(poll, feeds):
    feeds.answers["/feed"] = Answer(200, rss([]))
    assert poll({"Ledger": feeds.url()})["Ledger"].status == "stored"


def test_one_that_does_not_answer_does_not_hold_up_the_others(poll, feeds):
    feeds.answers |= {"/slow": Answer(200, rss(news()), seconds=3), "/good": Answer(200, rss(news()))}
    began = time.monotonic()
    done = poll({"Slow": feeds.url("/slow"), "Good": feeds.url("/good", "127.0.0.2")}, timeout=0.5)
    assert (done["Slow"].status, done["Good"].status) == ("failed", "stored")
    assert time.monotonic() - began < 2.5


def test_a_host_is_asked_one_thing_at_a_time_with_a_pause(poll, feeds):
    feeds.answers["/feed"] = Answer(200, rss(news()), seconds=0.05)
    began = time.monotonic()
    poll({f"S{n}": feeds.url() for n in range(4)}, pause=0.2)
    assert feeds.at_once["127.0.0.1"] == 1
    assert time.monotonic() - began >= 3 * 0.2 + 4 * 0.05


def test_no_more_than_so_many_hosts_are_asked_at_once(poll, feeds):
    feeds.answers["/feed"] = Answer(200, rss(news()), seconds=0.1)
    poll({f"S{n}": feeds.url(host=f"127.0.0.{n + 1}") for n in range(12)}, parallel=3)
    assert feeds.at_once[""] == 3


def test_what_may_not_be_fetched_fails_for_good(poll, feeds, database):
    feeds.answers["/feed"] = Answer(200, rss(news()))
    done = poll({"Private": feeds.url(), "File": "file:///etc/passwd"}, allow=())
    assert [one.status for one in done.values()] == ["failed", "failed"]
    assert feeds.asked == []
    assert memory(database, "File").told_at == NOW


def test_a_list_of_what_could_not_be_taken_in_ends_somewhere(poll, feeds):
    feeds.answers["/feed"] = Answer(200, rss([*news(), *[("", "No address", NOW)] * 50]))
    done = poll({"Ledger": feeds.url()})["Ledger"]
    assert (done.status, done.stored, len(done.rejected)) == ("stored", 3, 21)
    assert done.rejected[-1].error == "and 30 more entries"


# --- what is not a feed -----------------------------------------------------------------------------------------------


def sitemap(*items, head=""):
    entries = "".join(
        f"<url><loc>{url}</loc><n:news><n:title>{title}</n:title>"
        f"<n:publication_date>{at.isoformat()}</n:publication_date></n:news></url>"
        for url, title, at in items
    )
    namespaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    return f"<?xml version='1.0'?><urlset {namespaces}>{head}{entries}</urlset>".encode()


def index(*parts):
    inner = "".join(f"<sitemap><loc>{url}</loc><lastmod>{day}</lastmod></sitemap>" for url, day in parts)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'.encode()


def test_a_json_feed_and_a_news_sitemap_are_sources_too(poll, feeds, database):
    items = [{"url": "https://json.example/1", "title": "In JSON", "date_published": NOW.isoformat()}]
    json_feed = json.dumps({"items": items, "title": "F", "version": "https://jsonfeed.org/version/1.1"})
    plain = "<url><loc>https://ledger.example/about</loc></url>"
    feeds.answers |= {"/json": Answer(200, json_feed.encode()), "/map": Answer(200, sitemap(*news(2), head=plain))}
    done = poll({"Json": feeds.url("/json"), "Map": feeds.url("/map")})
    assert [(one.status, one.stored, len(one.rejected)) for one in done.values()] == [
        ("stored", 1, 0),
        ("stored", 2, 1),
    ]
    assert len(window(database)) == 3


def test_an_index_of_sitemaps_leads_to_the_newest_of_them(poll, feeds, database):
    parts = [(feeds.url(f"/{day}"), f"2026-11-{day:02}") for day in range(1, 9)]
    feeds.answers["/index"] = conditional(index(*parts))
    for day in range(1, 9):
        at = NOW - timedelta(minutes=day)
        feeds.answers[f"/{day}"] = Answer(200, sitemap((f"https://ledger.example/{day}", f"Day {day}", at)))
    feeds.answers["/7"] = Answer(500)
    for hour in (0, 1):  # the index is asked in full again: it stays the same while its parts do not
        done = poll({"Ledger": feeds.url("/index")}, now=NOW + timedelta(hours=hour))["Ledger"]
        assert [(one.where, one.error) for one in done.rejected] == [(feeds.url("/7"), "HTTP 500")]
        assert feeds.paths() == ["/index", "/8", "/7", "/6", "/5", "/4"]
        feeds.asked.clear()
    assert window(database) == [f"https://ledger.example/{day}" for day in (4, 5, 6, 8)]


@pytest.mark.parametrize("parts", [0, 1])
def test_sitemaps_without_news_are_no_source(poll, feeds, parts):
    pages = sitemap(head="<url><loc>https://ledger.example/about</loc></url>" * 100)
    feeds.answers |= {
        "/map": Answer(200, pages),
        "/index": Answer(200, index(*[(feeds.url("/map"), "2026-11-23")] * parts)),
    }
    done = poll({"Map": feeds.url("/map"), "Index": feeds.url("/index", "127.0.0.2")})
    assert [one.status for one in done.values()] == ["failed", "failed"]
    assert done["Map"].error == "no news in it (news:title: missing)"
    assert "no news" in done["Index"].error or "names no" in done["Index"].error


def test_a_page_is_told_from_a_feed_and_its_feed_is_named(poll, feeds):
    link = '<link rel="alternate" type="application/rss+xml" href="/rss.xml?a=1&amp;b=2">'
    feeds.answers |= {
        "/": Answer(200, f"<!doctype html><html><head>{link}<title>A paper</title></head></html>".encode()),
        "/bare": Answer(200, b"<!doctype html><html><head><title>A paper</title></head></html>"),
    }
    done = poll({"Named": feeds.url("/"), "Bare": feeds.url("/bare")})
    assert done["Named"].error == f"not a feed but a page; its feed is {feeds.url('/rss.xml?a=1&b=2')}"
    assert done["Bare"].error == "not a feed but a page, and it names no feed"


# --- one that takes long to parse -------------------------------------------------------------------------------------


@ON_SQLITE
def test_feeds_that_take_long_to_parse_delay_neither_the_others_nor_a_stop(configured, feeds, database):
    feeds.answers |= {"/slow": Answer(200, slow()), "/good": Answer(200, rss(news()), seconds=0.5)}
    urls = {f"Slow {n}": feeds.url("/slow", f"127.0.0.{n + 2}") for n in range(3)}
    done = []

    async def round_():
        mine = configured(urls | {"Good": feeds.url("/good")})
        task = asyncio.create_task(fetch(mine, database, now=NOW, progress=done.append))
        began = time.monotonic()
        while not window(database):
            assert time.monotonic() - began < 30
            await asyncio.sleep(0.02)
        assert len(done) <= 1  # the others are still at it
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic()

    stopped = asyncio.run(round_())
    assert time.monotonic() - stopped < 1.5  # nor is there a thread that waits for a parser
    assert memory(database, "Good").next_at == NOW + QUARTER
    assert memory(database, "Slow 1").next_at is None  # and so is due at once


@ON_SQLITE
def test_one_that_takes_long_to_parse_goes_in_after_all(poll, feeds):
    feeds.answers["/slow"] = Answer(200, slow(1_200))
    assert poll({"Slow": feeds.url("/slow")})["Slow"].stored == 1_200


# --- two processes ----------------------------------------------------------------------------------------------------


def test_of_two_rounds_at_once_one_polls_a_source(configured, feeds, database, database_url):
    feeds.answers["/feed"] = Answer(200, rss(news()), seconds=0.3)
    mine = configured({f"S{n}": feeds.url(host=f"127.0.0.{n + 1}") for n in range(20)})
    others = [Database(database_url) for _ in range(3)]

    async def rounds():
        return await asyncio.gather(*(fetch(mine, one, now=NOW) for one in [database, *others]))

    reports = asyncio.run(rounds())
    for one in others:
        one.close()
    assert sorted(asked.host for asked in feeds.asked) == sorted(f"127.0.0.{n + 1}:{feeds.port}" for n in range(20))
    asked = [result for report in reports for result in report.results if result.status != "waiting"]
    assert sorted(one.name for one in asked) == sorted(f"S{n}" for n in range(20))


def test_what_does_not_get_its_turn_while_the_claim_lasts_is_due_as_before(configured, poll, feeds, database):
    feeds.answers["/feed"] = Answer(200, rss(news()))
    mine = configured({"Ledger": feeds.url()})
    report = asyncio.run(fetch(mine, database, now=NOW, asked_for=timedelta(0)))
    assert (report.results[0].status, feeds.asked) == ("waiting", [])
    assert poll({"Ledger": feeds.url()})["Ledger"].status == "stored"


def test_who_dies_loses_its_claim_after_a_while(poll, feeds, database):
    feeds.answers["/feed"] = Answer(200, rss(news()))
    with database.begin() as db:
        sources.seen(db, [Source(name="Ledger", url=feeds.url())], now=NOW)
        sources.remember(db, [Memory(source="Ledger", url=feeds.url(), next_at=NOW + CLAIM)])
    assert poll({"Ledger": feeds.url()}, now=NOW + CLAIM / 2)["Ledger"].status == "waiting"
    assert poll({"Ledger": feeds.url()}, now=NOW + CLAIM)["Ledger"].status == "stored"


# --- the past does not become news ------------------------------------------------------------------------------------


def test_a_feed_without_dates_does_not_grow_younger(poll, feeds, database):
    feeds.answers["/feed"] = Answer(200, rss(news(at=None)))
    poll({"Ledger": feeds.url()})
    later = NOW + timedelta(days=2)
    done = poll({"Ledger": feeds.url()}, now=later)["Ledger"]
    assert (done.updated, done.duplicate) == (0, 3)
    assert window(database, now=later) == []


def test_old_items_under_new_addresses_and_dates_do_not_become_news(poll, feeds, database):
    feeds.answers["/feed"] = Answer(200, rss(news(20)))
    poll({"Ledger": feeds.url()})
    later = NOW + timedelta(days=3)
    moved = news(20, at=later, site="https://new.ledger.example")
    real = ("https://new.ledger.example/today", "Something that has happened", later)
    feeds.answers["/feed"] = Answer(200, rss([real, *moved]))
    for hours in (0, 1):  # nor at the next look, when the addresses are known
        at = later + timedelta(hours=hours)
        poll({"Ledger": feeds.url()}, now=at)
        assert window(database, now=at) == [real[0]]
