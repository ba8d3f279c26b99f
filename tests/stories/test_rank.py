"""Ranking: what holds for any input, and what each signal does."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from build import NOW, article
from digest.model import EditorAction, PastStory, Role, Source, StoryState
from digest.stories.rank import RankOptions, rank_stories
from digest.stories.signals import WEIGHTS
from digest.stories.vectors import Background

WORDS = st.sampled_from(
    ["bank", "rate", "war", "flood", "vote", "strike", "goal", "film", "peace", "quake", "the", "of"]
)
ARTICLES = st.lists(
    st.tuples(
        st.lists(WORDS, max_size=6),
        st.sampled_from(["One", "Two", "Wire", ""]),
        st.floats(0, 90),
        st.sampled_from(["World", "Sport", ""]),
        st.none() | st.integers(0, 30),
    ),
    max_size=25,
)
SOURCES = {"Wire": Source(name="Wire", role=Role.SIGNAL), "Two": Source(name="Two", weight=2.0)}

FLOOD = "River floods old town of Passau after record rain"
QUAKE = "Earthquake shakes northern Chile, ports are closed"


def many(rows):
    return [
        article(
            number,
            title=" ".join(title) or "?",
            source=source,
            published=NOW - timedelta(hours=hours),
            section=section,
            position=position,
            summary="",
            body="",
        )
        for number, (title, source, hours, section, position) in enumerate(rows)
    ]


def rank(articles, **over):
    return rank_stories(articles, **{"now": NOW, "options": RankOptions(), "sources": SOURCES} | over)


def telling(number, title=FLOOD, **over):
    return article(number, **{"title": title, "summary": "", "body": "", "source": f"Paper {number}"} | over)


def points(story, signal):
    return sum(point.points for point in story.ledger if point.signal == signal)


def of(stories, title):
    return next(story for story in stories if any(one.title == title for one in story.articles))


@hypothesis_settings(deadline=None)
@given(ARTICLES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(rows, random):
    articles = many(rows)
    shuffled = random.sample(articles, len(articles))
    assert rank(articles) == rank(shuffled)


@hypothesis_settings(deadline=None)
@given(ARTICLES)
def test_every_article_is_in_exactly_one_story(rows):
    articles = many(rows)
    stories = rank(articles)
    assert sorted(one.url for story in stories for one in story.articles) == sorted(one.url for one in articles)
    assert all(story.lead in story.articles for story in stories)


@hypothesis_settings(deadline=None)
@given(ARTICLES)
def test_points_sum_up_and_ranks_are_a_total_order(rows):
    stories = rank(many(rows), decisions={"https://example.org/news/1": EditorAction.PIN})
    assert all(abs(story.score - math.fsum(one.points for one in story.ledger)) < 1e-9 for story in stories)
    assert [story.rank for story in stories] == list(range(1, len(stories) + 1))
    assert len({story.id for story in stories}) == len(stories)
    assert stories == sorted(stories, key=lambda story: (-story.score, story.id))


def test_no_articles_no_stories():
    assert rank([]) == []


def test_articles_on_the_same_event_are_one_story():
    stories = rank([telling(1), telling(2, "Passau: river floods the old town"), telling(3, QUAKE)])
    assert sorted(len(story.articles) for story in stories) == [1, 2]


def test_what_lies_further_apart_than_the_window_is_not_the_same_story():
    apart = [telling(1), telling(2, published=NOW - timedelta(hours=60))]
    assert len(rank(apart)) == 2
    assert len(rank(apart, options=RankOptions(merge_hours=72))) == 1


def test_more_sources_rank_higher_and_signal_sources_count():
    others = [telling(2, "Passau: river floods the old town", source="Wire"), telling(3, "Old bridge opens in Prague")]
    stories = rank([telling(1), *others])
    assert stories[0].sources == 2
    assert points(stories[0], "coverage") == pytest.approx(math.log(3))


def test_near_identical_copies_count_once():
    copied = of(rank([telling(1), telling(2), telling(3)]), FLOOD)
    assert copied.sources == 3
    assert points(copied, "coverage") == pytest.approx(math.log(2))
    assert points(copied, "size") == pytest.approx(WEIGHTS["size"] * math.log(2))


USUAL = Background(counts={"river": 40, "earthquake": 40, "flood": 40, "the": 900}, total=1000)


def test_words_more_frequent_than_usual_are_hot():
    articles = [telling(1), telling(2, "Passau asks for help in the floods"), telling(3, QUAKE), telling(4, "A")]
    stories = rank(articles, background=USUAL)
    assert points(of(stories, FLOOD), "hot_terms") > points(of(stories, QUAKE), "hot_terms") > 0


def test_words_as_frequent_as_usual_are_not_hot():
    assert points(rank([telling(1, "The the")], background=USUAL)[0], "hot_terms") == pytest.approx(0, abs=0.1)


def test_without_earlier_articles_no_word_is_hot():
    assert points(rank([telling(1)])[0], "hot_terms") == 0


def test_only_articles_of_the_window_make_words_hot():
    old = [telling(n, QUAKE, published=NOW - timedelta(hours=30)) for n in range(2, 6)]
    stories = rank([telling(1), *old], background=USUAL)
    assert points(of(stories, FLOOD), "hot_terms") > points(of(stories, QUAKE), "hot_terms")


def test_sources_that_join_late_make_a_story_grow():
    early = telling(1, published=NOW - timedelta(hours=9))
    late = [telling(n, FLOOD + " again", published=NOW - timedelta(hours=1)) for n in (2, 3)]
    assert points(rank([early, *late])[0], "growth") > points(rank([early])[0], "growth") == 0


def test_a_story_told_over_hours_has_a_run():
    early, late = telling(1, published=NOW - timedelta(hours=12)), telling(2, FLOOD + " again", published=NOW)
    assert points(rank([early, late])[0], "run") == pytest.approx(WEIGHTS["run"] / 2)


def test_what_titles_are_about_counts_and_the_newsletter_may_set_it():
    war, sport = (telling(1, title) for title in ("Troops shell Kharkiv", "Best recipes for the weekend"))
    assert points(rank([war])[0], "subject") > 0 > points(rank([sport])[0], "subject")
    loved = RankOptions(subjects={"service": 1.0})
    assert points(rank([sport], options=loved)[0], "subject") > 0


def test_a_word_of_the_newsletter_goes_before_its_subject():
    options = RankOptions(words={"troop*": -2.0})
    (story,) = rank([telling(1, "Troops")], options=options)
    assert points(story, "subject") == pytest.approx(-2.0 * WEIGHTS["subject"])


def test_titles_are_read_in_their_language():
    german = telling(1, "Die Toten der Woche", language="de-AT")
    assert points(rank([german])[0], "subject") > 0
    assert points(rank([telling(1, "Die Toten der Woche", language="nl")])[0], "subject") == 0


def test_sections_have_a_prior_and_the_newsletter_may_set_its_own():
    sport = [telling(1, section="Sport")]
    assert points(rank(sport)[0], "section") == pytest.approx(-1.0)
    assert points(rank(sport, options=RankOptions(sections={"sport": 2}))[0], "section") == 2


def test_the_best_source_gives_its_weight():
    assert points(rank([telling(1, source="Two")])[0], "source") == pytest.approx(1.0)
    assert points(rank([telling(1)])[0], "source") == 0


def test_the_first_place_counts_more_than_the_tenth():
    first, tenth = (rank([telling(1, position=place)])[0] for place in (0, 9))
    assert points(first, "prominence") > points(tenth, "prominence") > 0


def test_freshness_halves_and_the_future_is_not_fresher_than_now():
    options = RankOptions(half_life_hours=6, weights={"freshness": 1.0})
    ages = (0, 6, -5)
    fresh, older, future = (
        points(rank([telling(1, published=NOW - timedelta(hours=age))], options=options)[0], "freshness")
        for age in ages
    )
    assert (fresh, older, future) == pytest.approx((1.0, 0.5, 1.0))


def test_a_pin_leads_and_a_drop_ends():
    articles = [telling(1), telling(2, QUAKE), telling(3, "Film festival opens")]
    urls = {one.title: one.url for one in articles}
    decided = {urls[QUAKE]: EditorAction.PIN, urls[FLOOD]: EditorAction.DROP}
    stories = rank(articles, decisions=decided)
    assert [story.lead.title for story in stories] == [QUAKE, "Film festival opens", FLOOD]


def test_a_no_wins_over_a_pin_in_the_same_story():
    decided = {telling(1).url: EditorAction.PIN, telling(2).url: EditorAction.DROP}
    assert points(rank([telling(1), telling(2)], decisions=decided)[0], "editor") < 0


def test_a_story_of_signal_sources_alone_says_that_it_cannot_be_printed():
    (wire,) = rank([telling(1, source="Wire")])
    assert [point.points for point in wire.ledger if point.signal == "unpublishable"] == [0]
    (both,) = rank([telling(1, source="Wire"), telling(2)])
    assert both.lead.source == "Paper 2"
    assert not any(point.signal == "unpublishable" for point in both.ledger)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"summary": "It rained."}, {}),
        ({"published": NOW - timedelta(hours=1)}, {}),
        ({"position": 0}, {"position": 4}),
        ({"summary": "It rained."}, {"published": NOW}),
    ],
)
def test_the_lead_is_complete_then_new_then_prominent(better, worse):
    same = {"published": NOW - timedelta(hours=3)}
    stories = rank([telling(1, **same | worse), telling(2, **same | better)])
    assert stories[0].lead.url == telling(2).url


def test_a_pinned_article_speaks_for_its_story():
    articles = [telling(1), telling(2, summary="It rained.")]
    assert rank(articles, decisions={telling(1).url: EditorAction.PIN})[0].lead.url == telling(1).url


TODAY = NOW.date()


class TestTomorrow:
    def past(self, *articles, day=TODAY, text=FLOOD):
        urls = tuple(one.url for one in articles)
        return PastStory(id="s-told", day=day, headline=FLOOD, urls=urls, sources=len(urls), text=text)

    def test_a_shared_article_carries_the_id_over(self):
        (story,) = rank([telling(1)], past=[self.past(telling(1), text="")])
        assert (story.id, story.state) == ("s-told", StoryState.REPEAT)

    def test_a_like_text_carries_the_id_over(self):
        (story,) = rank([telling(2)], past=[self.past(telling(1))])
        assert (story.id, story.state) == ("s-told", StoryState.DEVELOPED)

    def test_another_story_is_new_under_a_stable_id(self):
        first, second = (rank([telling(2, QUAKE)], past=past)[0] for past in ([], [self.past(telling(1))]))
        assert first.state is second.state is StoryState.NEW
        assert first.id == second.id

    def test_the_id_stays_when_later_articles_join(self):
        early, late = telling(1, published=NOW - timedelta(hours=9)), telling(2, FLOOD + " again")
        assert rank([early])[0].id == rank([early, late])[0].id

    def test_new_words_develop_it_and_lead(self):
        fresh = telling(2, "Passau floods: river falls, old town is cleaned")
        (story,) = rank([telling(1, summary="Long told."), fresh], past=[self.past(telling(1))])
        assert (story.state, story.lead.url) == (StoryState.DEVELOPED, fresh.url)

    def test_a_copy_of_the_told_article_is_no_news(self):
        (story,) = rank([telling(1), telling(2)], past=[self.past(telling(1))])
        assert story.state is StoryState.REPEAT

    def test_what_is_older_than_the_telling_is_no_news(self):
        (story,) = rank([telling(2)], past=[self.past(telling(1), day=date(2026, 11, 24))])
        assert story.state is StoryState.REPEAT

    def test_a_signal_source_alone_does_not_develop_it(self):
        fresh = telling(2, "Passau floods: river falls, old town is cleaned", source="Wire")
        (story,) = rank([telling(1), fresh], past=[self.past(telling(1))])
        assert story.state is StoryState.REPEAT

    def test_two_stories_out_of_one_do_not_share_its_id(self):
        told = self.past(telling(1), telling(2, QUAKE), text="")
        stories = rank([telling(1), telling(2, QUAKE)], past=[told])
        assert {story.state for story in stories} == {StoryState.REPEAT}
        assert len({story.id for story in stories}) == 2
