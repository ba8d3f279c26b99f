"""`full_text`: articles are followed to their pages, and what is there is stored once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from build import NOW
from digest.pipeline import following
from digest.pipeline.fetching import fetch
from digest.store import articles
from feeds import Answer, rss

# Of what goes on here nothing is the database's own.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

QUARTER = timedelta(minutes=15)
SAID = "The harbour council agreed to repair part {} of the long pier by spring, and the boats stay in the bay. "


def page(number, *, paragraphs=6, head=""):
    text = "".join(f"<p>{SAID.format(number)} It met for the {n}th time.</p>" for n in range(paragraphs))
    return (
        f"<!doctype html><html lang=en><head><title>Harbour news, part {number}</title>{head}</head>"
        f"<body><article><h1>Harbour news, part {number}</h1>{text}</article></body></html>"
    ).encode()


def items(feeds, count=2, *, title="Harbour news"):
    return [(feeds.url(f"/{n}"), f"{title}, part {n}", NOW - timedelta(hours=1, minutes=n)) for n in range(count)]


@pytest.fixture
def ledger(feeds):
    """A feed of two beginnings, and their pages."""
    head = '<meta name=author content="Ada Brook"><meta property="og:image" content="https://ledger.example/a.jpg">'
    feeds.answers |= {
        "/feed": Answer(200, rss(items(feeds), body="The harbour council agreed.")),
        "/0": Answer(200, page(0, head=head)),
        "/1": Answer(200, page(1)),
    }
    return {"Ledger": feeds.url()}


@pytest.fixture
def stored(database, feeds):
    """The article at a path, as it is stored."""

    def get(path="/0"):
        with database.read() as db:
            return articles.get(db, feeds.url(path))

    return get


def asked_pages(feeds):
    found = [path for path in feeds.paths() if path not in {"/feed", "/robots.txt"}]
    feeds.asked.clear()
    return found


def test_the_text_comes_from_the_page_with_what_the_feed_lacks(poll, feeds, ledger, stored):
    done = poll(ledger, full_text=True)["Ledger"]
    assert (done.status, done.stored) == ("stored", 2)
    one = stored()
    assert one.body.count("by spring") == 6
    assert (one.title, one.summary) == ("Harbour news, part 0", "The harbour council agreed.")
    assert (one.authors, one.language, one.image.url) == (("Ada Brook",), "en", "https://ledger.example/a.jpg")
    assert asked_pages(feeds) == ["/0", "/1"]


def test_without_the_switch_nobody_asks_for_pages(poll, feeds, ledger, stored):
    poll(ledger)
    assert (asked_pages(feeds), stored().body) == ([], "The harbour council agreed.")


def test_a_page_is_read_once_whatever_its_feed_does(poll, feeds, ledger, stored):
    poll(ledger, full_text=True)
    asked_pages(feeds)
    whole = stored()
    done = poll(ledger, full_text=True, now=NOW + QUARTER)["Ledger"]
    assert (done.duplicate, done.updated, stored()) == (2, 0, whole)
    feeds.answers["/feed"] = Answer(200, rss(items(feeds), body="Another beginning, of the harbour council."))
    done = poll(ledger, full_text=True, now=NOW + 2 * QUARTER)["Ledger"]
    assert done.updated == 2
    assert stored() == replace(whole, summary="Another beginning, of the harbour council.")
    assert asked_pages(feeds) == []


def test_a_page_under_another_title_is_read_again(poll, feeds, ledger, stored):
    poll(ledger, full_text=True)
    asked_pages(feeds)
    feeds.answers["/feed"] = Answer(200, rss(items(feeds, 1, title="Volcano erupts overnight"), body="Ash."))
    feeds.answers["/0"] = Answer(200, page(0).replace(b"harbour council", b"volcano erupts overnight: council"))
    poll(ledger, full_text=True, now=NOW + QUARTER)
    assert asked_pages(feeds) == ["/0"]
    assert "volcano" in stored().body


def test_a_page_that_fails_is_tried_again_and_then_left(poll, feeds, ledger, stored):
    feeds.answers["/0"] = Answer(500)
    for round_ in range(following.TRIES + 2):
        done = poll(ledger, full_text=True, now=NOW + round_ * QUARTER)["Ledger"]
        assert done.status == "stored"
        pages = asked_pages(feeds)
        assert pages.count("/0") == (round_ < following.TRIES)
        assert pages.count("/1") == (round_ == 0)
    assert stored().body == "The harbour council agreed."


def test_a_page_that_recovers_is_read(poll, feeds, ledger, stored):
    good, feeds.answers["/0"] = feeds.answers["/0"], Answer(500)
    poll(ledger, full_text=True)
    feeds.answers["/0"] = good
    poll(ledger, full_text=True, now=NOW + QUARTER)
    assert "by spring" in stored().body


LOGIN = b"<!doctype html><html><head><title>Log in</title></head><body><p>" + b"Please give your password. " * 60


@pytest.mark.parametrize(
    "answer",
    [
        Answer(402),
        Answer(403),
        Answer(200, page(0, paragraphs=1)),
        Answer(200, LOGIN),
        Answer(302, headers={"Location": "http://10.0.0.1/"}),
    ],
    ids=["to pay", "forbidden", "short", "a login", "into the intranet"],
)
def test_a_page_that_gives_no_more_leaves_the_beginning(poll, feeds, ledger, stored, answer):
    feeds.answers["/0"] = answer
    for round_ in range(2):
        poll(ledger, full_text=True, now=NOW + round_ * QUARTER)
    assert stored().body == "The harbour council agreed."
    assert "by spring" in stored("/1").body
    if answer.status != 302:
        assert asked_pages(feeds).count("/0") == 1


def test_what_robots_txt_forbids_is_not_read(poll, feeds, ledger, stored):
    feeds.answers["/robots.txt"] = Answer(200, b"User-agent: *\nDisallow: /0\n")
    poll(ledger, full_text=True)
    assert asked_pages(feeds) == ["/1"]
    assert stored().body == "The harbour council agreed."


@pytest.mark.parametrize("path", ["/robots.txt", "/0"])
def test_a_host_that_wants_to_be_left_alone_is_and_nothing_is_lost(poll, feeds, ledger, stored, path):
    good, feeds.answers[path] = feeds.answers.get(path, Answer(404)), Answer(503, headers={"Retry-After": "600"})
    for round_ in range(following.TRIES + 1):
        poll(ledger, full_text=True, now=NOW + round_ * QUARTER)
    assert "/1" not in feeds.paths()
    feeds.answers[path] = good
    poll(ledger, full_text=True, now=NOW + timedelta(hours=3))
    assert "by spring" in stored("/0").body
    assert "by spring" in stored("/1").body


def test_so_many_pages_at_one_poll_the_newest_first_and_the_rest_at_the_next(poll, feeds, ledger, monkeypatch):
    count = following.PAGES + 5
    feeds.answers |= {f"/{n}": Answer(200, page(n)) for n in range(count)}
    feeds.answers["/feed"] = Answer(200, rss(items(feeds, count), body="The harbour council agreed."))
    poll(ledger, full_text=True)
    assert asked_pages(feeds) == [f"/{n}" for n in range(following.PAGES)]
    feeds.answers["/feed"] = Answer(500)
    poll(ledger, full_text=True, now=NOW + QUARTER)
    assert asked_pages(feeds) == [f"/{n}" for n in range(following.PAGES, count)]


def test_what_is_old_or_long_is_not_followed(poll, feeds, ledger):
    old = [(feeds.url("/0"), "Old", NOW - timedelta(days=9))]
    feeds.answers["/feed"] = Answer(200, rss(old, body="Short."))
    poll(ledger, full_text=True)
    feeds.answers["/feed"] = Answer(200, rss(items(feeds), body=SAID * 30))
    poll(ledger, full_text=True, now=NOW + QUARTER)
    assert asked_pages(feeds) == []


@pytest.fixture
def stopped(configured, database, feeds):
    """`stopped(urls, "/1")`: one round, ended when that path has been asked for."""

    async def run(urls, path):
        task = asyncio.create_task(fetch(configured(urls, full_text=True), database, now=NOW))
        while path not in feeds.paths():  # noqa: ASYNC110 - the server is a thread
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return lambda urls, path: asyncio.run(run(urls, path))


def test_stopped_in_between_it_goes_on_at_the_next_poll(stopped, poll, feeds, ledger, stored):
    feeds.answers["/1"] = Answer(200, page(1), seconds=2)
    stopped(ledger, "/1")
    asked_pages(feeds)
    assert "by spring" in stored("/0").body
    assert stored("/1").body == "The harbour council agreed."
    feeds.answers["/1"] = Answer(200, page(1))
    poll(ledger, full_text=True, now=NOW + QUARTER)
    assert asked_pages(feeds) == ["/1"]
    assert "by spring" in stored("/1").body
