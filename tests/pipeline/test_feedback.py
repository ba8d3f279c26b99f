"""What came back in, and what was done about it: only where it is proven, and once."""

import random

import pytest
from sqlalchemy import select

from bounces import complaint, plain, report
from build import KEY, NOW, circle, edition
from digest import links
from digest.links import Purpose
from digest.model import Action, Kind, Reason, SubscriptionState
from digest.pipeline.feedback import take
from digest.store import audiences, editions, events, subscribers, suppressions
from digest.store.schema import events as log
from digest.store.schema import notices
from queues import RENDERED, Queue, sent

ADDRESS = "reader1@example.net"
KEYS = (KEY,)


@pytest.fixture
def queue(database):
    """Three readers who have their copies."""
    one = Queue(database)
    one.settle(*map(sent, one.take()))
    return one


def uid(queue, number=1):
    return queue.subscriber(number).uid


def return_path(queue, number=1, *, edition_id=None, keys=KEYS):
    return links.return_path(keys, "bounces@example.org", edition_id or queue.id, uid(queue, number))


def message_id(queue, number=1):
    return links.message_id("daily/2026-11-23", uid(queue, number), "example.org")


def taken(queue, raw, **over):
    return take(queue.database, KEYS, raw, now=NOW, **over)


def state(queue, number=1):
    with queue.database.read() as db:
        address = f"reader{number}@example.net"
        person = subscribers.by_address(db, address)
        (one,) = subscribers.subscriptions_of(db, person.id)
        return one.state, suppressions.is_suppressed(db, address)


def logged(queue):
    with queue.database.read() as db:
        return list(db.execute(select(log.c.action).order_by(log.c.id)).scalars())


UNTOUCHED = (SubscriptionState.CONFIRMED, False)


def test_a_certain_bounce_to_a_return_path_of_ours_suppresses_at_once(queue):
    effect = taken(queue, report(ADDRESS, to=return_path(queue)))
    assert (effect.action, effect.address, effect.edition) == ("suppressed", ADDRESS, "daily/2026-11-23")
    with queue.database.read() as db:
        (one,) = suppressions.listing(db)
    assert (one.reason, one.evidence) == (
        Reason.BOUNCE,
        "daily/2026-11-23: unknown user: 5.1.1 550 5.1.1 User unknown",
    )
    assert state(queue, 2) == UNTOUCHED


def test_a_return_path_whose_case_was_folded_is_ours_too(queue):
    assert taken(queue, report(ADDRESS, to=return_path(queue).upper())).action is Action.SUPPRESSED


def test_the_same_message_has_its_effect_once_however_its_lines_end(queue):
    raw = report(ADDRESS, to=return_path(queue), said="552 5.2.2 mailbox full", status="5.2.2")
    assert taken(queue, raw).action is Action.COUNTED
    again = taken(queue, raw.replace(b"\r\n", b"\n"))
    assert (again.action, again.is_done, logged(queue)) == ("known", True, ["counted"])


def test_a_dry_run_says_the_same_and_changes_nothing(queue):
    assert taken(queue, report(ADDRESS, to=return_path(queue)), dry_run=True).action is Action.SUPPRESSED
    assert (state(queue), logged(queue)) == (UNTOUCHED, [])


def test_a_message_id_with_the_address_counts_and_is_no_proof_for_more(queue):
    assert taken(queue, report(ADDRESS, message_id=message_id(queue))).action is Action.COUNTED
    assert state(queue) == UNTOUCHED


def test_a_message_id_with_another_address_is_nothing(queue):
    assert taken(queue, report("other@example.net", message_id=message_id(queue))).action is Action.NOT_OURS


def test_a_thousand_forged_bounces_have_no_effect(queue):
    """With the form of ours: other keys, other deliveries, bits turned, tokens for other purposes."""
    dice = random.Random(11)
    good = return_path(queue)
    for number in range(1000 if queue.database.is_sqlite else 200):  # the same code reads them
        forged = [
            return_path(queue, keys=("x" * 40,)),
            good.replace(good[8 + number % 36], "a" if good[8 + number % 36] != "a" else "b"),
            f"bounces+{''.join(dice.choices('abcdefghijklmnopqrstuvwxyz234567', k=36))}@example.org",
            f"bounces+{links.sign(KEYS, Purpose.UNSUBSCRIBE, 'daily', uid(queue))}@example.org",
            "bounces@example.org",
        ][number % 5]
        strange = f"<daily.2026-11-23.{dice.randbytes(8).hex()}@example.org>"
        effect = taken(queue, report(ADDRESS, to=forged, message_id=strange))
        assert (effect.action, effect.is_done) == ("not ours", False)
    assert (state(queue), logged(queue)) == (UNTOUCHED, [])


