"""What comes in again, under whatever address, is known: one page, and one text of a source, is one article."""

import random
import threading
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from build import NOW, article
from digest.errors import NotFound
from digest.model import Known
from digest.pipeline import storing
from digest.pipeline.marks import mark
from digest.pipeline.storing import Effort, Stored
from digest.store import articles
from digest.store.database import Database
from digest.store.schema import articles as table
from digest.stories import near

PAGE = "https://example.org/flood"
AMP = "https://amp.example.org/flood/amp/?utm_source=x"
PRINT = "https://example.org/print/17"
WORDS = [f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(400)]


def words(seed, count=300):
    return " ".join(random.Random(seed).choices(WORDS, k=count))


def edited(body, share):
    dice = random.Random(5)
    return " ".join(dice.choice(WORDS) if dice.random() < share else word for word in body.split())


def put(database, *items, now=NOW, effort=None):
    with database.begin() as db:
        return storing.put(db, items, now=now, effort=effort)


def find(database, url):
    with database.read() as db:
        return storing.find(db, url)


def count(database):
    with database.read() as db:
        return articles.count(db)


def page(url=PAGE, **over):
    return article(1, url=url, **over)


# --- a page and its spellings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.org/flood/",
        "https://m.example.org/flood?fbclid=1",
        "https://example.org/flood/index.html;jsessionid=1",
        "https://example-org.cdn.ampproject.org/c/s/example.org/flood",
        AMP,
    ],
)
def test_another_spelling_is_no_second_article(database, url):
    put(database, page())
    assert put(database, page(url, source="Aggregator")) == Stored(duplicate=1)
    assert count(database) == 1
    assert find(database, url) == find(database, PAGE) == page()


def test_of_several_spellings_at_once_one_is_stored(database):
    assert put(database, page(), page(AMP), page("http://example.org/flood")) == Stored(new=(PAGE,), duplicate=2)


def test_a_better_text_replaces_and_address_date_and_source_stay(database):
    teaser, whole = page(body="Cut."), page(AMP, source="Other", published=NOW, title="River floods town")
    put(database, teaser)
    assert put(database, whole) == Stored(updated=(PAGE,))
    known = find(database, AMP)
    assert (known.title, known.body) == (whole.title, whole.body)
    assert (known.url, known.published, known.source) == (PAGE, teaser.published, teaser.source)
    assert put(database, teaser) == put(database, whole) == Stored(duplicate=1)  # nothing goes back and forth


def test_what_changes_under_a_further_address_is_taken_unless_it_is_a_teaser(database):
    put(database, page(body=words(1)))
    put(database, page(AMP, body=words(1)))
    corrected = words(1).removesuffix(words(1).split()[-1]) + "corrected"
    assert put(database, page(AMP, body=corrected)) == Stored(updated=(PAGE,))
    assert put(database, page(AMP, body=words(1, 30))) == Stored(duplicate=1)
    assert find(database, PAGE).body == corrected


def test_a_body_that_was_kept_long_enough_does_not_come_back(database):
    put(database, page(body=words(1)))
    with database.begin() as db:
        articles.drop_bodies(db, [PAGE])
    put(database, page(AMP, body=words(1)))
    assert find(database, PAGE).body == ""


def test_removing_an_article_forgets_its_further_addresses(database):
    put(database, page())
    put(database, page(AMP))
    with database.begin() as db:
        assert articles.remove(db, PAGE)
    with pytest.raises(NotFound):
        find(database, AMP)
    assert put(database, page(AMP)).new == (AMP,)


