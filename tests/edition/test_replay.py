"""What editors decided, applied over stories that have been ranked anew."""

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from build import NOW, article, story
from digest import config
from digest.edition.compose import compose
from digest.edition.filling import Rules, section_of
from digest.edition.replay import replay
from digest.edition.select import select
from digest.model import (
    Aim,
    ChooseImage,
    ChooseLead,
    Decided,
    Drop,
    Fate,
    Image,
    Merge,
    Move,
    Pin,
    Reword,
    SetNote,
    SetPreheader,
    SetSection,
    SetSponsor,
    SetSubject,
    Split,
    Sponsor,
)
from digest.store.codec import dump_edition

SEQUENCES = int(os.environ.get("TEST_REPLAYS", "200"))  # 10000 for all of them
BLOCK = 250
SETTINGS = config.Newsletter(sections=("Economy", "World"))
RULES = Rules(limit=5, sections=("Economy", "World"))
WORDS = ("storm", "vote", "bank", "strike", "trial", "quake", "film")


def told(number, *, section="Economy", **over):
    """An article that shares no word with that of another number."""
    title = " ".join(f"{word}{number}" for word in WORDS)
    return article(number, title=title, section=section, **{"summary": f"About {number}.", "body": ""} | over)


def one(number, *articles, **over):
    articles = articles or (told(number),)
    return story(number, articles=articles, **over)


def aim(one):
    others = (article.url for article in one.articles if article.url != one.lead.url)
    return Aim(story=one.id, urls=(one.lead.url, *others), headline=one.lead.title)


def record(*operations):
    return [
        Decided(number=number, operation=operation, who="anna", at=NOW)
        for number, operation in enumerate(operations, start=1)
    ]


def played(stories, *operations, rules=RULES, **over):
    return replay(stories, record(*operations), rules, **over)


def ids(replayed):
    return [int(one.id[1:]) for one in replayed.selection.chosen]


def fates(replayed):
    return [one.fate for one in replayed.verdicts]


def printed(replayed):
    return compose(
        replayed.selection,
        newsletter="daily",
        settings=SETTINGS,
        site=config.Site(),
        day=date(2026, 11, 23),
        now=NOW,
        edits=replayed.edits,
    )


SEVEN = [one(number, told(number, section="World" if number % 3 == 0 else "Economy")) for number in range(1, 8)]


def test_without_decisions_it_is_the_automatic_edition():
    assert played(SEVEN).selection == select(SEVEN, RULES)
    assert ids(played(SEVEN)) == [1, 2, 4, 3, 6]


def test_a_pinned_story_is_in_and_a_dropped_one_is_not():
    found = played(SEVEN, Pin(story=aim(SEVEN[6])), Drop(story=aim(SEVEN[0])))
    assert ids(found)[0] == 7
    assert 1 not in ids(found)
    assert fates(found) == [Fate.APPLIED, Fate.APPLIED]


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ({"place": 1}, [3, 1, 2, 4, 6]),
        ({"place": 2}, [1, 3, 2, 4, 6]),
        ({"place": 9}, [1, 2, 4, 6, 3]),
        ({"before": aim(SEVEN[3])}, [1, 2, 3, 4, 6]),
    ],
)
def test_a_story_is_moved_and_takes_the_heading_of_its_place(move, order):
    found = played(SEVEN, Move(story=aim(SEVEN[2]), **move))
    assert ids(found) == order
    names = [section.name for section in printed(found).sections]
    assert len(names) == len(set(names)), "no heading twice"


def test_what_led_stands_first_in_its_section_and_the_second_leads_when_the_first_moves_down():
    assert ids(played(SEVEN, Move(story=aim(SEVEN[5]), place=1))) == [6, 1, 2, 4, 3]
    assert ids(played(SEVEN, Move(story=aim(SEVEN[0]), place=3))) == [2, 4, 1, 3, 6]


def test_a_story_that_is_moved_stays_in_when_better_ones_come():
    better = [one(number, score=99.0 - number) for number in range(11, 20)]
    found = played([*SEVEN, *better], Move(story=aim(SEVEN[2]), place=2))
    assert ids(found)[1] == 3


def test_two_stories_are_one_and_keep_the_points_of_the_better():
    found = played(SEVEN, Merge(story=aim(SEVEN[4]), other=aim(SEVEN[0])))
    merged = found.selection.chosen[0]
    assert (merged.id, merged.score, merged.rank) == ("s0005", 9.0, 1)
    assert {one.url for one in merged.articles} == {SEVEN[0].lead.url, SEVEN[4].lead.url}
    assert ids(found) == [5, 2, 4, 3, 6]


