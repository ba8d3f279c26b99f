"""Which stories are in, in which order, and why the others are not."""

from build import article, story
from digest.edition import select as module
from digest.edition.select import select
from digest.model import Point, StoryState


def one(number, section="", **over):
    return story(number, articles=(article(number, section=section),), **over)


def editor(points):
    return (Point(signal="editor", value=points, points=points),)


def ids(selection):
    return [int(one.id[1:]) for one in selection.chosen]


def test_the_best_ranks_are_in_whatever_the_order_of_the_input():
    selection = select([one(3), one(1), one(2)], limit=2)
    assert ids(selection) == [1, 2]
    assert selection.left_out == {"s0003": "its rank, 3, is not among the best 2."}


def test_each_story_is_either_in_or_has_a_reason():
    stories = [one(n, section="Sport" if n % 2 else "World") for n in range(1, 30)]
    selection = select(stories, limit=7)
    assert {story.id for story in selection.chosen} | set(selection.left_out) == {story.id for story in stories}
    assert len(selection.chosen) + len(selection.left_out) == len(stories)


def test_repeats_dropped_and_signal_only_stories_are_out():
    selection = select(
        [
            one(1, state=StoryState.REPEAT),
            one(2, ledger=editor(-100)),
            one(3, ledger=(Point(signal="unpublishable", value=1, points=0),)),
            one(4, state=StoryState.DEVELOPED),
        ],
        limit=9,
    )
    assert ids(selection) == [4]
    assert selection.left_out == {"s0001": module.REPEAT, "s0002": module.DROPPED, "s0003": module.SIGNAL_ONLY}


def test_pinned_stories_come_first_repeats_too():
    selection = select([one(1), one(2), one(3, ledger=editor(100), state=StoryState.REPEAT)], limit=2)
    assert ids(selection) == [3, 1]


def test_no_section_has_more_than_half_while_others_have_something():
    sport, world = [one(n, "Sport") for n in range(1, 6)], [one(n, "World") for n in (6, 7, 8)]
    selection = select([*sport, *world], limit=4)
    assert ids(selection) == [1, 2, 6, 7]
    assert selection.left_out["s0003"] == "its section, Sport, has its share of 2 with better ones."
    assert selection.left_out["s0008"] == "its rank, 8, is not among the best 4."


def test_a_section_fills_the_edition_when_there_is_nothing_else():
    assert ids(select([one(n, "Sport") for n in range(1, 6)], limit=4)) == [1, 2, 3, 4]


def test_a_limit_for_each_section():
    stories = [one(1, "Sport"), one(2, "Sport"), one(3, "World"), one(4, "Culture")]
    assert ids(select(stories, limit=3, per_section=1)) == [1, 3, 4]


def test_pinned_stories_do_not_heed_their_sections_share():
    stories = [one(n, "Sport", ledger=editor(100)) for n in (1, 2, 3)] + [one(4, "World")]
    assert ids(select(stories, limit=3)) == [1, 2, 3]


def test_the_lead_is_first_then_the_sections_in_their_order():
    stories = [one(1, "World"), one(2, "Culture"), one(3, "Sport"), one(4, "World"), one(5, "Science"), one(6)]
    selection = select(stories, limit=6, sections=["sport", "World"])
    assert ids(selection) == [1, 6, 3, 4, 2, 5]


def test_a_lead_without_a_section_takes_the_commonest_of_its_story():
    articles = [article(1, section=""), article(2, section="World"), article(3, section="World"), article(4)]
    assert module.section_of(story(1, articles=articles)) == "World"


def test_nothing_in_nothing_out():
    assert select([], limit=5).chosen == ()