@pytest.mark.parametrize(
    ("status", "said", "action"),
    [
        ("5.7.1", "550 5.7.1 rejected as spam", "alarm"),
        ("5.7.1", "554 5.7.1 blocked using zen.spamhaus.org", "alarm"),
        ("5.2.2", "552 5.2.2 mailbox full", "counted"),
    ],
)
def test_what_says_nothing_certain_of_the_address_suppresses_nobody(queue, status, said, action):
    assert taken(queue, report(ADDRESS, to=return_path(queue), status=status, said=said)).action == action
    assert state(queue) == UNTOUCHED


def test_the_operator_hears_of_refusals_of_policy_but_not_of_each(queue, caplog):
    for number in range(12):
        said = f"550 5.7.1 rejected as spam, see {number}"
        taken(queue, report(ADDRESS, to=return_path(queue), status="5.7.1", said=said))
    assert [one.getMessage() for one in caplog.records] == [
        "daily/2026-11-23: 1 copies came back as not wanted, the latest for: spam",
        "daily/2026-11-23: 10 copies came back as not wanted, the latest for: spam",
    ]
    with queue.database.read() as db:
        assert events.alarms(db, since=NOW.replace(year=2020)) == [("spam", 12)]


def test_a_complaint_suppresses_and_unsubscribes_at_once(queue):
    token = links.delivery_token(KEY, queue.id, uid(queue))
    assert taken(queue, complaint(ADDRESS, token=token)).action is Action.SUPPRESSED
    assert state(queue) == (SubscriptionState.UNSUBSCRIBED, True)


def test_webhooks_are_told_of_a_complaint_and_of_the_leave_that_it_is(queue):
    token = links.delivery_token(KEY, queue.id, uid(queue))
    taken(queue, complaint(ADDRESS, token=token))
    with queue.database.read() as db:
        told = db.execute(select(notices.c.kind, notices.c.data)).all()
    assert [kind for kind, _ in told] == ["complaint", "unsubscribe"]
    assert told[0].data["newsletter"] == "daily"


def test_a_complaint_that_names_nobody_is_known_by_its_token(queue):
    token = links.delivery_token(KEY, queue.id, uid(queue))
    assert taken(queue, complaint("redacted", token=token)).address == ADDRESS


def test_a_complaint_about_a_message_id_of_ours_is_believed(queue):
    assert taken(queue, complaint(ADDRESS, message_id=message_id(queue))).action is Action.SUPPRESSED


def test_a_complaint_about_something_else_stays(queue):
    assert not taken(queue, complaint(ADDRESS)).is_done
    assert state(queue) == UNTOUCHED


def test_an_opt_out_report_unsubscribes_and_suppresses_nobody(queue):
    token = links.delivery_token(KEY, queue.id, uid(queue))
    assert taken(queue, complaint(ADDRESS, kind="opt-out", token=token)).action is Action.UNSUBSCRIBED
    assert state(queue) == (SubscriptionState.UNSUBSCRIBED, False)


def test_mail_to_the_address_in_list_unsubscribe_unsubscribes(queue):
    token = links.sign(KEYS, Purpose.UNSUBSCRIBE, "daily", uid(queue))
    raw = plain(f"unsubscribe daily {token}", "", sender="Somebody <other@example.com>")
    effect = taken(queue, raw)
    assert (effect.kind, effect.action, effect.address) == (Kind.UNSUBSCRIBE, "unsubscribed", ADDRESS)
    assert state(queue) == (SubscriptionState.UNSUBSCRIBED, False)
    with queue.database.read() as db:
        (event,) = events.of_address(db, ADDRESS)
    assert event.said == "asked by mail to leave daily"


def test_a_rotated_key_still_unsubscribes_by_mail(queue):
    token = links.sign(("o" * 40,), Purpose.UNSUBSCRIBE, "daily", uid(queue))
    raw = plain(f"unsubscribe daily {token}", "", sender=ADDRESS)
    assert take(queue.database, (KEY, "o" * 40), raw, now=NOW).action is Action.UNSUBSCRIBED


def test_a_reply_with_the_word_unsubscribes_who_got_the_copy(queue):
    raw = plain("Re: Rates held", "Unsubscribe\n", sender=ADDRESS, In_Reply_To=message_id(queue))
    assert taken(queue, raw).action is Action.UNSUBSCRIBED
    assert (state(queue), state(queue, 2)) == ((SubscriptionState.UNSUBSCRIBED, False), UNTOUCHED)


