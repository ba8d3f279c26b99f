"""Which stories are in, in which order, and why the others are not."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from build import article, item, story
from digest.edition import select as module
from digest.edition.affair import Nearness
from digest.edition.filling import HOLD, ONE_AFFAIR, Rules, section_of
from digest.edition.select import select
from digest.model import Bar, Point, StoryState


def one(number, section="", *, source="Example Wire", title="", light=False, **over):
    """A story that shares no word with any other, unless it is given a title."""
    words = title or " ".join(
        f"{word}{number}" for word in ("storm", "vote", "bank", "strike", "trial", "quake", "film")
    )
    told = article(number, section=section, source=source, title=words, summary="", body="")
    ledger = (*over.pop("ledger", ()), *((Point(signal="section", value=-1, points=-1),) if light else ()))
    return story(number, articles=(told,), ledger=ledger, **over)


def editor(points):
    return (Point(signal="editor", value=points, points=points),)


def chosen(selection):
    return [int(one.id[1:]) for one in selection.chosen]


def ids(stories, limit, **rules):
    return chosen(select(stories, Rules(limit=limit, **rules)))


def held(stories):
    """The draft that has these stories."""
    return [item(int(one.id[1:])) for one in stories]


def test_the_best_are_in_whatever_the_order_of_the_input():
    selection = select([one(3), one(1), one(2)], Rules(limit=2))
    assert chosen(selection) == [1, 2]
    assert selection.left_out == {"s0003": "its rank, 3, is not among the best 2."}


def test_repeats_dropped_and_signal_only_stories_are_out():
    selection = select(
        [
            one(1, state=StoryState.REPEAT),
            one(2, ledger=editor(-100)),
            one(3, ledger=(Point(signal="unpublishable", value=1, points=0),)),
            one(4, state=StoryState.DEVELOPED),
        ],
        Rules(limit=9),
    )
    assert chosen(selection) == [4]
    assert selection.left_out == {"s0001": module.REPEAT, "s0002": module.DROPPED, "s0003": module.SIGNAL_ONLY}


def test_pinned_stories_come_first_repeats_too():
    assert ids([one(1), one(2), one(3, ledger=editor(100), state=StoryState.REPEAT)], 2) == [3, 1]


# --- limits, minimums, shares ----------------------------------------------------------------------------------------


def test_no_section_has_more_than_half_while_others_have_something():
    sport, world = [one(n, "Sport") for n in range(1, 6)], [one(n, "World") for n in (6, 7, 8)]
    selection = select([*sport, *world], Rules(limit=4))
    assert chosen(selection) == [1, 2, 6, 7]
    assert selection.left_out["s0003"] == "its section, Sport, has its share of 2 with better ones."
    assert selection.left_out["s0008"] == "its rank, 8, is not among the best 4."


def test_a_section_fills_the_edition_when_there_is_nothing_else():
    assert ids([one(n, "Sport") for n in range(1, 6)], 4) == [1, 2, 3, 4]


def test_limits_hold_where_there_is_nothing_else_too():
    stories = [one(1, "Sport"), one(2, "sport"), one(3, "Sport"), one(4, "Stars")]
    selection = select(stories, Rules(limit=4, section_limits={"SPORT": 2, "Stars": 0}))
    assert chosen(selection) == [1, 2]
    assert selection.left_out == {
        "s0003": "its section, Sport, is limited to 2, and has better ones.",
        "s0004": "the newsletter wants nothing of its section, Stars.",
    }


def test_a_limit_for_each_source():
    stories = [one(1), one(2), one(3, source="Paper")]
    selection = select(stories, Rules(limit=3, per_source=1))
    assert chosen(selection) == [1, 3]
    assert selection.left_out == {"s0002": "sources are limited to 1, and Example Wire has better ones."}


def test_the_last_places_are_kept_for_a_minimum():
    stories = [*(one(n, "World") for n in range(1, 6)), one(6, "Culture"), one(7, "Culture")]
    selection = select(stories, Rules(limit=4, section_minimums={"culture": 2}))
    assert chosen(selection) == [1, 2, 6, 7]
    kept = select(stories, Rules(limit=3, section_minimums={"culture": 2}))
    assert kept.left_out["s0002"] == "the last places are kept for sections that have a minimum."


def test_a_minimum_that_cannot_be_had_is_told_and_keeps_no_place_empty():
    selection = select([one(n, "World") for n in (1, 2, 3)], Rules(limit=2, section_minimums={"Culture": 1}))
    assert chosen(selection) == [1, 2]
    assert selection.notes == ("Section Culture has 1 fewer than its minimum.",)


def test_pinned_stories_heed_no_limit():
    pinned = [one(n, "Sport", ledger=editor(100)) for n in (1, 2, 3)]
    assert ids([*pinned, one(4, "World")], 3, section_limits={"Sport": 0}, per_source=1) == [1, 2, 3]


def test_a_quiet_day_is_short_and_says_so():
    stories = [one(1), one(2, state=StoryState.REPEAT), one(3)]
    selection = select(stories, Rules(limit=5, minimum_score=8))
    assert chosen(selection) == [1]
    assert selection.left_out["s0003"] == "it has 7.0 points, and the newsletter asks for 8."
    assert selection.notes[-1] == (
        "1 of 5 places are filled: of the 3 stories of the window 1 were told before, and 1 may not be in for other "
        "reasons."
    )


# --- one affair ------------------------------------------------------------------------------------------------------

FLOOD = "River Danube floods the old town of Passau after record rain"


def test_a_place_kept_in_vain_goes_to_a_section_that_does_not_have_its_share():
    """The one story of culture tells of the first one's affair."""
    world = [one(1, "World", title=FLOOD), one(2, "World"), one(3, "World")]
    others = [one(4, "Economy"), one(5, "Economy"), one(6, "Culture", title=FLOOD)]
    selection = select([*world, *others], Rules(limit=4, section_minimums={"Culture": 1}))
    assert sorted(chosen(selection)) == [1, 2, 4, 5]
    assert selection.notes == ("Section Culture has 1 fewer than its minimum.",)


