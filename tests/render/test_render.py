"""An edition in, mail and page out."""

import re
from dataclasses import replace
from html import unescape
from itertools import pairwise

import pytest

from build import edition, item
from digest.links import Token
from digest.model import Image, Section, Sponsor
from digest.render.environment import environment
from digest.render.render import render

HOSTILE = '<script>alert(1)</script> " onload="x {{ 7*7 }} {% raw %} & </td></table>'


def squeezed(text):
    """Words and single spaces, without invisible places to break."""
    return " ".join(re.sub("[\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}]", "", text).split())


def in_order(text, wanted):
    """Where `wanted` stand in `text`, each after the one before."""
    place = 0
    for one in wanted:
        place = text.index(one, place) + len(one)


@pytest.mark.parametrize("part", ["html", "text", "web"])
def test_every_story_is_there_in_order(full, rendered, part):
    raw = getattr(rendered, part)
    text = squeezed(raw if part == "text" else unescape(re.sub(r"<(?!a )[^>]*>", " ", raw.partition("<body")[2])))
    for field in ("headline", "url", "blurb"):
        in_order(text, [getattr(one, field) for one in full.items])
    in_order(text, [section.name for section in full.sections if section.name != full.lead.section])


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_mail_has_each_personal_link_once(rendered, part):
    raw = getattr(rendered, part)
    assert raw.count(f"https://news.example.org/unsubscribe/daily/{Token.UNSUBSCRIBE}") == 1
    assert raw.count(f"https://news.example.org/preferences/daily/{Token.PREFERENCES}") == 1
    assert raw.count("DIGESTx") == 2


def test_the_web_page_has_nothing_personal(rendered):
    assert "DIGESTx" not in rendered.web
    assert "/unsubscribe/" not in rendered.web
    assert "/preferences/" not in rendered.web
    assert "https://news.example.org/subscribe/daily" in rendered.web


def test_the_web_page_needs_no_script_and_no_inline_style(rendered):
    assert not re.search(r"<script|\son\w+=|\sstyle=|javascript:", rendered.web)


def test_text_and_html_have_the_same_links(rendered):
    in_html = {unescape(href) for href in re.findall(r'<a [^>]*href="([^"]+)"', rendered.html)}
    assert in_html == {line for line in rendered.text.splitlines() if line.startswith("http")}


def test_text_fits_72_columns_but_for_addresses(rendered):
    assert [line for line in rendered.text.splitlines() if len(line) > 72 and not line.startswith("https://")] == []
    assert "\n\n\n\n" not in rendered.text


def test_html_is_lean(rendered, site, newsletter):
    one = render(edition(1), site=site, newsletter=newsletter).html
    assert len(one.encode()) < 8 * 1024
    assert len(rendered.html.encode()) < (5 + 2.2 * 12) * 1024


def test_style_blocks_are_what_gmail_and_yahoo_read(rendered):
    blocks = re.findall(
        r"<style>(.*?)</style>",
        rendered.html.replace(re.search(r"<!--\[if mso\].*?-->", rendered.html)[0], ""),
        re.DOTALL,
    )
    assert len(blocks) == 3
    assert sum(map(len, blocks)) <= 8192
    assert not any("/*" in block for block in blocks)
    assert all("," not in query for block in blocks for query in re.findall(r"@media([^{]*)", block))


def test_nothing_is_left_of_the_templates(rendered):
    for raw in (rendered.html, rendered.text, rendered.web):
        assert not re.search(r"\{\{|\{%|\{#|%\(", raw)


