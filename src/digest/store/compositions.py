"""An edition in, what its copies are stamped from and for whom out; and whether that is still what was approved."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, literal, select

from digest.model import Delivery, EditionStatus
from digest.store.schema import deliveries, rendered

_d, _r = deliveries.c, rendered.c
_ROWS = 1000  #: of deliveries, at once


@dataclass(frozen=True, kw_only=True)
class Composition:
    """The message of one variant, with markers where a copy is personal."""

    variant: str
    skeleton: bytes
    hash: str | None  #: of the skeleton that was approved; None: that was before hashes were kept

    @property
    def altered(self) -> bool:
        return self.hash is not None and self.hash != hash_of(self.skeleton)


def hash_of(skeleton: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(skeleton).hexdigest()


def of_edition(db: Connection, edition_id: int) -> list[Composition]:
    query = select(_r.variant, _r.skeleton, _r.skeleton_hash).where(_r.edition_id == edition_id).order_by(_r.variant)
    return [Composition(variant=name, skeleton=raw, hash=known) for name, raw, known in db.execute(query)]


def of_variant(db: Connection, edition_id: int, variant: str) -> Composition | None:
    query = select(_r.skeleton, _r.skeleton_hash).where(_r.edition_id == edition_id, _r.variant == variant)
    row = db.execute(query).one_or_none()
    return Composition(variant=variant, skeleton=row.skeleton, hash=row.skeleton_hash) if row else None


def readers(db: Connection, edition: EditionStatus, variant: str, *, most: int | None) -> Iterator[Delivery]:
    """The deliveries of a variant, but for those of erased readers: all, or about `most` at even distances."""
    mine = (_d.edition_id == edition.id) & (_d.variant == variant) & (_d.address != "")
    number = db.execute(select(func.count()).where(mine)).scalar_one()
    step = 1 if most is None else max(1, number // most)
    place = func.row_number().over(order_by=_d.subscriber_id).label("place")
    columns = [_d[name] for name in ("edition_id", "subscriber_id", "uid", "address", "variant", "dated_at")]
    counts = [_d[name] for name in ("attempts", "in_doubt", "fence")]
    row = select(*columns, *counts, place).where(mine).subquery().c
    query = select(*row).where(row.place % literal(step) == 0).order_by(row.place)
    for found in db.execute(query.execution_options(yield_per=_ROWS)).mappings():
        yield Delivery(**{name: value for name, value in found.items() if name != "place"}, edition=edition.key)
