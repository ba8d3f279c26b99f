"""The same text under several addresses: found whatever was changed around it, and only then."""

import random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from build import NOW, article
from digest.stories.copies import sets
from digest.stories.rank import RankOptions, rank_stories

VOCABULARY = [f"word{number}" for number in range(3000)]
HANZI = [chr(0x4E00 + number) for number in range(2000)]


def text(seed, words=300, vocabulary=VOCABULARY, joint=" "):
    return joint.join(random.Random(seed).choices(vocabulary, k=words))


def edited(body, share, seed=1):
    dice = random.Random(seed)
    return " ".join(dice.choice(VOCABULARY) if dice.random() < share else word for word in body.split())


def telling(number, body, **over):
    values = {"title": f"Headline {number} {text(number, 5)}", "summary": "", "body": body}
    return article(number, **values | over)


def same(one, other):
    first, second = sets([telling(1, one), telling(2, other)])
    return first == second


@pytest.mark.parametrize("share", [0, 0.05, 0.1, 0.15])
def test_a_text_with_some_words_changed_is_a_copy(share):
    assert same(text(1), edited(text(1), share))


def test_a_cut_tail_and_added_boilerplate_do_not_hide_a_copy():
    assert same(text(1), " ".join(text(1).split()[:90]))
    assert same(text(1), text(1) + " " + text(2, 60))


def test_different_texts_are_no_copies_though_they_share_a_paragraph():
    assert not same(text(1), text(2))
    assert not same(text(1) + " " + text(3, 60), text(2) + " " + text(3, 60))


def test_a_language_without_spaces():
    original = text(1, 400, HANZI, "")
    changed = "".join(random.Random(2).choice(HANZI) if not n % 17 else char for n, char in enumerate(original))
    assert same(original, changed)
    assert not same(original, text(2, 400, HANZI, ""))


def test_a_teaser_of_a_text_is_a_copy_of_it():
    teaser = telling(1, "", summary=" ".join(text(1).split()[:60]))
    first, second = sets([teaser, telling(2, text(1))])
    assert first == second


def test_nothing_is_no_copy_of_nothing():
    assert sets([]) == []
    first, second = sets([telling(1, "", title="…"), telling(2, "", title="!")])
    assert first != second


@hypothesis_settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([0, 0.1, 0.3, 0.5])), max_size=8), st.randoms())
def test_the_order_of_the_input_changes_nothing(rows, dice):
    articles = [telling(number, edited(text(seed, 80), share, number)) for number, (seed, share) in enumerate(rows)]
    shuffled = dice.sample(articles, len(articles))
    assert together(articles) == together(shuffled)


def together(articles):
    found = {}
    for one, label in zip(articles, sets(articles), strict=True):
        found.setdefault(label, set()).add(one.url)
    return sorted(map(sorted, found.values()))


def ledger(articles):
    (story,) = rank_stories(articles, now=NOW, options=RankOptions(), sources={})
    return {point.signal: point for point in story.ledger}


def test_a_text_under_two_addresses_of_one_source_is_one_article():
    points = ledger([telling(n, text(1), title="River floods Passau", source="One") for n in (1, 2)])
    assert points["size"].value == 1
    assert "syndicated" not in points


def test_a_wire_text_in_many_sources_is_told_as_syndicated():
    points = ledger([telling(n, text(1), title="River floods Passau", source=f"Paper {n}") for n in (1, 2, 3)])
    assert points["coverage"].value == 1
    assert points["syndicated"].value == 2
    assert points["syndicated"].points > 0
    assert points["syndicated"].sentence == (
        "A syndicated text: 3 sources carry the same one; 2 sources have no words of their own."
    )