def test_an_article_is_parted_from_its_story_and_stands_behind_all_others():
    first = one(1, told(1), told(8), told(9))
    found = played([first, *SEVEN[1:]], Split(story=aim(first), article=first.lead.url))
    (alone,) = [one for one in found.stories if one.lead.url == told(1).url]
    rest = next(one for one in found.stories if one.id == "s0001")
    assert (alone.rank, len(alone.articles)) == (8, 1)
    assert rest.lead.url == told(8).url
    assert alone.id not in {one.id for one in found.selection.chosen}
    pinned = played([first, *SEVEN[1:]], Split(story=aim(first), article=first.lead.url), Pin(story=aim(alone)))
    assert pinned.selection.chosen[0].id == alone.id
    assert fates(pinned) == [Fate.APPLIED, Fate.APPLIED]


def test_words_pictures_and_what_stands_around_the_stories():
    image = Image(url="https://example.org/own.jpg", alt="A bank", width=640)
    sponsor = Sponsor(name="A", text="B", url="https://example.org/")
    found = played(
        SEVEN,
        Reword(story=aim(SEVEN[0]), headline="Rates held\nagain"),
        Reword(story=aim(SEVEN[0]), blurb="All of it."),
        ChooseImage(story=aim(SEVEN[0]), image=image),
        SetNote(text="Good *morning*."),
        SetSponsor(sponsor=sponsor),
    )
    edition = printed(found)
    assert (edition.lead.headline, edition.lead.blurb, edition.lead.image) == ("Rates held again", "All of it.", image)
    assert edition.subject == "Rates held again"
    assert (edition.note, edition.sponsor) == ("Good *morning*.", sponsor)
    found = played(SEVEN, SetSubject(text="Today"), SetPreheader(text="And more"), SetSubject(text="Tomorrow"))
    assert (printed(found).subject, printed(found).preheader) == ("Tomorrow", "And more")
    assert fates(found) == [Fate.REPLACED, Fate.APPLIED, Fate.APPLIED]


def test_another_article_speaks_for_a_story_unless_its_source_is_a_signal():
    first = one(1, told(1), told(8), told(9, source="Signal"))
    stories = [first, *SEVEN[1:]]
    assert (
        played(stories, ChooseLead(story=aim(first), article=told(8).url)).selection.chosen[0].lead.url == told(8).url
    )
    found = played(
        stories,
        ChooseLead(story=aim(first), article=told(9).url),
        may_print=lambda article: article.source != "Signal",
    )
    assert fates(found) == [Fate.UNPRINTABLE]
    assert found.selection.chosen[0].lead == first.lead


def test_a_section_is_a_storys_own():
    found = played(SEVEN, SetSection(story=aim(SEVEN[1]), section="World"))
    assert [section_of(one) for one in found.selection.chosen if one.id == "s0002"] == ["World"]
    assert [section.name for section in printed(found).sections] == ["Economy", "World"]


def test_a_section_that_is_set_later_takes_the_place_of_a_move_but_the_story_stays_in():
    better = [one(number, score=99.0 - number) for number in range(11, 20)]
    moved, filed = Move(story=aim(SEVEN[2]), place=1), SetSection(story=aim(SEVEN[2]), section="Economy")
    found = played([*SEVEN, *better], moved, filed)
    assert fates(found) == [Fate.APPLIED, Fate.APPLIED]
    assert found.verdicts[0].sentence == "A later decision took the place of a part of it."
    assert 3 in ids(found)


def test_a_section_is_kept_when_another_article_speaks_for_the_story():
    first = one(1, told(1, section="World"), told(8, section="Economy"))
    for asked in (SetSection(story=aim(first), section="World"), Move(story=aim(first), before=aim(SEVEN[5]))):
        found = played([first, *SEVEN[1:]], asked, ChooseLead(story=aim(first), article=told(8).url))
        assert [section_of(one) for one in found.selection.chosen if one.id == "s0001"] == ["World"]


# --- conflicts -------------------------------------------------------------------------------------------------------


def test_a_withdrawn_story_is_a_conflict_until_it_is_back():
    asked = (Pin(story=aim(SEVEN[0])), Reword(story=aim(SEVEN[0]), headline="New"), Drop(story=aim(SEVEN[0])))
    found = played(SEVEN[1:], *asked[:2])
    assert fates(found) == [Fate.GONE, Fate.GONE]
    assert "is not there any more" in found.conflicts[0].sentence
    assert fates(played(SEVEN[1:], asked[2])) == [Fate.APPLIED], "what is to stay out does"
    assert fates(played(SEVEN, *asked[:2])) == [Fate.APPLIED, Fate.APPLIED]


@pytest.mark.parametrize("left", [[], SEVEN[:1]])
def test_a_merge_of_which_a_side_is_gone(left):
    found = played([*left, *SEVEN[2:]], Merge(story=aim(SEVEN[0]), other=aim(SEVEN[1])))
    assert fates(found) == [Fate.GONE]
    assert found.conflicts[0].sentence.count("“") == 2 - len(left)


