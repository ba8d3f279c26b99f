"""The small decisions: text, addresses, sizes."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from digest.render import view
from digest.render.environment import breakable, wrap
from digest.render.inline import inline


@given(st.text())
def test_clean_text_is_one_printable_line_and_stays(text):
    line = view.clean(text)
    assert view._UNWANTED.sub("", line.replace(" ", "")) == line.replace(" ", "")
    assert "\n" not in line
    assert "DIGESTxTOKENx" not in line
    assert view.clean(line) == line
    line.encode()


@given(st.text(st.sampled_from("DIGESTxOKN\x00 "), max_size=40), st.text(max_size=4))
def test_no_text_cleans_into_a_marker(before, after):
    assert "DIGESTxTOKENx" not in view.clean(before + "DIGESTxTOKENx" + after)


def test_clean_keeps_what_typesetting_needs():
    assert view.clean(" 5\u00a0% of\tgirls\u2019\n schools \u200f") == "5\u00a0% of girls\u2019 schools \u200f"


@given(st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc"]), max_size=30))
def test_html_and_text_name_the_same_address(path):
    """What lxml does to an address on inlining is done before, so the text part has it too."""
    url = view.web_url(f"https://example.org/{path}")
    if url:
        html = inline(
            f'<!DOCTYPE html><html><head><title>t</title></head><body><a href="{view_escaped(url)}">a</a></body></html>'
        )
        assert unescape(html.partition('href="')[2].partition('"')[0]) == url
        assert url.isascii()


def view_escaped(url):
    return url.replace("&", "&amp;").replace('"', "&quot;")


def test_an_address_keeps_its_escapes():
    assert view.web_url("https://example.org/a%20b?q=1&r=%C3%A9#x") == "https://example.org/a%20b?q=1&r=%C3%A9#x"
    assert view.web_url("https://example.org/é") == "https://example.org/%C3%A9"


@given(st.none() | st.integers(-10, 20_000), st.none() | st.integers(-10, 20_000))
def test_a_picture_fits_its_box(width, height):
    shown = view.fit(width, height, (552, 414))
    assert 1 <= shown[0] <= 552
    assert 1 <= shown[1] <= 414


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1200, 675), (552, 310)),
        ((1000, 2000), (207, 414)),
        ((300, 200), (450, 300)),
        ((None, 600), (552, 310)),
        ((0, 0), (552, 310)),
        ((10_000, 1), (552, 1)),
    ],
)
def test_a_picture_keeps_its_shape(size, shown):
    assert view.fit(*size, (552, 414)) == shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])))
def test_wrapping_loses_no_word(text):
    assert "".join(wrap(text).split()) == "".join(text.split())


@pytest.mark.parametrize(("letter", "mark"), [("x", "\N{SOFT HYPHEN}"), ("/", "\N{ZERO WIDTH SPACE}")])
def test_a_long_word_gets_places_to_break(letter, mark):
    pieces = breakable(letter * 500).split(mark)
    assert "".join(pieces) == letter * 500
    assert max(map(len, pieces)) <= 25


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("Rechtsschutzversicherungsgesellschaften", "Rechts|schutzver|sicherungs|gesell|schaften"),
        ("Verbraucherschutzministerkonferenz", "Verbrau|cherschutz|minister|konferenz"),
        ("anticonstitutionnellement", "anticonsti|tutionnel|lement"),
        ("Unternehmen", "Unternehmen"),
    ],
)
def test_a_word_breaks_where_a_syllable_may_begin(word, pieces):
    assert breakable(word, 10, 4).replace("\N{SOFT HYPHEN}", "|") == pieces


def test_an_address_breaks_without_a_hyphen():
    assert "\N{SOFT HYPHEN}" not in breakable("https://example.org/wirtschaftsnachrichten/unternehmensgruendungen")


def test_a_translated_sentence_is_broken_as_it_reads():
    assert breakable(Markup("&lt;a&gt; &amp; b")) == "<a> & b"


@pytest.mark.parametrize("text", ["short words stay", "Bundesverfassungsgericht", "https://example.org/"])
def test_a_word_that_fits_stays_whole(text):
    assert breakable(text) == text
