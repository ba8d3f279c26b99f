"""Words and groups."""

import numpy as np
import pytest
from scipy import sparse

from build import article
from digest.stories import cluster
from digest.stories.vectors import Background, Mixed, combined, counts, smooth, tfidf, words, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fed raises RATES, again", ["fed", "raise", "rate", "again"]),
        ("the president’s plan", ["the", "president", "plan"]),
        ("Straße GROSS", ["strasse", "gross"]),
        ("Банк повысил ставку", ["банк", "повысил", "ставку"]),
        ("— … !", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_the_title_counts_twice_and_the_text_for_forty_words():
    read = words_of(article(title="flood", summary="one two", body=" ".join(f"w{n}" for n in range(100))))
    assert read[:4] == ["flood", "flood", "one", "two"]
    assert len(read) == 2 + 40


def test_rows_have_length_one_or_none():
    texts = [["flood", "town"], ["flood"], []]
    rows, terms = tfidf(texts, combined(counts(texts), 3, None))
    assert terms == ["flood", "town"]
    assert np.sqrt((rows.toarray() ** 2).sum(axis=1)) == pytest.approx([1, 1, 0])


def test_rare_words_weigh_more_and_the_background_says_what_is_rare():
    texts = [["flood", "town"]]
    rows, _ = tfidf(texts, combined(counts(texts), 1, Background(counts={"town": 40}, total=90)))
    flood, town = rows.toarray()[0]
    assert flood > town


def test_words_of_every_fifth_article_are_left_out_of_a_large_batch():
    texts = [["the", f"w{n}"] for n in range(200)]
    _, terms = tfidf(texts, combined(counts(texts), 200, None))
    assert "the" not in terms
    assert len(terms) == 200


def test_smoothing_brings_neighbours_closer():
    texts = [["a", "b"], ["b", "c"], ["c", "d"], ["x", "y"]]
    rows, _ = tfidf(texts, combined(counts(texts), 4, None))
    (_, after), *_ = smooth(rows).similarities()
    assert (rows @ rows.T).toarray()[0, 2] == 0 < after[0, 2]
    assert after.diagonal() == pytest.approx(1)
    assert after[0, 3] == 0


def plain(rows):
    return Mixed(rows=rows, shares=sparse.csr_array(sparse.eye_array(rows.shape[0])))


def crowd(events: int = 40, each: int = 5):
    """Rows of events that share no word, and the hours of their articles."""
    texts = [[f"e{event}a", f"e{event}b", f"own{event}-{n}"] for n in range(each) for event in range(events)]
    rows, _ = tfidf(texts, combined(counts(texts), len(texts), None))
    return plain(rows), np.arange(len(texts), dtype=float) / len(texts)


def test_in_parts_as_all_at_once(monkeypatch):
    """Above the limit the components are grouped each by itself, with the same result."""
    rows, hours = crowd()
    whole = cluster.groups(rows, hours, cut=0.3, window=48)
    monkeypatch.setattr(cluster, "DENSE", 30)
    assert cluster.groups(rows, hours, cut=0.3, window=48) == whole
    assert len(whole) == 40


def test_a_component_too_large_is_grouped_in_blocks_of_time(monkeypatch):
    texts = [["same", "story", f"own{n}"] for n in range(100)]
    rows, _ = tfidf(texts, Background(counts=counts(texts), total=500))
    monkeypatch.setattr(cluster, "DENSE", 30)
    assert [len(group) for group in cluster.groups(plain(rows), [0.0] * 100, cut=0.05, window=48)] == [100]


def test_blocks_that_merge_nothing_end(monkeypatch):
    monkeypatch.setattr(cluster, "DENSE", 10)
    rows = sparse.csr_array(np.eye(40))
    assert len(cluster.groups(plain(rows), [0.0] * 40, cut=0.0001, window=48)) == 40
