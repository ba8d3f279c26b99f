"""What is said of an article, and where texts are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import article
from digest.edition.blurb import blurb
from digest.edition.sentences import plain, sentences, shorten

LONG = "The committee of ministers met " + "again and again " * 20


def said(summary="", body="", **over):
    return blurb(article(**{"title": "Something else", "summary": summary, "body": body} | over))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("The U.S. Senate met Dr. Smith and J. P. Morgan. It rained.", 2),
        ("Rates rose 0.25 points. The bank of St. Louis agreed.", 2),
        ("Am 23. November sank der Kurs. Dann stieg er, z.B. in Ulm.", 2),
        ("See No. 5. He said no. Then he left.", ["See No. 5. He said no.", "Then he left."]),
        ("“We won. We are glad,” she said. They left.", ["“We won. We are glad,” she said.", "They left."]),
        ("„Wir gehen. Jetzt“, sagte er. Es regnete.", ["„Wir gehen. Jetzt“, sagte er.", "Es regnete."]),
        ("Yahoo! is sold. Good.", ["Yahoo! is sold.", "Good."]),
        ("今日は雨です。明日は晴れ！", ["今日は雨です。", "明日は晴れ！"]),
        ("هل ارتفعت الأسعار؟ نعم ارتفعت.", 2),
        ('A mark is "never closed. Two. Three.', 3),
        ("No end", ["No end"]),
        ("", []),
    ],
)
def test_sentences(text, expected):
    found = sentences(text)
    assert (len(found) if isinstance(expected, int) else list(found)) == expected


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("One here. Two here. Three here.", "One here. Two here."),
        ("LONDON, Nov 23 (Reuters) - The pound fell. It rained.", "The pound fell. It rained."),
        ("BEIJING -- China opposes the launch.", "China opposes the launch."),
        ("Berlin (dpa) - Der Kurs sank.", "Der Kurs sank."),
        ("МОСКВА — Курс упал.", "Курс упал."),
        ("NASA - the agency - flies again.", "NASA - the agency - flies again."),
        ("The pound fell. Read more", "The pound fell."),
        ("The pound fell. The bank said it wo…", "The pound fell."),
        ("The pound fell. The bank [...]", "The pound fell."),
        ("The pound fell.\nPhoto: A pound\nIt rained.", "The pound fell. It rained."),
        ("The pound fell (Photo: A. Smith). It rained.", "The pound fell. It rained."),
        ("Children should read more.", "Children should read more."),
        ("The post The pound fell appeared first on Money.", ""),
        ("Something else. It rained.", "It rained."),
        ("Something Else!", ""),
        ("Bank holds rates", "Bank holds rates"),
        ("雨です。晴れです。風です。", "雨です。晴れです。"),
    ],
)
def test_what_is_said(summary, expected):
    assert said(summary) == expected


def test_the_body_speaks_when_the_summary_only_repeats_the_headline():
    assert said("Something else", "It rained in Ulm.\n\nMore.") == "It rained in Ulm. More."


def test_whole_sentences_of_the_body_before_a_torn_summary():
    assert said("The bank left its key rate unch...", "The bank left its key rate unchanged.") == (
        "The bank left its key rate unchanged."
    )


def test_a_second_sentence_that_does_not_fit_is_left_out():
    assert said("It rained. " + LONG + ".") == "It rained."


def test_a_long_sentence_ends_at_its_last_clause_that_fits():
    text = "The committee of ministers met for the last time in spring, as was the custom, while " + LONG + "."
    assert said(text) == "The committee of ministers met for the last time in spring, as was the custom."


def test_without_a_clause_whole_words():
    found = said(LONG + ".")
    assert len(found) <= 240
    assert LONG.startswith(found)
    assert LONG[len(found)] == " "


def test_nothing_to_say():
    assert said() == ""


@given(st.text(max_size=600), st.text(max_size=600), st.integers(20, 240))
def test_never_longer_than_the_limit_on_one_line_and_never_raises(summary, body, limit):
    found = blurb(article(title="T", summary=summary, body=body), limit=limit)
    assert len(found) <= limit
    assert found == plain(found)


@given(st.lists(st.sampled_from(["bank", "rates,", "fell.", "the", "of", "(so", "it)", "“why", "not”?"]), max_size=90))
def test_no_word_is_cut(words):
    text = " ".join(words)
    found = blurb(article(title="T", summary=text, body=""))
    bare = {word.strip(".,") for word in words}
    assert all(word.strip(".,") in bare for word in found.split())


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 70, "short"),
        ("Bank holds rates, two members vote for a cut in the spring", 40, "Bank holds rates"),
        ("Bank holds its key rate for the seventh time in a row", 40, "Bank holds its key rate for the seventh"),
        ("Bank holds its key rate for the", 30, "Bank holds its key rate"),
        ("Donaudampfschifffahrt", 10, "Donaudampf"),
    ],
)
def test_shorten(text, limit, expected):
    assert shorten(text, limit) == expected
