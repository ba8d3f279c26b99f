"""News that comes after the approval: a second revision, for those whom nobody has begun to write to."""

from datetime import timedelta

import pytest

from build import NOW, reader, told
from digest.model import Drop, SetSubject
from digest.pipeline import storing
from digest.pipeline.building import build
from digest.pipeline.latenews import revise
from digest.pipeline.operating import aim, open_edition, operate
from digest.pipeline.publishing import approve, hold, signed_off
from digest.store import deliveries, editions, newsletters, subscribers
from digest.store.audit import audit
from digest.worker.letters import Letters

KEY = "daily/2026-11-23"
LEASE = timedelta(minutes=10)
LATER = NOW + timedelta(minutes=20)


LATE = told(99, published=NOW + timedelta(minutes=10), section="World", source="Other")


def put(database, *items, now=NOW):
    with database.begin() as db:
        storing.put(db, items, now=now)


@pytest.fixture
def open_to_news(settings):
    letter = settings.newsletters["daily"].model_copy(update={"late_news": 0.1})
    return settings.model_copy(update={"newsletters": {"daily": letter}})


@pytest.fixture
def approved(open_to_news, database):
    """An approved edition of three stories on the economy, for three readers of all and one of the economy."""
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        people = [*map(reader, (1, 2, 3)), reader(4, sections=("Economy",))]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
    put(database, *map(told, (1, 2, 3)), told(4, section="Sport"))
    build(open_to_news, database, at=NOW)
    return database, approve(open_to_news, database, KEY, now=NOW).edition.id


def rows(database, id_):
    with database.read() as db:
        return deliveries.by_variant(db, id_)


def claim(database, limit, now=NOW):
    with database.begin() as db:
        return deliveries.claim(db, now=now, limit=limit, owner="one", lease=LEASE)


def test_who_was_not_begun_with_gets_the_second_revision(open_to_news, approved):
    database, id_ = approved
    assert rows(database, id_) == {"default": 3, "Economy": 1}
    first = claim(database, 1)
    before = Letters(open_to_news, database).copy(first[0])
    with database.begin() as db:
        assert deliveries.attempt(db, first, now=NOW, owner="one", lease=LEASE)
    put(database, LATE, now=LATER)

    found = revise(open_to_news, database, KEY, now=LATER)
    assert (found.revision, found.readers, [one.lead.url for one in found.stories]) == (2, 2, [LATE.url])
    assert rows(database, id_) == {"default": 1, "default@2": 2, "Economy": 1}
    letters = Letters(open_to_news, database)
    assert letters.copy(first[0]) == before, "what was begun with stays the same bytes"
    copies = {one.variant: letters.copy(one) for one in claim(database, 10, now=LATER)}
    assert {name: LATE.url.encode() in copy for name, copy in copies.items()} == {"default@2": True, "Economy": False}
    with database.read() as db:
        assert editions.newest(db, id_, "default") == "default@2"
        assert LATE.url in editions.rendered(db, id_, "default@2").web
        assert LATE.url not in editions.rendered(db, id_, "default").web
        assert LATE.url in editions.told_keys(db, id_), "tomorrow knows that it was told"
        assert all(proof.holds for proof in audit(db, id_))
    record = signed_off(database, KEY)[-1]
    assert (record.action, record.remark) == ("late", f"revision 2: “{LATE.title}”; 2 readers")


def test_the_same_news_makes_one_revision_and_more_news_another(open_to_news, approved):
    database, id_ = approved
    put(database, LATE, now=LATER)
    assert revise(open_to_news, database, KEY, now=LATER).readers == 3
    assert revise(open_to_news, database, KEY, now=LATER) is None
    claim(database, 1, now=LATER)
    more = told(98, published=LATER, section="Economy", source="Third")
    put(database, more, now=LATER)
    found = revise(open_to_news, database, KEY, now=LATER + timedelta(minutes=1))
    assert (found.revision, found.readers) == (3, 3)
    assert rows(database, id_) == {"default@2": 1, "default@3": 2, "Economy@3": 1}


def test_a_copy_that_was_given_back_keeps_its_revision(open_to_news, approved):
    """Its claim ran out, so nobody knows whether its content had begun to leave."""
    database, id_ = approved
    claim(database, 1)
    with database.begin() as db:
        deliveries.recover(db, now=NOW + 2 * LEASE, dead_owners=())
    put(database, LATE, now=LATER)
    revise(open_to_news, database, KEY, now=LATER)
    assert rows(database, id_)["default"] == 1


def test_nothing_changes_without_a_threshold_below_it_on_hold_or_when_all_have_theirs(settings, open_to_news, approved):
    database, _ = approved
    put(database, LATE, now=LATER)
    assert revise(settings, database, KEY, now=LATER) is None
    high = settings.newsletters["daily"].model_copy(update={"late_news": 99.0})
    above = settings.model_copy(update={"newsletters": {"daily": high}})
    assert revise(above, database, KEY, now=LATER) is None
    assert revise(open_to_news, database, KEY, now=LATER + timedelta(days=1)) is None, "another day"
    hold(database, KEY, now=LATER)
    assert revise(open_to_news, database, KEY, now=LATER) is None
    approve(open_to_news, database, KEY, now=LATER, lift_hold=True)
    claim(database, 10)
    assert revise(open_to_news, database, KEY, now=LATER) is None


def test_an_older_story_that_was_left_out_is_no_late_news(open_to_news, approved):
    database, _ = approved
    put(database, told(50, published=NOW - timedelta(hours=3)), now=LATER)
    assert revise(open_to_news, database, KEY, now=LATER) is None


def test_an_editors_subject_stays_and_what_was_dropped_stays_out(open_to_news, database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader()], newsletter="daily", consent="{}", now=NOW)
    put(database, *map(told, (1, 2, 3)))
    build(open_to_news, database, at=NOW)
    opened = open_edition(open_to_news, database, KEY)
    gone = opened.stories[0]
    opened = operate(open_to_news, database, opened, Drop(story=aim(opened, "1")), who="anna", now=NOW)
    operate(open_to_news, database, opened, SetSubject(text="Mine"), who="anna", now=NOW)
    approve(open_to_news, database, KEY, now=NOW)
    again = told(97, published=NOW + timedelta(minutes=5), source="Other")
    number = int(gone.lead.url.rpartition("/")[2])
    repeated = told(number, url="https://example.org/news/again", source="Other", published=again.published)
    put(database, again, repeated, now=LATER)
    found = revise(open_to_news, database, KEY, now=LATER)
    assert [one.lead.url for one in found.stories] == [again.url]
    assert found.edition.content.subject == "Mine"