def test_two_that_store_the_same_page_at_once_store_it_once(database, database_url):
    start = threading.Barrier(2)

    def store(url):
        mine = Database(database_url)
        for number in range(10):
            start.wait(timeout=30)
            put(mine, article(number, url=f"{url}{number}", body=words(number)))
        mine.close()

    threads = [threading.Thread(target=store, args=(url,)) for url in (PAGE, "http://m.example.org/flood")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert count(database) == 10


# --- a text and its addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("share", [0, 0.05])
def test_a_text_of_a_source_under_another_address_is_one_article(database, together, share):
    first = page(body=words(1))
    again = page(PRINT, body=edited(words(1), share), published=first.published + timedelta(hours=1))
    for items in [(again, first)] if together else [(first,), (again,)]:
        put(database, *items)
    assert count(database) == 1
    assert find(database, "http://m.example.org/print/17/").url == PAGE
    assert find(database, PRINT).published == first.published
    assert put(database, again) == put(database, first) == Stored(duplicate=1)


@pytest.mark.parametrize(
    "over",
    [
        {"source": "Another"},  # syndicated: ranking tells of it
        {"published": NOW - timedelta(days=4)},
        {"title": "What the mayor said about cats"},
        {"body": words(2)},
        {"body": edited(words(1), 0.3)},
    ],
)
def test_what_is_another_article_stays_one(database, over):
    put(database, page(body=words(1), published=NOW))
    assert put(database, page(PRINT, **{"body": words(1), "published": NOW} | over)).new == (PRINT,)


def test_a_text_made_from_a_template_differs_in_its_numbers(database):
    first, second = (f"{words(1)} from {n} to {n + 3} degrees, wind {n * 2} knots, {n + 7} hours" for n in (11, 23))
    put(database, page(body=first))
    assert put(database, page(PRINT, body=second)).new == (PRINT,)


def test_titles_with_little_text_are_different_articles(database):
    bare = {"title": "Markets at a glance", "summary": "", "body": "The main figures of the day."}
    assert len(put(database, page(**bare), page(PRINT, **bare)).new) == 2


def test_without_effort_left_only_the_same_words_are_found(database):
    put(database, page(body=words(1)))
    nearly, same = page(PRINT, body=edited(words(1), 0.05)), page(f"{PRINT}8", body=words(1))
    assert put(database, nearly, same, effort=Effort(0)) == Stored(new=(PRINT,), duplicate=1)


def test_what_is_no_news_is_compared_by_its_words_alone(database):
    old = {"published": NOW - timedelta(days=30)}
    put(database, page(body=words(1), **old))
    assert put(database, page(PRINT, body=edited(words(1), 0.05), **old)).new == (PRINT,)
    assert put(database, page(f"{PRINT}8", body=words(1), **old)).duplicate == 1


SPELLED = [
    article(number, url=f"{url}{n}", title=f"On {n}", source="One", body=words(n, length), published=NOW)
    for number, (url, n, length) in enumerate(
        product((PAGE, "http://m.example.org/flood", PRINT), (1, 2), (20, 100, 300))
    )
]


@hypothesis_settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(SPELLED), max_size=5, unique_by=lambda one: one.url), max_size=5))
def test_the_same_again_changes_nothing(sqlite_database, batches):
    said = {}
    batches = [[said.setdefault(one.url, one) for one in batch] for batch in batches]  # each address says one thing
    with sqlite_database.begin() as db:
        outer = db.begin_nested()
        results = [storing.put(db, batch, now=NOW) for batch in batches]
        for batch, result in zip(batches, results, strict=True):
            assert len(batch) == len(result.new) + len(result.updated) + result.duplicate
            assert storing.put(db, batch, now=NOW) == Stored(duplicate=len(batch))
        assert articles.count(db) == sum(len(result.new) for result in results)
        assert articles.count(db) <= 2 * 2
        outer.rollback()


# --- what was stored before there were keys --------------------------------------------------------------------------


def test_keys_are_filled_in_once(database):
    put(database, page(body=words(1)), article(2))
    put(database, page(PRINT, body=words(1)))
    with database.begin() as db:
        db.execute(update(table).values(key=None))
        db.execute(text("UPDATE aliases SET key = NULL"))
    with pytest.raises(NotFound):
        find(database, AMP)
    assert storing.fill_keys(database) == 3
    assert storing.fill_keys(database) == 0
    assert find(database, AMP).url == find(database, f"{PRINT}/").url == PAGE


def test_of_two_rows_from_before_the_first_is_the_article(database):
    put(database, page(), now=NOW)
    put(database, article(2, url="https://www.example.org/other"), now=NOW + timedelta(days=1))
    with database.begin() as db:
        db.execute(update(table).values(key=PAGE))
    assert find(database, AMP).url == PAGE
    assert put(database, page(AMP)).duplicate == 1


def test_a_standing_text_is_compared_with_few_others():
    """Pages that cannot be read to the end have all the same text: time must not grow with the square of them."""
    item = replace(mark(article(title="Report", published=NOW)), sketch=near.sketch(words(1)))
    known = [Known(url=f"{PAGE}{n}", title="Report", published=NOW, sketch=item.sketch) for n in range(500)]
    assert len(list(storing._likely(item, known))) == storing.TRIED
