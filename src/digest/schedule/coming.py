"""Settings and a database in, the editions that come next out."""

from datetime import datetime

from sqlalchemy import Connection

from digest.config import Settings
from digest.model import Slot
from digest.pipeline.audience import clocks, is_wanted
from digest.schedule.slots import next_slots


def coming(settings: Settings, db: Connection, *, now: datetime) -> list[Slot]:
    """The first slot after `now` of each newsletter and cadence that has readers."""
    return [
        one
        for name, letter in settings.newsletters.items()
        for one in next_slots(name, letter, now=now, clocks=clocks(db, name, letter))
        if is_wanted(db, name, letter, one.day, one.cadence, now=now)
    ]
