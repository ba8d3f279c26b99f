"""Articles in, those that report the same together out."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from build import NOW, article
from digest.stories import grouping
from digest.stories.vectors import Background

EVENTS = [
    "flood river town evacuated bridge",
    "central bank raises rates inflation",
    "striker scores final goal cup",
    "vaccine trial results published journal",
]


def day(count: int = 40):
    return [
        article(
            url=f"https://e.org/{number:03}",
            title=f"{EVENTS[number % 4]} t{number}",
            published=NOW - timedelta(minutes=number),
            summary="",
            body="",
        )
        for number in range(count)
    ]


def urls(found: grouping.Grouping) -> list[list[str]]:
    return [[found.articles[number].url for number in group] for group in found.groups]


def test_one_group_an_event():
    found = grouping.group(day(), window=48)
    assert sorted(map(len, found.groups)) == [10, 10, 10, 10]


@given(st.permutations(range(24)))
def test_the_order_of_the_input_changes_nothing(order):
    articles = day(24)
    assert urls(grouping.group([articles[number] for number in order], window=48)) == urls(
        grouping.group(articles, window=48)
    )


def test_more_articles_join_the_stories_that_they_belong_to():
    articles = day(44)
    found = grouping.update(grouping.group(articles[:40], window=48), articles[40:])
    assert urls(found) == urls(grouping.group(articles, window=48))
    assert [one.url for one in found.articles] == sorted(one.url for one in articles)


def test_a_new_event_is_a_new_story():
    new = article(url="https://e.org/9", title="orchestra strike cancels concert", published=NOW, summary="", body="")
    found = grouping.update(grouping.group(day(), window=48), [new])
    assert ["https://e.org/9"] in urls(found)
    assert len(found.groups) == 5


def test_nothing_new_changes_nothing():
    found = grouping.group(day(), window=48)
    assert grouping.update(found, []) is found


def test_an_update_of_an_empty_day():
    found = grouping.update(grouping.group([], window=48), day(8))
    assert sorted(map(len, found.groups)) == [2, 2, 2, 2]


def test_no_article_is_lost_and_none_is_twice():
    found = grouping.update(grouping.group(day(30), window=48), day(44)[30:])
    assert sorted(number for group in found.groups for number in group) == list(range(44))


def test_headlines_without_small_words_are_read_in_the_language_of_earlier_ones():
    """One of twelve happens to look Polish ("w", "na"), which says nothing of the other eleven."""
    titles = ["rivers flooded towns", "river flooding town", "w na 1", *(f"own{number}" for number in range(9))]
    articles = [
        article(url=f"https://e.org/{number:02}", title=title, published=NOW, summary="", body="", language="")
        for number, title in enumerate(titles)
    ]
    english = Background(counts={"said": 40}, total=100, languages={"": 60, "en": 40})
    assert grouping.group(articles, window=48, background=english).language == "en"
    assert ["https://e.org/00", "https://e.org/01"] in urls(grouping.group(articles, window=48, background=english))
    assert grouping.group(articles, window=48).language == "pl"


def test_what_most_of_a_window_shows_outweighs_earlier_articles():
    german = [
        article(
            url=f"https://e.org/{number}", title=f"Der Wert{number} und die Stadt", published=NOW, summary="", body=""
        )
        for number in range(8)
    ]
    earlier = Background(counts={"said": 40}, total=100, languages={"": 60, "en": 40})
    assert grouping.group(german, window=48, background=earlier).language == "de"


def test_languages_do_not_merge_by_their_small_words():
    """Ten German articles in an English window share “und” and “die”, which are rare there."""
    german = [
        article(
            url=f"https://e.org/de{number}",
            title=f"Die Zeile{number} und der Wert{number} für die Stadt{number} von Ort{number}",
            published=NOW,
            summary="",
            body="",
        )
        for number in range(10)
    ]
    english = [
        article(
            url=f"https://e.org/en{n}",
            title=f"The word{n} of the place{n} and the thing{n}",
            published=NOW,
            summary="",
            body="",
        )
        for n in range(190)
    ]
    found = grouping.group([*german, *english], window=48, background=Background())
    assert max(map(len, found.groups)) == 1
