"""An edition in, what has to hold of its deliveries and whether it does out; all counted by the database."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select

from digest.model import FINAL, WAITING, DeliveryState
from digest.store import thinning
from digest.store.deliveries import tally
from digest.store.schema import deliveries, outcomes, rendered

_d, _o = deliveries.c, outcomes.c


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Something that has to hold, and by how many deliveries it does not."""

    claim: str
    against: int
    unknown: int = 0  #: what cannot be known any more
    looked_at: int | None = None  #: of so many, where not of all

    @property
    def holds(self) -> bool:
        return self.against == 0


def audit(db: Connection, edition_id: int) -> Iterator[Proof]:
    """What an operator may rely on, proven from the rows themselves."""
    counts, gone = tally(db, edition_id), sum(one.count for one in thinning.sums(db, edition_id))
    rows = _count(db, edition_id)
    yield Proof(claim="as many deliveries as were frozen", against=abs(counts.audience - rows - gone))
    accounted = counts.count(*FINAL, *WAITING)
    yield Proof(
        claim="audience = sent + failed + held + skipped + expired + waiting", against=abs(counts.audience - accounted)
    )
    if gone:
        yield Proof(claim="what follows also holds of those that were thinned to sums", against=0, unknown=gone)
    people = _count(db, edition_id, func.count(_d.uid.distinct()))
    yield Proof(claim="each reader once, with a Message-ID of their own", against=rows - people)
    known_by, written = _d.address != "", _d.address.distinct()
    addresses = _count(db, edition_id, func.count(written), where=known_by)
    yield Proof(claim="no two to one address", against=_count(db, edition_id, where=known_by) - addresses)
    sent, taken = _d.state == DeliveryState.SENT, _happened("sent")
    yield Proof(
        claim="sent only where the mail server took it", against=_count(db, edition_id, where=sent & (taken == 0))
    )
    yield Proof(
        claim="what the mail server took is sent, or in doubt",
        against=_count(db, edition_id, where=and_(~sent, taken > 0, _d.in_doubt == 0)),
    )
    yield Proof(
        claim="no second copy that was not recorded as in doubt first",
        against=_count(db, edition_id, where=taken > 1 + _d.in_doubt),
    )
    yield Proof(
        claim="each doubt is in the record",
        against=_count(db, edition_id, where=_happened("in_doubt") != _d.in_doubt),
    )
    known = select(rendered.c.variant).where(rendered.c.edition_id == edition_id)
    yield Proof(
        claim="each has a variant to be composed from", against=_count(db, edition_id, where=_d.variant.not_in(known))
    )


def _count(
    db: Connection, edition_id: int, what: ColumnElement[int] | None = None, where: ColumnElement[bool] | None = None
) -> int:
    query = select(func.count() if what is None else what).select_from(deliveries).where(_d.edition_id == edition_id)
    return int(db.execute(query if where is None else query.where(where)).scalar_one())


def _happened(kind: str) -> ColumnElement[int]:
    """In SQL, of a delivery: how often this was recorded."""
    return (
        select(func.count())
        .select_from(outcomes)
        .where(_o.edition_id == _d.edition_id, _o.subscriber_id == _d.subscriber_id, _o.kind == kind)
        .correlate(deliveries)
        .scalar_subquery()
    )
