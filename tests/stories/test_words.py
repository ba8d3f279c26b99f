"""Texts in, words and their language out."""

import pytest

from build import article
from digest.stories.words import language_of, words, words_of


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Fed raises RATES, again", "en", ["fed", "rais", "rate", "again"]),
        ("Fed raises RATES, again", "", ["fed", "raises", "rates", "again"]),
        ("the president’s plan", "", ["the", "president", "plan"]),
        ("Straße GROSS", "", ["strasse", "gross"]),
        ("Die Zinsen steigen", "de", ["die", "zins", "steig"]),
        ("Банк повысил ставку", "", ["банк", "повысил", "ставку"]),
        ("央行加息", "", ["央行", "行加", "加息"]),
        ("銀行がG7で会合", "", ["銀行", "行が", "g7", "で会", "会合"]),
        ("水", "", ["水"]),
        ("— … !", "", []),
    ],
)
def test_words(text, language, expected):
    assert words(text, language) == expected


def test_arabic_words_are_the_same_with_and_without_their_article():
    assert words("البنك", "ar") == words("بنك", "ar")


def test_the_title_counts_twice_and_the_text_for_forty_words():
    read = words_of(
        article(title="flood", summary="one two", body=" ".join(f"w{n}" for n in range(100)), url="https://e.org/1")
    )
    assert read[:4] == ["flood", "flood", "one", "two"]
    assert len(read) == 2 + 40


def test_an_address_that_says_what_it_is_about_is_read_too():
    told = article(title="flood", url="https://e.org/2026/news/river-bursts-its-banks-8123.html", summary="", body="")
    assert words_of(told)[2:] == ["river", "bursts", "its", "banks"]
    assert words_of(article(title="flood", url="https://e.org/a/b2/story.html", summary="", body="")) == [
        "flood",
        "flood",
    ]


@pytest.mark.parametrize(
    ("title", "declared", "expected"),
    [
        ("The bank of the future is here", "", "en"),
        ("Die Bank und der Zins", "en-US", "de"),  # the words go before what a feed declares
        ("Le prix de l’essence dans les villes", "", "fr"),
        ("Titanfall Xbox", "en-GB", "en"),
        ("Titanfall Xbox", "", ""),
        ("日本銀行が利上げ", "", "ja"),
        ("央行加息", "", "zh"),
        ("رفع الفائدة", "", "ar"),
    ],
)
def test_language(title, declared, expected):
    assert language_of(article(title=title, language=declared, summary="", body="")) == expected
