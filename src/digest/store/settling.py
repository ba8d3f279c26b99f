"""What became of attempts in; rows of deliveries and of outcomes written, a batch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    Integer,
    Row,
    Select,
    Text,
    Update,
    bindparam,
    case,
    insert,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from digest.model import Delivery, DeliveryState, EditionState, Outcome, Stage
from digest.store import outcomes
from digest.store.batches import changes_all, packed, rows_of
from digest.store.lines import CLAIM, is_claim
from digest.store.schema import Moment, deliveries, editions
from digest.store.schema import outcomes as outcomes_table

_d = deliveries.c
#: States that an answer may still change.  Held is a doubt, and an answer that comes late resolves it.
_CHANGEABLE = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.ATTEMPTING, DeliveryState.HELD)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What an attempt came to."""

    delivery: Delivery  #: as it was claimed
    state: DeliveryState  #: from now on
    due_at: datetime | None = None  #: when to send, for what is queued again
    code: str = ""  #: the reply, its code first: what ``deliveries list`` shows
    kind: str  #: of the outcome row: sent, deferred, failed, in_doubt, skipped, returned
    outcome: Outcome | None = None
    text: str = ""  #: where there is no outcome, why
    in_doubt: bool = False  #: content may have arrived, and no answer says so
    relay: str = ""  #: over which it was offered, where there are several
    blames_reader: bool = False  #: the mail server said that nobody is there
    attempts: int | None = None  #: the new number, where content was offered or the server refused; None: as it was


def settle(db: Connection, results: Sequence[Settled], *, now: datetime) -> int:
    """Write down what became of a batch of attempts; how many deliveries changed by it.

    May be run again after a commit whose answer was lost: at worst a deferral has two outcome rows.

    An answer counts while the delivery has not been claimed anew (its fence is the same), even when the claim has run
    out: who knows what the server said knows more than who recorded a doubt.

    A 250 counts always.  It may come late, when another worker has the delivery by now.  Whatever that one is doing,
    the reader has a copy, so the delivery becomes `sent`: claimed, it will not leave a second time; attempting, the
    other's copy may be leaving, but can be no surprise, as a delivery is only claimed anew after the earlier attempt
    was recorded as in doubt; and whatever answer the other gets finds the delivery in a final state and only adds an
    outcome row.  (Left as attempting, a 451 to the other would queue a copy that nobody needs.)  If a final state was
    written in between, it stays, and the outcome row says that a copy arrived.

    A "no" to one that was held for its doubt queues it again; its edition, which may be done by now, is sent again.
    """
    if _settle_sent(db, results, now=now):
        return len(results)
    rows = _lock(db, results)
    changes: list[dict[str, Any]] = []
    happened: list[dict[str, Any]] = []
    again = set[int]()
    for result in results:
        key = (result.delivery.edition_id, result.delivery.subscriber_id)
        row = rows.get(key)
        changed = row is not None and _applies(result, row)
        if row is not None and changed:
            changes.append(_change(result, row, now))
            if row.state == DeliveryState.HELD and result.state == DeliveryState.QUEUED:
                again.add(row.edition_id)
        if changed or (result.state == DeliveryState.SENT and not _known(result, row)):
            happened.append(_happened(result, now))
    if changes:
        db.execute(_CHANGE, changes)
    if again:
        done = update(editions).where(editions.c.id.in_(again), editions.c.state == EditionState.DONE)
        db.execute(done.values(state=EditionState.SENDING))
    outcomes.record(db, happened)
    return len(changes)


def _settle_sent(db: Connection, results: Sequence[Settled], *, now: datetime) -> bool:
    """Settle all at once if each is what nearly all are: taken by the mail server, as it was claimed."""
    if not results or any(one.state is not DeliveryState.SENT for one in results):
        return False
    rows = [
        (
            one.delivery.edition_id,
            one.delivery.subscriber_id,
            one.delivery.fence,
            one.attempts or 0,
            one.code,
            one.outcome.code if one.outcome else None,
            one.outcome.text if one.outcome else "",
            one.relay,
        )
        for one in results
    ]
    batch = {"batch": packed(rows), "moment": now}
    change, happened = _all_sent(db.dialect.name)
    if not changes_all(db, change, batch, len(rows)):
        return False
    db.execute(happened, batch)
    return True


