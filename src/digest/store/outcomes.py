"""What happened to each delivery, in order: rows are added, none is changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from digest.model import Outcome
from digest.store.schema import outcomes

LEFT = "unsubscribed or suppressed since the freeze"  #: why a delivery is skipped


def row(
    edition_id: int, subscriber_id: int, *, at: datetime, kind: str, outcome: Outcome | None, text: str = ""
) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "subscriber_id": subscriber_id,
        "at": at,
        "kind": kind,
        "stage": outcome.stage if outcome else "",
        "code": outcome.code if outcome else None,
        "text": outcome.text if outcome else text,
        "relay": "",
    }


def record(db: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.execute(insert(outcomes), list(rows))


def record_all(db: Connection, keys: Iterable[tuple[int, int]], *, at: datetime, kind: str, text: str) -> None:
    """The same for many deliveries, given as (edition id, subscriber id); `text` says why."""
    record(db, [row(*key, at=at, kind=kind, outcome=None, text=text) for key in keys])
