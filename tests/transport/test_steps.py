"""Each step of the way: what goes out together, what each answer means, and the way down."""

import asyncio
import socket
import time

import pytest

from digest.config import Smtp
from digest.model import Stage
from digest.transport.envelope import Envelope
from digest.transport.reach import Reach, Step
from digest.transport.smtp import Naming, Relay, content_of
from pipeliner import OFFERS, pipeliner

WIRE = b"Subject: hello\r\n\r\nhello\r\n"
MESSAGE = content_of(WIRE)
CHUNKING = (*OFFERS, "CHUNKING")


def to(who, **over):
    return Envelope(**{"sender": "bounces@example.org", "recipient": f"{who}@example.net", **over})


@pytest.fixture
def talk(plain):
    """Run a conversation with a server; the server."""

    def run(conversation, says=None, *, window=1, bdat=False, timeout=2, **options):
        async def main():
            async with pipeliner(says, **options) as (server, port):
                relay = Relay(plain(port, window=window, bdat=bdat, timeout=timeout), dot_timeout=timeout)
                assert await relay.open() is None
                server.told = await conversation(relay)
                await relay.close()
                return server

        return asyncio.run(main())

    return run


def rcpts(server):
    return [who.partition(":")[2].partition(">")[0][1:] for who, _ in server.taken]


DELAYED = 0.04  #: seconds for which Linux keeps an acknowledgement back


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="this system does not say when it acknowledges")
@pytest.mark.parametrize("window", [1, 16])
def test_a_server_that_waits_for_acknowledgements_of_its_answers_gets_them(talk, window):
    async def many(relay):
        await relay.name(to("a"))
        begun = time.monotonic()
        for _ in range(50):
            await relay.content_and_name(MESSAGE, to("b")) if relay.overlaps else await one_by_one(relay)
        return time.monotonic() - begun

    async def one_by_one(relay):
        await relay.content(MESSAGE)
        await relay.name(to("b"))

    assert talk(many, window=window, hesitant=True).told < 50 * DELAYED / 4


# --- grouped ---------------------------------------------------------------------------------------------------------


def test_envelope_and_data_go_out_together(talk):
    """The server answers the first command only when it has the third."""

    async def one(relay):
        return await relay.name(to("a"))

    assert talk(one, hold=3).told is Naming.ACCEPTED


def test_a_server_that_does_not_offer_pipelining_is_asked_step_by_step(talk):
    async def one(relay):
        return await relay.name(to("a"))

    told = talk(one, hold=3, offers=("8BITMIME",), timeout=0.3).told
    assert (told.stage, told.code) == (Stage.MAIL, None)


@pytest.mark.parametrize("offers", [OFFERS, ("8BITMIME",)])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_after_a_refusal_the_next_reader_is_served_over_the_same_connection(talk, offers, stage):
    async def three(relay):
        told = [await relay.deliver(to("a"), MESSAGE)]
        relay_says.update({stage: "550 5.7.1 no"})
        told.append(await relay.deliver(to("b"), MESSAGE))
        relay_says.clear()
        told.append(await relay.deliver(to("c"), MESSAGE))
        return told

    relay_says: dict[str, str] = {}
    server = talk(three, relay_says, offers=offers)
    assert [(one.stage, one.code) for one in server.told] == [("dot", 250), (stage.lower(), 550), ("dot", 250)]
    assert rcpts(server) == ["a@example.net", "c@example.net"]
    assert server.connections == 1


def test_a_content_that_nobody_is_to_have_is_not_sent(talk):
    async def one(relay):
        return await relay.name(to("a")), relay.usable

    server = talk(one, {"RCPT": "550 5.1.1 unknown", "DATA": "354 go on all the same"})
    outcome, usable = server.told
    assert (outcome.stage, outcome.code, usable) == (Stage.RCPT, 550, False)
    assert server.taken == []


@pytest.mark.parametrize("offers", [OFFERS, ("8BITMIME",)])
def test_without_a_permit_no_content_leaves(talk, offers):
    async def no():
        return False

    async def one(relay):
        return await relay.name(to("a"), no), relay.usable

    server = talk(one, offers=offers)
    first, usable = server.told
    assert (first, usable) == (Naming.DENIED, offers == ("8BITMIME",))
    assert server.taken == []


# --- full ------------------------------------------------------------------------------------------------------------