def test_outside_text_is_inert(site, newsletter):
    bad = item(
        1,
        headline=HOSTILE,
        blurb=HOSTILE,
        source=HOSTILE,
        section=HOSTILE,
        image=picture_of(alt=HOSTILE, credit=HOSTILE),
    )
    whole = edition(
        title=HOSTILE,
        subject=HOSTILE,
        preheader=HOSTILE,
        note=HOSTILE,
        lead=bad,
        sections=(Section(name=HOSTILE, items=(bad,)),),
        sponsor=Sponsor(name=HOSTILE, text=HOSTILE, url="https://a.example/"),
    )
    done = render(whole, site=site, newsletter=newsletter)
    for raw in (done.html, done.web):
        assert "<script" not in raw
        assert not re.search(r"<[^>]*\sonload=[^>]*>", re.sub(r'"[^"]*"', '""', raw))
        assert "49" not in re.sub(r"#[0-9a-f]+|\d+px", "", raw.partition("<body")[2])
        assert raw.count("</table>") == raw.count("<table")
    assert "{{ 7*7 }}" in done.text


def picture_of(**over):
    return Image(**{"url": "https://img.example.org/1.jpg", "width": 1200, "height": 675} | over)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org/a",
        "/a",
        "",
        "https://",
        "https://exa mple.org/",
        "http://[",
        f"https://evil.example/?t={Token.UNSUBSCRIBE}",
    ],
)
def test_an_unsafe_address_is_no_link_and_no_picture(site, newsletter, url):
    bad = item(1, url=url, image=picture_of(url=url))
    whole = edition(1, lead=bad, sponsor=Sponsor(name="A", text="B", url=url))
    done = render(whole, site=site, newsletter=newsletter)
    for raw in (done.html, done.web, done.text):
        assert bad.headline in raw
        assert not url or f'"{url}"' not in raw
    assert "<img" not in done.html + done.web
    assert len(re.findall(r'href="', done.html)) == 6  # the edition's own


def test_outside_text_cannot_ask_for_a_readers_token(site, newsletter):
    """A marker in a headline would be replaced by the token of whoever reads it."""
    text = f"a {Token.UNSUBSCRIBE} DIGEST\x01xTOKENx DIGESTxDIGESTxTOKENxTOKENxUNSUBSCRIBExxxxxxxx"
    bad = item(1, headline=text, blurb=text, image=picture_of(alt=text, credit=text))
    done = render(
        edition(1, lead=bad, title=text, subject=text, preheader=text, note=text), site=site, newsletter=newsletter
    )
    assert done.html.count("DIGESTxTOKENx") == done.text.count("DIGESTxTOKENx") == 2
    assert "DIGESTxTOKENx" not in done.web + done.subject + done.preheader


def test_control_characters_are_gone(site, newsletter):
    bad = item(1, headline="One\x00\r\nSubject: two\x92\u202e\ufffd\ud800 three", source="Wire\x1b[31m")
    done = render(edition(1, lead=bad, subject="A\r\nBcc: x@example.net"), site=site, newsletter=newsletter)
    assert done.subject == "A Bcc: x@example.net"
    for raw in (done.html, done.text, done.web):
        assert "One Subject: two three" in raw
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ufffd\ud800]", raw)


def test_pictures_are_https_or_the_sites_own(site, newsletter):
    plain = edition(1, lead=item(1, image=picture_of(url="http://img.example.org/1.jpg")))
    assert "<img" not in render(plain, site=site, newsletter=newsletter).html
    demo = site.model_copy(update={"base_url": "http://127.0.0.1:8600"})
    own = edition(1, lead=item(1, image=picture_of(url="http://127.0.0.1:8600/images/1.png")))
    assert 'src="http://127.0.0.1:8600/images/1.png"' in render(own, site=demo, newsletter=newsletter).html


def test_pictures_say_their_size_and_what_they_show(rendered):
    pictures = re.findall(r"<img [^>]+>", rendered.html)
    assert len(pictures) == 8
    for one in pictures:
        assert re.search(r'alt="[^"]+"', one)
        assert re.search(r' width="[1-9]\d*" height="[1-9]\d*"', one)
    assert 'width="552" height="310"' in pictures[0] or 'width="552" height="311"' in pictures[0]


