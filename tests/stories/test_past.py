"""Stories over days: which are the same, what has developed, and what holds whatever the input."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from build import NOW, article
from digest.model import PastStory, Role, Source, StoryState
from digest.stories import developed, past, vectors
from digest.stories.past import Recalled, Signs
from digest.stories.rank import RankOptions, rank_stories
from digest.stories.risen import Around
from digest.stories.signals import Desk, Group
from digest.stories.vectors import Text
from digest.stories.words import words

FLOOD = "River floods old town of Passau after record rain"
TOLD = NOW - timedelta(days=1)

EVENTS = (
    "River floods old town of Passau after record rain",
    "Earthquake shakes northern Chile, ports are closed",
    "Dock workers strike in Antwerp over pensions",
    "Museum returns bronzes taken from Benin",
    "Volcano erupts near Grindavik, road is cut",
    "Parliament in Lisbon rejects budget",
    "Comet seen over Tasmania by thousands",
)
DETAILS = ("mayor asks for help", "damage is counted", "first reports differ", "schools stay closed", "army is called")


def telling(number, title=FLOOD, **over):
    values = {"title": title, "summary": "", "body": "", "source": f"Paper {number}", "published": NOW}
    return article(number, **{"url": f"https://paper{number}.example/{number}"} | values | over)


def rank(articles, told=(), now=NOW, **over):
    options = RankOptions(merge_hours=30)
    return rank_stories(articles, now=now, options=options, sources={}, past=told, **over)


def told(*articles, at=TOLD, key="s-told"):
    """What an edition remembers of a story, as `store.editions` writes it down."""
    return PastStory(
        id=key,
        day=at.date(),
        headline=articles[0].title,
        urls=tuple(one.url for one in articles),
        sources=len({one.source for one in articles}),
        text="\n".join(f"{one.title}. {one.summary}" for one in articles),
        at=at,
    )


def texts(titles):
    return [Text(words=words(title, "en"), language="en") for title in titles]


def update(story):
    return next((point.sentence for point in story.ledger if point.signal in {"update", "repeat"}), "")


def signs_of(old, new):
    """What speaks for a past story and an article being one."""
    rows, terms = past.rows_of([old, told(new)], vectors.background_of(texts(EVENTS)), "en", [])
    around = Around(terms=terms, today=rows[1:])
    ((_, signs),) = past.compared([[new]], [old], rows[1:], rows[:1], around)
    return signs


YESTERDAY = told(telling(1, published=TOLD))


class TestSameStory:
    signs = Signs(cosine=0.6, new_held=0.6, old_held=0.6, days=1, serial=False, risen=1.0, phrases=0.2, before=0.1)

    def test_each_sign_speaks_its_way(self):
        odds = past.likely(self.signs)
        assert odds > 0
        less = {"cosine": 0.3, "new_held": 0.2, "old_held": 0.2, "days": 6, "serial": True, "risen": -1.0}
        for name, value in (less | {"phrases": 0.4, "before": 0.9}).items():
            assert past.likely(replace(self.signs, **{name: value})) < odds

    def test_days_before_the_telling_count_as_the_same_day(self):
        assert past.likely(replace(self.signs, days=-1)) == past.likely(self.signs)

    def test_the_same_event_in_other_words_is_the_same_story(self):
        (story,) = rank([telling(2, "Passau: 300 flee as river floods old town after rain")], [YESTERDAY])
        assert story.id == "s-told"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Thunder v Pacers: recap of game 2 of the finals", "Thunder v Pacers: recap of game 3 of the finals"),
            ("Winners and losers of week 3", "Winners and losers of week 4"),
            ("Gewinner und Verlierer von Spieltag 11", "Gewinner und Verlierer von Spieltag 12"),
        ],
    )
    def test_the_next_of_a_series_is_another_story(self, old, new):
        (story,) = rank([telling(2, new)], [told(telling(1, old), at=TOLD - timedelta(days=2))])
        assert story.state is StoryState.NEW

    def test_a_shared_article_makes_it_the_same_whatever_else_speaks_against_it(self):
        old = told(telling(1), at=TOLD - timedelta(days=12))
        (story,) = rank([telling(1, "Another title for it", published=NOW)], [old])
        assert (story.id, story.state) == ("s-told", StoryState.REPEAT)

    @pytest.mark.parametrize(("ages", "same"), [((0, 1), True), (range(3, 25), False)])
    def test_two_of_one_event_have_words_that_came_up_with_it_and_two_of_a_long_affair_old_ones(self, ages, same):
        """How common each word is, is the same in both cases."""
        new = telling(2, "Calais unions walk out of ferry talks as passengers wait")
        affair = texts(f"Ferry talks in Calais, week {number}" for number in range(3))
        usual = texts(f"{event}, {detail}" for event in EVENTS for detail in DETAILS)
        days = [
            vectors.day_of(TOLD.date() - timedelta(days=age), [*usual, *(affair if age in ages else ())])
            for age in range(25)
        ]
        known = replace(vectors.background_of([*usual, *affair] * 25), days=days)
        old = told(telling(1, "Ferry talks in Calais: minister meets unions"))
        (story,) = rank([new], [old], background=known)
        assert (story.id == "s-told") is same

    @pytest.mark.parametrize(
        ("new", "phrases"),
        [
            ("River floods old town of Passau", 5 / math.sqrt(5 * 8)),
            ("Old river floods town; Passau", 1 / math.sqrt(4 * 8)),
            ("Passau of town, old floods, river", 0),
        ],
    )
    def test_phrases_are_words_in_the_same_order_side_by_side(self, new, phrases):
        assert signs_of(YESTERDAY, telling(2, new)).phrases == pytest.approx(phrases)

    def test_the_same_words_throughout_are_the_same_story_though_all_phrases_are_the_same(self):
        assert past.likely(signs_of(YESTERDAY, telling(2))) >= past.SURE

    def test_of_two_past_stories_the_likelier_one_is_continued(self):
        near = told(telling(1), key="s-b")
        far = told(telling(3, "Old town of Passau opens market"), key="s-a")
        (story,) = rank([telling(2)], [far, near])
        assert story.id == "s-b"

    def test_a_group_and_a_past_story_with_little_in_common_are_not_looked_at(self):
        (story,) = rank([telling(2, "Dock workers strike in Antwerp")], [YESTERDAY])
        assert (story.state, update(story)) == (StoryState.NEW, "")


class TestDeveloped:
    @pytest.mark.parametrize(
        ("title", "fact"),
        [
            ("River floods old town of Passau: 12 missing", "12"),
            ("River floods old town of Passau, says Brandner", "Brandner"),
            ("River floods old town of Passau: 3,5 Meter", "3,5"),
        ],
    )
    def test_a_number_or_a_name_that_was_not_told_develops_it(self, title, fact):
        (story,) = rank([telling(2, title)], [YESTERDAY])
        assert story.state is StoryState.DEVELOPED
        assert (
            update(story)
            == f"The edition of {TOLD:%Y-%m-%d} told it; 24 hours later: 1 more source; new in it: {fact}."
        )

    @pytest.mark.parametrize(("hours", "real"), [(9, True), (2, False)])
    def test_mostly_new_words_develop_it_when_some_hours_have_gone(self, hours, real):
        fresh = telling(2, "Passau: helpers clean houses, shops open", published=TOLD + timedelta(hours=hours))
        (known,) = past.tellings([YESTERDAY])
        found = developed.development([fresh], known)
        assert (found.sources, found.facts, found.hours) == (1, (), hours)
        assert found.words == pytest.approx(5 / 6)
        assert found.real is real

    def test_other_words_for_the_same_are_a_repeat(self):
        (story,) = rank([telling(2, "Record rain: river floods the old town in Passau")], [YESTERDAY])
        assert story.state is StoryState.REPEAT
        assert update(story).endswith("the same in other words.")

    @pytest.mark.parametrize(("sure", "state"), [(True, StoryState.REPEAT), (False, StoryState.DEVELOPED)])
    def test_what_is_only_somewhat_alike_is_not_left_out(self, sure, state):
        fresh = telling(2, "Record rain: river floods the old town in Passau")
        (known,) = past.tellings([YESTERDAY])
        group = Group(copies=((fresh,),), words=(), heat=0.0, news=frozenset([fresh.url]))
        desk = Desk(now=NOW, options=RankOptions(), sources={}, decisions={})
        found, point = developed.judged(group, Recalled(id="s-told", telling=known, sure=sure), desk)
        assert found is state
        assert ("something like it" in point.sentence) is not sure

    def test_a_likely_match_is_sure_and_a_shared_article_always(self):
        (known,) = past.tellings([YESTERDAY])
        for odds, sure in ((past.SURE, True), (past.SURE / 2, False)):
            assert next(past._matches([[telling(2)]], [known], {(0, 0): odds})) == (0, known, sure)
        assert next(past._matches([[telling(1)]], [known], {(0, 0): -1.0})) == (0, known, True)

    def test_a_copy_at_another_address_is_a_repeat(self):
        (story,) = rank([telling(1), telling(2)], [YESTERDAY])
        assert story.state is StoryState.REPEAT

    def test_a_year_is_no_fact_nor_are_capitals_where_every_word_has_one(self):
        for title in ("River floods old town of Passau after record rain of 2026", "River Floods Old Town Of Passau"):
            (story,) = rank([telling(2, title)], [YESTERDAY])
            assert story.state is StoryState.REPEAT

    def test_what_only_a_signal_source_knows_does_not_develop_it(self):
        wire = telling(2, "River floods old town of Passau: 12 missing", source="Wire")
        (story,) = rank_stories(
            [wire],
            now=NOW,
            options=RankOptions(),
            sources={"Wire": Source(name="Wire", role=Role.SIGNAL)},
            past=[YESTERDAY],
        )
        assert story.state is StoryState.REPEAT
        assert update(story).endswith("nothing new that may be printed.")

    def test_a_source_that_was_told_has_not_joined(self):
        fresh = telling(2, "River floods old town of Passau: 12 missing", url="https://paper1.example/later")
        (story,) = rank([fresh], [YESTERDAY])
        assert "more source" not in update(story)

    def test_long_lists_of_facts_are_cut(self):
        (story,) = rank([telling(2, "River floods old town of Passau after rain: 12, 13, 14, 15, 16, 17")], [YESTERDAY])
        assert update(story).endswith("new in it: 12, 13, 14, 15 and 2 more.")

    def test_the_line_gives_no_points(self):
        (story,) = rank([telling(2, "River floods old town of Passau: 12 missing")], [YESTERDAY])
        assert [point.points for point in story.ledger if point.signal == "update"] == [0.0]


# --- a week of editions ----------------------------------------------------------------------------------------------

REPORTS = st.lists(
    st.tuples(st.integers(0, len(EVENTS) - 1), st.sampled_from(DETAILS), st.integers(0, 60), st.integers(0, 23)),
    max_size=12,
)
WEEK = st.lists(REPORTS, min_size=2, max_size=7)


def day_of(reports, day):
    now = NOW + timedelta(days=day)
    return [
        telling(
            day * 100 + place,
            f"{EVENTS[event]}: {detail}" + (f", {number} hurt" if number else ""),
            published=now - timedelta(hours=hours),
        )
        for place, (event, detail, number, hours) in enumerate(reports)
    ]


def editions(week, order=lambda articles: articles):
    """The stories of each day, and what each edition then remembers of those that it tells."""
    memory, days = [], []
    for day, reports in enumerate(week):
        now = NOW + timedelta(days=day)
        stories = rank(order(day_of(reports, day)), tuple(memory), now=now) if reports else []
        days.append(stories)
        tells = [story for story in stories if story.state is not StoryState.REPEAT][:4]
        memory += [told(*story.articles, at=now, key=story.id) for story in tells]
    return days, memory


@hypothesis_settings(deadline=None, max_examples=15)
@given(WEEK, st.randoms(use_true_random=False))
def test_a_week_is_the_same_in_whatever_order_its_articles_come(week, random):
    assert editions(week) == editions(week, lambda articles: random.sample(articles, len(articles)))


@hypothesis_settings(deadline=None, max_examples=15)
@given(WEEK)
def test_a_day_has_each_id_once_and_known_ids_are_of_told_stories(week):
    days, memory = editions(week)
    known = {one.id for one in memory}
    for stories in days:
        assert len({story.id for story in stories}) == len(stories)
        assert all(
            story.ledger[-1].signal in {"update", "repeat"} for story in stories if story.state != StoryState.NEW
        )
        assert all(update(story) == "" for story in stories if story.state is StoryState.NEW)
    assert known <= {story.id for stories in days for story in stories}


@hypothesis_settings(deadline=None, max_examples=15)
@given(WEEK)
@example(  # two of yesterday's stories are one today, and two again tomorrow
    [
        [(1, "mayor asks for help", 0, 0), (2, "mayor asks for help", 0, 0)],
        [(0, "damage is counted", 0, 0), (1, "mayor asks for help", 2, 0), (2, "mayor asks for help", 1, 0)],
    ]
)
def test_no_edition_tells_what_an_earlier_one_told(week):
    """The articles of an edition, printed once more the next day under other addresses, are all repeats."""
    _, memory = editions(week)
    for one in memory:
        copies = [
            telling(9000 + place, line.strip().removesuffix("."), published=one.at + timedelta(hours=23))
            for place, line in enumerate(one.text.splitlines())
        ]
        again = rank(copies, tuple(memory), now=one.at + timedelta(days=1))
        assert {story.state for story in again} == {StoryState.REPEAT}


@hypothesis_settings(deadline=None, max_examples=15)
@given(st.integers(0, len(EVENTS) - 1), st.permutations(range(11, 60)))
def test_a_story_that_goes_on_all_week_keeps_its_id_and_comes_back_as_an_update(event, numbers):
    days, _ = editions([[(event, DETAILS[day % 2], numbers[day], 3)] for day in range(7)])
    assert len({story.id for stories in days for story in stories}) == 1
    assert [story.state for stories in days for story in stories] == [StoryState.NEW, *[StoryState.DEVELOPED] * 6]
