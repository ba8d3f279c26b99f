"""A CSV of market data in, the market table of an edition and the rows that could not be read out.  Pure.

Columns ``name``, ``last``, ``change`` (percent) and optionally ``as_of`` (ISO 8601 with offset), in any order, with
commas, semicolons or tabs between them.  A bad row is left out and reported, the others are shown: an edition does not
wait for one quote.  Without any good row, or without a moment they are as of, there is no table.
"""

import csv
import io
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from digest.model import Markets, Quote, Rejection

MOST = 40  #: rows; a table longer than this is a mistake
LONGEST = 40  #: characters of a name or a price

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def parse(text: str, *, as_of: datetime | None, path: str = "") -> tuple[Markets | None, tuple[Rejection, ...]]:
    """The market table, and every row that is not in it.

    Args:
        text: The CSV, its header line first.
        as_of: The moment of the data where the rows name none (the file's time, for instance).
        path: For the rejections.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff").strip()), delimiter=_delimiter(text), strict=True)
    quotes, moments, faults = list[Quote](), list[datetime](), list[Rejection]()
    try:
        _check_header(reader)
        for row in reader:
            try:
                quote, moment = _quote(row)
            except ValueError as error:
                faults.append(Rejection(path=path, where=f"line {reader.line_num}", error=str(error)))
            else:
                quotes.append(quote)
                moments += [moment] if moment else []
    except (csv.Error, ValueError) as error:
        faults.append(Rejection(path=path, where="", error=str(error)))
        return None, tuple(faults)
    return _table(quotes, max(moments, default=as_of), path, faults)


def _check_header(reader: "csv.DictReader[str]") -> None:
    reader.fieldnames = [name.strip().casefold() for name in reader.fieldnames or ()]
    if missing := {"name", "last", "change"} - set(reader.fieldnames):
        raise ValueError(f"the header lacks {', '.join(sorted(missing))}")


def _table(
    quotes: list[Quote], moment: datetime | None, path: str, faults: list[Rejection]
) -> tuple[Markets | None, tuple[Rejection, ...]]:
    if len(quotes) > MOST:
        faults.append(Rejection(path=path, where="", error=f"{len(quotes)} rows; the first {MOST} are shown"))
    if quotes and moment is None:
        faults.append(Rejection(path=path, where="", error="no row says as of when, and nothing else does"))
    if not quotes or moment is None:
        return None, tuple(faults)
    return Markets(as_of=moment.astimezone(UTC), quotes=tuple(quotes[:MOST])), tuple(faults)


def _delimiter(text: str) -> str:
    header = text.strip().partition("\n")[0]
    return max(",;\t", key=header.count)


def _quote(row: Mapping[str, str | None]) -> tuple[Quote, datetime | None]:
    if None in row:
        raise ValueError("more fields than the header has")
    name, last, change, moment = ((row.get(key) or "").strip() for key in ("name", "last", "change", "as_of"))
    if not name or len(name) > LONGEST or not name.isprintable():
        raise ValueError("name is empty, too long or not printable")
    if not re.search(r"\d", last) or len(last) > LONGEST or not last.isprintable():
        raise ValueError("last is not a price")
    return Quote(name=name, last=last, change=_percent(change)), _moment(moment)


def _percent(text: str) -> float:
    """Also as printed: ``+0,35 %``, with a real minus sign."""
    bare = text.removesuffix("%").strip().replace("−", "-")
    bare = bare if "." in bare else bare.replace(",", ".")
    if not _NUMBER.fullmatch(bare) or not math.isfinite(float(bare)):
        raise ValueError("change is not a number of percent")
    return float(bare)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("as_of lacks its offset, as in 2026-11-23T17:30:00+01:00")
    return moment