def test_credits_are_printed(full, rendered):
    for one in full.items:
        if one.image:
            for raw in (rendered.html, rendered.web):
                assert one.image.credit in raw


def test_a_story_in_another_language_says_so(rendered):
    for raw in (rendered.html, rendered.web):
        assert re.search(r'lang="ar"[^<]*(<[^a][^<]*)*?dir="rtl"|lang="ar" dir="rtl"', raw)
        assert 'lang="de"' in raw
    assert 'lang="en" dir="ltr"' in rendered.html.partition("<body")[2]


OURS = re.compile(r'<span lang="en" dir="ltr">([^<]*)</span>')


def test_our_own_words_in_a_foreign_story_are_in_the_language_of_the_edition(site, newsletter):
    foreign = item(1, language="ar", headline="هدنة", source="وكالة", section="World", sources=3, update=True)
    done = render(edition(lead=foreign), site=site, newsletter=newsletter)
    for raw in (done.html, done.web):
        assert OURS.findall(raw) == ["World", "Update", "وكالة and 2 others"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "de",
            ["Montag, 23. November 2026", "Im Browser ansehen", "und eine weitere Quelle", "Stand: 23. November 2026"],
        ),
        ("fr", ["lundi 23 novembre 2026", "et une autre source", "Publicité", "S’abonner à « The Daily Digest »"]),
        ("es", ["lunes, 23 de noviembre de 2026", "y otra fuente", "Publicidad", "Darse de baja"]),
        ("ar", ["الاثنين، 23 نوفمبر 2026", "ومصدر آخر", "و3 مصادر أخرى", "إلغاء الاشتراك"]),
    ],
)
def test_an_edition_speaks_its_language(full, site, newsletter, language, words):
    done = render(replace(full, language=language), site=site, newsletter=newsletter)
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in done.html
    for raw in (squeezed(unescape(done.html)), squeezed(done.text)):
        assert [one for one in words if one not in raw] == []
        assert not re.search("Unsubscribe|View in|others|Sponsored|Monday", raw)
    for raw in (done.html, done.web):  # else "1 Example Street" would be turned around among Arabic words
        assert '<span dir="auto">1 Example Street</span>' in raw


def test_numbers_are_those_of_the_language(full, site, newsletter):
    done = render(replace(full, language="de"), site=site, newsletter=newsletter)
    for raw in (done.html, done.text, done.web):
        assert "+0,42\N{NO-BREAK SPACE}%" in raw


def test_a_language_without_words_has_them_marked_as_english(full, site, newsletter):
    """An Italian edition: its stories need no mark, all that we say does."""
    lead = item(1, language="it", sources=2, update=True)
    done = render(replace(full, language="it", lead=lead), site=site, newsletter=newsletter)
    for raw in (done.html, done.web):
        assert '<html lang="it" dir="ltr">' in raw
        assert "Example Wire and 1 other" in OURS.findall(raw)
        assert "Update" in OURS.findall(raw)
        assert not re.search(r'lang="it"[^>]*>(?!\s*<(head|div|body))', raw)
        for place in (
            '<caption[^>]* lang="en"',
            '<h2 class="label" lang="en"',
            'class="(foot|btn)"[^>]* lang="en"|<footer lang="en"',
        ):
            assert re.search(place, raw), place
    german = render(replace(full, language="de"), site=site, newsletter=newsletter)
    assert re.search(r'class="foot" style', german.html)


def test_markets_say_rise_and_fall_without_colour(rendered):
    for raw in (rendered.html, rendered.web):
        table = raw.partition("<caption")[2].partition("</table>")[0]
        assert "As of 23 November 2026, 07:30 CET" in table
        assert re.findall(r'<td class="[^"]*(up|down|flat)"[^>]*>([^<]+)', table) == [
            ("up", "+0.42%"),
            ("down", "−1.25%"),
            ("flat", "0.00%"),
        ]
        assert table.count('scope="row"') == table.count('scope="col"') == 3
    assert re.search(r"Brent crude +74\.20 +−1\.25%\n", rendered.text)


