"""Tables of readers in (CSV, exports of other programs, ZIP archives of them), batches of checked people out.

Read in a process of its own where there is much to read; that one reads no configuration and no database.
"""

import copyreg
import os
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, cast

from digest.intake.sheet import Row, SheetError, read_sheet
from digest.model import NO_PAST, NewSubscriber
from digest.pipeline import columns, elsewhere
from digest.pipeline.apart import yielded
from digest.pipeline.columns import Form, Read
from digest.store import addresses
from digest.store.lookalikes import looks_like

BATCH = 5_000  #: rows that come over at once
AHEAD = 4  #: batches that are read before they are asked for: as many as go into a transaction
MUCH = 2**21  #: bytes of tables, from which a second process is worth its start
ZIP_LIMIT = 4 << 30  #: bytes of a file in a ZIP archive, unpacked
FORMS = ("csv", "digest", *elsewhere.TOOLS)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What to read, and what has to be known for it."""

    paths: Sequence[Path]
    form: str = ""  #: one of `FORMS`; "" tells it from the columns
    encoding: str = ""  #: "": UTF-8, or UTF-16 with its mark
    smtputf8: bool = False
    sections: Sequence[str] = ()  #: of the newsletter, which tags of the same name become


@dataclass(frozen=True, kw_only=True, slots=True)
class LookAlike:
    """An address whose domain may be taken for another."""

    path: str
    where: str
    domain: str  #: as it goes over the wire
    like: str  #: what a person may read


#: A row that can be taken in: its line, the newsletter ("" where it does not say), the hash of the address, the person.
Entry = tuple[int, str, str, NewSubscriber]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows of one table.  A table has one batch at least, and each of its batches but the last one has rows."""

    path: str  #: of the table
    form: Form | None = None  #: None: it could not be told
    entries: Sequence[Entry] = ()
    refused: Sequence[tuple[int, str]] = ()  #: the line, and why
    look_alikes: Sequence[LookAlike] = ()
    fault: str = ""  #: why nothing more of the table can be read
    size: int = 0  #: bytes that were read for it


def read(reading: Reading, *, much: int = MUCH) -> Generator[Batch, None, None]:
    """All that is in the tables, in order.  Closing the iterator ends the reading.

    Raises:
        DigestError: the process that reads has died.
    """
    if (os.cpu_count() or 1) > 1 and size(reading.paths) >= much:
        return yielded(batches, reading, ahead=AHEAD)
    return batches(reading)


def batches(reading: Reading) -> Generator[Batch, None, None]:
    """The same, in this process."""
    for path in reading.paths:
        try:
            for name, file in _opened(path):
                yield from _table(name, file, reading)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # encrypted, or not readable
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            yield Batch(path=str(path), fault=why)


def size(paths: Iterable[Path]) -> int:
    """Bytes to be read, as the sizes of batches add up to; of what cannot be read, none."""
    total = 0
    for path in paths:
        with suppress(OSError, zipfile.BadZipFile):
            total += _unpacked(path) if zipfile.is_zipfile(path) else path.stat().st_size
    return total


def _unpacked(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in _members(archive))


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The tables in it, and first those of people who are to get no mail (Mailchimp's cleaned and unsubscribed)."""
    tables = [one for one in archive.infolist() if one.filename.lower().endswith(".csv") and not one.is_dir()]
    return sorted(tables, key=lambda one: (one.filename.rpartition("/")[2].startswith("subscribed"), one.filename))


def _opened(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Each table with its name, as it is asked for."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield str(path), file
        return
    with zipfile.ZipFile(path) as archive:
        members = _members(archive)
        if not members:
            raise zipfile.BadZipFile("no .csv file in the archive")
        for member in members:
            if member.file_size > ZIP_LIMIT:
                raise zipfile.BadZipFile(f"{member.filename} is larger than {ZIP_LIMIT >> 30} GB")
            with archive.open(member) as file:
                yield f"{path}/{member.filename}", cast("BinaryIO", file)


def _table(name: str, file: BinaryIO, reading: Reading) -> Iterator[Batch]:
    try:
        with read_sheet(file, encoding=reading.encoding, is_header=columns.has_email) as sheet:
            form, read_row = _form(sheet.header, name, reading)
            yield from _batches(sheet.rows, file, partial(_batch, name, form, read_row))
    except SheetError as error:
        yield Batch(path=name, fault=str(error))


def _form(header: Sequence[str], name: str, reading: Reading) -> tuple[Form, Read]:
    wanted = reading.form
    check = partial(addresses.check, smtputf8=reading.smtputf8)
    tool = elsewhere.TOOLS.get(wanted) or (None if wanted else elsewhere.tool_of(header))
    if tool is None:
        if wanted == "digest" and not columns.is_own(header):
            raise SheetError("no export of digest")
        return columns.form(header, check, own=wanted != "csv" and columns.is_own(header))
    return elsewhere.form(header, tool, check, path=name, sections=reading.sections)


def _batches(rows: Iterator[Row], file: BinaryIO, batch: Callable[[Iterable[Row]], Batch]) -> Iterator[Batch]:
    full, before = True, 0
    while full:
        some = batch(islice(rows, BATCH))
        at = file.tell()
        yield replace(some, size=at - before)
        full, before = len(some.entries) + len(some.refused) == BATCH, at


def _batch(path: str, form: Form, read_row: Read, rows: Iterable[Row]) -> Batch:
    entries: list[Entry] = []
    refused: list[tuple[int, str]] = []
    for line, cells in rows:
        try:
            if isinstance(cells, str):
                raise ValueError(cells)  # noqa: TRY004, TRY301 - what was wrong with the line
            newsletter, person = read_row(cells)
        except ValueError as error:
            refused.append((line, str(error)))
        else:
            entries.append((line, newsletter, addresses.hash_of(person.address), person))
    alike = [*_look_alikes(path, entries)]
    return Batch(path=path, form=form, entries=entries, refused=refused, look_alikes=alike)


def _look_alikes(path: str, entries: Iterable[Entry]) -> Iterator[LookAlike]:
    for line, _, _, person in entries:
        if "xn--" in person.address:
            domain = person.address.rpartition("@")[2]
            if like := looks_like(domain):
                yield LookAlike(path=path, where=f"line {line}", domain=domain, like=like)


# --- to and from the process that reads ------------------------------------------------------------------------------

_VALUES = attrgetter(*(one.name for one in fields(NewSubscriber)))


def _packed(one: NewSubscriber) -> tuple[Callable[..., NewSubscriber], tuple[Any, ...]]:
    """As arguments, in half the time of pickle's own way; who has no past keeps having the one `NO_PAST`."""
    *wishes, past = _VALUES(one)
    return _rebuilt, (*wishes, None if past is NO_PAST else past)


def _rebuilt(*values: Any) -> NewSubscriber:
    address, name, language, timezone, frequency, hour, sections, past = values
    return NewSubscriber(
        address=address,
        name=name,
        language=language,
        timezone=timezone,
        frequency=frequency,
        hour=hour,
        sections=sections,
        past=past or NO_PAST,
    )


copyreg.pickle(NewSubscriber, _packed)
