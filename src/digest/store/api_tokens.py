"""Who may use the web API, and for what.  A token is shown once; what is kept is its hash, as it is random enough."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from digest.model import Scope
from digest.store.schema import api_tokens, insert_new

PREFIX = "dgt_"  #: by which one is known where it should not be

_t = api_tokens.c


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    name: str
    scopes: frozenset[Scope]
    created_at: datetime


def add(db: Connection, name: str, scopes: Iterable[Scope], *, now: datetime) -> str | None:
    """The token, which is told nowhere else; None where one of this name is there already."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = {"name": name, "hash": _hash(token), "scopes": sorted(set(scopes)), "created_at": now}
    return token if insert_new(db, api_tokens, [row]) else None


def find(db: Connection, token: str) -> ApiToken | None:
    return next(iter(_read(db, token=token)), None)


def listing(db: Connection) -> list[ApiToken]:
    return _read(db)


def revoke(db: Connection, name: str) -> bool:
    """At once; False where there is none of this name."""
    return db.execute(delete(api_tokens).where(_t.name == name)).rowcount == 1


def _read(db: Connection, *, token: str | None = None) -> list[ApiToken]:
    query = select(_t.name, _t.scopes, _t.created_at).order_by(_t.name)
    if token is not None:
        query = query.where(_t.hash == _hash(token))
    return [
        ApiToken(name=row.name, scopes=frozenset(map(Scope, row.scopes)), created_at=row.created_at)
        for row in db.execute(query)
    ]


def _hash(token: str) -> str:
    return hashlib.sha256(f"digest api token {token}".encode()).hexdigest()
