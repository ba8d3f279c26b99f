"""Words of stored articles, counted day by day."""

from datetime import timedelta

import pytest

from build import NOW, article
from digest.pipeline import background
from digest.pipeline.storing import put
from digest.store import frequencies


def store(database, count: int, *, days_ago: int, word: str = "flood", first: int = 0) -> None:
    with database.begin() as db:
        put(
            db,
            [
                article(
                    url=f"https://e.org/{days_ago}/{number}",
                    title=f"{word} own{days_ago}x{number}",
                    published=NOW - timedelta(days=days_ago),
                    summary="",
                    body="",
                )
                for number in range(first, first + count)
            ],
            now=NOW,
        )


def recalled(database, *, before=NOW):
    with database.read() as db:
        return background.recall(db, before=before.date())


def test_what_is_over_is_counted_once_and_today_is_not(database):
    store(database, 3, days_ago=0)
    store(database, 4, days_ago=1)
    store(database, 5, days_ago=2)
    assert background.learn(database, now=NOW) == 2
    assert background.learn(database, now=NOW) == 0
    found = recalled(database)
    assert (found.total, found.counts["flood"], found.counts["own1x0"]) == (9, 9, 1)


def test_only_the_days_before_the_window_count(database):
    store(database, 4, days_ago=1)
    store(database, 5, days_ago=2)
    background.learn(database, now=NOW)
    assert recalled(database, before=NOW - timedelta(days=1)).total == 5


def test_the_words_of_each_article_are_known_day_by_day(database):
    store(database, 2, days_ago=1)
    store(database, 3, days_ago=2, word="strike")
    background.learn(database, now=NOW)
    first, second = recalled(database).days
    assert [one.day for one in (first, second)] == [(NOW - timedelta(days=age)).date() for age in (2, 1)]
    assert sorted(first.terms) == [*(f"own2x{number}" for number in range(3)), "strike"]
    had = [{second.terms[column] for column in second.texts[[row]].indices} for row in range(2)]
    assert sorted(map(sorted, had)) == [["flood", "own1x0"], ["flood", "own1x1"]]


def test_late_articles_make_a_day_count_anew(database):
    store(database, 20, days_ago=1)
    background.learn(database, now=NOW)
    store(database, 1, days_ago=1, first=20)
    assert background.learn(database, now=NOW) == 0
    store(database, 5, days_ago=1, first=21)
    assert background.learn(database, now=NOW) == 1
    assert recalled(database).total == 26


def test_words_age_out(database):
    store(database, 4, days_ago=1)
    background.learn(database, now=NOW)
    later = NOW + timedelta(days=40)
    assert recalled(database, before=later).total == 0
    background.learn(database, now=later)
    with database.read() as db:
        assert frequencies.counted(db, [(NOW - timedelta(days=1)).date()]) == {}


def test_a_large_day_is_counted_by_a_sample_that_does_not_depend_on_the_order(database, monkeypatch):
    monkeypatch.setattr(background, "SAMPLE", 10)
    store(database, 30, days_ago=1)
    background.learn(database, now=NOW)
    found = recalled(database)
    assert found.total == 10
    with database.read() as db:
        again = frequencies.sample(db, (NOW - timedelta(days=1)).date(), limit=10)
    assert all(found.counts[f"own1x{one.url.rpartition('/')[2]}"] == 1 for one in again)


def test_words_counted_by_other_rules_are_no_use(database, monkeypatch):
    store(database, 4, days_ago=1)
    background.learn(database, now=NOW)
    monkeypatch.setattr(background, "RULES", background.RULES + 1)
    assert recalled(database).total == 0
    assert background.learn(database, now=NOW) == 1
    assert recalled(database).total == 4


@pytest.mark.parametrize("word", ["Überschwemmung", "央行", "\U00020000"])
def test_any_word_survives(database, word):
    store(database, 2, days_ago=1, word=word)
    background.learn(database, now=NOW)
    assert recalled(database).counts
