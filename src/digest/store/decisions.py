"""What editors decided about articles, newsletter by newsletter."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from digest.model import EditorAction
from digest.store.schema import decisions, upsert


def decide(db: Connection, *, newsletter: str, url: str, action: EditorAction, who: str, now: datetime) -> None:
    """Write a decision down; it takes the place of an earlier one about the same article."""
    upsert(db, decisions, [{"newsletter": newsletter, "url": url, "action": action, "who": who, "at": now}])


def clear(db: Connection, *, newsletter: str, url: str) -> bool:
    """Take a decision back; False where there was none."""
    query = delete(decisions).where(decisions.c.newsletter == newsletter, decisions.c.url == url)
    return db.execute(query).rowcount == 1


def of(db: Connection, newsletter: str) -> dict[str, EditorAction]:
    """URL → decision."""
    query = select(decisions.c.url, decisions.c.action).where(decisions.c.newsletter == newsletter)
    return {url: EditorAction(action) for url, action in db.execute(query)}