async def overlapping(relay, names, message=MESSAGE):
    """All of them, the next named with the content of the one before."""
    assert relay.overlaps
    told = [await relay.name(to(names[0]))]
    for name in names[1:]:
        told.extend(await relay.content_and_name(message, to(name)))
    return [*told, await relay.content(message)]


def test_content_and_the_next_envelope_go_out_together():
    """From the content on the server answers only when it has all four: the content and the next three commands."""

    async def main():
        async with pipeliner() as (server, port):
            relay = Relay(Smtp(host="127.0.0.1", port=port, security="none", window=2, timeout=2), dot_timeout=2)
            await relay.open()
            assert await relay.name(to("a")) is Naming.ACCEPTED
            server.hold = 4
            told = await relay.content_and_name(MESSAGE, to("b"))
            await relay.close()
            return told

    outcome, named = asyncio.run(main())
    assert (outcome.code, named) == (250, Naming.ACCEPTED)


def test_each_of_many_arrives_once(talk):
    async def many(relay):
        return await overlapping(relay, "abcdef")

    server = talk(many, window=2)
    assert rcpts(server) == [f"{name}@example.net" for name in "abcdef"]
    assert all(content == WIRE for _, content in server.taken)


def test_a_refused_reader_does_not_touch_the_one_before(talk):
    async def many(relay):
        await relay.name(to("a"))
        return await relay.content_and_name(MESSAGE, to("gone"))

    outcome, named = talk(many, {"RCPT TO:<gone": "550 5.1.1 unknown"}, window=2).told
    assert (outcome.stage, outcome.code) == (Stage.DOT, 250)
    assert (named.stage, named.code) == (Stage.RCPT, 550)


def test_a_server_that_cannot_take_early_commands_is_taken_down_a_step_and_nobody_is_lost(talk, plain):
    """Haraka: 503 to what came together with a content."""

    async def many(relay):
        await relay.name(to("a"))
        outcome, named = await relay.content_and_name(MESSAGE, to("b"))
        after = relay.overlaps
        last = await relay.deliver(to("b"), MESSAGE)
        again = Relay(relay._settings)
        await again.open()
        remembered = again.overlaps
        await again.close()
        return outcome, named, after, last, remembered

    server = talk(many, window=2, strict=True)
    outcome, named, after, last, remembered = server.told
    assert (outcome.code, named, after, last.code, remembered) == (250, Naming.UNASKED, False, 250, False)
    assert rcpts(server) == ["a@example.net", "b@example.net"]


def test_a_server_that_hangs_up_at_early_commands_is_taken_down_a_step():
    """Twice, as once may be chance.  That it takes a group says nothing of a group with a content."""

    async def main():
        async with pipeliner(harsh=True) as (_, port):
            overlapped = []
            for _ in range(3):
                relay = Relay(Smtp(host="127.0.0.1", port=port, security="none", window=2, timeout=2), dot_timeout=2)
                await relay.open()
                overlapped.append(relay.overlaps)
                assert await relay.name(to("a")) is Naming.ACCEPTED
                if relay.overlaps:
                    await relay.content_and_name(MESSAGE, to("b"))
                await relay.close()
            return overlapped

    assert asyncio.run(main()) == [True, True, False]


def test_who_was_named_when_the_connection_went_is_to_be_named_again(talk):
    async def many(relay):
        await relay.name(to("a"))
        return await relay.content_and_name(MESSAGE, to("b")), relay.usable

    (outcome, named), usable = talk(many, {"dot": None}, window=2).told
    assert (outcome.stage, outcome.code, named, usable) == (Stage.DOT, None, Naming.UNASKED, False)


def test_an_answer_too_many_before_a_content_ends_the_connection(talk):
    async def one(relay):
        named = await relay.name(to("a"))
        await asyncio.sleep(0.05)
        return named, await relay.content(MESSAGE)

    server = talk(one, {"DATA": "354 go on\r\n250 taken already"}, window=2)
    named, outcome = server.told
    assert (named, outcome.stage, outcome.code) == (Naming.ACCEPTED, Stage.DATA, None)
    assert server.taken == []


# --- chunked ---------------------------------------------------------------------------------------------------------


