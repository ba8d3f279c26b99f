"""What readers open, as a signal: sums over many, compared with what is usual in a place."""

import math

import pytest

from build import NOW, article
from digest.stories.interest import CLICKS, MOST, READERS, Interest, Opened, interest
from digest.stories.rank import rank_stories
from digest.stories.signals import RankOptions


def shown(clicks, *, readers=1000):
    """An edition of four stories: two of World and two of Sport, in turn."""
    stories = [
        Opened(
            place=place,
            url=f"https://example.org/{place}",
            section="World" if place % 2 == 0 else "Sport",
            source="Wire" if place < 2 else "Paper",
            clicks=number,
        )
        for place, number in enumerate(clicks)
    ]
    return readers, stories


def swapped(clicks, *, readers=1000):
    """The same, Sport first."""
    number, stories = shown(clicks, readers=readers)
    return number, [
        Opened(place=one.place, url=one.url, section={"World": "Sport", "Sport": "World"}[one.section],
               source=one.source, clicks=one.clicks) for one in stories
    ]  # fmt: skip


def test_the_place_explains_what_it_explains():
    """The first place has twice as many clicks, whoever has it: nobody is more liked for that."""
    found = interest([shown((200, 100, 200, 100)), swapped((200, 100, 200, 100))] * 10)
    assert found.sections == pytest.approx({"world": 0.0, "sport": 0.0})


def test_what_is_opened_more_often_than_usual_in_its_places_is_liked():
    found = interest([shown((200, 50, 100, 25)), swapped((100, 100, 50, 50))] * 10)
    assert found.sections["world"] > 0.25 > -0.25 > found.sections["sport"]
    assert found.sections["world"] <= MOST


def test_few_readers_or_few_clicks_say_nothing():
    assert interest([shown((90, 10, 90, 10), readers=READERS - 1)] * 50) == Interest()
    few = interest([shown((CLICKS // 4, 0, CLICKS // 4 - 1, 0))])
    assert few == Interest()
    assert interest([]) == Interest()


def of(signal, found, weight):
    options = RankOptions(weights={"interest": weight})
    (story,) = rank_stories([article(section="World")], now=NOW, options=options, sources={}, interest=found)
    return next((point for point in story.ledger if point.signal == signal), None), story.score


@pytest.mark.parametrize("value", [math.log(2), -math.log(2)])
def test_the_ledger_has_it_with_a_sentence(value):
    found = Interest(sections={"world": value}, sources={"Other Wire": 1.0})
    point, score = of("interest", found, 0.5)
    assert point.value == pytest.approx(value)
    assert point.points == pytest.approx(value / 2)
    times = "2.0" if value > 0 else "0.5"
    assert point.sentence == f"Readers open section World {times} times as often as is usual in its places."
    assert score == pytest.approx(of("interest", Interest(), 0.5)[1] + value / 2)


def test_all_that_is_known_counts_and_never_more_than_three_times():
    point, _ = of("interest", Interest(sections={"world": 1.0}, sources={"Example Wire": 1.0}), 1.0)
    assert point.value == pytest.approx(MOST)
    assert "section World 2.7 times, source Example Wire 2.7 times as often" in point.sentence


def test_without_a_weight_it_is_no_signal_and_without_clicks_it_gives_nothing():
    assert of("interest", Interest(sections={"world": 1.0}), 0.0)[0] is None
    point, _ = of("interest", Interest(), 1.0)
    assert (point.value, point.points) == (0.0, 0.0)
    assert "Too few readers" in point.sentence
