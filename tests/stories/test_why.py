"""Why an article is in, or is not."""

from datetime import timedelta

import pytest

from build import NOW, article, story
from digest.model import Bar, Image, Standing, StoryState
from digest.stories.signals import Desk, RankOptions
from digest.stories.why import explain

DESK = Desk(now=NOW, options=RankOptions(), sources={}, decisions={})
OUT = Standing(bar=Bar.FULL, sentence="its rank, 3, is not among the best 2.", gap=1.0)


def why(number, stories, *, leads="", **standings):
    given = {one.id: Standing() for one in stories} | standings
    return explain(article(number).url, stories, standings=given, leads=leads, limit=2, desk=DESK)


def test_an_unknown_article():
    assert why(9, [story(1), story(2)]) == ("No article with this address is among the 2 of the window.",)


def test_an_article_that_is_in_gets_its_story_its_rank_and_its_ledger():
    said = why(1, [story(1), story(2)])
    assert "alone in story s0001" in said[0]
    assert said[1:4] == (
        "The story ranks 1 of 2 with 9.00 points.",
        "+9.00 coverage: 1 source reports it",
        "It is in the edition.",
    )
    assert said[-1] == "Only an editor's drop would put it out."


def test_the_lead_story_says_why_it_leads_and_no_other_does():
    leads = f"“{article(1).title}” leads: an editor pinned it."
    assert leads in why(1, [story(1), story(2)], leads=leads)
    assert leads not in why(2, [story(1), story(2)], leads=leads)


def test_an_article_that_does_not_lead_learns_what_is_printed_and_why():
    better = article(1, image=Image(url="https://example.org/a.jpg"), summary="", body="Rain fell. " * 90)
    said = why(7, [story(1, articles=(better, article(7, summary="", body="Snow fell on the hills. " * 40)))])
    assert said[-2].startswith("The story is told by “Central bank holds rates for meeting 1” of Example Wire (https")
    assert said[-2].endswith("and not by this article: it has no image.")
    assert not any("same text" in one for one in said)


def test_a_copy_is_told_of_what():
    first = article(1, published=NOW - timedelta(hours=5), source="Wire", body="Rain fell on the hills. " * 40)
    copy = article(7, source="Paper", body="Rain fell on the hills. " * 40)
    said = why(7, [story(1, articles=(first, copy))])
    assert f"It carries the same text as the article of Wire ({first.url}), and counts as its copy." in said


def test_an_update_is_called_one():
    assert "It is in the edition, as an update." in why(1, [story(1, state=StoryState.DEVELOPED)])


@pytest.mark.parametrize("number", [1, 2])
def test_what_kept_it_out_and_how_much_was_missing(number):
    said = why(number, [story(number)], **{f"s000{number}": OUT})
    assert said[-2] == "It is not in the edition of 2 stories: its rank, 3, is not among the best 2."
    assert said[-1].startswith("1.0 points more would have brought it in")
