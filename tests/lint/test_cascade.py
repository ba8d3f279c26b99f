"""The colours that text comes out in: the cascade, inheritance, and the dark scheme on top."""

import pytest

from digest.colours import contrast, hexadecimal
from digest.lint.cascade import has_dark, looks
from digest.lint.colours import colour
from digest.lint.css import blocks, declarations
from digest.lint.markup import parse


def look(html: str, tag: str = "p", *, dark: bool = False):
    page = parse(html)
    return looks(page, dark=dark)[next(page.all(tag))]


def shown(html: str, tag: str = "p", *, dark: bool = False) -> str:
    one = look(html, tag, dark=dark)
    return f"{hexadecimal(one.colour)} on {hexadecimal(one.ground)}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("#fff", (255, 255, 255, 1)),
        ("#102030", (16, 32, 48, 1)),
        ("#10203000", (16, 32, 48, 0)),
        ("rgb(1, 2, 3)", (1, 2, 3, 1)),
        ("rgb(1 2 3 / 50%)", (1, 2, 3, 0.5)),
        ("rgba(100%,0%,0%,.25)", (255, 0, 0, 0.25)),
        ("Tomato", (255, 99, 71, 1)),
    ],
)
def test_colours_are_read(text, wanted):
    assert colour(text) == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "#12", "#ggg", "var(--x)", "rgb(1,2)", "light-dark(red, blue)"])
def test_what_is_no_colour_is_none(text):
    assert colour(text) is None


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.005)  # #767676, the known limit
    assert contrast((9, 9, 9), (9, 9, 9)) == 1


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<p>", "#000000 on #ffffff"),
        ("<div style='color:#111;background:#eee'><p>", "#111111 on #eeeeee"),
        ("<td bgcolor='#eee'><p>", "#000000 on #eeeeee"),
        ("<div style='background:#000'><p style='background:rgba(255,255,255,.5)'>", "#000000 on #808080"),
        ("<style>p{color:#111}</style><p>", "#111111 on #ffffff"),
        ("<style>p{color:#111}.a{color:#222}</style><p class=a>", "#222222 on #ffffff"),
        ("<style>.a{color:#222}p{color:#111}</style><p class=a>", "#222222 on #ffffff"),
        ("<style>.a{color:#222}</style><p class=a style='color:#333'>", "#333333 on #ffffff"),
        ("<style>.a{color:#222!important}</style><p class=a style='color:#333'>", "#222222 on #ffffff"),
        ("<style>p:nonsense::,{color:#222}</style><p>", "#000000 on #ffffff"),
        ("<style>@media print{p{color:#222}}</style><p>", "#000000 on #ffffff"),
        ("<style>@import 'x';p{color:#222}</style><p>", "#222222 on #ffffff"),
        ("<div style='color:#111'><p style='color:inherit'>", "#111111 on #ffffff"),
    ],
)
def test_the_cascade(html, wanted):
    assert shown(html) == wanted


def test_a_link_has_a_colour_of_its_own_unless_it_is_said():
    assert shown("<p style='color:#111'><a href='x'>", "a") == "#0000ee on #ffffff"
    assert shown("<p style='color:#111'><a>", "a") == "#111111 on #ffffff"
    assert shown("<a href='x' style='color:inherit'>", "a") == "#000000 on #ffffff"
    assert shown("<a href='x'>", "a", dark=True) == "#9e9eff on #121212"


def test_the_dark_block_only_counts_in_the_dark():
    block = ".c { background: #111 !important } p { color: #ddd !important }"
    html = f"<style>@media (prefers-color-scheme: dark) {{ {block} }}</style>"
    html += "<div class=c style='background:#fff'><p style='color:#222'>"
    assert shown(html) == "#222222 on #ffffff"
    assert shown(html, dark=True) == "#dddddd on #111111"
    assert has_dark(parse(html))
    assert has_dark(parse(html.replace("@media", "@media only screen and")))
    assert not has_dark(parse(html.replace("@media", "@media not screen and")))
    assert not has_dark(parse("<style>@media print{p{color:#000}}</style>"))


def test_what_cannot_be_told_is_not_judged():
    assert look("<p style='color:var(--x)'>").colour is None
    assert look("<div style='background:url(a.png)'><p>").ground is None
    assert look("<div style='background-image:linear-gradient(#000,#fff)'><p>").ground is None


@pytest.mark.parametrize(
    ("html", "size", "bold"),
    [
        ("<p>", 16, False),
        ("<div style='font-size:10px'><p style='font-size:2em;font-weight:700'>", 20, True),
        ("<div style='font-size:20px'><p style='font-size:50%'>", 10, False),
        ("<p style='font-size:18pt'>", 24, False),
        ("<b><p style='font-weight:normal'>", 16, False),
    ],
)
def test_the_size_of_letters(html, size, bold):
    one = look(html)
    assert (one.size, one.bold) == (pytest.approx(size), bold)


def test_headings_are_large_and_bold_by_themselves():
    assert look("<h1>", "h1").large
    assert look("<h1 style='font-size:18px'>", "h1").large is False
    assert look("<h1 style='font-size:19px'>", "h1").large


@pytest.mark.parametrize(
    "style", ["display:none", "visibility:hidden", "max-height:0;overflow:hidden", "max-height:0px;overflow:hidden"]
)
def test_what_is_hidden_hides_what_is_in_it(style):
    assert look(f"<div style='{style}'><p>").hidden
    assert not look("<div style='max-height:0'><p>").hidden


def test_declarations_and_blocks_are_told_apart():
    found = [(one.name, one.value, one.important) for one in declarations("a:b;C : url(x;y) ! IMPORTANT;;d:';';e:")]
    assert found == [("a", "b", False), ("c", "url(x;y)", True), ("d", "';'", False)]
    css = "a{b:c}/* } */@media x{d{e:f}g{h:i}}j{k"
    assert [(one.head, one.body) for one in blocks(css)] == [("a", "b:c"), ("@media x", "d{e:f}g{h:i}"), ("j", "k")]
    inner = list(next(one for one in blocks(css) if one.head == "@media x").blocks())
    assert [(one.head, css[one.offset :][:1]) for one in inner] == [("d", "d"), ("g", "g")]
