"""One edition and its readers in, the same in another database out: to rehearse a send without touching a record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, literal, select

from digest.model import DeliveryState, EditionState, EditionStatus
from digest.store.schema import deliveries, editions, newsletters, rendered, subscribers, subscriptions, suppressions

_ROWS = 5000  #: at once
_UNHINDERED = {"paused_reason": "", "hold": False}


def copy_edition(source: Connection, target: Connection, status: EditionStatus, *, now: datetime) -> int:
    """Copy an edition with all that sending it needs into an empty database; how many deliveries, all due now.

    Of a draft there are none yet; its audience can be frozen there.  For that the day's other editions come along, with
    who gets them: nobody is to get two.
    """
    name, number = status.newsletter, status.id
    others = (editions.c.newsletter == name) & (editions.c.day == status.day) & (editions.c.id != number)
    whole: Sequence[tuple[Table, ColumnElement[bool], Mapping[str, Any]]] = [
        (newsletters, newsletters.c.name == name, {}),
        (editions, editions.c.id == number, {**_UNHINDERED, "state": _state(status), "expires_at": None}),
        (editions, others, {}),
        (rendered, rendered.c.edition_id == number, {}),
        (subscribers, subscribers.c.id.in_(_people(name, number)), {}),
        (subscriptions, subscriptions.c.newsletter == name, {}),
        (suppressions, literal(value=True), {}),
        (deliveries, deliveries.c.edition_id.in_(select(editions.c.id).where(others)), {"owner": ""}),
    ]
    for table, which, changes in whole:
        _copy(source, target, table, which, changes)
    queued = {"state": DeliveryState.QUEUED, "owner": "", "fence": 0, "attempts": 0, "in_doubt": 0, "due_at": now}
    return _copy(source, target, deliveries, deliveries.c.edition_id == number, queued)


def _state(status: EditionStatus) -> EditionState:
    """A copy of what is over can be sent again."""
    return EditionState.DRAFT if status.state is EditionState.DRAFT else EditionState.APPROVED


def _people(newsletter: str, edition_id: int) -> Any:
    """Who is subscribed, and who was when the audience was frozen."""
    listed = select(subscriptions.c.subscriber_id).where(subscriptions.c.newsletter == newsletter)
    return listed.union(select(deliveries.c.subscriber_id).where(deliveries.c.edition_id == edition_id))


def _copy(
    source: Connection, target: Connection, table: Table, which: ColumnElement[bool], changes: Mapping[str, Any]
) -> int:
    found = source.execution_options(yield_per=_ROWS).execute(select(table).where(which)).mappings()
    number = 0
    for rows in found.partitions(_ROWS):
        target.execute(insert(table), [{**row, **changes} for row in rows])
        number += len(rows)
    return number
