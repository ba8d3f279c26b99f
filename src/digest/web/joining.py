"""Somebody's wish to join in, by a form or by a program; noted within the limits."""

import logging
from datetime import datetime

from digest.model import NewSubscriber
from digest.store import allowances, newsletters, subscribers
from digest.store.allowances import Overdrawn
from digest.web import limits
from digest.web.visit import Context

logger = logging.getLogger(__name__)


def note(
    context: Context, new: NewSubscriber, *, newsletter: str, consent: str, ip: str, now: datetime
) -> Overdrawn | None:
    """Have it asked by mail whether this is wanted, unless a limit is used up: which one."""
    wanted = limits.of_joining(context.settings.joining, address=new.address, ip=ip)
    with context.database.begin() as db:
        refused = allowances.take(db, wanted, now=now)
        if refused is None:
            newsletters.ensure(db, [newsletter], now=now)
            subscribers.ask(db, new, newsletter=newsletter, consent=consent, now=now)
    if refused and refused.first:
        # A flood is aimed at thousands of mailboxes: a line for each would hide what the operator has to see.
        level = logging.INFO if refused.kind == "per_mailbox" else logging.WARNING
        logger.log(level, "joining: %s is used up; who asks now gets no mail", refused.kind)
    context.wake()
    return refused
