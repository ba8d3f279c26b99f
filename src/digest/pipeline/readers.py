"""Tables of readers in (CSV, exports of other programs), subscribers out, in chunks that are each taken in or not.

A dry run reads, checks and decides as a run does, and keeps in memory what a run would have written.
"""

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import Connection

from digest.config import Settings, pick_newsletter
from digest.errors import DigestError, NotFound
from digest.intake.sheet import Row, SheetError, read_sheet
from digest.model import NewSubscriber, Rejection
from digest.pipeline import columns, elsewhere
from digest.pipeline.columns import Entry, Form
from digest.store import addresses, newsletters
from digest.store.database import Database
from digest.store.enrolling import REFUSED, Fate, Foresight, enrol
from digest.store.lookalikes import looks_like

CHUNK = 20_000  #: rows in a transaction: on SQLite each rewrites many pages of the indexes, however few rows it has
SOME = 1000  #: rows between two reports of progress
ZIP_LIMIT = 4 << 30  #: bytes of a file in a ZIP archive, unpacked
FORMS = ("csv", "digest", *elsewhere.TOOLS)

Progress = Callable[[int], None]  #: bytes since the last time


@dataclass(frozen=True, kw_only=True, slots=True)
class LookAlike:
    """An address whose domain may be taken for another."""

    path: str
    where: str
    domain: str  #: as it goes over the wire
    like: str  #: what a person may read


