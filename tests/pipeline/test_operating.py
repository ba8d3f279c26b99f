"""Editors' operations on a stored draft: recorded, replayed at each build, refused where another was first."""

from datetime import timedelta

import pytest

from build import NOW, told
from digest.errors import NotFound, Overtaken, Refused
from digest.model import Drop, Fate, Move, Pin, Reword, SetNote
from digest.pipeline import operating, storing
from digest.pipeline.building import build
from digest.pipeline.drafts import compared
from digest.pipeline.operating import aim, decided_about, open_edition, operate, undo
from digest.pipeline.publishing import approve
from digest.store import articles, editions, operations

KEY = "daily/2026-11-23"


def put(database, *items, now=NOW):
    with database.begin() as db:
        storing.put(db, items, now=now)


@pytest.fixture
def small(settings):
    """Three stories an edition."""
    letter = settings.newsletters["daily"].model_copy(update={"stories": 3})
    return settings.model_copy(update={"newsletters": {"daily": letter}})


@pytest.fixture
def draft(small, database):
    put(database, *map(told, range(1, 7)))
    build(small, database, at=NOW)
    return database


def test_what_was_decided_is_replayed_when_late_articles_come(small, draft):
    opened = open_edition(small, draft, KEY)
    last = opened.stories[-1]
    opened = operate(small, draft, opened, Pin(story=aim(opened, last.id)), who="anna", now=NOW)
    first = aim(opened, "2")
    opened = operate(small, draft, opened, Reword(story=first, headline="Reworded"), who="ben", now=NOW)
    assert opened.revision == opened.status.revision == 2
    assert opened.status.content.items[0].story == last.id

    put(draft, told(7), told(8, source="Other"), now=NOW + timedelta(minutes=5))
    status = build(small, draft, at=NOW + timedelta(minutes=10))
    assert status.content.items[0].story == last.id
    assert "Reworded" in [item.headline for item in status.content.items]
    assert [verdict.fate for _, verdict in decided_about(draft, KEY)] == [Fate.APPLIED, Fate.APPLIED]


def test_undoing_all_gives_the_automatic_edition_byte_for_byte(small, draft):
    with draft.read() as db:
        before = editions.get(db, KEY)
    opened = open_edition(small, draft, KEY)
    for operation in (Drop(story=aim(opened, "1")), Move(story=aim(opened, "5"), place=1), SetNote(text="Hello")):
        opened = operate(small, draft, opened, operation, who="anna", now=NOW)
    assert opened.status.content != before.content
    with draft.read() as db:
        assert editions.automatic(db, before.id) == before.content
    build(small, draft, at=NOW)
    opened = undo(small, draft, open_edition(small, draft, KEY), [1, 2, 3], who="ben", now=NOW)
    with draft.read() as db:
        after = editions.get(db, KEY)
        record = operations.of(db, after.id)
    assert after.content == before.content
    assert (after.revision, after.verdicts) == (6, ())
    assert [(one.who, one.undone_by, one.undone) for one in record] == [("anna", "ben", n) for n in (4, 5, 6)]


def test_who_was_overtaken_is_told_so_and_nothing_is_overwritten(small, draft):
    mine = theirs = open_edition(small, draft, KEY)
    theirs = operate(small, draft, theirs, Reword(story=aim(theirs, "1"), headline="Theirs"), who="ben", now=NOW)
    seen = mine.revision
    reword = Reword(story=aim(mine, "1"), headline="Mine")
    with pytest.raises(Overtaken, match=r"since revision 0: reword, by ben; nothing is done") as caught:
        operate(small, draft, mine, reword, who="anna", now=NOW, based_on=seen)
    assert caught.value.since == (1,)
    other = Reword(story=aim(mine, "2"), headline="Mine")
    after = operate(small, draft, mine, other, who="anna", now=NOW, based_on=seen)
    assert {"Theirs", "Mine"} <= {item.headline for item in after.status.content.items}
    undone = undo(small, draft, after, [1], who="ben", now=NOW)
    drop = Drop(story=aim(undone, "1"))
    with pytest.raises(Overtaken, match="reword, by ben"):
        operate(small, draft, undone, drop, who="anna", now=NOW, based_on=2)
    with pytest.raises(Refused, match="ben has undone 1 before"):
        undo(small, draft, undone, [1], who="anna", now=NOW)


def test_a_withdrawn_article_is_a_conflict_that_is_told_of(small, draft, caplog):
    opened = open_edition(small, draft, KEY)
    pinned = opened.stories[4]
    operate(small, draft, opened, Pin(story=aim(opened, "5")), who="anna", now=NOW)
    with draft.begin() as db:
        articles.remove(db, pinned.lead.url)
    status = build(small, draft, at=NOW)
    (verdict,) = status.verdicts
    assert verdict.fate is Fate.GONE
    assert f"{KEY}: decision 1 does not hold: “{pinned.lead.title}” is not there any more" in caplog.text


def test_what_would_not_hold_is_refused_at_once(small, draft):
    opened = open_edition(small, draft, KEY)
    with pytest.raises(Refused, match="is not in the edition"):
        operate(small, draft, opened, Reword(story=aim(opened, "6"), headline="New"), who="anna", now=NOW)
    with pytest.raises(Refused, match="a headline cannot be empty"):
        operate(small, draft, opened, Reword(story=aim(opened, "1"), headline=" \n"), who="anna", now=NOW)
    with pytest.raises(NotFound, match="no story 99"):
        aim(opened, "99")
    assert decided_about(draft, KEY) == ()


def test_a_story_is_found_by_number_id_and_address(small, draft):
    opened = open_edition(small, draft, KEY)
    third = opened.stories[2]
    assert aim(opened, "3") == aim(opened, third.id) == aim(opened, third.lead.url) == operating.aim_of(third)


def test_an_edition_beside_the_one_before_it(small, draft):
    with draft.read() as db:
        today = editions.get(db, KEY).content
    assert compared(draft, today) is None
    put(draft, *(told(number, published=NOW - timedelta(hours=25)) for number in range(20, 26)))
    yesterday = build(small, draft, at=NOW - timedelta(hours=23))
    assert compared(draft, today) is None, "a draft told nobody"
    approve(small, draft, yesterday.key, now=NOW - timedelta(hours=22))
    before, found = compared(draft, today)
    assert before.key == yesterday.key
    assert {item.story for item in found.new} | {one.item.story for one in found.kept} == {
        item.story for item in today.items
    }


def test_what_is_decided_while_it_is_approved_is_in_it(small, draft):
    """Recorded, and the process died before it made the draft anew."""
    opened = open_edition(small, draft, KEY)
    with draft.begin() as db:
        operations.add(db, opened.status.id, Drop(story=aim(opened, "1")), who="anna", now=NOW)
    gone = opened.stories[0].lead.url
    approved = approve(small, draft, KEY, now=NOW)
    assert gone not in [item.url for item in approved.edition.content.items]
    with pytest.raises(Refused, match="only a draft can change"):
        operate(small, draft, opened, SetNote(text="Late"), who="anna", now=NOW)
