"""A parser in a process of its own says the same as here, and cannot hurt more than one document."""

import threading

import pytest

from build import NOW
from digest.intake import confine, feed
from digest.intake.confine import MB, parse_confined
from digest.intake.origin import Origin
from digest.model import Rejection, Source

ORIGIN = Origin(path="feed", now=NOW, source=Source(name="Wire", section="World"))


def rss(content: str, count: int = 1) -> bytes:
    items = "".join(
        f"<item><title>Title {n} ü\u2028</title><link>https://example.org/{n}</link><description>{content}</description>"
        '<enclosure url="https://example.org/a.jpg" type="image/jpeg"/></item>'
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>F</title>{items}<item/></channel></rss>".encode()


@pytest.fixture(autouse=True)
def _no_workers_left():
    yield
    confine.close()


def test_it_says_what_the_parser_says():
    data = rss("Some text.", 20)
    assert parse_confined("feed", data, ORIGIN) == list(feed.parse(data, ORIGIN))


def test_a_page_too():
    paragraph = "<p>The bank left its key rate unchanged on Monday, and two of its members voted for a cut.</p>"
    page = f"<html><head><title>Rates</title></head><body><h1>Rates</h1>{paragraph * 9}</body></html>".encode()
    origin = Origin(path="p", now=NOW, source=Source(name="Wire", url="https://example.org/rates"))
    (one,) = parse_confined("page", page, origin)
    assert "memory" not in str(one)
    assert "not parsed" not in str(one)


def test_too_much_time_is_one_rejection_and_the_next_document_is_fine():
    (one,) = parse_confined("feed", rss("<p>" * 200_000), ORIGIN, seconds=0.2)
    assert isinstance(one, Rejection)
    assert one.error == "not parsed: more than 0.2 s"
    assert parse_confined("feed", rss("Text."), ORIGIN) == list(feed.parse(rss("Text."), ORIGIN))


def test_too_much_memory_is_one_rejection_and_the_next_document_is_fine():
    (one,) = parse_confined("feed", rss("word " * 1_800_000), ORIGIN, memory=70 * MB)
    assert isinstance(one, Rejection)
    assert "Memory" in one.error or "memory" in one.error
    assert parse_confined("feed", rss("Text."), ORIGIN) == list(feed.parse(rss("Text."), ORIGIN))


def test_workers_are_used_again_and_serve_several_threads():
    results = {}

    def parse(number: int) -> None:
        for _ in range(3):
            results[number] = parse_confined("feed", rss(f"Text {number}."), ORIGIN)

    threads = [threading.Thread(target=parse, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"Text {number}." in results[number][0].body for number in range(3))


def test_an_unknown_kind_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="kind"):
        parse_confined("spreadsheet", b"", ORIGIN)
