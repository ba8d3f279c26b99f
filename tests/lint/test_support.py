"""The operator's data of caniemail.com: only what large programs lack now, and only what the mail builds on."""

import json

import pytest

from digest.lint.finding import Severity
from digest.lint.mail import read_html
from digest.lint.support import parse_support, used
from lint.conftest import OWN


def row(slug: str, **stats: dict[str, dict[str, str]]) -> dict[str, object]:
    return {"slug": slug, "title": slug.upper(), "url": f"https://example.org/{slug}", "stats": stats}


def data(*rows: object) -> str:
    return json.dumps({"data": rows})


def test_the_newest_version_of_a_program_counts():
    found = parse_support(
        data(
            row("css-gap", gmail={"ios": {"2019": "n", "2024": "y"}, "android": {"2019": "y", "2024": "n #1"}}),
            row("css-float", outlook={"windows": {"2019": "a #2"}}, sfr={"ios": {"2019": "n"}}),
        )
    )
    assert found["css-gap"].lacking == ("Gmail on Android",)
    assert found["css-float"].lacking == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", 'no list "data"'),
        ('{"data": 1}', 'no list "data"'),
        (data(row("a"), {"slug": "b"}), "data, entry 1: KeyError 'stats'"),
        (data(row("a"), 5), "data, entry 1: TypeError"),
        (data({**row("a"), "stats": []}), "data, entry 0: AttributeError"),
    ],
)
def test_other_data_is_refused_with_its_place(text, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        parse_support(text)


def test_what_is_lacking_is_told_with_its_page(look):
    support = parse_support(
        data(row("css-gap", gmail={"ios": {"2024": "n"}}), row("css-order", gmail={"ios": {"1": "n"}}))
    )
    found = look(support=support, html=("font-size:16px", "font-size:16px;gap:1em"))
    (one,) = [one for one in found if one.rule == "client-support" and "CSS-GAP" in one.wrong]
    assert one.severity is Severity.WARNING
    assert one.wrong == "CSS-GAP is lacking in Gmail on iOS"
    assert one.source == "https://example.org/css-gap"
    assert not any("CSS-ORDER" in one.wrong for one in found)


def test_the_data_goes_before_our_own_table(look):
    change = ("font-size:16px", "font-size:16px;position:relative")
    assert [one for one in look(html=change) if one.severity is Severity.WARNING]
    everywhere = parse_support(data(row("css-position", outlook={"windows": {"2030": "y"}})))
    assert not [one for one in look(support=everywhere, html=change) if one.severity is Severity.WARNING]


def test_style_blocks_are_not_built_on():
    mail = read_html("<style>p{gap:1em}</style><p style='color:rgb(0 0 0);width:calc(1rem + 2%)'>", own=OWN)
    slugs = set(used(mail))
    assert {
        "html-p",
        "html-style",
        "css-color",
        "css-rgb",
        "css-unit-calc",
        "css-unit-rem",
        "css-unit-percent",
    } <= slugs
    assert "css-gap" not in slugs


@pytest.mark.parametrize(
    ("html", "slug"),
    [
        ("<img src='a.jpeg?x=1.png'>", "image-jpg"),
        ("<img src='data:image/png;base64,A'>", "image-base64"),
        ("<h4>", "html-h1-h6"),
        ("<ol>", "html-lists"),
        ("<nav>", "html-semantics"),
        ("<td valign=top>", "html-valign"),
        ("<meta name=color-scheme>", "html-meta-color-scheme"),
        ("<p style='display:inline-flex'>", "css-display-flex"),
        ("<p style='--a:1'>", "css-variables"),
    ],
)
def test_features_are_told_by_the_names_of_the_data(html, slug):
    assert slug in used(read_html(html, own=OWN))
