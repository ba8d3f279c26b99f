"""Events in; POSTs to the publisher's own programs out, signed as Standard Webhooks has it, until each was answered."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta

from digest.config import Settings, Webhook
from digest.errors import DigestError
from digest.intake import guard
from digest.intake.http import Client, Failed, Limits
from digest.store import webhooks
from digest.store.backup import unreleased
from digest.store.database import Database
from digest.store.webhooks import Call

log = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(minutes=10)  #: for a batch; afterwards another process may try
LIMITS = Limits(seconds=15.0, bytes=64 * 1024)
NAP = 2.0  #: seconds between two looks
FAULT_NAP = 15.0  #: seconds, after something unforeseen

#: Before each further attempt.  After the last, three days in all, it is given up.
DELAYS = tuple(
    timedelta(**{unit: number})
    for unit, number in (
        *(("seconds", 5), ("minutes", 5), ("minutes", 30), ("hours", 2), ("hours", 5)),
        *(("hours", 10), ("hours", 14), ("hours", 18), ("hours", 22)),
    )
)


async def keep_calling(settings: Settings, database: Database) -> None:
    """Tell what happens, until cancelled.  Apart from the outbox: a webhook that hangs delays no mail."""
    while True:
        nap = NAP
        try:
            while await call_due(settings, database, now=datetime.now(UTC)):
                pass
        except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
            # Only the kind: a message may hold an address.
            log.error("webhooks: %s; trying again in %.0f s", type(error).__name__, FAULT_NAP)
            nap = FAULT_NAP
        await asyncio.sleep(nap)


async def call_due(settings: Settings, database: Database, *, now: datetime) -> int:
    """Make the calls that are due, a batch of them at most; how many."""
    hooks = {one.name: one for one in settings.webhooks}
    due = await asyncio.to_thread(_claim, database, hooks, now)
    async with Client(limits=LIMITS, allow=settings.fetch.allow) as client:
        await asyncio.gather(*(_call(client, database, hooks[one.hook], one, now) for one in due))
    return len(due)


def _claim(database: Database, hooks: dict[str, Webhook], now: datetime) -> list[Call]:
    with database.read() as db:  # most looks find nothing, and need not wait for a writer
        if unreleased(db) or not webhooks.any_new_or_due(db, now=now):
            return []
    with database.begin() as db:
        webhooks.spread(db, {name: one.kinds for name, one in hooks.items()}, now=now)
        return webhooks.claim(db, now=now, limit=BATCH, lease=LEASE)


async def _call(client: Client, database: Database, hook: Webhook, call: Call, now: datetime) -> None:
    body = payload(call)
    headers = [("Content-Type", "application/json"), *signed(hook.key, call.uid, body, now=now)]
    failed = await client.post(hook.url, body=body, headers=headers)
    await asyncio.to_thread(_record, database, hook, call, failed, now)


def payload(call: Call) -> bytes:
    told = {"type": call.kind, "timestamp": call.at.isoformat(), "data": dict(call.data)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signed(key: bytes, uid: str, body: bytes, *, now: datetime) -> list[tuple[str, str]]:
    """The three header fields by which a receiver knows whom it is from, and whether it had it before."""
    name, at = f"evt_{uid}", str(int(now.timestamp()))
    mac = hmac.digest(key, f"{name}.{at}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return [("Webhook-Id", name), ("Webhook-Timestamp", at), ("Webhook-Signature", signature)]


def _record(database: Database, hook: Webhook, call: Call, failed: Failed | None, now: datetime) -> None:
    if failed is None:
        with database.begin() as db:
            webhooks.done(db, call)
        return
    host = told(hook.url)
    if call.attempts == len(DELAYS) or failed.for_good:
        log.error("webhook at %s: given up after %d tries: %s", host, call.attempts + 1, failed.reason)
        with database.begin() as db:
            webhooks.done(db, call)
        return
    log.warning("webhook at %s: %s", host, failed.reason)
    wait = max(DELAYS[call.attempts], timedelta(seconds=min(failed.retry_after or 0, DELAYS[-1].total_seconds())))
    with database.begin() as db:
        webhooks.again(db, call, due_at=now + wait)


def told(url: str) -> str:
    """Its host alone: a path may be a secret."""
    try:
        return guard.target(url).authority
    except ValueError as error:
        raise DigestError(f"webhooks: {error}") from None
