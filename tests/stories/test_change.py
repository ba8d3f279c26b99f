"""What would have changed the standing of a story."""

import math
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from build import NOW, article, story
from digest.model import Bar, Point, Standing
from digest.stories.change import change
from digest.stories.rank import rank_stories
from digest.stories.signals import RankOptions

OPTIONS = RankOptions(sections={"sport": -1.0})


def ranked(sources=1, **over):
    """One story, each of its sources with words of its own."""
    words = [
        f"Passau river floods the old town {word}" for word in ("again", "today", "deeply", "badly", "fast", "late")
    ]
    articles = [
        article(n, **{"title": words[n % 6] * (1 + n // 6), "summary": "", "body": "", "source": f"Paper {n}"} | over)
        for n in range(sources)
    ]
    return rank_stories(articles, now=NOW, options=OPTIONS, sources={})[0]


def out(gap):
    return Standing(bar=Bar.FULL, sentence="its rank is low.", gap=gap)


def of(told, signal):
    return next(point for point in told.ledger if point.signal == signal)


def test_a_source_more():
    """From one source with one article: one more gives 1.7 (ln 3 - ln 2) = 0.69 points, two more 1.18."""
    told = ranked(section="")
    for gap, more, words in ((0.6, 1, "one more source"), (1.0, 2, "2 more sources")):
        found = change(told, out(gap), OPTIONS)
        assert (found.signal, found.before, found.after) == ("coverage", 1, 1 + more)
        assert (
            found.sentence
            == f"{gap:.1f} points more would have brought it in, for instance {words}, or an editor's pin."
        )


def test_the_smallest_is_named_a_newer_article_for_a_hair():
    found = change(ranked(published=NOW - timedelta(hours=6)), out(0.02), OPTIONS)
    assert found.signal == "freshness"
    assert found.before == 6
    assert 5 < found.after < 6
    assert found.sentence.startswith("A hair more would have brought it in, for instance an article ")


def test_what_is_far_out_needs_an_editor():
    found = change(ranked(), out(40.0), OPTIONS)
    assert (found.signal, found.after) == ("editor", None)
    assert found.sentence == "40.0 points more would have brought it in, or an editor's pin."


def test_a_story_that_is_in_could_lose_so_much():
    """From five sources with an article each: three fewer take 2 (ln 6 - ln 3) = 1.39 points, two fewer 0.81."""
    ledger = tuple(Point(signal=name, value=5, points=math.log1p(5)) for name in ("coverage", "size"))
    found = change(story(1, ledger=ledger), Standing(gap=1.0), OPTIONS)
    assert found.is_in
    assert (found.signal, found.before, found.after) == ("coverage", 5, 2)
    assert found.sentence == "It could lose 1.0 points and still be in; 3 fewer sources would put it out."


@pytest.mark.parametrize(
    ("bar", "signal", "remedy"),
    [
        (Bar.REPEAT, "news", "A newer article on it, or an editor's pin"),
        (Bar.DROPPED, "editor", "Withdrawing the editor's decision"),
        (Bar.SIGNAL_ONLY, "unpublishable", "An article on it from a source that may be"),
        (Bar.SECTION_CLOSED, "section", "A higher limit of its section"),
        (Bar.AFFAIR, "editor", "An editor's pin would bring it in."),
        (None, "editor", "Only an editor's drop would put it out."),
    ],
)
def test_where_points_do_not_decide(bar, signal, remedy):
    found = change(ranked(), Standing(bar=bar), OPTIONS)
    assert (found.points, found.signal) == (None, signal)
    assert found.sentence.startswith(remedy)


@hypothesis_settings(deadline=None)
@given(
    sources=st.integers(1, 6),
    hours=st.floats(0, 20),
    position=st.none() | st.integers(0, 20),
    section=st.sampled_from(["", "World", "Sport"]),
    gap=st.floats(0, 3),
    is_in=st.booleans(),
)
def test_the_change_is_worth_the_points_by_the_forms_of_the_ledger(*, sources, hours, position, section, gap, is_in):
    told = ranked(sources, published=NOW - timedelta(hours=hours), position=position, section=section)
    found = change(told, Standing(gap=gap) if is_in else out(gap), OPTIONS)
    assume(found.after is not None)
    worth = {
        "coverage": lambda value: OPTIONS.weight("coverage") * math.log1p(value),
        "freshness": lambda value: OPTIONS.weight("freshness") * 0.5 ** (value / OPTIONS.half_life_hours),
        "prominence": lambda value: OPTIONS.weight("prominence") / (1 + (value - 1) / 3) if value else 0.0,
        "section": lambda value: OPTIONS.weight("section") * value,
        "source": lambda value: OPTIONS.weight("source") * (value - 1),
        "hot_terms": lambda value: OPTIONS.weight("hot_terms") * value,
    }[found.signal]
    gain = worth(found.after) - worth(found.before)
    if found.signal == "coverage":  # each source brings an article, or takes one away
        size = of(told, "size").value
        gain += OPTIONS.weight("size") * (math.log1p(size + found.after - found.before) - math.log1p(size))
    assert worth(found.before) == pytest.approx(of(told, found.signal).points)
    assert (-gain if is_in else gain) > gap
