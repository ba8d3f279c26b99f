"""A Maildir, a mailbox and an LMTP port, each a real one: what is ours is done and goes, what is not stays."""

import asyncio
import logging
import mailbox
import smtplib
import ssl
import time

import pytest
from pydantic import SecretStr

from bounces import plain, report
from build import KEY
from certificate import certify
from digest import links
from digest.config import Feedback, Imap
from digest.errors import DigestError
from digest.pipeline.receiving import Receiver, keep_looking
from digest.store import suppressions
from digest.transport.imap import ImapMailbox
from digest.transport.lmtp import listening
from imapd import Imapd
from queues import Queue, sent

ADDRESS = "reader1@example.net"
ORDINARY = plain("Lunch?", "At noon?", sender="friend@example.com")


@pytest.fixture
def queue(sqlite_database):
    one = Queue(sqlite_database)
    one.settle(*map(sent, one.take()))
    return one


@pytest.fixture
def return_path(queue):
    return links.return_path((KEY,), "bounces@example.org", queue.id, queue.subscriber(1).uid)


@pytest.fixture
def bounce(return_path):
    return report(ADDRESS, to=return_path)


@pytest.fixture
def receiver(queue, settings):
    def make(mailbox=None, **table):
        mine = settings.model_copy(update={"feedback": Feedback(**table)})
        return Receiver(mine, queue.database, mailbox=mailbox)

    return make


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certify(tmp_path_factory.mktemp("tls"))


def is_suppressed(queue):
    with queue.database.read() as db:
        return suppressions.is_suppressed(db, ADDRESS)


def wait_for(what):
    end = time.monotonic() + 15
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


# --- Maildir ---------------------------------------------------------------------------------------------------------


def test_a_maildir_is_emptied_of_what_is_ours(queue, receiver, bounce, tmp_path):
    box = mailbox.Maildir(tmp_path / "came")
    box.add(bounce)
    other = box.add(ORDINARY)
    one = receiver(maildir=tmp_path / "came")
    assert (one.look(), list(box.keys())) == (1, [other])
    assert is_suppressed(queue)
    box.add(bounce)  # delivered twice
    assert (one.look(), list(box.keys())) == (1, [other])


def test_a_message_stays_while_the_database_is_away(queue, receiver, bounce, tmp_path):
    box = mailbox.Maildir(tmp_path / "came")
    box.add(bounce)
    with queue.database.begin() as db:
        db.exec_driver_sql("ALTER TABLE events RENAME TO away")
    with pytest.raises(Exception, match="no such table"):
        receiver(maildir=tmp_path / "came").look()
    assert len(box) == 1


def test_a_message_that_nobody_foresaw_stays_and_does_not_stop_the_others(queue, receiver, bounce, tmp_path, caplog):
    box = mailbox.Maildir(tmp_path / "came")
    box.add(bounce)
    one = receiver(maildir=tmp_path / "came")
    broken = Receiver(one._settings, None)  # as if it were the message's fault
    assert (broken.look(), len(box)) == (0, 1)
    assert [record.getMessage() for record in caplog.records] == [
        "a message that came back cannot be read: AttributeError"
    ]


def test_what_is_no_maildir_is_told_in_one_line(receiver, tmp_path):
    with pytest.raises(DigestError, match=r"feedback\.maildir: no such file or directory"):
        receiver(maildir=tmp_path / "nowhere").look()


# --- IMAP ------------------------------------------------------------------------------------------------------------


def imap(server, **over):
    values = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": "digest"}
    return Imap(**values | {"password": SecretStr("secret")} | over)


@pytest.mark.parametrize("uidplus", [True, False])
def test_a_mailbox_is_emptied_of_what_is_ours(queue, receiver, bounce, uidplus):
    with Imapd({3: ORDINARY, 7: bounce}, uidplus=uidplus) as server:
        one = receiver(imap=imap(server))
        assert (one.look(), list(server.messages)) == (1, [3])
        assert is_suppressed(queue)
        assert not any("FETCH" in one and "BODY[" in one for one in server.commands)  # PEEK: nothing is marked as read
        read = len(server.commands)
        assert one.look() == 0
        assert not any("FETCH" in one for one in server.commands[read:])  # what is left is not read again
        server.messages[9] = bounce
        assert (one.look(), list(server.messages)) == (1, [3])