def test_sponsor_is_marked(rendered):
    for raw in (rendered.html, rendered.text, rendered.web):
        assert raw.index("Sponsored") < raw.index("Example Bank")


def test_footer_says_why_and_from_where(rendered):
    for raw in (rendered.html, rendered.text):
        in_order(
            squeezed(re.sub("</?span[^>]*>", "", raw)),
            ["You get this mail because you subscribed to The Daily Digest", "The Example Times, 1 Example Street"],
        )


def test_headings_skip_no_level(rendered, site, newsletter):
    unnamed = edition(3, sections=(Section(name="", items=(item(2), item(3))),))
    for raw in (rendered.html, rendered.web, render(unnamed, site=site, newsletter=newsletter).html):
        levels = [int(level) for level in re.findall(r"<h([1-6])", raw)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_an_empty_edition_and_a_bare_story_render(site, newsletter):
    assert "The Daily Digest" in render(edition(0), site=site, newsletter=newsletter).html
    bare = item(1, blurb="", source="", section="")
    done = render(edition(1, lead=bare, preheader=""), site=site, newsletter=newsletter)
    assert bare.headline in done.html
    assert "aria-hidden" not in done.html
    for raw in (done.html, done.web, done.text):
        assert "others" not in raw
        assert not re.search(r"<p[^>]*>\s*</p>", raw)


def test_an_edition_from_right_to_left(full, site, newsletter):
    done = render(replace(full, language="ar"), site=site, newsletter=newsletter)
    assert '<html lang="ar" dir="rtl">' in done.html
    assert 'class="all pair" dir="ltr"' in done.html


def test_rendering_twice_gives_the_same(full, rendered, site, newsletter):
    assert render(full, site=site, newsletter=newsletter) == rendered


def test_a_sites_own_template_wins(tmp_path, site, newsletter):
    """One file of a site's own, here the end of the text part, and all others as shipped."""
    (tmp_path / "email").mkdir()
    shipped = environment().loader.get_source(environment(), "edition.txt.j2")[0]
    (tmp_path / "email" / "edition.txt.j2").write_text(f"{shipped}Printed on no paper at all")
    own = site.model_copy(update={"templates": tmp_path})
    done = render(edition(), site=own, newsletter=newsletter)
    assert done.text.endswith("Printed on no paper at all")
    assert done.html == render(edition(), site=site, newsletter=newsletter).html


def test_a_misspelt_name_in_a_template_is_an_error(tmp_path, site, newsletter):
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "web.html.j2").write_text("{{ page.title }} {{ unsubscribe_url }}")
    with pytest.raises(Exception, match="unsubscribe_url"):
        render(edition(), site=site, newsletter=newsletter, environment=environment(tmp_path))


def test_every_story_of_the_web_page_has_an_address_of_its_own(full, rendered):
    anchors = re.findall(r'<article id="([^"]+)"', rendered.web)
    assert anchors == [one.story for one in full.items]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "We are sorry: this edition reaches you later than usual."),
        ("de", "Diese Ausgabe erreicht Sie später als sonst."),
        ("fr", "cette édition vous parvient plus tard que d’habitude."),
        ("es", "esta edición le llega más tarde de lo habitual."),
        ("ar", "يصلكم هذا العدد متأخرًا"),
    ],
)
def test_what_is_late_says_so_in_both_parts_and_not_on_the_web(language, said, settings):
    daily = settings.newsletters["daily"]
    usual, late = (
        render(edition(language=language), site=settings.site, newsletter=daily, late=late) for late in (False, True)
    )
    for part in ("html", "text"):
        assert said not in squeezed(getattr(usual, part))
        assert squeezed(unescape(getattr(late, part))).count(said) == 1
    assert late.web == usual.web
