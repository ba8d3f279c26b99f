"""Settings and a database in, whether what comes back of mails is read, and what it says of us, out."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.doctor.finding import Finding, warning
from digest.store import events
from digest.store.database import Database


def look_at_returns(settings: Settings, database: Database, *, now: datetime) -> Iterator[Finding]:
    """Whether bounces are read, and how many say that we are not wanted."""
    feedback = settings.feedback
    if not (feedback.maildir or feedback.lmtp_port or feedback.imap.host):
        yield warning("feedback", "bounces are not read by `digest run`: set feedback.maildir, lmtp_port or imap")
    try:
        with database.read() as db:
            refused = events.alarms(db, since=now - timedelta(days=1))
    except DBAPIError:
        return
    if refused:
        causes = ", ".join(f"{count} {cause or 'authentication'}" for cause, count in refused)
        yield warning("feedback", f"mail of the last day that was not wanted: {causes}; no reader lost anything by it")
