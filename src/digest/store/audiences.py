"""Readers in, the deliveries of an edition out: who they are, by what clocks and wishes, and the freeze."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    update,
)

from digest.model import Circle, Clock, SubscriptionState, Wish
from digest.store import waves as in_waves
from digest.store.batches import listed
from digest.store.codec import to_text
from digest.store.lines import QUEUED
from digest.store.schema import Moment, deliveries, editions, insert_new_from, subscribers, subscriptions
from digest.store.suppressions import suppressed

_d = deliveries.c
_SECTIONS = cast(subscriptions.c.sections, Text)  #: PostgreSQL neither groups by JSON nor compares it


def freeze(
    db: Connection,
    edition_id: int,
    circle: Circle,
    *,
    variant: str | Mapping[Wish, str],
    now: datetime,
    due_at: datetime | None = None,
    waves: Mapping[Clock, datetime] | None = None,
    over: Mapping[Clock, str] | None = None,
    late: Collection[Clock] = (),
) -> int:
    """Make a delivery, due now or at `due_at`, for everyone in the circle of this edition.

    How many there were; those that are there already stay as they are.

    Args:
        variant: The one that all get, or the one for each wish of `wishes`: who has another wish gets none.
        waves: When it is due for readers who gave this time zone and hour; for others `due_at`.
        over: Likewise, `Clock()` for the others, why the hour is over for too long: their deliveries expire at once.
        late: Likewise, who get the variant that says that it is late.
    """
    p, asked = subscribers.c, _asked(db, {} if isinstance(variant, str) else variant)
    waves, over = waves or {}, over or {}
    due = in_waves.due_at(waves, usual=due_at or now)
    columns: dict[str, ColumnElement[Any]] = {
        "edition_id": literal(edition_id),
        "subscriber_id": p.id,
        "uid": p.uid,
        "address": p.address,
        "variant": in_waves.variant(literal(variant) if isinstance(variant, str) else asked.c.variant, waves, late),
        "due_at": due,
        "dated_at": due,
        "state": in_waves.state(waves, over),
        "updated_at": literal(now, Moment),
    }
    # Autovacuum looks only once a minute, and not at what a transaction has not committed.  Taken for nearly empty,
    # these tables would be joined with the wishes row by row.  And of two freezes at once the second waits here for the
    # end of the first (ANALYZE locks what it looks at, until then), and so sees who has another edition of the day.
    _look_at(db, subscriptions, subscribers)
    audience = _audience(circle, due, *columns.values(), others=_has_others(db, circle))
    if not isinstance(variant, str):
        audience = audience.where(p.language == asked.c.language, asked.c.sections == _SECTIONS)
    frozen = insert_new_from(db, deliveries, list(columns), audience)
    if over:
        in_waves.record_over(db, edition_id, waves, over, now=now)
    if frozen:
        _look_at(db, deliveries, editions)  # or each claim would sort all these new rows
    db.execute(update(editions).where(editions.c.id == edition_id).values(audience=editions.c.audience + frozen))
    return frozen


def _look_at(db: Connection, *tables: Table) -> None:
    """Have PostgreSQL count what is in these tables, for the plans of what comes next."""
    if db.dialect.name == "postgresql":
        db.execute(text(f"ANALYZE {', '.join(one.name for one in tables)}"))


def prospective(db: Connection, circle: Circle, *, due_at: datetime) -> int:
    """How many readers are in the circle of an edition that is due then, whatever sections they chose."""
    return int(db.execute(_audience(circle, literal(due_at, Moment), func.count())).scalar_one())


def by_clock(db: Connection, circle: Circle, *, due_at: datetime, waves: Mapping[Clock, datetime]) -> dict[Clock, int]:
    """How many readers in the circle of an edition gave each time zone and hour.  Moments are as for `wishes`."""
    given, due = (subscribers.c.timezone, subscriptions.c.hour), in_waves.due_at(waves, usual=due_at)
    query = _audience(circle, due, *given, func.count()).group_by(*given)
    return {Clock(zone=zone, hour=hour): count for zone, hour, count in db.execute(query)}


def clocks(db: Connection, newsletter: str) -> dict[Clock, frozenset[str]]:
    """Those of the readers of a newsletter, in order, and how often they want it."""
    s, p = subscriptions.c, subscribers.c
    given = (p.timezone, s.hour, s.frequency)
    query = select(*given).distinct().join_from(subscribers, subscriptions, s.subscriber_id == p.id)
    query = query.where(s.newsletter == newsletter, s.state == SubscriptionState.CONFIRMED).order_by(*given)
    found: dict[Clock, frozenset[str]] = {}
    for zone, hour, frequency in db.execute(query):
        clock = Clock(zone=zone, hour=hour)
        found[clock] = found.get(clock, frozenset()) | {frequency}
    return found


def wishes(
    db: Connection, circle: Circle, *, due_at: datetime, waves: Mapping[Clock, datetime] | None = None
) -> dict[Wish, int]:
    """What the readers of an edition ask for if it is frozen now, and how many each.

    It is due for them by `waves`, for others at `due_at`: who is on a break then is not among them.
    """
    asked, due = (subscribers.c.language, _SECTIONS), in_waves.due_at(waves or {}, usual=due_at)
    found: dict[Wish, int] = {}
    for language, sections, count in db.execute(_audience(circle, due, *asked, func.count()).group_by(*asked)):
        wish = Wish(language=language, sections=tuple(json.loads(sections)))
        found[wish] = found.get(wish, 0) + count
    return found


def hand_over(
    db: Connection,
    edition_id: int,
    newsletter: str,
    *,
    old: Sequence[str],
    new: str,
    wishes: Sequence[Wish],
    now: datetime,
) -> int:
    """Give another variant to whom was to get one of the `old` ones, has one of these wishes, and was not claimed yet.

    How many readers.  A copy that was ever claimed stays what it is, as it may have left.
    """
    s, p, asked = subscriptions.c, subscribers.c, _asked(db, dict.fromkeys(wishes, new))
    whose = select(p.id).join(subscriptions, s.subscriber_id == p.id).where(s.newsletter == newsletter)
    whose = whose.where(p.language == asked.c.language, asked.c.sections == _SECTIONS)
    mine = (_d.edition_id == edition_id, QUEUED, _d.fence == 0, _d.variant.in_(old), _d.subscriber_id.in_(whose))
    return db.execute(update(deliveries).where(*mine).values(variant=new, updated_at=now)).rowcount


def _audience(
    circle: Circle, due: ColumnElement[Any], *columns: ColumnElement[Any], others: bool = True
) -> Select[Any]:
    """These columns of each subscriber in the circle, with the subscription; `due`: when a reader's copy is.

    `others`: whether there may be other editions of the day.  Whoever writes deliveries should know: SQLite would keep
    all that it read beside deliveries in memory until it begins to write, 160 MB for a million readers.
    """
    s, p = subscriptions.c, subscribers.c
    both = select(*columns).join_from(subscribers, subscriptions, s.subscriber_id == p.id)
    theirs = _gets(circle, due) if circle.wave is None else _gets(circle, due) & in_waves.in_circle(circle)
    found = both.where(theirs, ~suppressed(p.address_hash))
    return found.where(~_has_another(circle)) if others else found


def _has_another(circle: Circle) -> ColumnElement[bool]:
    """In SQL, of a subscriber: is to get another edition of the day, as wish or clock changed between two freezes."""
    other = select(literal(1)).join_from(deliveries, editions, editions.c.id == _d.edition_id)
    return other.where(_is_another(circle), _d.subscriber_id == subscribers.c.id).correlate(subscribers).exists()


def _has_others(db: Connection, circle: Circle) -> bool:
    return db.execute(select(editions.c.id).where(_is_another(circle)).limit(1)).first() is not None


def _is_another(circle: Circle) -> ColumnElement[bool]:
    """In SQL, of an edition: another one of the day."""
    e = editions.c
    same_day = (e.newsletter == circle.newsletter) & (e.day == circle.day)
    return same_day & or_(e.cadence != circle.cadence, e.wave != (circle.wave or 0))


def _gets(circle: Circle, due: ColumnElement[Any]) -> ColumnElement[bool]:
    """In SQL, of a subscription: confirmed, as often as these readers get mail, and not paused any more by then."""
    s = subscriptions.c
    asked = (s.newsletter == circle.newsletter) & s.frequency.in_(sorted(circle.frequencies))
    unpaused = or_(s.paused_until.is_(None), s.paused_until <= due)
    return asked & (s.state == SubscriptionState.CONFIRMED) & unpaused


def _asked(db: Connection, variants: Mapping[Wish, str]) -> CTE:
    """The variant of each wish, as it may be written in a subscription; readers who choose may have thousands."""
    rows = [(wish.language, spelt, name) for wish, name in variants.items() for spelt in _spellings(wish.sections)]
    return listed(db, rows, "language", "sections", "variant")


def _spellings(sections: Sequence[str]) -> set[str]:
    """The list in JSON, as it is written today and as it was."""
    return {to_text(sections), json.dumps(sections)}