def test_several_messages_are_on_their_way_at_once(talk):
    async def many(relay):
        assert relay.streams
        launched = [relay.launch(to(name), MESSAGE) for name in "abc"]
        return launched, [(await relay.landed()).code for _ in "abc"]

    server = talk(many, window=4, bdat=True, offers=CHUNKING)
    assert server.told == ([True] * 3, [250] * 3)
    assert server.taken == [(f"RCPT TO:<{name}@example.net>", WIRE) for name in "abc"]


def test_a_refused_one_among_them_is_told_and_the_others_arrive(talk):
    async def many(relay):
        for name in ("a", "gone", "c"):
            relay.launch(to(name), MESSAGE)
        return [await relay.landed() for _ in "abc"]

    server = talk(many, {"RCPT TO:<gone": "550 5.1.1 unknown"}, window=4, bdat=True, offers=CHUNKING)
    assert [(one.stage, one.code) for one in server.told] == [("dot", 250), ("rcpt", 550), ("dot", 250)]
    assert rcpts(server) == ["a@example.net", "c@example.net"]


def test_a_lost_connection_leaves_a_launched_message_in_doubt(talk):
    async def one(relay):
        relay.launch(to("a"), MESSAGE)
        return await relay.landed()

    told = talk(one, {"BDAT": None}, window=4, bdat=True, offers=CHUNKING).told
    assert (told.stage, told.code) == (Stage.DOT, None)


def test_without_the_offer_or_the_wish_there_are_no_chunks(talk):
    async def steps(relay):
        return relay.streams, relay.overlaps

    assert talk(steps, window=4, bdat=True).told == (False, True)
    assert talk(steps, window=4, offers=CHUNKING).told == (False, True)
    assert talk(steps, window=1, bdat=True, offers=CHUNKING).told == (False, False)


# --- options of the envelope -----------------------------------------------------------------------------------------


def test_a_report_is_asked_for_where_the_server_offers_it(talk):
    async def one(relay):
        return await relay.deliver(to("a", recipient="a+b=c@example.net", id="7.00ff"), MESSAGE)

    server = talk(one, offers=(*OFFERS, "DSN"))
    assert "MAIL FROM:<bounces@example.org> RET=HDRS ENVID=7.00ff" in server.commands
    assert "RCPT TO:<a+b=c@example.net> NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@example.net" in server.commands
    server = talk(one)
    assert "MAIL FROM:<bounces@example.org>" in server.commands


def test_an_address_beyond_ascii_needs_an_offer(talk):
    envelope = to("a", recipient="jürgen@example.net")

    async def one(relay):
        return relay.refuses(envelope) or await relay.deliver(envelope, MESSAGE)

    server = talk(one, offers=(*OFFERS, "SMTPUTF8"))
    assert server.told.code == 250
    assert "MAIL FROM:<bounces@example.org> BODY=8BITMIME SMTPUTF8" in server.commands
    assert rcpts(server) == ["jürgen@example.net"]
    server = talk(one)
    assert (server.told.stage, server.told.code) == (Stage.RCPT, 553)
    assert [line.split()[0] for line in server.commands] == ["EHLO", "QUIT"]
    assert server.taken == []


# --- how far -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offers", "window", "bdat", "step"),
    [
        ((), 16, True, Step.SINGLE),
        (("pipelining",), 1, True, Step.GROUPED),
        (("pipelining",), 2, True, Step.FULL),
        (("pipelining", "chunking"), 2, False, Step.FULL),
        (("pipelining", "chunking"), 1, True, Step.GROUPED),
        (("pipelining", "chunking"), 2, True, Step.CHUNKED),
    ],
)
def test_the_highest_step_that_offer_window_and_wish_allow(offers, window, bdat, step):
    assert Reach().step(offers, window=window, bdat=bdat) is step


def test_a_refused_step_is_never_tried_again():
    reach = Reach()
    reach.refused(Step.FULL)
    assert reach.step(("pipelining", "chunking"), window=16, bdat=True) is Step.GROUPED


def test_one_broken_conversation_may_be_chance_and_two_are_not():
    reach = Reach()
    reach.broke(Step.FULL)
    assert reach.step(("pipelining",), window=2, bdat=False) is Step.FULL
    reach.broke(Step.FULL)
    assert reach.step(("pipelining",), window=2, bdat=False) is Step.GROUPED


def test_what_has_worked_stays():
    reach = Reach()
    reach.worked(Step.FULL)
    for _ in range(5):
        reach.broke(Step.FULL)
    assert reach.step(("pipelining",), window=2, bdat=False) is Step.FULL
