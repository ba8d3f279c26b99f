"""Polling, against a real server of feeds."""

import asyncio
import logging
import time
from datetime import timedelta

import pytest

from build import NOW
from digest.config import Fetch, SourceSettings
from digest.errors import NotFound
from digest.pipeline.fetching import fetch
from digest.store import articles, sources
from feeds import Answer, Feeds, conditional, rss

QUARTER = timedelta(minutes=15)


@pytest.fixture
def feeds():
    with Feeds() as one:
        yield one


@pytest.fixture
def poll(settings, database):
    """`poll({"Ledger": url}, now=…)`: one round; the results by name."""

    def run(urls, *, now=NOW, only=(), force=False, **table):
        table = {"pause": 0, "timeout": 5, "allow": ("127.0.0.0/8:*",)} | table
        mine = settings.model_copy(
            update={
                "sources": tuple(SourceSettings(name=name, url=url) for name, url in urls.items()),
                "fetch": Fetch(**table),
            }
        )
        report = asyncio.run(fetch(mine, database, now=now, only=only, force=force))
        assert [one.name for one in report.results] == (list(only) or list(urls))
        return {one.name: one for one in report.results}

    return run


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
