import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.intake import clean

# Visible though Cf, and the joiners.
ALLOWED = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\u200c\u200d")
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def hidden(text: str) -> set[str]:
    return {char for char in text if unicodedata.category(char) in HIDDEN} - ALLOWED


def test_no_character_of_unicode_hides_in_a_line():
    everything = "".join(map(chr, range(0x110000)))
    cleaned = clean.line(everything, len(everything))
    assert hidden(cleaned) == set()
    assert "  " not in cleaned


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \t\r\n b\u00a0c ", "a b c"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("pass\u200bword\ufeff \ud800x", "password x"),
        ("ad\u200cmin", "admin"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀 flies", "👩\u200d🚀 flies"),
        ("a\u2028b\x0bc", "a b c"),
        ("cafe\u0301", "café"),
        ("\u3164\u2800", ""),
    ],
)
def test_a_line(text, line):
    assert clean.line(text) == line


def test_a_long_line_is_cut_with_a_sign():
    assert clean.line("word " * 100, 20) == "word word word word…"


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("one\r\ntwo\r\n\r\nthree", "one two\n\nthree"),
        ("one\n \t\n\n\ntwo", "one\n\ntwo"),
        (f"{'long ' * 30}\nnext", f"{('long ' * 30).strip()}\n\nnext"),
        ("", ""),
    ],
)
def test_paragraphs(text, paragraphs):
    assert clean.paragraphs(text) == paragraphs


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One <b>two</b>\nthree</p><p>four</p>", "One two three\n\nfour"),
        ("a<br>b", "a b"),
        ("a<br><br>b", "a\n\nb"),
        ("<script>x()</script>seen<style>p{}</style> too<!-- not this -->", "seen too"),
        ("<ul><li>one<li>two</ul>", "one\n\ntwo"),
        ("AT&amp;T &lt;b&gt; &#8217; &#0;", "AT&T <b> ’ \ufffd"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<figure><img src=x><figcaption>Photo: A</figcaption></figure>text", "text"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<p onclick='x'>kept<iframe src='https://x'></iframe>", "kept"),
    ],
)
def test_html_becomes_text(html, text):
    assert clean.html_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        '<a href="' * 120_000,
        "<div>" * 200_000,
        "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">x",
        "<" * 1_000_000,
        "<table><tr><td>" * 60_000,
        "&amp;" * 200_000,
        "<p>e" + "\u0301\u0323" * 400_000,
        " " * 2_000_000 + "<b>x",
    ],
    ids=["quotes", "deep", "attributes", "angles", "tables", "entities", "marks", "spaces"],
)
def test_hostile_html_is_read_in_a_moment(html):
    start = time.process_time()
    clean.html_text(html)
    clean.html_line(html)
    assert time.process_time() - start < 2.0


@settings(deadline=None)
@given(st.text(), st.integers(5, 60))
def test_whatever_comes_a_line_is_clean_short_and_settled(text, limit):
    line = clean.line(text, limit)
    assert hidden(line) == set()
    assert len(line) <= limit
    assert clean.line(line, limit) == line


pieces = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<br", "<script>", "<!--", "-->", "&lt;", "&#", "\x00", "\ud800", "a ", '"', ">", "<![CDATA["]
    )
)


@settings(deadline=None)
@given(st.text() | pieces.map("".join))
def test_whatever_comes_html_leaves_clean_text(html):
    text = clean.html_text(html, 500)
    assert hidden(text.replace("\n", "")) == set()
    assert len(text) <= 500
    assert "\n\n\n" not in text


def test_no_character_that_is_taken_for_plain_at_once_would_have_been_changed():
    everything = map(chr, range(0x110000))
    plain = "".join(filter(clean._is_plain, everything))
    assert len(plain) > 50_000
    for pattern in (clean._NEWLINE, clean._SPACED, clean._INVISIBLE, clean._STRAY_JOINER):
        assert not pattern.search(plain)


@settings(deadline=None)
@given(st.text(st.sampled_from(" \tab\x0b\x1c\xa0\u2009é\r\n")))
def test_no_run_of_spaces_is_left_in_a_paragraph(text):
    for one in clean.paragraphs(text).split("\n\n"):
        assert one == " ".join(one.split())
