"""Settings and a database in, whether it is known where the mail for readers' domains goes out."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.counting import counted
from digest.doctor.finding import Finding, good, warning
from digest.store import destinations
from digest.store.database import Database

MEND = 'smtp.destinations = "domain"'


def look_at_destinations(settings: Settings, database: Database, *, now: datetime) -> Iterator[Finding]:
    """Nothing where no domain is to be looked up."""
    try:
        with database.read() as db:
            known = destinations.roster(db, now=now)
    except DBAPIError:
        return
    if settings.smtp.destinations == "domain" or not known.domains:
        return
    whole = counted(known.domains, "domain")
    if known.unanswered > known.looked_up:
        said = f"no name server answered for {known.unanswered:,} of {whole} of readers: each keeps its own rate"
        yield warning("destinations", said, mend=MEND)
    else:
        places = counted(known.destinations, "destination")
        yield good("destinations", f"{known.looked_up:,} of {whole} of readers are known: {places}")
