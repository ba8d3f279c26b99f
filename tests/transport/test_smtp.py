"""One connection, against real servers: stages told apart, nothing in clear, a 250 that stays a 250."""

import asyncio

import pytest
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Outcome, Stage
from digest.transport.envelope import Envelope
from digest.transport.replies import one_line
from digest.transport.smtp import Relay, content_of
from postbox import Mailbox

MESSAGE = b"Subject: hello\r\n\r\n.dots\r\n..and more\r\nend\r\n"


def to(recipient, sender="bounces@example.org"):
    return Envelope(sender=sender, recipient=recipient)


async def send(settings, *, recipient="reader@example.net", message=MESSAGE, **relay_options):
    """(outcome, whether the connection is still usable) of one message."""
    relay = Relay(settings, **relay_options)
    outcome = await relay.open()
    if outcome is None:
        outcome = await relay.deliver(to(recipient), content_of(message))
    usable = relay.usable
    await relay.close()
    return outcome, usable


async def scripted_send(scripted, plain, says=None, **script):
    async with scripted(says, **script) as (server, port):
        return (*await send(plain(port)), server)


def test_a_message_arrives_as_it_was(mailbox, plain):
    outcome, usable = asyncio.run(send(plain(mailbox.port)))
    assert (outcome.stage, outcome.code, usable) == (Stage.DOT, 250, True)
    (caught,) = mailbox.messages
    assert (caught.sender, caught.recipient, caught.raw) == ("bounces@example.org", "reader@example.net", MESSAGE)


def test_one_connection_carries_many_messages_and_survives_a_refused_reader(mailbox, plain):
    mailbox.refuse["gone@example.net"] = "550 5.1.1 no such user"

    async def several():
        relay = Relay(plain(mailbox.port))
        assert await relay.open() is None
        people = ("a@example.net", "gone@example.net", "b@example.net")
        outcomes = [await relay.deliver(to(who), content_of(MESSAGE)) for who in people]
        await relay.close()
        return outcomes

    outcomes = asyncio.run(several())
    assert [(one.stage, one.code) for one in outcomes] == [("dot", 250), ("rcpt", 550), ("dot", 250)]
    assert mailbox.addresses == ["a@example.net", "b@example.net"]
    assert mailbox.connections == 1


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("text", ["550 5.7.1 no", "451 4.3.0 later", "421 4.3.2 closing"])
def test_a_refusal_is_reported_at_its_stage(mailbox, plain, stage, text):
    mailbox.refuse[stage] = text
    outcome, usable = asyncio.run(send(plain(mailbox.port)))
    code, _, said = text.partition(" ")
    assert outcome == Outcome(stage=Stage("connect" if stage == "ehlo" else stage), code=int(code), text=said)
    assert usable == (code != "421" and stage not in ("connect", "ehlo"))
    assert mailbox.messages == []


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("said", [None, "\xff\xfe\x00 what?", "999 what", "350 what", "250-cut"])
def test_no_answer_or_nonsense_has_no_code_and_ends_the_connection(scripted, plain, stage, said):
    if (stage, said) == ("data", "350 what"):
        said = "354-cut"  # 3xx is the yes of DATA
    closes = (stage,) if said and "-cut" in said else ()
    outcome, usable, server = asyncio.run(scripted_send(scripted, plain, {stage: said}, closes=closes))
    assert (outcome.stage, outcome.code) == (Stage("connect" if stage == "ehlo" else stage), None)
    assert not usable
    assert (stage == "dot") == bool(server.content)


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
def test_silence_is_no_answer_after_the_time_is_up(scripted, plain, stage):
    async def run():
        async with scripted(silent=(stage,)) as (_, port):
            return await send(plain(port, timeout=0.2), dot_timeout=0.2)

    outcome, usable = asyncio.run(run())
    assert (outcome.stage, outcome.code, usable) == (Stage("connect" if stage == "ehlo" else stage), None, False)


def test_accepted_and_closed_at_once_is_accepted(scripted, plain):
    outcome, _, _ = asyncio.run(scripted_send(scripted, plain, closes=("dot",)))
    assert (outcome.stage, outcome.code) == (Stage.DOT, 250)


@pytest.mark.parametrize("said", [None, "500 no", "\x00"])
def test_whatever_is_said_to_quit_does_not_matter(scripted, plain, said):
    outcome, usable, server = asyncio.run(scripted_send(scripted, plain, {"quit": said}))
    assert (outcome.code, usable) == (250, True)
    assert server.commands[-1] == "QUIT"


def test_one_answer_too_many_is_not_taken_for_acceptance(scripted, plain):
    outcome, usable, server = asyncio.run(scripted_send(scripted, plain, {"rcpt": "250 ok\r\n250 again"}))
    assert (outcome.stage, outcome.code, usable) == (Stage.DATA, None, False)
    assert server.content == b""


def test_a_connection_that_closed_while_idle_is_noticed(scripted, plain):
    async def run():
        async with scripted(closes=("dot",)) as (_, port):
            relay = Relay(plain(port))
            await relay.open()
            first = await relay.deliver(to("a@example.net"), content_of(MESSAGE))
            await asyncio.sleep(0.05)
            usable = relay.usable
            again = await relay.name(to("b@example.net"))
            opened = await relay.open()
            await relay.close()
            return first.code, usable, again, opened

    first, usable, again, opened = asyncio.run(run())
    assert (first, usable, opened) == (250, False, None)
    assert (again.stage, again.code) == (Stage.MAIL, None)


