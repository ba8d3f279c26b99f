"""How often the stories of an edition were opened: one number each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, exists, select, update

from digest.model import Edition
from digest.store.codec import load_edition
from digest.store.schema import clicks, editions, insert_new

_c, _e = clicks.c, editions.c


@dataclass(frozen=True, kw_only=True)
class Read:
    """An edition, how many readers it went to, and how often its stories were opened, by their ids."""

    edition: Edition
    readers: int
    opened: Mapping[str, int]


def add(db: Connection, edition_id: int, changes: Mapping[str, int]) -> None:
    """Add to the numbers of these stories; a change may take away what was counted too soon."""
    for story, change in sorted(changes.items()):  # in one order, so that two processes never wait for each other
        insert_new(db, clicks, [{"edition_id": edition_id, "story": story, "count": 0}])
        row = (_c.edition_id == edition_id) & (_c.story == story)
        db.execute(update(clicks).where(row).values(count=_c.count + change))


def of_edition(db: Connection, edition_id: int) -> dict[str, int]:
    """By the story's id; only what was opened."""
    query = select(_c.story, _c.count).where(_c.edition_id == edition_id, _c.count > 0)
    return {story: int(count) for story, count in db.execute(query)}


def of_last(db: Connection, newsletter: str, *, before: date, days: int) -> list[Read]:
    """The editions of the `days` before a day of which something was opened."""
    query = select(_e.id, _e.audience, _e.content).where(_e.newsletter == newsletter, _e.day < before)
    recent = query.where(_e.day >= before - timedelta(days=days), exists().where(_c.edition_id == _e.id, _c.count > 0))
    return [
        Read(edition=load_edition(row.content), readers=row.audience, opened=of_edition(db, row.id))
        for row in db.execute(recent.order_by(_e.id)).all()
    ]
