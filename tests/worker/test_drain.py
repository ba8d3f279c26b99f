"""The promises of the outbox, against a real mail server and on both databases."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from build import reader
from digest.config import Dkim
from digest.errors import ConfigError
from digest.model import DeliveryState as State
from digest.model import EditionState, Reason
from digest.store import deliveries, editions, owners, schema, subscribers, suppressions
from digest.worker.drain import Drain
from digest.worker.shift import Shift
from digest.worker.supply import FRESH
from pipeliner import pipeliner

pytestmark = pytest.mark.parametrize("window", [1, 4], indirect=True)


def test_every_reader_gets_one_copy_and_the_edition_is_done(approved, drain, tally, mailbox, database):
    status = approved(7)
    drained = drain()
    assert drained.settled == {State.SENT: 7}
    assert sorted(one.recipient for one in mailbox.messages) == [f"reader{n}@example.net" for n in range(1, 8)]
    assert tally(status).count(State.SENT) == 7
    with database.read() as db:
        assert editions.by_id(db, status.id).state is EditionState.DONE
    assert drain().settled == {}
    assert len(mailbox.messages) == 7


def test_connections_are_used_again(approved, drain, mailbox):
    approved(9)
    drain()
    assert mailbox.connections <= 2


def test_copies_differ_only_in_what_is_personal(approved, drain, mailbox):
    approved(2)
    drain()
    first, second = (one.parsed for one in mailbox.messages)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["List-Unsubscribe"] != second["List-Unsubscribe"]
    assert first["Subject"] == second["Subject"]
    assert first["Date"] == second["Date"]


def test_attempting_is_committed_before_the_content_leaves(approved, drain, mailbox, database):
    """The server looks into the database at the moment it is asked to take content."""
    status = approved(3)
    seen = []

    def look(envelope):
        with database.read() as db:
            rows = {row.address: row.state for row in deliveries.listing(db, status.id)}
        seen.append(rows[envelope.rcpt_tos[0]])

    mailbox.hooks["data"] = look
    drain()
    assert seen == [State.ATTEMPTING] * 3


def test_an_unknown_reader_fails_and_the_others_get_theirs(approved, drain, tally, mailbox):
    status = approved(4)
    mailbox.refuse["reader2@example.net"] = "550 5.1.1 no such user"
    drain()
    assert tally(status).states == {State.SENT: 3, State.FAILED: 1}


def test_a_refusal_for_now_waits_and_is_sent_later_as_the_same_message(approved, drain, tally, mailbox, database):
    status = approved(3)
    mailbox.refuse["reader2@example.net"] = "451 4.3.0 later"
    drain()
    waiting = tally(status)
    assert waiting.states == {State.SENT: 2, State.QUEUED: 1}
    assert waiting.next_due > datetime.now(UTC)
    mailbox.refuse.clear()
    with database.begin() as db:
        deliveries.retry(db, status.id, now=datetime.now(UTC))
    drain()
    assert tally(status).states == {State.SENT: 3}
    assert len({one.recipient for one in mailbox.messages}) == len(mailbox.messages) == 3


def test_who_left_since_the_freeze_is_skipped(approved, drain, tally, mailbox, database):
    status = approved(3)
    with database.begin() as db:
        person = subscribers.by_address(db, reader(2).address)
        subscribers.unsubscribe(db, person.id, "daily", now=datetime.now(UTC))
        suppressions.add(db, reader(3).address, reason=Reason.COMPLAINT, evidence="", now=datetime.now(UTC))
    drain()
    assert tally(status).states == {State.SENT: 1, State.SKIPPED: 2}
    assert [one.recipient for one in mailbox.messages] == ["reader1@example.net"]


def test_who_leaves_between_envelope_and_content_is_not_mailed(approved, drain, mailbox, database, window):
    """Where deliveries are recorded ahead, it is looked at again when the last look is old."""
    approved(1)

    def leave(_envelope):
        with database.begin() as db:
            person = subscribers.by_address(db, reader(1).address)
            subscribers.unsubscribe(db, person.id, "daily", now=datetime.now(UTC))
        time.sleep(0 if window == 1 else 1.5 * FRESH)

    mailbox.hooks["rcpt"] = leave
    assert drain().settled == {State.SKIPPED: 1}
    assert mailbox.messages == []


def test_a_server_that_cannot_be_reached_costs_nobody_anything(approved, drain, tally, sending):
    status = approved(5)
    closed = sending.smtp.model_copy(update={"port": 1})
    drained = drain(smtp=closed)
    assert drained.unreachable
    assert tally(status).states == {State.QUEUED: 5}
    assert tally(status).in_doubt == 0


def test_sending_stops_when_the_message_is_refused_for_everybody(approved, drain, tally, mailbox, database):
    status = approved(150)
    mailbox.refuse["rcpt"] = "550 5.7.1 blocked"
    drained = drain()
    assert drained.paused
    assert tally(status).states == {State.QUEUED: 150}
    assert drain().settled == {}, "a paused edition is left alone"
    mailbox.refuse.clear()
    with database.begin() as db:
        deliveries.retry(db, status.id, now=datetime.now(UTC))
        assert suppressions.listing(db) == []
    drain()
    assert tally(status).states == {State.SENT: 150}


def test_a_hold_stops_it_and_lifting_it_goes_on(approved, drain, tally, database):
    status = approved(3)
    with database.begin() as db:
        editions.set_hold(db, status.id, hold=True)
    drain()
    assert tally(status).states == {State.QUEUED: 3}
    with database.begin() as db:
        editions.set_hold(db, status.id, hold=False)
    drain()
    assert tally(status).states == {State.SENT: 3}


def test_told_to_stop_it_finishes_what_is_on_the_wire_and_leaves_the_rest_queued(
    approved, drain, tally, mailbox, database
):
    status = approved(20)
    stop = asyncio.Event()
    count = iter(range(100))

    def stop_at_third(_envelope):
        if next(count) == 2:
            stop.set()

    mailbox.hooks["dot"] = stop_at_third
    drain(stop=stop)
    first = tally(status)
    assert first.count(State.SENT) == len(mailbox.messages) < 20
    assert first.count(State.SENT) + first.count(State.QUEUED) == 20
    assert first.in_doubt == 0
    mailbox.hooks.clear()
    drain()
    assert len({one.recipient for one in mailbox.messages}) == len(mailbox.messages) == 20


def test_a_key_that_cannot_be_used_fails_nobody(approved, drain, tally, sending, tmp_path):
    (tmp_path / "key.pem").write_text("no key")
    keys = [{"selector": "s1", "private_key_file": tmp_path / "key.pem"}]
    status = approved(3)
    with pytest.raises(ConfigError, match="key s1: not a private key"):
        drain(dkim=Dkim.model_validate({"domain": "example.org", "keys": keys}))
    assert tally(status).states == {State.QUEUED: 3}
    assert tally(status).in_doubt == 0


def test_an_address_that_cannot_be_written_fails_alone(approved, drain, tally, database):
    status = approved(3)
    with database.begin() as db:
        db.execute(update(schema.deliveries).where(schema.deliveries.c.subscriber_id == 2).values(address="ä@b.c\r\n"))
    drain()
    assert tally(status).states == {State.SENT: 2, State.FAILED: 1}


def test_no_log_line_holds_an_address_or_a_token(approved, drain, mailbox, database, caplog):
    """At the most talkative level, with refusals and a pause.  The mail server's own log is not ours."""
    caplog.set_level("DEBUG")
    status = approved(40)
    mailbox.refuse["reader3@example.net"] = "550 5.1.1 <reader3@example.net> no such user"
    drain()
    mailbox.refuse["rcpt"] = "550 5.7.1 reader@example.net blocked"
    with database.begin() as db:
        deliveries.release(db, status.id, now=datetime.now(UTC))
    drain()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    keys = [one.parsed["List-Unsubscribe"].split("/")[-1][:32] for one in mailbox.messages]
    assert not [line for line in ours if "@example.net" in line or any(key in line for key in keys)]