def test_a_late_article_that_makes_two_stories_one_shows_that_they_were_decided_otherwise():
    both = one(1, told(1), told(2), told(9))
    found = played([both, *SEVEN[2:]], Pin(story=aim(SEVEN[0])), Drop(story=aim(SEVEN[1])))
    assert fates(found) == [Fate.TOGETHER, Fate.APPLIED]
    assert 1 not in ids(found)
    assert fates(played([both, *SEVEN[2:]], Pin(story=aim(SEVEN[0])), Pin(story=aim(SEVEN[1])))) == [Fate.APPLIED] * 2


def test_a_later_decision_of_the_same_story_takes_the_place_of_an_earlier_one_knowingly():
    found = played(SEVEN, Pin(story=aim(SEVEN[0])), Drop(story=aim(SEVEN[0])))
    assert fates(found) == [Fate.REPLACED, Fate.APPLIED]
    found = played(SEVEN, Reword(story=aim(SEVEN[0]), headline="New"), Drop(story=aim(SEVEN[0])))
    assert fates(found) == [Fate.REPLACED, Fate.APPLIED]


def test_what_is_decided_twice_fares_alike():
    better = [one(number, score=99.0 - number) for number in range(11, 20)]
    twice = [Reword(story=aim(SEVEN[0]), headline="New")] * 2
    assert fates(played([*SEVEN, *better], *twice)) == [Fate.OUT, Fate.OUT]
    assert fates(played(SEVEN, *twice, *[Drop(story=aim(SEVEN[1]))] * 2)) == [Fate.APPLIED] * 4


def test_words_for_a_story_that_fell_out_are_shown_as_a_conflict():
    better = [one(number, score=99.0 - number) for number in range(11, 20)]
    found = played([*SEVEN, *better], Reword(story=aim(SEVEN[0]), headline="New"))
    assert fates(found) == [Fate.OUT]
    assert found.conflicts[0].sentence.endswith("its section, Economy, has its share of 3 with better ones.")


def test_a_place_before_a_story_that_is_out():
    found = played(SEVEN, Drop(story=aim(SEVEN[3])), Move(story=aim(SEVEN[2]), before=aim(SEVEN[3])))
    assert fates(found) == [Fate.APPLIED, Fate.PLACELESS]
    assert 3 in ids(found)


def test_more_pins_than_places_are_conflicts():
    found = played(SEVEN, *(Pin(story=aim(one)) for one in SEVEN))
    assert fates(found).count(Fate.OUT) == 2


# --- any sequence ----------------------------------------------------------------------------------------------------