def test_two_stories_of_one_affair_are_not_both_in():
    stories = [one(1, title=FLOOD), one(2, title="Record rain: Danube floods Passau's old town again"), one(3)]
    selection = select(stories, Rules(limit=3))
    assert chosen(selection) == [1, 3]
    assert selection.left_out == {"s0002": f"it tells of the same affair as “{FLOOD}”, which ranks 1."}


def test_an_affair_of_forty_stories_does_not_fill_the_edition():
    """Each shares four words with all the others, and has four of its own."""
    flood = [one(n, title=f"Danube flood Passau rain bridge{n} mayor{n} school{n} train{n}") for n in range(1, 41)]
    near = Nearness(flood).to(flood[0])
    assert max(value for id_, value in near.items() if id_ != "s0001") < ONE_AFFAIR
    assert ids([*flood, *(one(n) for n in range(41, 60))], 12)[:4] == [1, 2, 3, 41]
    assert ids(flood, 12) == list(range(1, 13))


def test_names_in_common_do_not_make_an_affair():
    stories = [one(1, title="Elon Musk sends a car to Mars"), one(2, title="Elon Musk buys a social network")]
    assert ids(stories, 2) == [1, 2]


@pytest.mark.parametrize(
    ("this", "that"),
    [
        ("北京发生强烈地震造成多人受伤", "北京强烈地震多人受伤"),
        (
            "فيضانات تجتاح المدينة القديمة بعد أمطار قياسية غزيرة",
            "أمطار قياسية غزيرة: فيضانات المدينة القديمة تجتاح الأسواق",
        ),
    ],
)
def test_affairs_in_other_scripts(this, that):
    assert ids([one(1, title=this), one(2, title=that)], 2) == [1]


# --- the lead story --------------------------------------------------------------------------------------------------


def big(number, section="", **over):
    """A story of two sources, with a text."""
    told = one(number, section, **over)
    return replace(told, sources=2, lead=replace(told.lead, summary=f"About{number}."))


def test_a_light_story_does_not_lead_and_the_reason_is_told():
    selection = select([big(1, "Sport", light=True), big(2, "World")], Rules(limit=2))
    assert chosen(selection) == [2, 1]
    assert "before it, is of a light section, Sport." in selection.leads
    assert selection.notes == (selection.leads,)