def test_nobody_listens(plain):
    with Mailbox() as mailbox:
        port = mailbox.port
    outcome, usable = asyncio.run(send(plain(port)))
    assert (outcome.stage, outcome.code, usable) == (Stage.CONNECT, None, False)


def test_cancelled_in_the_content_leaves_no_usable_connection(scripted, plain):
    async def run():
        async with scripted(silent=("dot",)) as (_, port):
            relay = Relay(plain(port))
            await relay.open()
            await relay.name(to("a@example.net"))
            task = asyncio.create_task(relay.content(content_of(MESSAGE)))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return relay.usable

    assert not asyncio.run(run())


@pytest.mark.parametrize("address", ["a b@example.net", "a@example.net> SIZE=1", "a\r\nRSET@x", "nobody"])
def test_an_address_that_could_be_a_command_is_not_sent(scripted, plain, address):
    async def run():
        async with scripted() as (server, port):
            relay = Relay(plain(port))
            await relay.open()
            with pytest.raises(ValueError, match="envelope address") as caught:
                await relay.deliver(to(address), content_of(MESSAGE))
            await relay.close()
            return server, str(caught.value)

    server, said = asyncio.run(run())
    assert [command.split()[0] for command in server.commands] == ["EHLO", "QUIT"]
    assert address not in said


def test_the_null_sender(mailbox, plain):
    async def run():
        relay = Relay(plain(mailbox.port))
        await relay.open()
        await relay.deliver(to("a@example.net", sender=""), content_of(MESSAGE))
        await relay.close()

    asyncio.run(run())
    assert mailbox.messages[0].sender == ""


# --- TLS -------------------------------------------------------------------------------------------------------------


def test_starttls_with_a_certificate_nobody_trusts_is_refused(certificate, plain):
    with Mailbox(tls_context=certificate[0]) as mailbox:
        outcome, usable = asyncio.run(send(plain(mailbox.port, security="starttls")))
        assert (outcome.stage, outcome.code, usable) == (Stage.CONNECT, None, False)
        assert "certificate verify failed" in outcome.text
        assert mailbox.messages == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_ssl_cert_file_is_trusted(certificate, plain, monkeypatch, security):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    options = {"tls_context": certificate[0], "require_starttls": True} if security == "starttls" else {}
    with Mailbox(ssl=certificate[0] if security == "tls" else None, **options) as mailbox:
        outcome, usable = asyncio.run(send(plain(mailbox.port, security=security)))
        assert (outcome.code, usable) == (250, True)


def test_a_certificate_for_another_name_is_refused(certificate, plain, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with Mailbox(tls_context=certificate[0]) as mailbox:
        outcome, _ = asyncio.run(send(plain(mailbox.port, security="starttls", host="127.0.0.1")))
        assert outcome.stage is Stage.CONNECT
        assert "certificate is not valid for '127.0.0.1'" in outcome.text
        assert mailbox.messages == []


def test_stripped_starttls_is_refused_before_anything_is_said(scripted, plain):
    """Somebody on the way takes STARTTLS out of the list: neither credentials nor addresses go out."""

    async def run():
        async with scripted({"ehlo": "250-script.example\r\n250 AUTH PLAIN LOGIN"}) as (server, port):
            outcome, usable = await send(plain(port, security="starttls", username="digest", password="secret"))
            return server, outcome, usable

    server, outcome, usable = asyncio.run(run())
    assert (outcome.stage, outcome.code, usable) == (Stage.CONNECT, None, False)
    assert "STARTTLS" in outcome.text
    assert {command.split()[0] for command in server.commands} <= {"EHLO", "QUIT"}


@pytest.mark.parametrize(("said", "code"), [("454 4.7.0 no TLS now", 454), ("\xff\xff", None), (None, None)])
def test_a_server_that_does_not_start_tls(scripted, plain, said, code):
    async def run():
        async with scripted({"ehlo": "250-x\r\n250 STARTTLS", "starttls": said}) as (server, port):
            return (*await send(plain(port, security="starttls")), server)

    outcome, usable, server = asyncio.run(run())
    assert (outcome.stage, outcome.code, usable) == (Stage.CONNECT, code, False)
    assert {command.split()[0] for command in server.commands} <= {"EHLO", "STARTTLS"}


@pytest.mark.parametrize(("password", "code"), [("right", 250), ("wrong", 535)])
def test_credentials_go_out_after_starttls_only(certificate, plain, monkeypatch, password, code):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append(bool(session.ssl))
        return AuthResult(success=data.password == b"right", handled=False)

    with Mailbox(tls_context=certificate[0], authenticator=authenticate, auth_required=True) as mailbox:
        settings = plain(mailbox.port, security="starttls", username="digest", password=password)
        outcome, _ = asyncio.run(send(settings))
    assert outcome.code == code
    assert outcome.stage is (Stage.DOT if code == 250 else Stage.CONNECT)
    assert seen
    assert all(seen)
    assert password not in outcome.text


# --- bytes -----------------------------------------------------------------------------------------------------------


@given(st.text(alphabet=".\r\n a", max_size=60))
def test_no_content_holds_an_early_final_dot(text):
    wire = b"".join(content_of(text.encode())) + b".\r\n"
    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    assert (b"\r\n" + wire).count(b"\r\n.\r\n") == 1
    assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n")


def test_an_answer_is_kept_in_one_line_without_local_parts():
    text = one_line("5.1.1 <jane.doe@example.net>:\nuser\x1b[31m unknown (jane.doe@example.net) " + "x" * 400)
    assert text.startswith("5.1.1 <***@example.net>: user [31m unknown (***@example.net) xxx")
    assert len(text) == 300
