"""A draft at its hour in, whether it may leave by itself out; and what becomes of one that waits."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from digest.config import Newsletter, Settings
from digest.edition.anomaly import anomalies, shape
from digest.errors import Refused
from digest.model import EditionState, EditionStatus
from digest.pipeline.drafts import written
from digest.pipeline.linting import faults, lint_message
from digest.pipeline.publishing import PROGRAM
from digest.store import editions, operations, points
from digest.store.database import Database

log = logging.getLogger(__name__)

LAST = 14  #: editions that say what is usual


def objections(settings: Settings, database: Database, status: EditionStatus, *, now: datetime) -> tuple[str, ...]:
    """Why a draft waits for an editor by the policy of its newsletter; nothing where it may leave."""
    policy = settings.newsletters[status.newsletter].review
    if policy == "required":
        return (f"`digest approve {status.key}` sends it",)
    return odd(settings, database, status, now=now) if policy == "anomaly" else ()


def odd(
    settings: Settings,
    database: Database,
    status: EditionStatus,
    *,
    now: datetime,
    errors: Mapping[str, int] | None = None,
) -> tuple[str, ...]:
    """What looks wrong with a draft, a sentence each, whatever the policy.

    `errors` are those of its default variant, by rule, where it has been linted before.
    """
    with database.read() as db:
        own = shape(points.points_of(db, status.id))
        before = points.points_before(db, status, limit=LAST)
    return anomalies(
        status.content.items,
        own,
        asked=settings.newsletters[status.newsletter].stories,
        past=[shape(one) for one in before],
        publishers=[one.name for one in settings.sources if one.role == "publish"],
        conflicts=[one.sentence for one in status.verdicts if one.is_conflict],
        errors=_errors(settings, status, now=now) if errors is None else errors,
    )


def _errors(settings: Settings, status: EditionStatus, *, now: datetime) -> dict[str, int]:
    """What approving would be refused for, as far as it shows in the default variant."""
    try:
        message = written(settings, status.content, now=now)
    except Refused as error:
        return {str(error): 1}
    return faults(lint_message(settings, status.newsletter, message))


def remind(database: Database, status: EditionStatus, newsletter: Newsletter, *, now: datetime) -> None:
    """Say that a draft waits past its hour, as often as the newsletter wants it; once, however many ask."""
    if status.due_at is None or not newsletter.remind_minutes:
        return
    with database.begin() as db:
        editions.lock(db, status.id)
        said = [one.at for one in operations.signed(db, status.id) if one.action == "reminded"]
        if now - max([status.due_at, *said]) < timedelta(minutes=newsletter.remind_minutes):
            return
        operations.sign(db, status.id, "reminded", who=PROGRAM, now=now)
    minutes = (now - status.due_at).total_seconds() / 60
    log.warning(
        "%s: waits for an editor, %.0f minutes after its hour: digest approve %s", status.key, minutes, status.key
    )


def give_up(database: Database, status: EditionStatus, newsletter: Newsletter, *, now: datetime) -> bool:
    """End a draft that is past the deadline of its newsletter; whether it is."""
    limit = timedelta(minutes=newsletter.deadline_minutes)
    if status.due_at is None or not limit or now - status.due_at < limit or status.state is not EditionState.DRAFT:
        return False
    with database.begin() as db:
        if not editions.expire(db, status.id, now=now):
            return False
        operations.sign(db, status.id, "expired", who=PROGRAM, now=now)
    log.error("%s: expired: nobody approved it within deadline_minutes; its readers get none", status.key)
    return True
