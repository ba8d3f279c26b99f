"""Whether what two stories have in common came up with them."""

import math
from datetime import date, timedelta

import numpy as np
import pytest

from digest.stories import risen
from digest.stories.risen import Around
from digest.stories.vectors import Background, Text, day_of, tfidf, weighed_by
from digest.stories.words import words

DAY = date(2026, 11, 20)
OTHERS = ["council votes on tram line", "orchard prize for pears", "harbour gets new cranes"]
PAIR = ["astronomer boss resigns", "astronomer boss sued by board"]


def texts(titles):
    return [Text(words=words(title)) for title in titles]


def around(today, days):
    """`days`: titles by how many days before `DAY` they came."""
    rows, terms = tfidf(texts(today), weighed_by(texts(today), Background()))
    known = [day_of(DAY - timedelta(days=age), texts(titles)) for age, titles in sorted(days.items(), reverse=True)]
    return Around(terms=terms, today=rows, days=known)


def rise(days, *, today=(*PAIR, *OTHERS), since=DAY):
    """Of what the first two of today have in common."""
    found = around(today, days)
    shared = risen.in_common(found.today[:1], found.today[1:2])
    return float(risen.risen(shared, [since], found)[0])


def test_in_common_are_the_words_of_both_and_they_sum_to_one():
    found = around(PAIR, {})
    shared = risen.in_common(found.today[:1], found.today[1:2])
    assert {found.terms[number] for number in shared.indices} == {"astronomer", "boss"}
    assert shared.sum() == pytest.approx(1)


def test_two_without_a_word_in_common_have_nothing():
    found = around(OTHERS, {})
    assert risen.in_common(found.today[:1], found.today[1:2]).sum() == 0


def told_before(days, *, since=DAY):
    """Of the first of today."""
    found = around([*PAIR, *OTHERS], days)
    return risen.told_before(found.today, np.array([0]), [since], found).tolist()


def test_how_many_of_the_days_before_told_of_a_story():
    days = {4: OTHERS, 3: [PAIR[0], *OTHERS], 2: OTHERS, 1: ["astronomer boss is quiet"]}
    assert told_before(days) == [0.5]
    assert told_before(days, since=DAY - timedelta(days=2)) == [0.5]
    assert told_before(days, since=DAY - timedelta(days=9)) == [0.0]


def test_a_text_with_a_little_of_a_story_does_not_tell_of_it():
    assert told_before({1: ["boss of the orchard", *OTHERS]}) == [0.0]


def test_one_text_of_very_many_does_not_make_a_day_that_told_of_it():
    assert told_before({1: [PAIR[0], *OTHERS * 60]}) == [1.0]
    assert told_before({1: [PAIR[0], *OTHERS * 70]}) == [0.0]


def test_without_days_nothing_was_told_before():
    assert told_before({}) == [0.0]
    found = around(PAIR, {1: OTHERS})
    assert risen.told_before(found.today, np.zeros(0, dtype=np.intp), [], found).shape == (0,)


def test_what_came_up_has_risen_and_what_was_told_all_along_has_not():
    quiet, loud = (dict.fromkeys(range(1, 29), (*titles, *OTHERS)) for titles in ((), PAIR))
    assert rise(quiet) > 3
    assert rise(loud) == pytest.approx(0, abs=0.1)


def test_what_a_day_told_counts_as_later_from_the_day_itself_on():
    days = dict.fromkeys(range(1, 29), OTHERS) | {1: (*PAIR, *OTHERS)}
    assert rise(days, since=DAY - timedelta(days=1)) > rise(days, since=DAY)


def test_the_shorter_the_past_the_less_it_proves():
    rises = [rise(dict.fromkeys(range(1, 1 + days), OTHERS)) for days in (0, 1, 5, 28)]
    assert rises == sorted(rises)
    assert rises[0] == pytest.approx(math.log(risen.USUAL), rel=0.1)


def test_a_text_with_less_than_half_of_it_does_not_tell_of_it():
    days = dict.fromkeys(range(1, 29), ("astronomer finds comet", *OTHERS))
    today = ["astronomer boss resigns after concert", "astronomer boss and concert", *OTHERS]
    assert rise(days, today=today) > 3


def test_days_that_no_text_is_known_of_and_pairs_that_are_none():
    found = around([*PAIR, *OTHERS], {3: ()})
    assert np.isfinite(risen.risen(risen.in_common(found.today[:1], found.today[1:2]), [DAY], found)).all()
    assert risen.risen(risen.in_common(found.today[:0], found.today[:0]), [], found).shape == (0,)
