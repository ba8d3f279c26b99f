"""Markup that no parser should be given is told by one look, and no real feed is."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import NOW
from digest.intake import feed, prescan
from digest.intake.origin import Origin
from digest.model import Rejection


def rss(content: str) -> bytes:
    return f"<rss><channel><item><title>T</title><link>https://example.org/</link>{content}</item></channel></rss>".encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (rss("<div>" * 300), "nested"),
        (rss("<div>" * 300).decode().encode("utf-16"), "nested"),
        (rss("<br/>" * 250_001), "tags"),
        (rss("<" * 250_001), "tags"),
        (b" " * (prescan.MAX_SIZE + 1), "longer"),
        (rss("<a " + "x='1' " * 2_001 + ">"), "words"),
    ],
)
def test_what_is_beyond_a_cap_is_told(data, reason):
    assert reason in prescan.fault(data)


@pytest.mark.parametrize(
    "content",
    [
        "<br>" * 1_000,
        "<p>text" * 1_000,
        "<img src='data:image/png;base64," + "A" * 500_000 + "'/>",
        "<![CDATA[" + "<div>" * 1_000 + "]]>",
        "<!--" + "<div>" * 1_000 + "-->",
        "<b>" * 200 + "</b>" * 200 + "<b/>" * 1_000,
        "&lt;div&gt;" * 1_000,
    ],
    ids=lambda content: content[:12],
)
def test_what_only_looks_deep_is_let_through(content):
    assert prescan.fault(rss(content)) == ""


@pytest.mark.parametrize("piece", ["<", "<!--", "<![CDATA[", "<?", "<a ", "</", '<a href="', "]]>", "<!"])
def test_it_is_linear(piece):
    begun = time.process_time()
    prescan.fault((piece * (prescan.MAX_SIZE // len(piece)))[: prescan.MAX_SIZE].encode())
    prescan.fault((piece * 240_000).encode() + b">")
    assert time.process_time() - begun < 2


def test_a_feed_beyond_a_cap_is_one_rejection_that_says_so():
    (one,) = feed.parse(rss("<div>" * 100_000), Origin(path="f.xml", now=NOW))
    assert isinstance(one, Rejection)
    assert one.error == "tags nested more than 256 deep"


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([b"<", b">", b"</a>", b"<a>", b"<!--", b"-->", b"\0", b"/", b"<?", b"!"])).map(b"".join)
)
def test_whatever_comes_it_answers(data):
    assert prescan.fault(data) == ""


def test_every_feed_of_ours_passes():
    feeds = [path for path in Path(__file__).with_name("data").iterdir() if path.suffix in {".rss", ".atom", ".rdf"}]
    assert feeds
    for path in feeds:
        assert prescan.fault(path.read_bytes()) == "", path.name
