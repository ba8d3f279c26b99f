"""When readers get an edition by the clocks of their time zones, in SQL: which zones there are, when each copy is due,
and of which the hour is over."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, insert, literal, select

from digest.model import LATE, DeliveryState, SubscriptionState
from digest.store.schema import Moment, deliveries, outcomes, subscribers, subscriptions

_d, _p, _s = deliveries.c, subscribers.c, subscriptions.c


def zones(db: Connection, newsletter: str) -> tuple[str, ...]:
    """The time zones that readers of a newsletter gave, in order."""
    query = select(_p.timezone).distinct().join_from(subscribers, subscriptions, _s.subscriber_id == _p.id)
    query = query.where(_s.newsletter == newsletter, _s.state == SubscriptionState.CONFIRMED, _p.timezone != "")
    return tuple(sorted(db.execute(query).scalars()))


def due_at(waves: Mapping[str, datetime], *, usual: datetime) -> ColumnElement[Any]:
    """Of a subscriber: when a copy is due."""
    otherwise = literal(usual, Moment)
    moments = {zone: literal(at, Moment) for zone, at in waves.items()}
    return case(moments, value=_p.timezone, else_=otherwise) if waves else otherwise


def state(waves: Mapping[str, datetime], over: Mapping[str, str]) -> ColumnElement[Any]:
    """Of a subscriber: what their delivery begins with."""
    queued, expired = literal(DeliveryState.QUEUED.value), literal(DeliveryState.EXPIRED.value)
    return case((_zone(waves).in_(sorted(over)), expired), else_=queued) if over else queued


def variant(usual: ColumnElement[str], waves: Mapping[str, datetime], late: Collection[str]) -> ColumnElement[str]:
    """Of a subscriber: what their copy is made from, where readers of some time zones get it late."""
    return case((_zone(waves).in_(sorted(late)), usual + LATE), else_=usual) if late else usual


def record_over(
    db: Connection, edition_id: int, waves: Mapping[str, datetime], over: Mapping[str, str], *, now: datetime
) -> None:
    """Why those that were frozen as expired were: by time zone, "" for who gave none that counts."""
    why = case({zone: literal(said) for zone, said in over.items()}, value=_zone(waves), else_=literal(""))
    row = (_d.edition_id, _d.subscriber_id, literal(now, Moment), literal("expired"), why)
    query = select(*row).join_from(deliveries, subscribers, _p.id == _d.subscriber_id)
    query = query.where(_d.edition_id == edition_id, _d.state == DeliveryState.EXPIRED)
    names = ["edition_id", "subscriber_id", "at", "kind", "text"]
    db.execute(insert(outcomes).from_select(names, query))


def _zone(waves: Mapping[str, datetime]) -> ColumnElement[str]:
    """Of a subscriber: the time zone by whose clock they get it; "" for who gave none that counts."""
    return case((_p.timezone.in_(sorted(waves)), _p.timezone), else_=literal(""))
