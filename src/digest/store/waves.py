"""When readers get an edition by their own clocks, in SQL: when each copy is due, and of which the hour is over.

A clock is what a reader gave, whether it counts or not; `Clock()` stands for all that are not named.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, insert, literal, or_, select, true

from digest.model import LATE, Circle, Clock, DeliveryState
from digest.store.schema import Moment, deliveries, editions, outcomes, subscribers, subscriptions

_d, _e, _p, _s = deliveries.c, editions.c, subscribers.c, subscriptions.c
_GIVEN = _p.timezone + "@" + _s.hour


def in_circle(circle: Circle) -> ColumnElement[bool]:
    """Of a reader: gave a clock by which they get this edition, or had that of its wave and gave one that is over."""
    own: ColumnElement[bool] = true() if circle.clocks is None else _GIVEN.in_(_spelt(circle.clocks))
    own = and_(own, _GIVEN.not_in(_spelt(circle.elsewhere))) if circle.elsewhere else own
    if circle.before is not None and circle.behind:
        had_it = select(_d.subscriber_id).where(_d.edition_id == circle.before)
        own = or_(own, and_(_GIVEN.in_(_spelt(circle.behind)), _p.id.in_(had_it)))
    return own


def _spelt(clocks: Iterable[Clock]) -> list[str]:
    return [f"{clock.zone}@{clock.hour}" for clock in sorted(clocks)]


def due_at(waves: Mapping[Clock, datetime], *, usual: datetime) -> ColumnElement[Any]:
    """Of a reader: when a copy is due."""
    return _by_clock(waves, waves, usual, lambda at: literal(at, Moment))


def state(waves: Iterable[Clock], over: Iterable[Clock]) -> ColumnElement[Any]:
    """Of a reader: what their delivery begins with."""
    return _by_clock(waves, dict.fromkeys(over, DeliveryState.EXPIRED.value), DeliveryState.QUEUED.value, literal)


def variant(usual: ColumnElement[str], waves: Iterable[Clock], late: Iterable[Clock]) -> ColumnElement[Any]:
    """Of a reader: what their copy is made from, where some get it late."""
    return _by_clock(waves, dict.fromkeys(late, LATE), "", lambda mark: usual + mark if mark else usual)


def record_over(
    db: Connection, edition_id: int, waves: Iterable[Clock], over: Mapping[Clock, str], *, now: datetime
) -> None:
    """Why those that were frozen as expired were."""
    theirs = and_(_s.subscriber_id == _d.subscriber_id, _s.newsletter == _e.newsletter)
    why = _by_clock(waves, over, "", literal)
    row = (_d.edition_id, _d.subscriber_id, literal(now, Moment), literal("expired"), why)
    query = select(*row).join_from(deliveries, editions, _e.id == _d.edition_id)
    query = query.join(subscribers, _p.id == _d.subscriber_id).join(subscriptions, theirs)
    query = query.where(_d.edition_id == edition_id, _d.state == DeliveryState.EXPIRED)
    db.execute(insert(outcomes).from_select(["edition_id", "subscriber_id", "at", "kind", "text"], query))


def _by_clock(
    known: Iterable[Clock], values: Mapping[Clock, Any], usual: Any, write: Callable[[Any], ColumnElement[Any]]
) -> ColumnElement[Any]:
    """Of a reader: the value for their clock.  One branch for all clocks with the same: a day has few moments."""
    others = values.get(Clock(), usual)
    branches: dict[Any, list[str]] = {}
    for clock in sorted({*known, *values} - {Clock()}):
        branches.setdefault(values.get(clock, usual), []).append(f"{clock.zone}@{clock.hour}")
    whens = [(_GIVEN.in_(keys), write(value)) for value, keys in branches.items() if value != others]
    return case(*whens, else_=write(others)) if whens else write(others)
