"""An alert in; by mail and to a webhook it reaches the operator."""

import asyncio
import json
import logging
import secrets
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any

from digest.config import Settings
from digest.logs import discreet
from digest.model import Stage
from digest.outbox.notice import notice
from digest.store.alerts import Standing
from digest.store.database import Database
from digest.transport.envelope import Envelope
from digest.transport.smtp import deliver_alone
from digest.worker.letters import Letters

log = logging.getLogger(__name__)

WEBHOOK_SECONDS = 10.0  #: for it to answer


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: what is told is for the address that was configured."""

    def redirect_request(self, *_: Any) -> None:
        return None


async def tell(settings: Settings, database: Database, one: Standing, *, now: datetime) -> bool:
    """Whether it has reached the operator on one way at least; where none is configured, in the log."""
    subject, text = words(one)
    log.warning("%s", subject)
    ways = settings.alerts
    reached = [] if ways.to or ways.webhook.get_secret_value() else [True]
    if ways.to:
        reached.append(await _mail(settings, database, subject, text, now))
    if ways.webhook.get_secret_value():
        reached.append(await asyncio.to_thread(_post, ways.webhook.get_secret_value(), one, text))
    return any(reached)


def words(one: Standing) -> tuple[str, str]:
    """Subject and text.  Pure."""
    what, since = discreet(one.what), f"Since {one.since:%Y-%m-%d %H:%M} UTC."
    if one.over_at:
        return f"Over: {what}", f"Over since {one.over_at:%Y-%m-%d %H:%M} UTC: {what}\n{since}"
    return what, f"{what}\n{since}\n\nWhat to do: {one.advice}\n\nYou are told once, and once more when it is over."


async def _mail(settings: Settings, database: Database, subject: str, text: str, now: datetime) -> bool:
    sender = next((one.sender_address for one in settings.newsletters.values()), settings.alerts.to)
    domain = sender.rpartition("@")[2]
    name = f"<alert.{secrets.token_hex(12)}@{domain}>"
    raw = notice(subject=subject, text=text, sender=sender, to=settings.alerts.to, message_id=name, now=now)
    message = (await asyncio.to_thread(Letters, settings, database)).sign(raw)
    outcome = await deliver_alone(settings.smtp, Envelope(sender=sender, recipient=settings.alerts.to), message)
    sent = outcome.stage is Stage.DOT and (outcome.code or 0) // 100 == 2
    if not sent:
        log.error("an alert could not be mailed: %s at %s", outcome.code or "no answer", outcome.stage)
    return sent


def _post(url: str, one: Standing, text: str) -> bool:
    """`text` is what chat programs show of it."""
    state = "over" if one.over_at else "begun"
    body = {"text": text, "alert": one.key, "state": state, "since": one.since.isoformat()}
    request = urllib.request.Request(  # noqa: S310 - http(s), checked by the configuration
        url, json.dumps(body).encode(), {"Content-Type": "application/json", "User-Agent": "digest"}, method="POST"
    )
    try:
        with urllib.request.build_opener(_Straight).open(request, timeout=WEBHOOK_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        log.error("[alerts] webhook answers %d", error.code)
    except (OSError, ValueError) as error:
        # Only the kind: the address may hold a secret.
        log.error("[alerts] webhook cannot be reached: %s", type(error).__name__)
    return False
