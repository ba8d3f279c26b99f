"""An edition from its first draft to its end."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from build import NOW, article, edition, story
from digest.errors import NotFound, Refused
from digest.model import Cadence, EditionState, EditorAction, Markets, Quote, Sponsor
from digest.pipeline import storing
from digest.store import decisions, editions, newsletters, tellings
from queues import RENDERED, Queue


@pytest.fixture
def draft(database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily", "weekly"], now=NOW)
        return editions.save_draft(db, edition(), [story(1), story(2)], due_at=NOW)


def approve(db, edition_id, **over):
    values = {"now": NOW, "expires_at": NOW, "in_doubt": "resend", "rendered": [(RENDERED, b"message")]}
    return editions.approve(db, edition_id, **values | over)


def test_a_draft_comes_back_as_it_was_saved(database, draft):
    with database.read() as db:
        assert editions.get(db, "daily/2026-11-23") == editions.by_id(db, draft.id) == draft
    assert (draft.state, draft.content, draft.due_at) == (EditionState.DRAFT, edition(), NOW)


def test_all_that_an_edition_can_hold_survives(database):
    full = edition(
        note="Good morning",
        markets=Markets(as_of=NOW, quotes=(Quote(name="DAX", last="19,322", change=-0.4),)),
        sponsor=Sponsor(name="A", text="B", url="https://example.org"),
    )
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        assert editions.save_draft(db, full, [], due_at=None).content == full


def test_a_draft_may_be_replaced_and_keeps_its_hour(database, draft):
    with database.begin() as db:
        newer = editions.save_draft(db, edition(2), [story(3)], due_at=None)
    assert (newer.id, newer.due_at, newer.content) == (draft.id, NOW, edition(2))


def test_what_is_approved_does_not_change(database, draft):
    with database.begin() as db:
        approve(db, draft.id)
    with pytest.raises(Refused, match="only a draft can change"), database.begin() as db:
        editions.save_draft(db, edition(2), [], due_at=None)
    with database.read() as db:
        assert editions.by_id(db, draft.id).content == edition()


def test_approving_freezes_what_is_rendered(database, draft):
    with database.begin() as db:
        assert approve(db, draft.id)
    with database.read() as db:
        assert editions.rendered(db, draft.id, "default") == RENDERED
        assert editions.skeleton(db, draft.id, "default") == b"message"
        assert editions.rendered(db, draft.id, "other") is editions.skeleton(db, draft.id, "other") is None
        assert editions.by_id(db, draft.id).approved_at == NOW


def test_only_one_caller_approves(database, draft):
    with database.begin() as db:
        assert approve(db, draft.id)
        assert not approve(db, draft.id)


@pytest.mark.parametrize("stop", ["hold", "cancel", "expire"])
def test_what_an_editor_stopped_is_not_approved(database, draft, stop):
    with database.begin() as db:
        if stop == "hold":
            editions.set_hold(db, draft.id, hold=True)
        else:
            getattr(editions, stop)(db, draft.id, now=NOW)
    with pytest.raises(Refused, match=r"daily/2026-11-23 is (on hold|cancelled|expired)"), database.begin() as db:
        approve(db, draft.id)


def test_what_is_not_there_is_said_to_be_not_there(database):
    with pytest.raises(NotFound), database.begin() as db:
        approve(db, 99)
    with pytest.raises(NotFound), database.begin() as db:
        editions.set_hold(db, 99, hold=True)
    with database.read() as db:
        assert editions.by_id(db, 99) is None
        assert editions.get(db, "daily/2026-11-24") is None
        assert editions.latest(db, "daily") is None


@pytest.mark.parametrize("key", ["", "daily", "daily/yesterday", "daily/2026-13-45", "../daily/2026-11-23"])
def test_what_is_no_key_finds_nothing(database, draft, key):
    with database.read() as db:
        assert editions.get(db, key) is None


def test_an_end_is_an_end(database, draft):
    with database.begin() as db:
        editions.cancel(db, draft.id, now=NOW)
        assert not editions.expire(db, draft.id, now=NOW)
    with pytest.raises(Refused, match="is cancelled"), database.begin() as db:
        editions.set_hold(db, draft.id, hold=True)


def test_a_pause_has_a_reason_and_an_end(database, draft):
    with database.begin() as db:
        editions.pause(db, draft.id, "refused: 554 5.7.1")
        assert editions.by_id(db, draft.id).paused_reason == "refused: 554 5.7.1"
        editions.resume(db, draft.id)
        assert editions.by_id(db, draft.id).paused_reason == ""


def test_sending_begins_once(database):
    queue = Queue(database)
    for _ in range(2):
        queue.change(editions.start_sending, queue.id)
        assert queue.edition().state == EditionState.SENDING


def test_editions_are_listed_newest_first(database, draft):
    with database.begin() as db:
        editions.save_draft(db, edition(day=date(2026, 11, 24)), [], due_at=None)
        editions.save_draft(db, edition(newsletter="weekly"), [], due_at=None)
        keys = ["daily/2026-11-24", "daily/2026-11-23", "weekly/2026-11-23"]
        assert [one.key for one in editions.listing(db)] == keys
        assert [one.key for one in editions.listing(db, newsletter="daily", limit=1)] == keys[:1]
        assert editions.latest(db, "daily").key == keys[0]


def test_a_day_has_an_edition_for_each_cadence(database, draft):
    with database.begin() as db:
        weekly = editions.save_draft(db, edition(cadence=Cadence.WEEKLY, subject="The week"), [story(3)], due_at=None)
        assert weekly.key == "daily/2026-11-23-weekly"
        assert editions.get(db, weekly.key).content.subject == "The week"
        assert editions.get(db, "daily/2026-11-23").id == draft.id
        assert editions.get(db, "daily/2026-11-23-daily") is None
        assert [one.id for one in editions.listing(db, cadences=[Cadence.WEEKLY])] == [weekly.id]
        for one in (draft, weekly):
            approve(db, one.id)
        told = {
            cadence: tellings.past_stories(db, "daily", before=date(2026, 11, 30), days=28, cadences=[cadence])
            for cadence in Cadence
        }
        assert {cadence: len(past) for cadence, past in told.items()} == {"daily": 2, "weekdays": 0, "weekly": 1}
        assert tellings.last_built(db, "daily", Cadence.WEEKLY, before=date(2026, 11, 24)) == NOW
        assert tellings.last_built(db, "daily", Cadence.WEEKLY, before=date(2026, 11, 23)) is None


def test_past_stories_are_those_of_editions_that_were_published(database, draft):
    told = story(5, articles=[article(5), article(6, summary="", body="First paragraph.\n\nSecond.")])
    with database.begin() as db:
        for day, approved in ((20, True), (21, False), (22, True)):
            one = editions.save_draft(db, edition(day=date(2026, 11, day)), [told], due_at=None)
            if approved:
                approve(db, one.id)
        past = tellings.past_stories(db, "daily", before=date(2026, 11, 23), days=3)
        assert tellings.past_stories(db, "weekly", before=date(2026, 11, 23), days=3) == []
        assert len(tellings.past_stories(db, "daily", before=date(2026, 11, 23), days=2)) == 1
    assert [one.day.day for one in past] == [22, 20]
    assert past[0] == replace(past[1], day=date(2026, 11, 22))
    assert past[0].at == NOW
    assert past[0].urls == (article(5).url, article(6).url)
    assert "Central bank holds rates for meeting 6. First paragraph." in past[0].text
    assert "Second" not in past[0].text


def test_an_edition_nobody_gets_is_done_at_once(database):
    queue = Queue(database, readers=0)
    assert queue.change(editions.close_if_done, queue.id, now=NOW + timedelta(hours=1))


def test_a_locked_edition_is_the_one_that_is_there(database, draft):
    with database.begin() as db:
        assert editions.lock(db, draft.id) == draft
    with pytest.raises(NotFound), database.begin() as db:
        editions.lock(db, 99)


def test_the_version_of_the_data_changes_with_articles_decisions_and_editions(database, draft):
    later = NOW + timedelta(minutes=1)
    with database.begin() as db:
        versions = [editions.data_version(db)]
        storing.put(db, [article()], now=NOW)
        versions.append(editions.data_version(db))
        storing.put(db, [article(title="Rates rise")], now=later)
        versions.append(editions.data_version(db))
        decisions.decide(db, newsletter="daily", url="u", action=EditorAction.PIN, who="ed", now=NOW)
        versions.append(editions.data_version(db))
        approve(db, draft.id)
        versions.append(editions.data_version(db))
    assert len(set(versions)) == len(versions)