def test_a_story_of_one_source_or_without_text_does_not_lead_either():
    bare = replace(big(2), lead=one(2).lead)
    selection = select([one(1), bare, big(3)], Rules(limit=3))
    assert chosen(selection)[0] == 3
    assert "has one source alone" in selection.leads
    assert "has no text" in selection.leads


def test_where_none_deserves_it_the_best_that_is_not_light_leads_and_then_the_best():
    assert ids([one(1, "Sport", light=True), one(2), one(3)], 3)[0] == 2
    assert ids([one(1, "Sport", light=True), one(2, "Sport", light=True)], 2)[0] == 1


def test_a_pinned_story_leads_however_light():
    selection = select([big(1), big(2, "Sport", light=True, ledger=editor(100))], Rules(limit=2))
    assert chosen(selection) == [2, 1]
    assert selection.leads.endswith("leads: an editor pinned it.")


def test_the_lead_is_first_then_the_sections_in_their_order():
    stories = [one(1, "World"), one(2, "Culture"), one(3, "Sport"), one(4, "World"), one(5, "Science"), one(6)]
    assert ids(stories, 6, sections=["sport", "World"]) == [1, 6, 3, 4, 2, 5]


def test_a_lead_without_a_section_takes_the_commonest_of_its_story():
    articles = [article(1, section=""), article(2, section="World"), article(3, section="World"), article(4)]
    assert section_of(story(1, articles=articles)) == "World"


def test_nothing_in_nothing_out():
    assert select([], Rules(limit=5)).chosen == ()


# --- the draft of the day --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ahead", "stays"), [(HOLD / 2, True), (HOLD * 2, False)])
def test_what_is_in_the_draft_stays_unless_another_is_clearly_better(ahead, stays):
    old, new = one(2, score=5.0), one(1, score=5.0 + ahead)
    selection = select([old, new], Rules(limit=1), previous=held([old]))
    assert chosen(selection) == [2 if stays else 1]
    if stays:
        assert selection.left_out["s0001"] == (
            f"it is not clearly better than “{old.lead.title}”, which is in the draft already."
        )


@pytest.mark.parametrize(("ahead", "stays"), [(HOLD / 2, True), (HOLD * 2, False)])
def test_so_does_the_lead_story(ahead, stays):
    old, new = big(2, score=5.0), big(1, score=5.0 + ahead)
    assert chosen(select([old, new], Rules(limit=2), previous=held([old])))[0] == (2 if stays else 1)


def test_a_story_of_the_draft_is_known_by_its_address_too():
    old, new = replace(one(2, score=5.0), id="s-grown"), one(1, score=5.1)
    assert select([old, new], Rules(limit=1), previous=held([one(2)])).chosen == (old,)


def test_no_place_in_the_draft_is_held_against_a_drop():
    gone = one(1, ledger=editor(-100))
    assert chosen(select([gone, one(2)], Rules(limit=1), previous=held([gone]))) == [2]


# --- what holds for any input ----------------------------------------------------------------------------------------

WORDS = ["danube", "flood", "passau", "rain", "bridge", "mayor", "school", "vote", "strike", "trial", "quake", "film"]
TITLES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@st.composite
def days(draw):
    """Some stories, in no order, with scores that are all different."""
    count = draw(st.integers(0, 14))
    scores = draw(st.lists(st.integers(0, 400), min_size=count, max_size=count, unique=True))
    ranked = sorted(scores, reverse=True)
    found = []
    for number, score in enumerate(scores, start=1):
        own = {
            "section": draw(st.sampled_from(["World", "Sport", "Culture", "sport", ""])),
            "source": draw(st.sampled_from(["Paper", "Wire", "Radio"])),
            "title": draw(TITLES) or f"word{number}",
            "light": draw(st.booleans()),
        }
        state = draw(st.sampled_from([StoryState.NEW] * 4 + [StoryState.REPEAT]))
        found.append(replace(one(number, **own), rank=ranked.index(score) + 1, score=score / 40, state=state))
    return found


