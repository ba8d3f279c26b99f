"""Each rule finds what it is for, in its place, and lets be what only looks like it."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.lint.finding import Finding, Rule, Severity
from digest.lint.mail import Own, read_html, read_message
from digest.lint.rules import RULES, lint
from lint.conftest import HEADER, HTML, OWN, TEXT, message

ERROR, WARNING, NOTE = Severity
IMG = next(re.finditer("<img[^>]*>", HTML))[0]
P = '<p style="color:#3a3733;font-size:16px">'
MORE = "Two voted for a cut."
CONFIRMING = Own(confirm=("https://news.example.org/confirm/daily/",))
YES = '<a href="https://news.example.org/confirm/daily/abc">Yes</a>'

PIECES = (
    "<p ",
    "<a href=",
    "<img src=",
    "<td>",
    "</td>",
    "<style>",
    "</style>",
    "style=",
    "@media ",
    "color:",
    "rgb(",
    "\n",
)

#: (rule, severity, what is changed, where it is found)
FOUND: list[tuple[str, Severity, dict[str, Any], str]] = [
    ("doctype", ERROR, {"html": ("<!DOCTYPE html>\n", "\n<!DOCTYPE html>\n")}, "html"),
    ("one-head", ERROR, {"html": ("</head>", "</head><head></head>")}, "html, line 10, column 8"),
    ("language", ERROR, {"html": ('<html lang="en" dir="ltr">', '<html lang="en">')}, "html, line 2, column 1"),
    ("body-language", ERROR, {"html": (' lang="en" dir="ltr" style', ' dir="ltr" style')}, "html, line 12, column 1"),
    ("title", ERROR, {"html": ("<title>Rates held</title>", "<title> </title>")}, "html, line 5, column 1"),
    ("charset", ERROR, {"html": ('"utf-8"', '"iso-8859-1"')}, "html, line 4, column 1"),
    ("table-role", ERROR, {"html": ('<table role="presentation">', "<table>")}, "html, line 13, column 1"),
    ("table-role", ERROR, {"html": ("<caption>As of noon</caption>", "")}, "html, line 18, column 1"),
    ("table-role", ERROR, {"html": ('<th scope="col">Last', "<th>Last")}, "html, line 18, column 1"),
    ("table-role", ERROR, {"html": ("<table><cap", '<table role="none"><cap')}, "html, line 18, column 1"),
    ("heading-order", WARNING, {"html": ("<h1 ", "<h3 ")}, "html, line 14, column 1"),
    ("heading-order", WARNING, {"html": ("<h2>", "<h3>")}, "html, line 15, column 1"),
    ("heading-order", WARNING, {"html": ("<table><cap", "<h2> </h2><table><cap")}, "html, line 18, column 1"),
    ("css-size", WARNING, {"html": ("#body{margin:0}", ".x{margin:0}" * 700)}, "html, line 6, column 1"),
    ("css-size", ERROR, {"html": ("#body{margin:0}", ".x{margin:0}" * 1400)}, "html, line 6, column 1"),
    ("css-comment", WARNING, {"html": ("@media print", "/* a */@media print")}, "html, line 8, column 1"),
    ("css-media-comma", WARNING, {"html": ("@media print", "@media print, tv")}, "html, line 8, column 1"),
    (
        *("css-nested-at", WARNING, {"html": ("print{.b{padding:0}}", "print{@supports (a:b){.b{padding:0}}}")}),
        "html, line 8, column 14",
    ),
    ("html-size", WARNING, {"html": (MORE, MORE + "a" * 82_000)}, "html"),
    ("html-size", ERROR, {"html": (MORE, MORE + "a" * 102_000)}, "html"),
    ("control-character", ERROR, {"html": (MORE, "It\x92s")}, "html, line 16, column 43"),
    ("control-character", ERROR, {"text": (MORE, "It\x92s")}, "text, line 4, column 3"),
    ("lost-text", ERROR, {"html": (MORE, "It\ufffds")}, "html, line 16, column 43"),
    ("link-empty", ERROR, {"html": (MORE, '<a href="#">More of it</a>')}, "html, line 16, column 41"),
    ("link-address", ERROR, {"html": (MORE, '<a href="/more">More of it</a>')}, "html, line 16, column 41"),
    ("link-address", ERROR, {"html": (MORE, '<a href="javascript:x()">Run</a>')}, "html, line 16, column 41"),
    ("link-https", NOTE, {"html": (MORE, '<a href="http://example.org/2">Two</a>')}, "html, line 16, column 41"),
    ("link-name", ERROR, {"html": (MORE, '<a href="https://example.org/1"> </a>')}, "html, line 16, column 41"),
    (
        "link-text",
        WARNING,
        {"html": (MORE, '<a href="https://example.org/1">Click here…</a>')},
        "html, line 16, column 41",
    ),
    ("unresolved", ERROR, {"html": (MORE, "{{ name }}")}, "html, line 16, column 41"),
    ("unresolved", ERROR, {"text": (MORE, "%(title)s")}, "text, line 4, column 1"),
    ("unresolved", ERROR, {"header": ("Rates held", "{% if x %}")}, "header"),
    ("unresolved", ERROR, {"text": (MORE, "DIGESTxTOKENxUNSUBSCRIBE")}, "text, line 4, column 1"),
    ("unsubscribe-link", ERROR, {"html": ("/unsubscribe/daily/abc", "/elsewhere")}, "html"),
    ("unsubscribe-link", ERROR, {"text": ("/unsubscribe/daily/abc", "/elsewhere")}, "text"),
    ("preferences-link", WARNING, {"html": ("/preferences/daily/abc", "/elsewhere")}, "html"),
    ("preferences-link", WARNING, {"text": ("/preferences/daily/abc", "/elsewhere")}, "text"),
    ("confirm-link", ERROR, {"own": CONFIRMING}, "html"),
    ("confirm-link", ERROR, {"own": CONFIRMING, "html": (MORE, YES)}, "text"),
    ("image-https", ERROR, {"html": ("https://img.example.org/1.jpg", "cid:1")}, "html, line 17, column 33"),
    ("image-https", WARNING, {"html": ("https://img", "http://img")}, "html, line 17, column 33"),
    ("image-alt", ERROR, {"html": (IMG, IMG.replace(' alt="A bank"', "") + "Bank")}, "html, line 17, column 33"),
    ("image-size", WARNING, {"html": ('height="311"', 'height="auto"')}, "html, line 17, column 33"),
    ("image-size", WARNING, {"html": ("width:100%;height:auto", "width:100%")}, "html, line 17, column 33"),
    ("image-kind", WARNING, {"html": ("1.jpg", "1.webp?w=2")}, "html, line 17, column 33"),
    (
        "image-kind",
        ERROR,
        {"html": ("https://img.example.org/1.jpg", "data:image/png;base64,AA")},
        "html, line 17, column 33",
    ),
    ("image-kind", WARNING, {"html": (MORE, f"<svg></svg>{MORE}")}, "html, line 16, column 41"),
    ("contrast-light", ERROR, {"html": (P, P.replace("#3a3733", "#999"))}, "html, line 16, column 1"),
    ("contrast-light", ERROR, {"html": (IMG, IMG.replace("#3a3733", "#eee"))}, "html, line 17, column 33"),
    ("contrast-dark", ERROR, {"html": ("h1,h2,p,td", "h1,h2,td")}, "html, line 16, column 1"),
    ("client-support", ERROR, {"html": (MORE, f"<script>1</script>{MORE}")}, "html, line 16, column 41"),
    (
        "client-support",
        WARNING,
        {"html": (P, P.replace("font-size", "display:flex;font-size"))},
        "html, line 16, column 1",
    ),
    (
        "client-support",
        NOTE,
        {"html": (P, P.replace("font-size", "max-height:9px;font-size"))},
        "html, line 16, column 1",
    ),
    ("text-part", ERROR, {"text": (TEXT, "")}, "text"),
    ("text-headlines", ERROR, {"text": ("Rates held", "Something else")}, "html, line 15, column 1"),
    ("text-links", WARNING, {"text": ("https://example.org/1", "https://example.org/10")}, "html, line 17, column 1"),
    ("links-even", NOTE, {"html": (MORE, '<a href="https://example.org/1">Once more</a>')}, "message"),
    ("header-once", ERROR, {"header": ("Reply-To: editor@example.org\n", "")}, "header, Reply-To"),
    (
        "header-once",
        ERROR,
        {"header": ("Precedence: bulk\n", "Precedence: bulk\nprecedence: bulk\n")},
        "header, Precedence",
    ),
    ("header-encoded", ERROR, {"header": ("<https://news.example.org/help>", "=?utf-8?q?=3C?=")}, "header, List-Help"),
    ("header-encoded", ERROR, {"header": ("<daily.example.org>", "<=?utf-8?q?d?=>")}, "header, List-ID"),
    (
        "one-click",
        ERROR,
        {"header": ("<https://news.example.org/unsubscribe/daily/abc>,\n ", "")},
        "header, List-Unsubscribe",
    ),
    ("one-click", WARNING, {"header": ("<https://news", "<http://news")}, "header, List-Unsubscribe"),
    ("one-click", ERROR, {"header": ("=One-Click", "=one-click")}, "header, List-Unsubscribe-Post"),
    ("subject", WARNING, {"header": ("Subject: Rates held", f"Subject: {'a' * 71}")}, "header, Subject"),
    ("subject", WARNING, {"header": ("Subject: ", "Subject: Re: ")}, "header, Subject"),
    ("subject", ERROR, {"header": ("Subject: Rates held", "Subject:")}, "header, Subject"),
    ("line-length", ERROR, {"text": (MORE, "a" * 999)}, "message, line 31"),
    ("line-end", ERROR, {"wire": lambda wire: wire.replace(b"cut.\r\n", b"cut.\n", 1)}, "message, line 31"),
]

#: What is near to a fault and is none.
LET_BE: list[tuple[str, dict[str, Any]]] = [
    ("doctype", {"html": ("<!DOCTYPE html>", "<!doctype HTML>")}),
    ("one-head", {"html": (MORE, "&lt;head>")}),
    ("language", {"html": ('lang="en" dir="ltr">\n<head>', 'lang="ar" dir="rtl">\n<head>')}),
    ("body-language", {"html": ('<body id="body">', '<body id="body"><div style="max-height:0"> </div>')}),
    ("title", {"html": ("<title>Rates held</title>", "<title>R</title>")}),
    ("charset", {"html": ('"utf-8"', '"UTF-8"')}),
    ("table-role", {"html": ('role="presentation"', 'role="none"')}),
    ("table-role", {"html": ('<th scope="col">Last', '<th scope="row">Last')}),
    ("heading-order", {"html": ("<table><cap", "<h3>Rates held</h3><h2>Rates held</h2><table><cap")}),
    ("css-size", {"html": ("#body{margin:0}", ".x{margin:0}" * 600)}),
    ("css-comment", {"html": (MORE, f"<!--[if mso]>/* a */<![endif]-->{MORE}")}),
    ("css-media-comma", {"html": ("@media print", ".c,.d{margin:0}@media print")}),
    ("css-nested-at", {"html": ("@media print", "@font-face{a:b}@media print")}),
    ("html-size", {"html": (MORE, MORE + "a" * 80_000)}),
    ("control-character", {"html": (MORE, "It’s\ta tab")}),
    ("lost-text", {"html": (MORE, "What?")}),
    ("link-empty", {"html": (MORE, '<a name="top">Top</a>')}),
    ("link-address", {"html": (MORE, '<a href="mailto:editor@example.org">Write</a>')}),
    ("link-https", {"html": (MORE, '<a href="http://127.0.0.1:8600/x">Here at home</a>')}),
    ("link-name", {"html": (MORE, f'<a href="https://example.org/1">{IMG}</a>')}),
    ("link-text", {"html": (MORE, '<a href="https://example.org/1">Here comes the tide</a>')}),
    ("unresolved", {"html": (MORE, "100 % (of it) {x}")}),
    ("unsubscribe-link", {"html": ("unsubscribe/daily/abc", "unsubscribe/daily/other")}),
    ("preferences-link", {"html": ("preferences/daily/abc", "preferences/daily/other")}),
    ("confirm-link", {"own": CONFIRMING, "html": (MORE, YES), "text": (MORE, f"{CONFIRMING.confirm[0]}abc")}),
    ("unsubscribe-link", {"own": CONFIRMING, "html": ("/unsubscribe/", "/elsewhere/")}),
    ("header-once", {"own": CONFIRMING, "header": ("Precedence: bulk\n", "")}),
    ("image-https", {"html": ("https://img.example.org", "http://127.0.0.1:8601")}),
    ("image-alt", {"html": (IMG, IMG.replace('alt="A bank"', 'alt=""') + "Bank")}),
    ("image-size", {"html": ('width="552"', 'width="9"')}),
    ("image-kind", {"html": ("1.jpg", "webp/1.png")}),
    ("contrast-light", {"html": (P, '<p style="color:#949494;font-size:24px">')}),
    ("contrast-light", {"html": (P, '<p style="color:#949494;font-size:14pt;font-weight:bold">')}),
    ("contrast-light", {"html": (P, '<p style="color:#fff;max-height:0;overflow:hidden">')}),
    ("contrast-light", {"html": (P, '<p style="color:#fff;background:#000">')}),
    (
        "contrast-dark",
        {"html": (".bg{background-color:#111110!important}", ".bg{background-color:rgba(0,0,0,.99)!important}")},
    ),
    ("client-support", {"html": (P, P.replace("font-size", "display:block;font-size"))}),
    ("text-part", {"text": (MORE, "")}),
    ("text-headlines", {"html": ("held</a>", "he&shy;ld</a>")}),
    ("text-headlines", {"text": ("Rates held", "Rates\nheld")}),
    ("text-links", {"text": ("https://example.org/1\n", "(https://example.org/1).\n")}),
    ("links-even", {"text": ("https://example.org/1", "(https://example.org/1)")}),
    ("header-once", {"header": ("Precedence: bulk", "PRECEDENCE: bulk")}),
    ("header-encoded", {"header": ("Subject: Rates", "Subject: =?utf-8?q?Rates?=")}),
    ("one-click", {"header": ("https://news.example.org/uns", "http://127.0.0.1:8600/uns")}),
    ("subject", {"header": ("Subject: Rates held", f"Subject: =?utf-8?q?{'=C3=A4' * 70}?=")}),
    ("line-length", {"text": (MORE, "a" * 998)}),
    ("line-end", {"wire": lambda wire: wire}),
]


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{one.severity} {one.rule} {one.place}: {one.wrong}" for one in findings)


@pytest.mark.parametrize(
    ("rule", "severity", "change", "place"), FOUND, ids=lambda one: one if isinstance(one, str) else ""
)
def test_each_rule_finds_its_fault_in_its_place(look, rule, severity, change, place):
    found = look(**change)
    assert (rule, severity, place) in [(one.rule, one.severity, str(one.place)) for one in found], told(found)


@pytest.mark.parametrize(("rule", "change"), LET_BE, ids=lambda one: one if isinstance(one, str) else "")
def test_each_rule_lets_be_what_is_none(look, rule, change):
    found = look(**change)
    usual = [one.wrong for one in look() if one.rule == rule]
    assert [one.wrong for one in found if one.rule == rule] == usual, told(found)


def test_every_rule_is_tried_both_ways():
    assert {one[0] for one in FOUND} == {one[0] for one in LET_BE} == set(RULES)


def test_nothing_is_found_in_a_good_mail(look):
    assert [one for one in look() if one.severity is not Severity.NOTE] == []


def test_the_worst_comes_first_and_each_finding_is_complete(look):
    found = look(html=("<h2>", "<h4>{{ x }}"))
    assert [one.severity for one in found] == sorted((one.severity for one in found), key=list(Severity).index)
    assert {one.severity for one in found} >= {Severity.ERROR, Severity.WARNING}
    for one in found:
        assert all(getattr(one, field.name) for field in fields(one) if field.name != "mend")
        assert one.mend or one.severity is Severity.NOTE


def test_html_alone_is_only_asked_about_html():
    found = lint(read_html(HTML, own=OWN))
    assert {one.place.part for one in found} <= {"html"}
    assert [one for one in found if one.severity is not Severity.NOTE] == []


def test_a_personal_link_in_clear_is_a_warning():
    own = Own(unsubscribe=("http://example.org/unsubscribe/",), preferences=("http://example.org/preferences/",))
    (found,) = [
        one
        for one in lint(read_html('<a href="http://example.org/unsubscribe/abc">Leave</a>', own=own))
        if one.rule == "link-https"
    ]
    assert found.severity is Severity.WARNING


def test_a_message_without_parts_ends_in_findings_and_not_in_an_error():
    found = {one.rule for one in lint(read_message(b"Subject: x\r\n\r\nbare", own=OWN))}
    assert {"doctype", "header-once", "unsubscribe-link", "text-headlines"} - found == {"text-headlines"}


@pytest.mark.parametrize(
    "html",
    [
        *("", "<", "<p", "</p></p>", "<a href=x" * 50, "<div>" * 3000, "<!--", "<![if x]>"),
        *("<style>a{b", "<style>}{}}</style>", "<style>a{color:red;;:;x}</style><p>"),
        *("<1:x y=\x00 @z=1>", "<svg:g o:x='1'>", "<p style='color:url(;\"'>x"),
    ],
)
def test_no_markup_stops_it(html):
    assert {"doctype", "title"} <= {one.rule for one in lint(read_html(html, own=OWN))}


@given(st.lists(st.sampled_from([*"<>/=\"'{}:;#!-@&\x00\x85\ufffd ab1", *PIECES]), max_size=60).map("".join))
def test_nor_does_any_other(html):
    page = read_html(html, own=OWN)
    assert all(one.place.line <= html.count("\n") + 1 for one in lint(page))


def test_the_docs_have_every_rule_as_the_registry_has_it():
    page = (Path(__file__).parents[2] / "docs" / "lint.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [row(one) for one in RULES.values()]


def row(rule: Rule) -> str:
    """A row of the table; markup is marked as code, or it would be taken for markup."""
    cells = re.sub(r"<[^>]+>|\{#.*#\}", r"`\g<0>`", f"{rule.why} | {rule.source} | {rule.mend}")
    return f"| `{rule.name}` | {rule.severity} | {cells} |"


def test_the_fixture_goes_over_the_wire_as_it_is_written():
    mail = read_message(message(), own=OWN)
    assert (mail.html.source.rstrip(), mail.text.rstrip()) == (HTML.rstrip(), TEXT.rstrip())
    assert [one.name for one in mail.fields] == re.findall(r"(?m)^([A-Z][\w-]+):", HEADER)