def test_a_mailbox_with_new_numbers_is_read_anew(queue, receiver, bounce):
    with Imapd({30: ORDINARY}) as server:
        one = receiver(imap=imap(server))
        one.look()
        server.messages, server.validity = {1: bounce}, 2
        assert (one.look(), server.messages) == (1, {})


def test_a_wrong_password_is_told_without_it(receiver):
    with Imapd() as server, pytest.raises(DigestError) as caught:
        receiver(imap=imap(server, password=SecretStr("wrong"))).look()
    assert str(caught.value) == "feedback.imap: error: the mailbox cannot be read"


def test_a_certificate_that_nobody_knows_is_refused_before_the_password(receiver, certificate):
    with Imapd(tls=certificate[0]) as server:
        with pytest.raises(DigestError, match="SSLCertVerificationError"):
            receiver(imap=imap(server, security="tls")).look()
        assert server.commands == []


def test_tls(queue, receiver, bounce, certificate):
    with Imapd({1: bounce}, tls=certificate[0]) as server:
        settings = imap(server, host="localhost", security="tls")
        tls = ssl.create_default_context(cafile=certificate[1])
        assert receiver(lambda: ImapMailbox(settings, tls=tls), imap=settings).look() == 1


# --- LMTP ------------------------------------------------------------------------------------------------------------


def lmtp(receiver, *conversations):
    """The answers of a listener to (recipients, message) of each."""

    def talk(port):
        answers = []
        with smtplib.LMTP("127.0.0.1", port) as client:
            client.ehlo()
            for recipients, raw in conversations:
                client.mail("")
                for one in recipients:
                    client.rcpt(one)
                client.putcmd("data")
                client.getreply()
                client.send(raw + b"\r\n.\r\n")
                answers.append([client.getreply()[0] for _ in recipients])
        return answers

    async def run():
        async with listening(0, receiver.take) as port:
            return await asyncio.to_thread(talk, port)

    return asyncio.run(run())


def test_lmtp_takes_what_is_ours_and_refuses_the_rest(queue, receiver, bounce):
    assert lmtp(receiver(), (["bounces@example.org"], ORDINARY), (["a@example.org", "b@example.org"], bounce)) == [
        [550],
        [250, 250],
    ]
    assert is_suppressed(queue)


def test_lmtp_knows_a_bounce_by_its_envelope(queue, receiver, return_path):
    """The header of a bounce need not say where it was sent to."""
    assert lmtp(receiver(), ([return_path], report(ADDRESS, to="undisclosed"))) == [[250]]
    assert is_suppressed(queue)


def test_lmtp_says_later_while_the_database_is_away(queue, receiver, bounce):
    with queue.database.begin() as db:
        db.exec_driver_sql("ALTER TABLE events RENAME TO away")
    assert lmtp(receiver(), (["a@example.org"], bounce)) == [[451]]


# --- again and again -------------------------------------------------------------------------------------------------


def test_trouble_is_logged_without_addresses_and_looking_goes_on(queue, receiver, bounce, tmp_path, caplog):
    one = receiver(maildir=tmp_path / "came")

    async def run():
        looking = asyncio.create_task(keep_looking(one, seconds=0.01))
        await asyncio.sleep(0.1)
        mailbox.Maildir(tmp_path / "came").add(bounce)
        await asyncio.to_thread(wait_for, lambda: is_suppressed(queue))
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

    with caplog.at_level(logging.INFO):
        asyncio.run(asyncio.wait_for(run(), 20))
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "feedback.maildir: no such file or directory; trying again in 0 s"
    assert "example.net" not in " ".join(said)
