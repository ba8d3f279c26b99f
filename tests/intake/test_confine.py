"""A parser in a process of its own says the same as here, and cannot hurt more than one document."""

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from build import NOW
from digest.intake import confine, confined, feed
from digest.intake.confine import MB, Parsers, took_too_long
from digest.intake.origin import Origin
from digest.model import Rejection, Source
from feeds import slow

ORIGIN = Origin(path="feed", now=NOW, source=Source(name="Wire", section="World"))


def rss(content: str, count: int = 1) -> bytes:
    items = "".join(
        f"<item><title>Title {n} ü\u2028</title><link>https://example.org/{n}</link><description>{content}</description>"
        '<enclosure url="https://example.org/a.jpg" type="image/jpeg"/></item>'
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>F</title>{items}<item/></channel></rss>".encode()


@pytest.fixture
def parsers():
    with Parsers() as some:
        yield some


def test_it_says_what_the_parser_says(parsers):
    data = rss("Some text.", 20)
    assert parsers.parse("feed", data, ORIGIN) == list(feed.parse(data, ORIGIN))


def test_a_page_too(parsers):
    paragraph = "<p>The bank left its key rate unchanged on Monday, and two of its members voted for a cut.</p>"
    page = f"<html><head><title>Rates</title></head><body><h1>Rates</h1>{paragraph * 9}</body></html>".encode()
    origin = Origin(path="p", now=NOW, source=Source(name="Wire", url="https://example.org/rates"))
    (one,) = parsers.parse("page", page, origin)
    assert "memory" not in str(one)
    assert "not parsed" not in str(one)


def test_too_much_time_is_one_rejection_and_the_next_document_is_fine(parsers):
    (one,) = parsers.parse("feed", rss("<p>" * 200_000), ORIGIN, seconds=0.2)
    assert isinstance(one, Rejection)
    assert one.error == "not parsed: more than 0.2 s"
    assert took_too_long([one])
    assert parsers.parse("feed", rss("Text."), ORIGIN) == list(feed.parse(rss("Text."), ORIGIN))


def test_too_much_memory_is_one_rejection_and_the_next_document_is_fine(parsers):
    (one,) = parsers.parse("feed", rss("word " * 1_800_000), ORIGIN, memory=70 * MB)
    assert isinstance(one, Rejection)
    assert "Memory" in one.error or "memory" in one.error
    assert parsers.parse("feed", rss("Text."), ORIGIN) == list(feed.parse(rss("Text."), ORIGIN))


def test_workers_are_used_again_and_serve_several_threads(parsers):
    results = {}

    def parse(number: int) -> None:
        for _ in range(3):
            results[number] = parsers.parse("feed", rss(f"Text {number}."), ORIGIN)

    threads = [threading.Thread(target=parse, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"Text {number}." in results[number][0].body for number in range(3))


def test_both_ends_know_the_same_kinds():
    assert set(confined.PARSERS) == confine.KINDS


def test_an_unknown_kind_is_a_mistake_of_the_caller(parsers):
    with pytest.raises(ValueError, match="kind"):
        parsers.parse("spreadsheet", b"", ORIGIN)


INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<sitemap><loc>https://example.org/old.xml</loc><lastmod>2026-11-01</lastmod></sitemap>"
    "<sitemap><loc>https://example.org/new.xml</loc><lastmod>2026-11-23T06:00:00Z</lastmod></sitemap></sitemapindex>"
)


def test_the_event_loop_goes_on_meanwhile(parsers):
    data, index = rss("Some text.", 20), INDEX.encode()

    async def both():
        return await asyncio.gather(parsers.parse_soon("feed", data, ORIGIN), parsers.children(index, ORIGIN))

    assert asyncio.run(both()) == [
        list(feed.parse(data, ORIGIN)),
        ["https://example.org/new.xml", "https://example.org/old.xml"],
    ]


def children() -> set[str]:
    """The processes that this one has started and that are still there."""
    return set(Path("/proc/self/task", str(threading.main_thread().native_id), "children").read_text().split())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_who_is_cancelled_leaves_no_worker_behind_and_waits_for_none(parsers):
    async def impatient():
        async with asyncio.timeout(1):
            await parsers.parse_soon("feed", slow(), ORIGIN)

    before, began = children(), time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert time.monotonic() - began < 4
    assert children() == before
    assert parsers.parse("feed", rss("Text."), ORIGIN) == list(feed.parse(rss("Text."), ORIGIN))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_ends_with_who_started_it_however_that_ends():
    words = (
        "import os, signal; from build import NOW; from digest.intake.confine import Parsers;"
        "from digest.intake.origin import Origin; parsers = Parsers();"
        "parsers.parse('feed', b'', Origin(path='x', now=NOW));"
        "print(parsers._idle[0]._process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    tests = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", words], cwd=tests, capture_output=True, text=True, check=False)
    worker = Path("/proc", done.stdout.strip())
    end = time.monotonic() + 5
    while worker.exists():
        assert time.monotonic() < end, "still there"
        time.sleep(0.02)
