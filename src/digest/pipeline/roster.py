"""Subscriptions in, the lines of an export out, one after the other however many there are."""

import csv
import json
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any

from digest.model import Reason, Subscription
from digest.pipeline.columns import OWN, defused

COLUMNS = ("email", "name", "language", "timezone", "frequency", "hour", "sections", *OWN)

Rows = Iterable[tuple[Subscription, Reason | None]]


def write_table(file: IO[str], rows: Rows) -> None:
    """CSV (RFC 4180) that `digest.pipeline.readers` takes back as it was, and that no spreadsheet runs."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for one, suppressed in rows:
        values = _values(one, suppressed) | {"sections": ";".join(one.sections)}
        writer.writerow([defused("" if value is None else str(value)) for value in values.values()])


def write_lines(file: IO[str], rows: Rows) -> None:
    """A JSON object a line."""
    for one, suppressed in rows:
        file.write(json.dumps(_values(one, suppressed), ensure_ascii=False) + "\n")


def _values(one: Subscription, suppressed: Reason | None) -> dict[str, Any]:
    person = one.subscriber
    wishes = (person.address, person.name, person.language, person.timezone, one.frequency, one.hour, one.sections)
    standing = (one.newsletter, one.state, one.consent, person.uid, suppressed)
    moments = (person.created_at, one.asked_at, one.confirmed_at, one.left_at, one.paused_until)
    values = (*wishes, *standing, *map(_moment, moments))
    return dict(zip(COLUMNS, values, strict=True))


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
