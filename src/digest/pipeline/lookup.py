"""What an edition is called in, the edition out."""

from digest.errors import NotFound
from digest.model import EditionStatus
from digest.store import editions
from digest.store.database import Database


def find(database: Database, key: str) -> EditionStatus:
    """The edition of a key.

    Raises:
        NotFound: there is none.
    """
    with database.read() as db:
        status = editions.get(db, key)
    if status is None:
        raise NotFound(f"no edition {key}; `digest editions list` shows them, `digest build` makes today's")
    return status