@pytest.mark.parametrize("sender", ["other@example.net", "reader2@example.net"])
def test_a_reply_of_somebody_else_unsubscribes_nobody(queue, sender):
    raw = plain("Re: Rates held", "Unsubscribe\n", sender=sender, In_Reply_To=message_id(queue))
    assert taken(queue, raw).action is Action.NOT_OURS
    assert (state(queue), state(queue, 2)) == (UNTOUCHED, UNTOUCHED)


def test_a_vacation_reply_to_a_return_path_is_noted_and_a_reply_of_a_person_stays(queue):
    away = plain("Out of office", "Until Monday.", sender=ADDRESS, to=return_path(queue), Auto_Submitted="auto-replied")
    letter = plain("Re: Rates held", "Well written!", sender=ADDRESS, In_Reply_To=message_id(queue))
    assert (taken(queue, away).action, taken(queue, letter).action) == ("noted", "left")
    assert (state(queue), logged(queue)) == (UNTOUCHED, ["noted"])


def test_a_bounce_of_where_the_mail_is_forwarded_to_only_counts(queue):
    assert taken(queue, report("elsewhere@example.com", to=return_path(queue))).action is Action.COUNTED


def test_what_no_database_takes_is_not_offered_to_it(queue):
    raw = report(
        ADDRESS,
        to=return_path(queue),
        status="5.2.2",
        said="552 5.2.2 mailbox \x00full \udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
    )
    assert taken(queue, raw).action is Action.COUNTED
    with queue.database.read() as db:
        (one,) = events.of_address(db, ADDRESS)
    assert one.said.startswith("552 5.2.2 mailbox")


def test_an_authentication_report_alarms_and_touches_nobody(queue, caplog):
    token = links.delivery_token(KEY, queue.id, uid(queue))
    assert taken(queue, complaint(ADDRESS, kind="auth-failure", token=token)).action is Action.ALARM
    assert state(queue) == UNTOUCHED
    assert [one.getMessage() for one in caplog.records] == [
        "daily/2026-11-23: 1 copies came back as not wanted, the latest for: authentication"
    ]


def another_day(queue, number):
    """The next edition, and every reader has a copy."""
    day = NOW.date().replace(day=NOW.day + number)
    with queue.database.begin() as db:
        one = editions.save_draft(db, edition(day=day), [], due_at=NOW).id
        editions.approve(db, one, now=NOW, expires_at=None, in_doubt="resend", rendered=[(RENDERED, b"message")])
        audiences.freeze(db, one, circle(newsletter="daily"), variant="default", now=NOW)
    queue.settle(*map(sent, queue.take()))
    return one


def test_uncertain_bounces_of_edition_after_edition_suppress_in_the_end(queue):
    actions = []
    for number in range(5):
        one = queue.id if number == 0 else another_day(queue, number)
        said = f"550 no such user, message {number}"
        actions.append(
            taken(queue, report(ADDRESS, to=return_path(queue, edition_id=one), status="5.0.0", said=said)).action
        )
    assert actions == ["counted"] * 4 + ["suppressed"]


def test_editions_that_arrive_forgive_and_so_does_the_operator(queue):
    for number in range(1, 4):
        said = f"550 no such user, message {number}"
        one = another_day(queue, number)
        taken(queue, report(ADDRESS, to=return_path(queue, edition_id=one), status="5.0.0", said=said))
    one = queue.subscriber(1).id
    with queue.database.read() as db:
        before = list(events.turns(db, one, ADDRESS).values())
    another_day(queue, 4)
    with queue.database.begin() as db:
        after = list(events.turns(db, one, ADDRESS).values())
        events.clear(db, ADDRESS, now=NOW)
        cleared = list(events.turns(db, one, ADDRESS).values())
    assert (before, after) == ([(), ("hard",), ("hard",), ("hard",)], [*before, ()])
    assert cleared == [()] * 5


def test_who_is_erased_leaves_no_words_in_the_log(queue):
    taken(queue, report(ADDRESS, to=return_path(queue), said=f"552 5.2.2 <{ADDRESS}> mailbox full", status="5.2.2"))
    token = links.delivery_token(KEY, queue.id, uid(queue))
    with queue.database.begin() as db:
        subscribers.erase(db, ADDRESS, now=NOW)
        assert [one.said for one in events.of_address(db, ADDRESS)] == [""]
    assert taken(queue, complaint(ADDRESS, token=token)).action is Action.NOT_OURS
