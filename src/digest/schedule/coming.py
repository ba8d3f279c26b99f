"""Settings and a database in, the editions that come next out."""

from datetime import datetime
from functools import partial

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
        for one in next_slots(
            name,
            letter,
            now=now,
            clocks=clocks(db, name, letter),
            is_wanted=partial(is_wanted, db, letter, now=now),
        )
    ]
