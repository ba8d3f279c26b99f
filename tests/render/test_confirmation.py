"""The mail that asks to confirm."""

import re

import pytest

from digest import config
from digest.render.render import confirmation

URL = "https://news.example.org/confirm/daily/" + "Ab3_" * 8


@pytest.fixture(scope="module")
def asked(site, newsletter):
    return confirmation(URL, site=site, newsletter=newsletter)


def test_it_asks_for_one_click(asked):
    assert asked.subject == "Please confirm: The Daily Digest"
    assert set(re.findall(r'href="([^"]+)"', asked.html)) == {URL}
    assert [line for line in asked.text.splitlines() if line.startswith("http")] == [URL]
    assert asked.web == ""


def test_it_says_who_asks_and_what_silence_means(asked):
    for raw in (asked.html, asked.text):
        flat = " ".join(raw.split())
        assert "The Daily Digest from The Example Times" in flat
        assert "do nothing" in flat
        assert "1 Example Street" in flat


def test_it_holds_no_marker_of_a_template(asked):
    for raw in (asked.html, asked.text, asked.subject):
        assert not re.search(r"DIGESTx|\{\{|\{%|%\(", raw)


def test_it_asks_in_the_language_of_the_newsletter(site):
    done = confirmation(URL, site=site, newsletter=config.Newsletter(language="ar"))
    assert done.subject == "يرجى التأكيد: The Daily Digest"
    assert '<html lang="ar" dir="rtl">' in done.html
    for raw in (done.html, done.text):
        assert "نعم، أريد الاشتراك" in raw
        assert "confirm your" not in raw
    german = confirmation(URL, site=site.model_copy(update={"language": "de"}), newsletter=config.Newsletter())
    assert german.subject == "Bitte bestätigen: The Daily Digest"


@pytest.mark.parametrize(
    ("asked", "subject"), [("de-AT", "Bitte bestätigen"), ("ES", "Confirme"), ("xx", "يرجى التأكيد")]
)
def test_it_asks_in_the_language_that_was_asked_for_where_there_are_words_in_it(site, asked, subject):
    done = confirmation(URL, site=site, newsletter=config.Newsletter(language="ar"), language=asked)
    assert done.subject.startswith(subject)


def test_a_title_is_escaped(site):
    done = confirmation(URL, site=site, newsletter=config.Newsletter(title="News & <Views>"))
    assert "News &amp; &lt;Views&gt;" in done.html
    assert "<views" not in done.html.casefold().partition("</title>")[2]
    assert done.subject == "Please confirm: News & <Views>"


def test_only_a_web_address_confirms(site, newsletter):
    with pytest.raises(AssertionError):
        confirmation("javascript:alert(1)", site=site, newsletter=newsletter)
