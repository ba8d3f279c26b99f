from dataclasses import replace

from build import edition, item
from digest.edition.ladder import BLURB, steps
from digest.model import Image, Section

LONG = "The bank left its key rate unchanged. " + "Two members voted for a cut, " * 20 + "it said."


def full(count=4):
    picture = Image(url="https://example.org/a.jpg", width=640, height=480)
    items = [item(number, rank=number, blurb=LONG, image=picture) for number in range(1, count + 1)]
    sections = (Section(name="Economy", items=tuple(items[1:3])), Section(name="World", items=tuple(items[3:])))
    return replace(edition(), lead=items[0], sections=sections)


def test_thumbnails_go_first_then_blurbs_then_the_least_important_stories():
    assert [step.left_out for step in steps(full())] == [
        ("3 thumbnails left out",),
        ("3 thumbnails left out", "3 blurbs shortened"),
        ("3 thumbnails left out", "3 blurbs shortened", "1 story on the web only"),
        ("3 thumbnails left out", "3 blurbs shortened", "2 stories on the web only"),
        ("3 thumbnails left out", "3 blurbs shortened", "3 stories on the web only"),
    ]


def test_the_lead_story_keeps_all_it_has():
    assert all(step.edition.lead == full().lead for step in steps(full()))


def test_each_step_does_what_it_says():
    thumbnails, blurbs, *stories = (step.edition for step in steps(full()))
    small = [one for section in thumbnails.sections for one in section.items]
    assert not any(one.image for one in small)
    assert all(one.blurb == LONG for one in small)
    assert {one.blurb for section in blurbs.sections for one in section.items} == {
        "The bank left its key rate unchanged."
    }
    assert [[one.rank for one in left.items] for left in stories] == [[1, 2, 3], [1, 2], [1]]
    assert [[section.name for section in left.sections] for left in stories] == [["Economy"], ["Economy"], []]


def test_importance_is_the_rank_and_not_the_place():
    shuffled = replace(full(), sections=(Section(name="A", items=(item(9, rank=9), item(2, rank=2))),))
    *_, last_but_one, last = steps(shuffled)
    assert [one.rank for one in last_but_one.edition.items] == [1, 2]
    assert [one.rank for one in last.edition.items] == [1]


def test_a_first_sentence_without_end_is_cut_at_a_word():
    endless = replace(full(), sections=(Section(name="A", items=(item(2, blurb="word " * 200),)),))
    step = next(iter(steps(endless)))
    (short,) = step.edition.sections[0].items
    assert 0 < len(short.blurb) <= BLURB
    assert not set(short.blurb.split()) - {"word"}


def test_what_has_nothing_to_lose_goes_by_stories_at_once():
    plain = replace(edition(), sections=(Section(name="A", items=(item(2, blurb=""),)),))
    assert [step.left_out for step in steps(plain)] == [("1 story on the web only",)]
