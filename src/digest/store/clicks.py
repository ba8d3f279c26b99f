"""How often the stories of an edition were opened: one number each."""

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from digest.store.schema import clicks, insert_new

_c = clicks.c


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
