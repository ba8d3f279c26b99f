"""How alike articles are, and the groups of them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from digest.stories import cluster, likeness
from digest.stories.likeness import Points
from digest.stories.vectors import Background, Text, background_of, combined, tfidf, weighed_by


def texts(*lines: str) -> list[Text]:
    return [Text(words=line.split()) for line in lines]


def rows(*lines: str):
    found = texts(*lines)
    return tfidf(found, background_of(found))[0]


def points(*lines: str, hours=None, window=48.0) -> Points:
    return Points(rows=rows(*lines), hours=np.array(hours or [0.0] * len(lines)), window=window)


def test_rows_have_length_one_or_none():
    found = rows("flood town", "flood", "")
    assert np.sqrt((found.toarray() ** 2).sum(axis=1)) == pytest.approx([1, 1, 0])


def test_rare_words_weigh_more_and_the_background_says_what_is_rare():
    found = texts("flood town")
    known = combined(background_of(found), Background(counts={"town": 40}, total=90))
    flood, town = tfidf(found, known)[0].toarray()[0]
    assert flood > town


def test_a_word_that_many_tell_today_is_as_rare_as_it_was_before():
    """Half of the articles tell of the flood; so far, and that is not long, towns were told of twice as often."""
    found = texts(*["flood town"] * 100, *(f"own{number}" for number in range(100)))
    earlier = Background(counts={"flood": 40, "town": 80}, total=800)
    weight = {}
    for way, known in (("ours", weighed_by(found, earlier)), ("plain", combined(background_of(found), earlier))):
        weighed, terms = tfidf(found, known)
        weight[way] = weighed[0, terms.index("flood")] / weighed[0, terms.index("town")]
    assert weight["ours"] > weight["plain"] > 1
    assert weighed_by(found, Background()) == background_of(found)


def test_words_of_every_fifth_article_count_for_nothing_in_a_large_batch():
    found = texts(*(f"the w{number}" for number in range(200)))
    weighed, terms = tfidf(found, background_of(found))
    assert weighed[:, [terms.index("the")]].nnz == 0
    assert weighed.nnz == 200


def test_a_word_common_in_its_language_is_common_though_the_window_has_little_of_it():
    english = [Text(words=[f"w{number}", f"v{number}"], language="en") for number in range(190)]
    german = [Text(words=["und", f"z{number}"], language="de") for number in range(10)]
    weighed, terms = tfidf([*english, *german], background_of([*english, *german]))
    assert weighed[195, terms.index("und")] < 0.4 * weighed[195, terms.index("z5")]


def test_what_shows_no_language_counts_as_of_the_commonest():
    known = Background(total=100, languages={"": 60, "en": 30, "de": 10})
    assert [known.articles(language) for language in ("en", "", "de", "fr")] == [90, 90, 10, 100]
    assert Background(total=7).articles("en") == 7


def test_in_a_window_without_a_past_its_own_words_are_not_as_good_as_common():
    found = texts(*["flood river"] * 3, *(f"own{number}" for number in range(397)))
    weighed, terms = tfidf([*found, *texts("flood harbour")], background_of(found))
    assert weighed[400, terms.index("flood")] > 0.8 * weighed[400, terms.index("harbour")]


def test_neighbours_bring_articles_closer():
    found = likeness.mixed(points("a b", "b c", "c d", "x y")).toarray()
    assert found[0, 2] > 0  # no word in common
    assert found[0, 3] == 0
    assert (found == found.T).all()


def test_articles_too_far_apart_in_time_have_nothing_in_common():
    assert likeness.mixed(points("a b", "a b", hours=[0.0, 49.0])).nnz == 0
    assert likeness.mixed(points("a b", "a b", hours=[0.0, 47.0])).nnz == 2


def test_in_blocks_as_all_at_once(monkeypatch):
    lines = [f"e{number % 9} f{number % 9} own{number}" for number in range(100)]
    whole = likeness.mixed(points(*lines))
    monkeypatch.setattr(likeness, "BLOCK", 7)
    assert (likeness.mixed(points(*lines)) != whole).nnz == 0
    assert [len(group) for group in cluster.groups(whole)] == [12] + [11] * 8


def test_a_word_of_half_a_large_window_makes_no_story(monkeypatch):
    monkeypatch.setattr(likeness, "COMMON", 20)
    found = likeness.mixed(points(*(f"everywhere own{number}" for number in range(50))))
    assert found.nnz == 0


@st.composite
def matrices(draw):
    size = draw(st.integers(2, 14))
    steps = draw(st.lists(st.integers(0, 999), min_size=size * (size - 1) // 2, max_size=size * (size - 1) // 2))
    return squareform(np.array(steps) / 1000)


@given(matrices())
@example(squareform(np.array([460, 460, 460, 0, 460, 0]) / 1000))
def test_the_same_groups_as_scipy_makes(alike):
    """Where means are equal either pair may go first: a hair of difference for each pair avoids that.

    The hairs are irregular: of evenly spaced ones the mean of two is a third.
    """
    pairs = np.triu_indices(len(alike), 1)
    alike[pairs] += np.random.default_rng(1).random(len(pairs[0])) * 1e-6
    alike = np.triu(alike, 1) + np.triu(alike, 1).T
    expected = fcluster(linkage(1 - alike[pairs], "average"), 1 - cluster.CUT, "distance")
    found = cluster.groups(sparse.csr_array(alike))
    assert sorted(map(sorted, found)) == sorted(np.flatnonzero(expected == one).tolist() for one in set(expected))


def test_equal_likeness_ends():
    alike = np.ones((6, 6)) - np.eye(6)
    assert cluster.groups(sparse.csr_array(alike)) == [[0, 1, 2, 3, 4, 5]]
