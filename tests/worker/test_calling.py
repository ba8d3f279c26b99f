"""Webhooks: told once of each thing that happened, signed, tried again for three days; nobody private is called."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import re
import time
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import func, insert, select

from build import NOW, reader
from digest.config import Fetch, Settings, Webhook
from digest.model import EventKind
from digest.store import newsletters, schema, subscribers, webhooks
from digest.store.backup import release
from digest.worker.calling import DELAYS, call_due
from hooks import Hooks
from processes import Installation, stop

KEY = b"0123456789abcdef01234567"
SECRET = SecretStr("whsec_" + base64.b64encode(KEY).decode())


@pytest.fixture
def hooks():
    with Hooks() as one:
        yield one


@pytest.fixture
def calling(database, settings):
    """One round of the daemon; how many calls were made."""

    def run(*listed, now=NOW, allow=("127.0.0.1:*",)):
        over = {"webhooks": listed, "fetch": Fetch(allow=allow)}
        return asyncio.run(call_due(settings.model_copy(update=over), database, now=now))

    with database.begin() as db:
        newsletters.ensure(db, ["daily", "weekly"], now=NOW)
    return run


def hook(hooks, **over):
    return Webhook(**{"url": hooks.url, "secret": SECRET} | over)


def ask(database, number=1):
    with database.begin() as db:
        subscribers.ask(db, reader(number), newsletter="daily", consent="{}", now=NOW)
        return subscribers.by_address(db, f"reader{number}@example.net")


def rows(database):
    with database.read() as db:
        return [
            db.execute(select(func.count()).select_from(table)).scalar_one() for table in (schema.notices, schema.calls)
        ]


def test_the_life_of_a_subscription_is_told_in_order_and_then_forgotten(database, calling, hooks):
    person = ask(database)
    with database.begin() as db:
        subscribers.confirm(db, person.uid, "daily", evidence="{}", now=NOW)
        subscribers.unsubscribe(db, person.id, None, now=NOW)
        subscribers.restore(db, person.id, "daily", left_after=NOW - timedelta(hours=1), now=NOW)
        webhooks.note(db, EventKind.BOUNCE, subscriber_id=person.id, reason="5.1.1", now=NOW)
    assert calling(hook(hooks)) == 5
    told = [(kind, data["newsletter"], data["reason"]) for kind, data in hooks.told]
    assert sorted(told) == [
        ("bounce", "", "5.1.1"),
        ("confirm", "daily", ""),
        ("confirm", "daily", "restored"),
        ("subscribe", "daily", ""),
        ("unsubscribe", "daily", ""),
    ]
    assert {(data["subscriber"], data["address"]) for _, data in hooks.told} == {(person.uid, person.address)}
    assert rows(database) == [0, 0]
    assert calling(hook(hooks)) == 0


def test_a_copy_of_a_database_tells_nobody(database, calling, hooks):
    ask(database)
    with database.begin() as db:
        db.execute(insert(schema.copies).values(made_at=NOW))
    assert calling(hook(hooks)) == 0
    assert hooks.told == []
    with database.begin() as db:
        release(db, now=NOW)
    assert calling(hook(hooks)) == 1


def test_a_call_is_signed_as_standard_webhooks_has_it(database, calling, hooks):
    ask(database)
    calling(hook(hooks))
    (head,), (body,) = hooks.heads, hooks.bodies
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{wanted}"
    assert head["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert head["content-type"] == "application/json"
    assert head["user-agent"].startswith("digest")


def test_each_webhook_gets_the_kinds_it_wants(database, calling, hooks):
    with Hooks() as other:
        person = ask(database)
        with database.begin() as db:
            subscribers.unsubscribe(db, person.id, None, now=NOW)
        calling(hook(hooks, kinds=(EventKind.UNSUBSCRIBE,)), hook(other, kinds=(EventKind.CONFIRM,)))
        assert [kind for kind, _ in hooks.told] == ["unsubscribe"]
        assert other.told == []
    assert rows(database) == [0, 0]


def test_what_did_not_happen_is_not_told(database, calling, hooks):
    """A reader who asks again, a leave of who has left, and a transaction that was taken back."""
    person = ask(database)
    with database.begin() as db:
        subscribers.confirm(db, person.uid, "daily", evidence="{}", now=NOW)
    calling(hook(hooks))
    hooks.bodies.clear()
    ask(database)
    with database.begin() as db:
        assert not subscribers.confirm(db, person.uid, "daily", evidence="{}", now=NOW)
    with database.engine.connect() as db, db.begin() as transaction:
        subscribers.unsubscribe(db, person.id, None, now=NOW)
        transaction.rollback()
    assert calling(hook(hooks)) == 0
    assert hooks.bodies == []


def test_a_call_that_fails_is_tried_again_under_the_same_name_and_given_up_after_three_days(
    database, calling, hooks, caplog
):
    ask(database)
    hooks.status = 500
    at = NOW
    with caplog.at_level(logging.WARNING):
        for delay in DELAYS:
            assert calling(hook(hooks), now=at) == 1
            assert calling(hook(hooks), now=at + delay - timedelta(seconds=1)) == 0
            at += delay
        assert "given up" not in caplog.text
        assert calling(hook(hooks), now=at) == 1
    assert timedelta(days=2) < at - NOW < timedelta(days=4)
    assert rows(database) == [0, 0]
    assert len({head["webhook-id"] for head in hooks.heads}) == 1
    assert len({head["webhook-signature"] for head in hooks.heads}) == len(DELAYS) + 1
    assert f"given up after {len(DELAYS) + 1} tries: HTTP 500" in caplog.text
    assert "kept-secret" not in caplog.text
    assert "@" not in caplog.text


def test_a_receiver_says_when_to_come_again(database, calling, hooks):
    ask(database)
    hooks.status, hooks.headers = 503, {"Retry-After": "600"}
    calling(hook(hooks))
    assert calling(hook(hooks), now=NOW + timedelta(seconds=599)) == 0
    assert calling(hook(hooks), now=NOW + timedelta(seconds=600)) == 1


def test_what_waits_is_counted_be_it_spread_or_not(database, calling, hooks):
    person = ask(database)
    hooks.status = 500
    calling(hook(hooks))
    with database.begin() as db:
        webhooks.note(db, EventKind.BOUNCE, subscriber_id=person.id, now=NOW + timedelta(hours=1))
    with database.read() as db:
        kinds = {hook(hooks).name: [EventKind.SUBSCRIBE, EventKind.BOUNCE], "other": [EventKind.CONFIRM]}
        assert webhooks.waiting(db, kinds) == {hook(hooks).name: (2, NOW)}


@pytest.mark.parametrize("status", [301, 307, 400, 410])
def test_what_is_not_taken_is_not_followed_elsewhere(database, calling, hooks, status):
    ask(database)
    with Hooks() as other:
        hooks.status, hooks.headers = status, {"Location": other.url}
        calling(hook(hooks))
        assert other.bodies == []
    assert rows(database) == ([0, 0] if status == 410 else [1, 1])


def test_nobody_private_is_called_unless_allowed(database, calling, hooks, caplog):
    ask(database)
    with caplog.at_level(logging.WARNING):
        calling(hook(hooks), allow=())
    assert hooks.bodies == []
    assert "refused" in caplog.text


def test_a_webhook_that_left_the_configuration_is_told_nothing_more(database, calling, hooks):
    ask(database)
    hooks.status = 500
    calling(hook(hooks))
    ask(database, 2)
    assert calling() == 0
    assert rows(database) == [0, 0]


def test_who_is_erased_leaves_no_address_in_what_waits(database, calling, hooks):
    person = ask(database)
    with database.begin() as db:
        subscribers.erase(db, person.address, now=NOW)
    with database.read() as db:
        assert "@" not in str(db.execute(select(schema.notices)).all())
    calling(hook(hooks))
    erased = {"subscriber": person.uid, "address": "", "reason": "erased", "newsletter": ""}
    assert hooks.told == [("unsubscribe", erased)]


def test_two_processes_call_once(database, calling, hooks):
    ask(database)
    with database.begin() as db:
        webhooks.spread(db, {hook(hooks).name: list(EventKind)}, now=NOW)
        assert len(webhooks.claim(db, now=NOW, limit=10, lease=timedelta(minutes=10))) == 1
    assert calling(hook(hooks)) == 0
    assert calling(hook(hooks), now=NOW + timedelta(minutes=10)) == 1


def test_a_secret_is_in_no_print_of_the_settings(hooks):
    one = Settings(webhooks=[hook(hooks)])
    assert SECRET.get_secret_value() not in f"{one!r}{one.model_dump_json()}"
    assert re.fullmatch("[0-9a-f]{16}", one.webhooks[0].name)


@pytest.mark.parametrize("secret", ["", "whsec_", "short", "whsec_" + "A" * 20, "whsec_!!!!", "whsec_" + "A" * 400])
def test_a_secret_that_is_none_is_refused(secret):
    with pytest.raises(ValueError, match="digest webhooks secret"):
        Webhook(url="https://example.org/", secret=SecretStr(secret))


def test_the_worker_tells_and_the_command_line_shows_what_waits(tmp_path, hooks):
    listed = [{"url": hooks.url, "secret": SECRET.get_secret_value()}]
    over = {"DIGEST_WEBHOOKS": json.dumps(listed), "DIGEST_FETCH__ALLOW": '["127.0.0.1:*"]'}
    digest = Installation(tmp_path, **over)
    digest("subscribers", "add", "ada@example.net", "--consent", "asked")
    digest("unsubscribe", "ada@example.net")
    (shown,) = digest.json("webhooks", "list")["webhooks"]
    assert (shown["host"], shown["waiting"]) == (hooks.url.split("/")[2], 1)
    worker = digest.start("work")
    end = time.monotonic() + 30
    while not hooks.bodies and time.monotonic() < end:
        time.sleep(0.05)
    assert stop(worker, within=10) == 0
    assert [kind for kind, _ in hooks.told] == ["unsubscribe"]
    assert Webhook(url=hooks.url, secret=SecretStr(digest("webhooks", "secret").strip())).key != KEY
