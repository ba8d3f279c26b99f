"""A title in, what it is about out: countries, force, disaster, sport and so on, told by single words.  Pure.

A list of words is a blunt tool, and knows four languages.  It stands in for what a section says where an article names
none, and a newsletter changes what each subject counts, or adds words of its own.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TypeVar

from digest.model import Article
from digest.stories.lexicon import WORDS
from digest.stories.words import plain_words

T = TypeVar("T")

SUBJECTS = tuple(WORDS["en"])
FALLBACK = "en"  #: for articles that do not say their language
SHORTEST = 2  #: letters before a star


@lru_cache(maxsize=65_536)
def subject_of(word: str, language: str) -> str:
    """The subject of a word as `title_words` gives it; "" for most of them."""
    return look_up(word, _lexicon(language.partition("-")[0].casefold() or FALLBACK)) or ""


def look_up(word: str, table: Mapping[str, T]) -> T | None:
    """What a table with words and beginnings of words (``climat*``) has on a word: of several the longest."""
    if word in table or not table:
        return table.get(word)
    for length in range(len(word), SHORTEST - 1, -1):
        if (start := word[:length] + "*") in table:
            return table[start]
    return None


def title_words(title: str) -> frozenset[str]:
    """The words of a title, each once."""
    return frozenset(plain_words(title))


def spoken(articles: Sequence[Article]) -> dict[tuple[str, str], float]:
    """How much a story's titles speak of each word: the mean of its shares, by language and word.

    In a title of n words each has a share of 1 / sqrt(n): so a long title says more than a short one, but not in
    proportion to its length.
    """
    return {key: math.fsum(found) / len(articles) for key, found in sorted(_shares(articles).items())}


def _shares(articles: Sequence[Article]) -> dict[tuple[str, str], list[float]]:
    shares: dict[tuple[str, str], list[float]] = {}
    for article in articles:
        title = title_words(article.title)
        share = 1 / math.sqrt(max(1, len(title)))
        for word in title:
            shares.setdefault((article.language, word), []).append(share)
    return shares


def counted(
    articles: Sequence[Article], *, subjects: Mapping[str, float], own: Mapping[str, float]
) -> dict[str, float]:
    """What each word of a story's titles counts, words that count nothing left out.

    Args:
        articles: Those of the story.
        subjects: Points by subject.
        own: Points by word or beginning of a word, which go before.
    """
    found: dict[str, float] = {}
    shares = _shares(articles)
    # Most words count nothing, and need not be put in order.
    for key, points in sorted((key, points) for key in shares if (points := _points(*key, subjects, own))):
        found[key[1]] = found.get(key[1], 0.0) + math.fsum(shares[key]) / len(articles) * points
    return found


def _points(language: str, word: str, subjects: Mapping[str, float], own: Mapping[str, float]) -> float:
    points = look_up(word, own)
    return subjects.get(subject_of(word, language), 0.0) if points is None else points


@cache
def _lexicon(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for subject, listed in WORDS.get(language, {}).items():
        for word in listed.split():
            keys = [word] if word.endswith("*") else title_words(word)
            for key in keys:
                found.setdefault(key, subject)
    return found