@st.composite
def rules(draw):
    limit = draw(st.integers(1, 6))
    minimums = draw(st.dictionaries(st.sampled_from(["world", "Culture"]), st.integers(1, 2), max_size=2))
    assume(sum(minimums.values()) <= limit)
    return Rules(
        limit=limit,
        section_limits=draw(st.dictionaries(st.sampled_from(["Sport"]), st.integers(0, 3))),
        section_minimums=minimums,
        per_source=draw(st.integers(0, 3)),
        minimum_score=draw(st.none() | st.integers(0, 5)),
    )


@hypothesis_settings(deadline=None, max_examples=60)
@given(days(), rules())
def test_limits_hold_and_each_story_is_in_or_has_a_sentence(stories, asked):
    selection = select(stories, asked)
    picked = selection.chosen
    assert len(picked) <= asked.limit
    assert Counter(section_of(one).casefold() for one in picked)["sport"] <= asked.section_limits.get("Sport", 9)
    if asked.per_source:
        assert max(Counter(one.lead.source for one in picked).values(), default=0) <= asked.per_source
    near = Nearness(stories)
    for place, this in enumerate(picked):
        assert all(near.to(this).get(that.id, 0.0) < ONE_AFFAIR for that in picked[place + 1 :])
    assert {one.id for one in picked} | set(selection.left_out) == {one.id for one in stories}
    assert len(picked) + len(selection.left_out) == len(stories)
    assert all(sentence.endswith(".") for sentence in selection.left_out.values())


@hypothesis_settings(deadline=None, max_examples=60)
@given(days(), rules())
def test_a_minimum_is_met_while_there_are_stories_that_no_limit_keeps_out(stories, asked):
    selection = select(stories, asked)
    unfit = {Bar.REPEAT, Bar.MINIMUM_SCORE, Bar.AFFAIR, Bar.SOURCE_LIMIT}
    for section, least in asked.section_minimums.items():
        there = sum(section_of(one).casefold() == section.casefold() for one in selection.chosen)
        could = [
            one
            for one in stories
            if section_of(one).casefold() == section.casefold()
            and selection.standings[one.id].bar is not None
            and selection.standings[one.id].bar not in unfit
        ]
        assert there >= least or not could


@hypothesis_settings(deadline=None, max_examples=60)
@given(days(), rules(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(stories, asked, random):
    assert select(random.sample(stories, len(stories)), asked) == select(stories, asked)


@hypothesis_settings(deadline=None, max_examples=60)
@given(days(), rules())
def test_building_the_draft_again_changes_nothing(stories, asked):
    first = select(stories, asked)
    again = select(stories, asked, previous=held(first.chosen))
    assert again.chosen == first.chosen
    assert select(stories, asked, previous=held(again.chosen)) == again


@hypothesis_settings(deadline=None, max_examples=60)
@given(days(), rules())
def test_an_unrelated_story_below_all_others_takes_one_place_or_none(stories, asked):
    before = {one.id for one in select(stories, asked).chosen}
    low = replace(one(99, "Elsewhere", source="Another", title="nothing99 alike99"), score=-1.0, rank=len(stories) + 1)
    after = {one.id for one in select([*stories, low], asked).chosen}
    assert after - before <= {low.id}
    assert len(before - after) <= (low.id in after)


@hypothesis_settings(deadline=None, max_examples=100)
@given(days(), rules(), st.data())
def test_the_gap_is_what_a_story_lacks_and_what_it_could_lose(stories, asked, data):
    selection = select(stories, asked)
    counted = [one for one in stories if selection.standings[one.id].gap is not None]
    assume(counted)
    story_ = data.draw(st.sampled_from(counted))
    standing = selection.standings[story_.id]
    assert standing.gap is not None

    def is_in(points):
        others = [one for one in stories if one is not story_]
        return select([*others, replace(story_, score=story_.score + points)], asked).standings[story_.id].is_in

    if standing.is_in:
        assert is_in(0.001 - standing.gap)
        assert not is_in(-standing.gap - 0.001)
    elif standing.bar is not Bar.MINIMUM_SCORE:  # which other rules may follow
        assert is_in(standing.gap + 0.001)
        assert not is_in(standing.gap - 0.001)