@cache
def _all_sent(dialect: str) -> tuple[Update, Insert]:
    told = {"tries": Integer, "said": Text, "reply": Integer, "words": Text, "through": Text}
    batch = rows_of(dialect, {**CLAIM, **told}).c
    moment = bindparam("moment", type_=Moment)
    change = (
        update(deliveries)
        .where(is_claim(batch))
        .where(_d.state == literal_column("'attempting'"))
        .values(
            state=DeliveryState.SENT,
            owner="",
            due_at=moment,
            code=batch.said,
            attempts=case((batch.tries > _d.attempts, batch.tries), else_=_d.attempts),
            updated_at=moment,
        )
    )
    names = ["edition_id", "subscriber_id", "at", "kind", "stage", "code", "text", "relay"]
    how = (literal("sent"), literal(Stage.DOT.value), batch.reply, batch.words, batch.through)
    return change, insert(outcomes_table).from_select(names, select(batch.edition, batch.subscriber, moment, *how))


def _lock(db: Connection, results: Sequence[Settled]) -> dict[tuple[int, int], Row[Any]]:
    """The rows as they are, locked in one order, so that two batches cannot deadlock."""
    keys = {(result.delivery.edition_id, result.delivery.subscriber_id) for result in results}
    if not keys:
        return {}
    query: Select[Any] = (
        select(_d.edition_id, _d.subscriber_id, _d.state, _d.fence, _d.attempts, _d.in_doubt, _d.code)
        .where(tuple_(_d.edition_id, _d.subscriber_id).in_(keys))
        .order_by(_d.edition_id, _d.subscriber_id)
        .with_for_update()
    )
    return {(row.edition_id, row.subscriber_id): row for row in db.execute(query)}


def _applies(result: Settled, row: Row[Any]) -> bool:
    if row.state not in _CHANGEABLE:
        return False
    if result.state == DeliveryState.SENT:
        return True
    if row.fence != result.delivery.fence:
        return False
    # A doubt that recovery has recorded already is not a second one.
    return not result.in_doubt or row.state == DeliveryState.ATTEMPTING


def _known(result: Settled, row: Row[Any] | None) -> bool:
    """The same 250 was written before, and the commit's answer lost."""
    return row is not None and row.state == DeliveryState.SENT and row.fence == result.delivery.fence


def _change(result: Settled, row: Row[Any], now: datetime) -> dict[str, Any]:
    attempts = row.attempts if result.attempts is None else max(row.attempts, result.attempts)
    return {
        "key_edition": row.edition_id,
        "key_subscriber": row.subscriber_id,
        "state": result.state,
        "due_at": result.due_at or now,
        "code": result.code or row.code,
        "attempts": attempts,
        "in_doubt": row.in_doubt + result.in_doubt,
        "fence": result.delivery.fence,  # of what was sent: the claim that sent it, for `_known` to tell by
        "updated_at": now,
    }


def _happened(result: Settled, now: datetime) -> dict[str, Any]:
    one = result.delivery
    told = outcomes.row(one.edition_id, one.subscriber_id, at=now, kind=result.kind, outcome=result.outcome)
    return {**told, "relay": result.relay, "text": told["text"] or result.text}


_CHANGED = ("state", "due_at", "code", "attempts", "in_doubt", "fence", "updated_at")
_CHANGE = (
    update(deliveries)
    .where(_d.edition_id == bindparam("key_edition"), _d.subscriber_id == bindparam("key_subscriber"))
    .values(owner="", **{name: bindparam(name) for name in _CHANGED})
)