def test_two_processes_share_the_work(approved, tally, mailbox, database, sending):
    from digest.worker.drain import Drain

    status = approved(40)

    async def both():
        drains = [Drain(sending, database, Shift(owner=f"p{n}")).run() for n in range(2)]
        return await asyncio.gather(*drains)

    reports = asyncio.run(both())
    assert sum(report.settled[State.SENT] for report in reports) == 40
    assert tally(status).states == {State.SENT: 40}
    assert len({one.recipient for one in mailbox.messages}) == len(mailbox.messages) == 40


def test_a_content_goes_only_to_the_connection_that_asked_for_it(approved, sending, database, tally):
    """A server that closes once it has asked, twice: no other connection gets what it asked for."""
    status = approved(6)

    async def main():
        async with pipeliner(fickle=2) as (server, port):
            smtp = sending.smtp.model_copy(update={"port": port})
            settings = sending.model_copy(update={"smtp": smtp})
            with owners.Presence(database, "test"):
                await Drain(settings, database, Shift(owner="test")).run()
            return server

    server = asyncio.run(main())
    assert {line.split(" ")[0] for line in server.commands} <= {"EHLO", "MAIL", "RCPT", "DATA", "QUIT", "RSET"}
    assert tally(status).states == {State.SENT: 4, State.QUEUED: 2}
    assert len(server.taken) == 4
