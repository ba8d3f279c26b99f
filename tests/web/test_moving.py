"""Another address: asked there first, nothing changed before the answer, and the old one told."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from build import NOW
from digest.config import Smtp
from digest.model import Reason
from digest.store import moves, subscribers, suppressions
from digest.store.backup import release
from digest.store.schema import copies
from digest.worker.moves import send_moves

NEW = "new@example.org"


def want(town, address=NEW, name="confirmed"):
    return town.client.post(town.path("preferences", name), data={"action": "move", "address": address})


def due(town):
    """The mails that a worker would send now; each is sent."""
    with town.database.begin() as db:
        found = moves.claim(db, now=town.clock(), limit=10, lease=timedelta(minutes=30))
        for one in found:
            moves.settled(db, one)
    return [(one.kind, one.address) for one in found]


def link(town, name="confirmed"):
    with town.database.read() as db:
        move = moves.find(db, town.person(name).uid, now=town.clock())
    return town.path("address", name, generation=move.nonce) if move else ""


def test_a_reader_moves_by_the_mail_to_the_new_address_and_the_old_one_is_told(town):
    uid = town.person("confirmed").uid
    preferences = town.path("preferences")
    assert "one is on its way there" in want(town).text
    assert due(town) == [("ask", NEW)]
    path = link(town)
    assert town.client.get(path).text.count("<button") == 1
    assert town.person("confirmed").address == "confirmed@example.net"
    assert "Your address has been changed" in town.client.post(path).text
    with town.database.read() as db:
        moved = subscribers.by_address(db, NEW)
        assert (moved.uid, subscribers.by_address(db, "confirmed@example.net")) == (uid, None)
    assert due(town) == [("tell", "confirmed@example.net")]
    assert due(town) == []
    before = town.rows()
    for answer in (town.client.get(path), town.client.post(path)):  # a double click, and the link once more
        assert "Your address has been changed" in answer.text
    assert town.rows() == before
    town.clock.advance(days=7, seconds=1)
    with town.database.begin() as db:
        moves.forget(db, now=town.clock())
    assert town.client.post(path).status_code == 404
    assert "Subscribed since" in town.client.get(preferences).text


def test_a_copy_of_a_database_sends_none(town, mailbox):
    smtp = Smtp(host="127.0.0.1", port=mailbox.port, security="none")
    settings = town.settings.model_copy(update={"smtp": smtp})
    town.clock.now = datetime.now(UTC)
    want(town)
    with town.database.begin() as db:
        db.execute(insert(copies).values(made_at=NOW))
    assert asyncio.run(send_moves(settings, town.database, stop=asyncio.Event())) == 0
    assert mailbox.messages == []
    with town.database.begin() as db:
        release(db, now=NOW)
    assert asyncio.run(send_moves(settings, town.database, stop=asyncio.Event())) == 1


def test_the_mails_arrive_and_name_neither_address(town, mailbox):
    smtp = Smtp(host="127.0.0.1", port=mailbox.port, security="none")
    settings = town.settings.model_copy(update={"smtp": smtp})
    town.clock.now = datetime.now(UTC)
    want(town)
    assert asyncio.run(send_moves(settings, town.database, stop=asyncio.Event())) == 1
    town.client.post(link(town))
    assert asyncio.run(send_moves(settings, town.database, stop=asyncio.Event())) == 1
    assert asyncio.run(send_moves(settings, town.database, stop=asyncio.Event())) == 0
    asked, told = mailbox.messages
    assert [asked.recipient, told.recipient] == [NEW, "confirmed@example.net"]
    for one, subject in ((asked, "Is this your new address?"), (told, "Your address has been changed")):
        head, _, body = one.raw.partition(b"\r\n\r\n")
        assert subject.encode() in head
        assert b"confirmed@" not in body
        assert NEW.encode() not in body
    assert b"/address/daily/" in asked.raw.replace(b"=\r\n", b"")
    assert b"/address/" not in told.raw.replace(b"=\r\n", b"")


@pytest.mark.parametrize("address", ["pending@example.net", "left@example.net", "suppressed@example.net", NEW])
def test_the_answer_does_not_tell_who_has_an_address(small_town, address):
    assert want(small_town, address).text == want(small_town, "other@example.org").text
    sent = [("ask", "other@example.org")]
    assert due(small_town) == sent


def test_the_mails_and_the_page_speak_the_language_of_the_reader(small_town, mailbox):
    smtp = Smtp(host="127.0.0.1", port=mailbox.port, security="none")
    settings = small_town.settings.model_copy(update={"smtp": smtp})
    small_town.clock.now = datetime.now(UTC)
    with small_town.database.begin() as db:
        subscribers.settle(db, small_town.person("confirmed").id, language="de-AT", timezone="")
    want(small_town)
    assert asyncio.run(send_moves(settings, small_town.database, stop=asyncio.Event())) == 1
    path = link(small_town)
    assert '<html lang="de"' in small_town.client.get(path).text
    assert '<html lang="de"' in small_town.client.post(path).text
    assert asyncio.run(send_moves(settings, small_town.database, stop=asyncio.Event())) == 1
    for mail in mailbox.messages:
        assert b'<html lang=3D"de"' in mail.raw


@pytest.mark.parametrize("address", ["confirmed@example.net", "Confirmed@Example.NET"])
def test_the_address_they_have_is_said_so(small_town, address):
    """No mail would come, and it would be waited for."""
    answer = want(small_town, address)
    assert answer.status_code == 422
    assert "goes to this address already" in answer.text
    assert due(small_town) == []


def test_a_mailbox_in_any_letters_may_be_moved_to_where_it_may_join(small_town):
    assert want(small_town, "jürgen@example.org").status_code == 422
    smtp = small_town.settings.smtp.model_copy(update={"smtputf8": True})
    settings = small_town.settings.model_copy(update={"smtp": smtp})
    wide = type(small_town)(settings, small_town.database, small_town.clock)
    assert want(wide, "jürgen@example.org").status_code == 200
    assert due(wide) == [("ask", "jürgen@example.org")]


def test_an_address_that_is_none_is_said_so(small_town):
    for address in ("", "nobody", "a b@example.net"):
        answer = want(small_town, address)
        assert answer.status_code == 422
        assert "cannot be used" in answer.text
    assert due(small_town) == []


def test_a_later_wish_makes_the_link_of_an_earlier_one_useless(small_town):
    want(small_town)
    first = link(small_town)
    want(small_town, "other@example.org")
    assert small_town.client.post(first).status_code == 404
    assert small_town.client.post(link(small_town)).status_code == 200
    with small_town.database.read() as db:
        assert subscribers.by_address(db, "other@example.org") is not None


def test_the_old_address_is_told_whatever_is_asked_for_meanwhile(small_town):
    """Who has somebody's link cannot hide a change by asking for the next."""
    want(small_town)
    due(small_town)
    uid = small_town.person("confirmed").uid
    preferences = small_town.path("preferences")
    small_town.client.post(link(small_town))
    small_town.client.post(preferences, data={"action": "move", "address": "other@example.org"})
    assert due(small_town) == [("tell", "confirmed@example.net")]
    with small_town.database.read() as db:
        assert moves.find(db, uid, now=NOW).kind == "tell"
    small_town.client.post(preferences, data={"action": "move", "address": "third@example.org"})
    assert due(small_town) == [("ask", "third@example.org")]