class World:
    """Articles in groups, as a ranking might find them, and an editor who works on what they make."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.groups = {number: [number] for number in range(1, 8)}  # the story's number: those of its articles
        self.points = {number: 10.0 - number for number in self.groups}
        self.articles, self.record, self.withdrawn = 7, [], set()

    def stories(self):
        kept = {number: [one for one in group if one not in self.withdrawn] for number, group in self.groups.items()}
        ranked = sorted((number for number in kept if kept[number]), key=lambda one: (-self.points[one], one))
        return [
            one(number, *map(self.article, kept[number]), rank=rank, score=self.points[number])
            for rank, number in enumerate(ranked, start=1)
        ]

    def article(self, number):
        sections = ("Economy", "World", "Sport", "")
        return told(number, section=sections[number % 4], source="Signal" if number % 5 == 0 else "Wire")

    def replayed(self, stories=None, record=None):
        return replay(
            self.stories() if stories is None else stories,
            self.record if record is None else record,
            RULES,
            may_print=lambda article: article.source != "Signal",
        )

    def step(self):
        actions = [self.decide] * 6 + [self.undo, self.arrive, self.arrive, self.unite, self.withdraw, self.rise]
        self.chance.choice(actions)()

    # what comes from outside
    def arrive(self):
        self.articles += 1
        if self.chance.random() < 0.5:
            self.groups[self.chance.choice(list(self.groups))].append(self.articles)
        else:
            self.groups[self.articles], self.points[self.articles] = [self.articles], self.chance.uniform(0, 12)

    def unite(self):
        if len(self.groups) > 2:
            kept, gone = self.chance.sample(sorted(self.groups), 2)
            self.groups[kept] += self.groups.pop(gone)

    def withdraw(self):
        self.withdrawn.symmetric_difference_update({self.chance.randint(1, self.articles)})

    def rise(self):
        self.points[self.chance.choice(list(self.groups))] = self.chance.uniform(0, 12)

    # what editors do
    def decide(self):
        seen = self.replayed().stories
        if not seen:
            return
        story, other = self.chance.choice(seen), self.chance.choice(seen)
        article = self.chance.choice(story.articles).url
        words = f"words {len(self.record)}"
        operation = self.chance.choice(
            [
                Pin(story=aim(story)),
                Drop(story=aim(story)),
                Move(story=aim(story), place=self.chance.randint(1, 6)),
                Move(story=aim(story), before=aim(other)),
                Merge(story=aim(story), other=aim(other)),
                Split(story=aim(story), article=article),
                ChooseLead(story=aim(story), article=article),
                Reword(story=aim(story), headline=words),
                Reword(story=aim(story), blurb=words),
                ChooseImage(story=aim(story), image=Image(url=f"https://example.org/{words[6:]}.jpg")),
                SetSection(story=aim(story), section=self.chance.choice(["World", "Sport", ""])),
                SetSubject(text=words),
                SetNote(text=words),
            ]
        )
        number = max([0, *(max(one.number, one.undone or 0) for one in self.record)]) + 1
        self.record.append(Decided(number=number, operation=operation, who="anna", at=NOW))

    def undo(self):
        if active := [place for place, one in enumerate(self.record) if one.is_active]:
            place = self.chance.choice(active)
            self.record[place] = replace(self.record[place], undone=10_000 + place, undone_by="ben")


def check(world):
    stories = world.stories()
    found = world.replayed(stories)
    active = [one for one in world.record if one.is_active]
    assert [one.number for one in found.verdicts] == [one.number for one in active], "one verdict each, in order"
    assert all(one.sentence for one in found.verdicts if one.fate is not Fate.APPLIED)
    chosen = found.selection.chosen
    urls = [article.url for one in chosen for article in one.articles]
    everything = [article.url for one in found.stories for article in one.articles]
    assert len({one.id for one in chosen}) == len(chosen) <= RULES.limit
    assert len(set(urls)) == len(urls), "no story twice"
    assert sorted(everything) == sorted(article.url for one in stories for article in one.articles), "none is lost"
    mixed, edition = world.chance.sample(stories, len(stories)), printed(found)
    assert printed(world.replayed(mixed)) == edition, "whatever the order"
    sections = [section.name.casefold() for section in edition.sections]
    assert len(sections) == len(set(sections)), "no heading twice"
    for one, verdict in zip(active, found.verdicts, strict=True):
        if verdict.fate is Fate.APPLIED:
            shows(one.operation, verdict, found, edition)
    last = next(
        (v for d, v in zip(active[::-1], found.verdicts[::-1], strict=True) if isinstance(d.operation, Move)), 0
    )
    if last and last.fate is Fate.APPLIED and not last.sentence:
        placed(next(one.operation for one in active if one.number == last.number), last, found)
    undone = [replace(one, undone=20_000, undone_by="ben") for one in world.record]
    back = printed(world.replayed(stories, undone))
    automatic = replay(stories, (), RULES, may_print=lambda article: article.source != "Signal")
    assert automatic.selection == select(stories, RULES)
    assert dump_edition(back) == dump_edition(printed(automatic))
    return [one.fate for one in found.verdicts]


def shows(operation, verdict, found, edition):
    """What was applied can be seen in the edition."""
    chosen = [one.id for one in found.selection.chosen]
    item = next((item for item in edition.items if item.story == verdict.story), None)
    match operation:
        case Pin() | Move():
            assert verdict.story in chosen
        case Drop():
            assert verdict.story not in chosen
        case Reword(headline=str(words)):
            assert item.headline == words
        case Reword(blurb=str(words)):
            assert item.blurb == words
        case ChooseImage(image=image):
            assert item.image == image
        case ChooseLead(article=url):
            assert item.url == url
        case SetSection(section=section):
            assert item.section == section
        case SetSubject(text=text):
            assert edition.subject == text
        case SetNote(text=text):
            assert edition.note == text


def placed(move, verdict, found):
    ids = [one.id for one in found.selection.chosen]
    place = ids.index(verdict.story) + 1
    if move.before is None:
        assert place == min(move.place, len(ids))
    elif place == 1:  # what led stands first in its section
        assert len(ids) > 1
    else:
        follower = found.selection.chosen[place]
        assert follower.id == move.before.story or {one.url for one in follower.articles} & set(move.before.urls)


@pytest.mark.parametrize("first", range(0, SEQUENCES, BLOCK))
def test_any_sequence_of_operations_and_late_arrivals(first):
    """Never a decision lost, never a story twice, the order total, and undoing all gives the automatic edition."""
    fates = Counter()
    for seed in range(first, min(first + BLOCK, SEQUENCES)):
        world = World(seed)
        for _ in range(world.chance.randint(3, 14)):
            world.step()
        try:
            fates.update(check(world))
        except Exception as error:
            error.add_note(f"sequence {seed}: {[one.operation for one in world.record]}")
            raise
    assert first or set(fates) == set(Fate), "the sequences come upon each"
