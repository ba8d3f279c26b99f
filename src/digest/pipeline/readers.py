"""Batches of people out of tables in, subscribers out; each batch is taken in wholly or not at all.

A dry run reads, checks and decides as a run does, and keeps in memory what a run would have written.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from digest.config import Settings, pick_newsletter
from digest.errors import DigestError, NotFound
from digest.model import Rejection
from digest.pipeline import tables
from digest.pipeline.columns import Form
from digest.pipeline.tables import MUCH, Batch, Entry, LookAlike, Reading
from digest.store import newsletters
from digest.store.database import Database
from digest.store.enrolling import REFUSED, Enrolment, Foresight, enrol, turns

ROWS = 20_000  #: in a transaction: on SQLite each rewrites many pages of the indexes, however few rows it has
CACHE = 80  #: MB: the pages that a transaction changes among those of a million readers

Progress = Callable[[int], None]  #: bytes since the last time


@dataclass(kw_only=True)
class Summary:
    """What became of the rows."""

    enrolments: Counter[Enrolment] = field(default_factory=Counter)
    refused: list[Rejection] = field(default_factory=list)
    files: list[Rejection] = field(default_factory=list)  #: that could not be read at all
    forms: dict[str, Form] = field(default_factory=dict)  #: of each file
    look_alikes: list[LookAlike] = field(default_factory=list)

    @property
    def confirmed(self) -> int:
        return self.enrolments[Enrolment.CONFIRMED]

    @property
    def asked(self) -> int:
        return self.enrolments[Enrolment.ASKED]

    @property
    def read(self) -> int:
        """Rows; each has one enrolment, or was refused as it could not be used."""
        return len(self.refused) + sum(count for one, count in self.enrolments.items() if one not in REFUSED)

    @property
    def unusable(self) -> int:
        return len(self.refused) - sum(self.enrolments[one] for one in REFUSED)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done with the rows."""

    newsletter: str | None = None  #: None: the only one, or what each row of our own export says
    consent: str | None = None  #: the evidence that all agreed; None: who is not confirmed by the list itself is asked
    form: str = ""  #: one of `tables.FORMS`; "" tells it from the columns
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
    much: int = MUCH,
) -> Summary:
    """Take in the readers of tables and of ZIP archives of them.  A bad row is refused with its line; the rest goes in.

    From `much` bytes on a second process does the reading.

    Raises:
        DigestError: none of the files could be read, it has to be said which newsletter they are for, or the process
            that reads has died.
    """
    import_ = _Import(settings, database, order, now)
    reading = Reading(
        paths=paths,
        form=order.form,
        encoding=order.encoding,
        smtputf8=settings.smtp.smtputf8,
        sections=_sections(settings, order),
    )
    with database.in_bulk(cache=CACHE), closing(tables.read(reading, much=much)) as batches:
        for some in _together(batches):
            import_.take_in(some)
            progress(sum(batch.size for batch in some))
    done = import_.summary
    if done.files and not done.read:
        raise DigestError("\n".join(f"{one.path}: {one.error}" for one in done.files))
    return done


def _together(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    """Those of one transaction each."""
    some: list[Batch] = []
    for batch in batches:
        some.append(batch)
        if sum(len(one.entries) for one in some) >= ROWS:
            yield some
            some = []
    yield some


def _sections(settings: Settings, order: Order) -> Sequence[str]:
    """None where it has to be said which newsletter it is: the first table that has to know it says so."""
    try:
        return pick_newsletter(settings, order.newsletter)[1].sections
    except NotFound:
        return ()


class _Import:
    def __init__(self, settings: Settings, database: Database, order: Order, now: datetime) -> None:
        self.summary = Summary()
        self._settings = settings
        self._database = database
        self._order = order
        self._now = now
        self._foresight = Foresight()

    def take_in(self, batches: Sequence[Batch]) -> None:
        """In one transaction."""
        with self._database.read() if self._order.dry_run else self._database.begin() as db:
            for batch in batches:
                if batch.fault:
                    self.summary.files.append(Rejection(path=batch.path, where="", error=batch.fault))
                if batch.form:
                    self.summary.forms[batch.path] = batch.form
                    self._take_in(db, batch, batch.form)

    def _take_in(self, db: Connection, batch: Batch, form: Form) -> None:
        letters, refused = self._letters(batch, form)
        for line, why in sorted([*batch.refused, *refused]):
            self._refuse(batch.path, line, why)
        entries = [one for one in batch.entries if one[1] in letters] if refused else batch.entries
        enrolments: list[tuple[int, Enrolment]] = []
        for newsletter, some in _in_turns(entries, letters):
            enrolments += zip([line for line, *_ in some], self._enrol(db, newsletter, some), strict=True)
        self._count(batch.path, enrolments)
        self.summary.look_alikes += batch.look_alikes

    def _letters(self, batch: Batch, form: Form) -> tuple[dict[str, str], list[tuple[int, str]]]:
        """Which newsletter is meant by what rows say, and the rows that mean none."""
        letters: dict[str, str] = {}
        refused: list[tuple[int, str]] = []
        for said in {said for _, said, _, _ in batch.entries}:
            try:
                letters[said] = self._newsletter(said, form)
            except ValueError as error:
                refused += [(line, str(error)) for line, one, _, _ in batch.entries if one == said]
        return letters, refused

    def _newsletter(self, said: str, form: Form) -> str:
        try:
            if form.name != "digest":
                return pick_newsletter(self._settings, self._order.newsletter)[0]
            name, _ = pick_newsletter(self._settings, said or self._order.newsletter)
        except NotFound as error:
            raise (ValueError if form.name == "digest" else DigestError)(str(error)) from None
        if self._order.newsletter not in {None, name}:
            raise ValueError(f"is of the newsletter {name}")
        return name

    def _enrol(self, db: Connection, newsletter: str, some: Sequence[Entry]) -> list[Enrolment]:
        keys, people = [key for _, _, key, _ in some], [person for *_, person in some]
        consent, now = self._order.consent, self._now
        if self._order.dry_run:
            return self._foresight.enrolments(db, people, keys=keys, newsletter=newsletter, consent=consent, now=now)
        newsletters.ensure(db, [newsletter], now=now)
        return enrol(db, people, keys=keys, newsletter=newsletter, consent=consent, now=now)

    def _count(self, path: str, enrolments: Sequence[tuple[int, Enrolment]]) -> None:
        self.summary.enrolments.update(one for _, one in enrolments)
        for line, why in sorted(one for one in enrolments if one[1] in REFUSED):
            self._refuse(path, line, why)

    def _refuse(self, path: str, line: int, why: str) -> None:
        self.summary.refused.append(Rejection(path=path, where=f"line {line}", error=why))


def _in_turns(entries: Sequence[Entry], letters: Mapping[str, str]) -> Iterator[tuple[str, list[Entry]]]:
    """By newsletter, however they are mixed; an address that stands there again after all that stand there first."""
    for turn in turns([key for _, _, key, _ in entries]):
        by_newsletter = defaultdict[str, list[Entry]](list)
        for place in turn.values():
            by_newsletter[letters[entries[place][1]]].append(entries[place])
        yield from by_newsletter.items()