def test_a_link_works_for_a_week_and_the_address_is_forgotten_then(small_town):
    want(small_town)
    path = link(small_town)
    small_town.clock.advance(days=7, seconds=1)
    assert [small_town.client.get(path).status_code, small_town.client.post(path).status_code] == [404, 404]
    with small_town.database.begin() as db:
        moves.forget(db, now=small_town.clock())
    assert due(small_town) == []


def test_an_address_that_was_taken_or_suppressed_meanwhile_is_not_moved_to(town):
    want(town)
    path = link(town)
    with town.database.begin() as db:
        suppressions.add(db, NEW, reason=Reason.COMPLAINT, evidence="", now=NOW)
    assert town.client.post(path).status_code == 404
    assert town.person("confirmed").address == "confirmed@example.net"


def test_nobody_is_flooded_by_moves(small_town):
    """One mail a day to an address, whoever asks, and three changes a day of one reader."""
    want(small_town, "victim@example.org")
    assert due(small_town) == [("ask", "victim@example.org")]
    want(small_town, "victim@example.org")
    want(small_town, "victim@example.org", name="pending")
    assert due(small_town) == []
    assert [want(small_town, f"{name}@example.org").status_code for name in "bc"] == [200, 200]
    assert due(small_town) == [("ask", "b@example.org")]


def test_what_waits_is_part_of_what_is_stored(small_town):
    want(small_town)
    assert small_town.client.get(f"{small_town.path('preferences')}/data").json()["moving_to"] == NEW
