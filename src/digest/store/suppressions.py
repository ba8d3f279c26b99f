"""Addresses that get no more mail.  They are told by a hash, so that one can be refused and yet be forgotten."""

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, delete, exists, select

from digest.model import Reason, Suppression
from digest.store.addresses import hash_of
from digest.store.schema import insert_new, suppressions


def add(db: Connection, address: str, *, reason: Reason, evidence: str, now: datetime) -> bool:
    """Suppress an address; False where it is already, and then the first reason stays."""
    row = {"address_hash": hash_of(address), "address": address, "reason": reason, "evidence": evidence, "since": now}
    return bool(insert_new(db, suppressions, [row]))


def remove(db: Connection, address: str) -> bool:
    """Let an address have mail again; False where it was not suppressed."""
    return db.execute(delete(suppressions).where(suppressions.c.address_hash == hash_of(address))).rowcount == 1


def listing(db: Connection) -> list[Suppression]:
    """Oldest first."""
    columns = (suppressions.c.address, suppressions.c.reason, suppressions.c.evidence, suppressions.c.since)
    return [
        Suppression(address=row.address, reason=Reason(row.reason), evidence=row.evidence, since=row.since)
        for row in db.execute(select(*columns).order_by(suppressions.c.since, suppressions.c.address_hash))
    ]


def of(db: Connection, address: str) -> Suppression | None:
    """Why an address is suppressed; None where it is not."""
    query = select(suppressions).where(suppressions.c.address_hash == hash_of(address))
    row = db.execute(query).first()
    if row is None:
        return None
    return Suppression(address=row.address, reason=Reason(row.reason), evidence=row.evidence, since=row.since)


def is_suppressed(db: Connection, address: str) -> bool:
    return bool(db.execute(select(suppressed(hash_of(address)))).scalar_one())


def suppressed(address_hash: Column[str] | str) -> ColumnElement[bool]:
    """In SQL: the address with this hash gets no mail."""
    return exists().where(suppressions.c.address_hash == address_hash)
