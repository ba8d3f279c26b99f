"""A CSV file in, subscribers out."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from zoneinfo import available_timezones

from digest.errors import DigestError
from digest.model import NewSubscriber, Rejection
from digest.store import addresses, newsletters, subscribers
from digest.store.database import Database

BATCH = 1000
FIELD_LIMIT = 10_000  #: characters in one cell
FREQUENCIES = ("daily", "weekdays", "weekly")


@dataclass(kw_only=True)
class Summary:
    """What became of the rows."""

    confirmed: int = 0
    asked: int = 0
    already: int = 0
    refused: tuple[Rejection, ...] = ()

    @property
    def read(self) -> int:
        return self.confirmed + self.asked + self.already + len(self.refused)


def import_csv(
    database: Database,
    path: Path,
    *,
    newsletter: str,
    consent: str | None,
    dry_run: bool = False,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Add the people of a CSV file.  A bad row is refused with its line; the rest goes in.

    Raises:
        DigestError: the file is no CSV file with an email column.
    """
    summary = Summary()
    rows = _rows(path)
    try:
        while batch := list(islice(rows, BATCH)):
            _add(database, batch, summary, newsletter=newsletter, consent=consent, dry_run=dry_run, now=now)
            progress(len(batch))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DigestError(f"{path}: {error}; {summary.read} rows before it went in") from None
    return summary


def _add(
    database: Database,
    batch: list[NewSubscriber | Rejection],
    summary: Summary,
    *,
    newsletter: str,
    consent: str | None,
    dry_run: bool,
    now: datetime,
) -> None:
    good = [one for one in batch if isinstance(one, NewSubscriber)]
    summary.refused += tuple(one for one in batch if isinstance(one, Rejection))
    with database.begin() as db:
        newsletters.ensure(db, [newsletter], now=now)
        added = subscribers.add(db, good, newsletter=newsletter, consent=consent, now=now)
        if dry_run:
            db.rollback()
    summary.confirmed += added.confirmed
    summary.asked += added.asked
    summary.already += added.already
    summary.refused += tuple(added.refused)


def _rows(path: Path) -> Iterator[NewSubscriber | Rejection]:
    csv.field_size_limit(FIELD_LIMIT)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        if "email" not in names:
            raise DigestError(f"{path}: no column named email in the first line")
        for row in reader:
            place = f"line {reader.line_num}"
            values = {key: (row.get(name) or "").strip() for key, name in names.items()}
            try:
                yield _subscriber(values)
            except ValueError as error:
                yield Rejection(path=str(path), where=place, error=str(error))


def _subscriber(values: dict[str, str]) -> NewSubscriber:
    """Raises ValueError, without the address: the place is enough to find it."""
    frequency = values.get("frequency") or "daily"
    if frequency not in FREQUENCIES:
        raise ValueError(f"frequency is none of {', '.join(FREQUENCIES)}")
    timezone = values.get("timezone", "")
    if timezone and timezone not in _zones():
        raise ValueError("unknown timezone")
    name = values.get("name", "")
    if not name.isprintable() or len(name) > 200:
        raise ValueError("the name has control characters or is longer than 200")
    return NewSubscriber(
        address=addresses.check(values.get("email", "")),
        name=name,
        language=values.get("language", "")[:35],
        timezone=timezone,
        frequency=frequency,
        sections=tuple(part for part in map(str.strip, values.get("sections", "").split(";")) if part),
    )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