@dataclass(kw_only=True)
class Summary:
    """What became of the rows."""

    fates: Counter[Fate] = field(default_factory=Counter)
    refused: list[Rejection] = field(default_factory=list)
    files: list[Rejection] = field(default_factory=list)  #: that could not be read at all
    forms: dict[str, Form] = field(default_factory=dict)  #: of each file
    look_alikes: list[LookAlike] = field(default_factory=list)

    @property
    def confirmed(self) -> int:
        return self.fates[Fate.CONFIRMED]

    @property
    def asked(self) -> int:
        return self.fates[Fate.ASKED]

    @property
    def read(self) -> int:
        """Rows; each has one fate, or was refused as it could not be used."""
        return len(self.refused) + sum(count for fate, count in self.fates.items() if fate not in REFUSED)

    @property
    def unusable(self) -> int:
        return len(self.refused) - sum(self.fates[fate] for fate in REFUSED)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done with the rows."""

    newsletter: str | None = None  #: None: the only one, or what each row of our own export says
    consent: str | None = None  #: the evidence that all agreed; None: who is not confirmed by the list itself is asked
    form: str = ""  #: one of `FORMS`; "" tells it from the columns
    encoding: str = ""  #: "": UTF-8, or UTF-16 with its mark
    dry_run: bool = False


def import_readers(
    settings: Settings,
    database: Database,
    paths: Sequence[Path],
    order: Order,
    *,
    now: datetime,
    progress: Progress = lambda _: None,
) -> Summary:
    """Take in the readers of tables and of ZIP archives of them.  A bad row is refused with its line; the rest goes in.

    Raises:
        DigestError: none of the files could be read, or it has to be said which newsletter they are for.
    """
    import_ = _Import(settings, database, order, now, progress)
    for path in paths:
        import_.take_in(path)
    done = import_.summary
    if done.files and not done.read:
        raise DigestError("\n".join(f"{one.path}: {one.error}" for one in done.files))
    return done


class _Import:
    def __init__(self, settings: Settings, database: Database, order: Order, now: datetime, progress: Progress) -> None:
        self.summary = Summary()
        self._settings = settings
        self._database = database
        self._order = order
        self._now = now
        self._progress = progress
        self._check = partial(addresses.check, smtputf8=settings.smtp.smtputf8)
        self._foresight = Foresight()

    def take_in(self, path: Path) -> None:
        try:
            for name, file in _opened(path):
                self._file(name, file)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # encrypted, or not readable
            self._give_up(str(path), error.strerror if isinstance(error, OSError) and error.strerror else str(error))

    def _file(self, name: str, file: BinaryIO) -> None:
        try:
            with read_sheet(file, encoding=self._order.encoding, is_header=columns.has_email) as sheet:
                form = self._form(sheet.header, name)
                self.summary.forms[name] = form
                for chunk in _chunks(sheet.rows, file, self._progress):
                    self._chunk(name, form, chunk)
        except SheetError as error:
            self._give_up(name, str(error))

    def _give_up(self, name: str, why: str) -> None:
        self.summary.files.append(Rejection(path=name, where="", error=why))

    def _form(self, header: Sequence[str], name: str) -> Form:
        wanted = self._order.form
        tool = elsewhere.TOOLS.get(wanted) or (None if wanted else elsewhere.tool_of(header))
        if tool is None:
            if wanted == "digest" and not columns.is_own(header):
                raise SheetError("no export of digest")
            return columns.form(header, self._check, own=wanted != "csv" and columns.is_own(header))
        _, newsletter = pick_newsletter(self._settings, self._order.newsletter)
        return elsewhere.form(header, tool, self._check, path=name, sections=newsletter.sections)

    def _chunk(self, name: str, form: Form, rows: Sequence[Row]) -> None:
        good: list[tuple[int, str, NewSubscriber]] = []
        for line, cells in rows:
            try:
                if isinstance(cells, str):
                    raise ValueError(cells)  # noqa: TRY004, TRY301 - what was wrong with the line
                entry = form.read(cells)
                good.append((line, self._newsletter(entry, form), entry.person))
            except ValueError as error:
                self._refuse(name, line, str(error))
        with self._database.read() if self._order.dry_run else self._database.begin() as db:
            for newsletter, some in groupby(good, key=lambda one: one[1]):
                self._enrol(db, name, newsletter, list(some))

    def _newsletter(self, entry: Entry, form: Form) -> str:
        try:
            if form.name != "digest":
                return pick_newsletter(self._settings, self._order.newsletter)[0]
            name, _ = pick_newsletter(self._settings, entry.newsletter or self._order.newsletter)
        except NotFound as error:
            raise (ValueError if form.name == "digest" else DigestError)(str(error)) from None
        if self._order.newsletter not in {None, name}:
            raise ValueError(f"is of the newsletter {name}")
        return name

    def _enrol(
        self, db: Connection, path: str, newsletter: str, some: Sequence[tuple[int, str, NewSubscriber]]
    ) -> None:
        people = [person for _, _, person in some]
        consent, now = self._order.consent, self._now
        if self._order.dry_run:
            fates = self._foresight.fates(db, people, newsletter=newsletter, consent=consent, now=now)
        else:
            newsletters.ensure(db, [newsletter], now=now)
            fates = enrol(db, people, newsletter=newsletter, consent=consent, now=now)
        self.summary.fates.update(fates)
        for (line, _, person), fate in zip(some, fates, strict=True):
            if fate in REFUSED:
                self._refuse(path, line, fate)
            if "xn--" in person.address:
                self._look(path, line, person.address)

    def _refuse(self, path: str, line: int, why: str) -> None:
        self.summary.refused.append(Rejection(path=path, where=f"line {line}", error=why))

    def _look(self, path: str, line: int, address: str) -> None:
        domain = address.rpartition("@")[2]
        if like := looks_like(domain):
            one = LookAlike(path=path, where=f"line {line}", domain=domain, like=like)
            self.summary.look_alikes.append(one)


def size(paths: Sequence[Path]) -> int:
    """Bytes to be read, as `progress` counts them."""
    return sum(_unpacked(path) if zipfile.is_zipfile(path) else path.stat().st_size for path in paths)


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


def _chunks(rows: Iterator[Row], file: BinaryIO, progress: Progress) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    told = 0
    for row in rows:
        chunk.append(row)
        if len(chunk) % SOME == 0:
            at = file.tell()
            progress(at - told)
            told = at
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk
    progress(file.tell() - told)
