"""Settings and accounts in, whether anybody can come to the desk and its dashboard out."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.doctor.finding import Finding, good, warning
from digest.store import editors
from digest.store.database import Database
from digest.web.desk.door import CLOSED, NOBODY


def look_at_desk(settings: Settings, database: Database) -> Iterator[Finding]:
    """Nothing where the database cannot say who has an account: what is wrong with it is told elsewhere."""
    if not settings.desk.serve:
        yield good("desk", CLOSED)
        return
    if settings.desk.user_header:
        yield good("desk", f"open, with the dashboard, to whom the proxy names in {settings.desk.user_header}")
        return
    try:
        with database.read() as db:
            names = editors.listing(db)
    except DBAPIError:
        return
    if names:
        yield good("desk", f"open, with the dashboard; accounts: {len(names)}")
    else:
        yield warning("desk", NOBODY, mend="digest editors add NAME")
