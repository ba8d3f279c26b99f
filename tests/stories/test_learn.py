"""Learning from a desk's choices: it follows them, it is honest about it, and it says no where there is too little."""

import random
from datetime import timedelta

import pytest

from build import NOW, article
from digest.stories import learn
from digest.stories.learn import Day, Learnt, TooLittle
from digest.stories.rank import rank_stories
from digest.stories.signals import RankOptions

OPTIONS = RankOptions()
TOPICS = ("harbour", "orchid", "tram", "choir", "glacier", "beekeeper", "lighthouse", "quarry")


def day(number, chooses, also=lambda _place: ""):
    """Eight stories of as many topics; those of which `chooses` the topic are chosen.  `also`: a word for a title."""
    dice = random.Random(number)
    articles = [
        article(
            place,
            title=f"{topic.title()} {' '.join(f'{number}w{place}x{word}' for word in range(4))} {also(place)}",
            source=f"Paper {dice.randrange(5)}",
            published=NOW - timedelta(minutes=dice.randrange(1400)),
            section="",
            summary="",
            body="",
        )
        for place, topic in enumerate(TOPICS)
    ]
    stories = rank_stories(articles, now=NOW, options=OPTIONS, sources={})
    assert len(stories) == len(TOPICS)
    chosen = {one.id for one in stories if chooses(one.lead.title.split()[0].lower(), dice)}
    return Day(stories=stories, chosen=frozenset(chosen))


def days(count, chooses):
    return [day(number, chooses) for number in range(count)]


def gardener(topic, _dice):
    return topic in {"orchid", "beekeeper"}


def chance(_topic, dice):
    return dice.random() < 0.3


def test_it_follows_a_desk_and_says_by_how_much():
    learnt = learn.learn(days(40, gardener), OPTIONS)
    assert isinstance(learnt, Learnt)
    assert learnt.after > learnt.before + 0.2
    assert (learnt.days, learnt.chosen) == (40, 80)
    assert min(learnt.options.words[word] for word in ("orchid", "beekeeper")) > 0
    assert "harbour" not in learnt.options.words or learnt.options.words["harbour"] < 0


def test_the_product_ranks_with_what_was_learnt_as_the_report_said():
    told = days(40, gardener)
    learnt = learn.fit(told, OPTIONS)
    articles = [one for story in told[0].stories for one in story.articles]
    ranked = rank_stories(articles, now=NOW, options=learnt, sources={})
    assert [one.id for one in ranked] == [one.id for one in learn.order(told[0].stories, OPTIONS, learnt)]
    for story in ranked:
        before = next(one for one in told[0].stories if one.id == story.id)
        assert learn.score(before, OPTIONS, learnt) == pytest.approx(story.score)


def test_choices_by_chance_teach_nothing():
    refused = learn.learn(days(40, chance), OPTIONS)
    assert isinstance(refused, TooLittle)
    assert "left out" in refused.reason


def test_events_that_go_on_for_days_are_no_taste():
    """On the days between them their words are known, and so the days that are tried are a stretch of time."""
    told = []
    for number in range(40):
        event, place = number // 5, number // 5 % len(TOPICS)
        topic = TOPICS[place]
        word = f"affair{chr(97 + event)}"
        told.append(
            day(
                number,
                lambda one, _dice, topic=topic: one == topic,
                also=lambda here, place=place, word=word: word if here == place else "",
            )
        )
    refused = learn.learn(told, OPTIONS)
    assert isinstance(refused, TooLittle)
    assert "left out" in refused.reason


def test_few_choices_move_a_word_less_than_many():
    few, many = (learn.fit(days(count, gardener), OPTIONS).words["orchid"] for count in (learn.LEAST_DAYS, 60))
    assert 0 < few < 0.8 * many


def test_a_desk_that_follows_the_profile_more_closely_keeps_its_proportions():
    """What its days say nothing of, as sections here, weighs as before beside the rest."""

    def first(told):
        return Day(stories=told.stories, chosen=frozenset({told.stories[0].id}))

    learnt = learn.fit([first(one) for one in days(60, gardener)], OPTIONS)
    assert learnt.weight("section") == OPTIONS.weight("section")
    assert learnt.weight("coverage") == pytest.approx(OPTIONS.weight("coverage"), rel=0.5)


def test_few_days_teach_nothing():
    refused = learn.learn(days(learn.LEAST_DAYS - 1, gardener), OPTIONS)
    assert isinstance(refused, TooLittle)
    assert "too few" in refused.reason


def test_days_without_a_choice_are_no_days():
    refused = learn.learn(days(40, lambda _topic, _dice: False), OPTIONS)
    assert isinstance(refused, TooLittle)
    assert refused.reason.startswith("0 days")


def test_the_same_choices_give_the_same_weights():
    told = days(20, gardener)
    assert learn.fit(told, OPTIONS) == learn.fit(told, OPTIONS)


def test_what_nobody_chose_by_stays_near_the_profile():
    learnt = learn.fit(days(40, gardener), OPTIONS)
    assert learnt.weight("prominence") == OPTIONS.weight("prominence")  # no article has a place
    assert abs(learnt.weight("coverage") - OPTIONS.weight("coverage")) < 0.2
