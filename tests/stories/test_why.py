"""Why an article is in, or is not."""

from dataclasses import replace

import pytest

from build import NOW, article, story
from digest.model import Point, StoryState
from digest.stories.rank import RankOptions, rank_stories
from digest.stories.why import explain


def why(number, stories, *, chosen=("s0001", "s0002"), left_out=None, limit=2):
    url = article(number).url
    return explain(url, stories, chosen=chosen, left_out=left_out or {}, limit=limit, now=NOW)


def test_an_unknown_article():
    assert why(9, [story(1), story(2)]) == ("No article with this address is among the 2 of the window.",)


def test_an_article_that_is_in_gets_its_story_its_rank_and_its_ledger():
    said = why(1, [story(1), story(2)])
    assert "alone in story s0001" in said[0]
    assert said[1] == "The story ranks 1 of 2 with 9.00 points."
    assert said[2] == "+9.00 coverage: 1 source reports it"
    assert said[-1] == "It is in the edition."


def test_an_article_that_does_not_lead_learns_what_is_printed():
    said = why(7, [story(1, articles=(article(1), article(7)))])
    assert said[-1].startswith("What is printed is “Central bank holds rates for meeting 1”")


def test_an_update_is_called_one():
    assert why(1, [story(1, state=StoryState.DEVELOPED)])[-1] == "It is in the edition, as an update."


def test_what_kept_it_out_and_how_much_was_missing():
    said = why(3, [story(1), story(2), story(3)], left_out={"s0003": "its rank, 3, is not among the best 2."})
    assert said[-2] == "It is not in the edition of 2 stories: its rank, 3, is not among the best 2."
    assert said[-1].startswith("1.0 points more would have brought it in")


def test_the_missing_points_are_told_in_sources():
    """From one source with one article: two more give 2 (ln 4 - ln 2) = 1.39 points, one more only 0.81."""
    flood = article(1, title="River floods Passau", section="")
    (small,) = rank_stories([flood], now=NOW, options=RankOptions(), sources={})
    rival = story(9, score=small.score + 1.0)
    said = explain(flood.url, [rival, small], chosen=[rival.id], left_out={}, limit=1, now=NOW)
    assert said[-1] == "1.0 points more would have brought it in, for instance 2 more sources, or an editor's pin."


def test_a_full_section_is_measured_against_its_own_stories():
    sport = [story(n, articles=(article(n, section="Sport"),)) for n in (1, 2)]
    other = story(3, score=1.0)
    said = why(2, [*sport, other], chosen=("s0001", "s0003"))
    assert said[-1].startswith("1.0 points more")


@pytest.mark.parametrize(
    ("over", "remedy"),
    [
        ({"state": StoryState.REPEAT}, "A newer article on it, or an editor's pin"),
        ({"ledger": (Point(signal="editor", value=-1, points=-100),)}, "Withdrawing the editor's decision"),
        ({"ledger": (Point(signal="unpublishable", value=1, points=0),)}, "An article on it from a source that may be"),
    ],
)
def test_what_would_help(over, remedy):
    assert why(2, [story(1), replace(story(2), **over)], chosen=("s0001",))[-1].startswith(remedy)
