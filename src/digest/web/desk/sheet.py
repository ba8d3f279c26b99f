"""A database in, the editions at the desk out: each made once for as long as nothing it is made of changes.

Ranking takes longest, and an editor's decision does not change it: it is kept, and decisions are replayed over it.
"""

import threading
import zlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar, cast

from jinja2 import Environment

from digest import languages
from digest.assets import TEMPLATES
from digest.config import Settings, local_day
from digest.edition.variants import DEFAULT, Variant, cut, variants
from digest.errors import NotFound, Refused
from digest.lint.finding import Finding
from digest.model import (
    Cadence,
    Edition,
    EditionState,
    EditionStatus,
    Rendered,
    SubscriptionState,
    Wish,
    edition_key,
    read_key,
)
from digest.pipeline.audience import circle_of, wishes_of
from digest.pipeline.building import Draft, redraft
from digest.pipeline.drafts import EVERYTHING
from digest.pipeline.linting import faults, lint_message, read_support
from digest.pipeline.operating import Opened
from digest.pipeline.printing import render_edition, sample_message
from digest.pipeline.ranking import Ranking, rank, rank_again
from digest.pipeline.reviewing import odd
from digest.render.environment import environment
from digest.store import codec, editions, operations, subscribers
from digest.store.database import Database
from digest.store.operations import SignOff

KEPT = 64  #: values of each kind
WISHES_SECONDS = 30.0  #: for which what readers wish is remembered

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """An edition as it is at one moment."""

    key: str
    version: str
    status: EditionStatus | None  #: None where no draft of it is stored
    draft: Draft
    is_open: bool  #: whether editors may change it

    @property
    def edition(self) -> Edition:
        return self.draft.edition

    @property
    def seen(self) -> str:
        """What of it readers would see, in short: who approves says which edition was looked at."""
        content = replace(self.edition, built_at=datetime.min)  # noqa: DTZ901 - no moment: when it was made is no content
        return sha256(codec.to_text(codec.dump_edition(content)).encode()).hexdigest()[:20]


class Kept:
    """Values by key, each made once at a time; those of an older version go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Hashable, tuple[Hashable, object]] = {}

    def get(self, key: Hashable, version: Hashable, make: Callable[[], Value]) -> Value:
        with self._lock:
            found = self._values.pop(key, None)
            if found is None or found[0] != version:
                found = (version, make())
            self._values[key] = found  # at the end: the oldest goes first
            if len(self._values) > KEPT:
                del self._values[next(iter(self._values))]
            return cast(Value, found[1])

    def put(self, key: Hashable, version: Hashable, value: object) -> None:
        with self._lock:
            self._values[key] = (version, value)


class Desk:
    """All that the desk shows.  Its methods may be called from several threads.

    Args:
        settings: The site's.
        database: Opened, and of this program's schema.
        clock: Aware moments.
        wish: Whose variant is shown at first.
    """

    def __init__(
        self, settings: Settings, database: Database, clock: Callable[[], datetime], *, wish: Wish = EVERYTHING
    ) -> None:
        self.settings, self.database, self.clock, self._wish = settings, database, clock, wish
        own = settings.site.templates
        self._watch = (*([own] if own else []), TEMPLATES / "email")
        self._moments, self._rankings, self._sheets, self._prints = Kept(), Kept(), Kept(), Kept()
        self._findings, self._environments, self._messages = Kept(), Kept(), Kept()
        self._variants_kept, self._odd = Kept(), Kept()

    def version(self) -> str:
        """Changes with the templates and with the data."""
        with self.database.read() as db:
            data = editions.data_version(db)
        return f"{zlib.crc32(repr((self._templates(), data)).encode()):08x}"

    # --- editions ------------------------------------------------------------------------------------------------

    def key(self, name: str, cadence: Cadence = Cadence.DAILY) -> str:
        """Of today's edition of a newsletter."""
        return edition_key(name, local_day(self.settings.newsletters[name], self.clock()), cadence)

    def sheet(self, key: str) -> Sheet:
        """The edition as it is now.

        Raises:
            NotFound: there is none of this key, and none could be made.
        """
        version = self.version()
        return self._sheets.get(key, version, lambda: self._sheet(key, version))

    def renew(self, opened: Opened) -> None:
        """Take over what was just made, unless it has changed since."""
        key, version = opened.status.key, self.version()
        with self.database.read() as db:
            status = editions.get(db, key)
        if status == opened.status:
            draft = replace(opened.draft, edition=status.content)
            self._sheets.put(key, version, Sheet(key=key, version=version, status=status, draft=draft, is_open=True))

    def _sheet(self, key: str, version: str) -> Sheet:
        with self.database.read() as db:
            status = editions.get(db, key)
        found = read_key(key)
        if found is None or found[0] not in self.settings.newsletters:
            raise NotFound(f"there is no edition {key}")
        name, _, cadence, _ = found
        is_draft = status is None or status.state is EditionState.DRAFT
        is_open = is_draft and (key == self.key(name, cadence) or self._is_wave_of_now(status))
        if status is None and not is_open:
            raise NotFound(f"there is no edition {key}")
        ranking = self._ranking(name, cadence, status, is_open=is_open)
        draft = redraft(self.settings, self.database, ranking, key)
        if status and (not is_open or (status.content.built_at, status.revision) == (ranking.at, draft.revision)):
            draft = replace(draft, edition=status.content)  # its pictures have been made ready
        return Sheet(key=key, version=version, status=status, draft=draft, is_open=is_open)

    def _is_wave_of_now(self, status: EditionStatus | None) -> bool:
        """Whether it is for a wave that is not the newsletter's own, whose hour may come a day before that or after."""
        if status is None or not status.wave:
            return False
        today = local_day(self.settings.newsletters[status.newsletter], self.clock())
        return abs(status.day - today) <= timedelta(days=1)

    def _ranking(self, name: str, cadence: Cadence, status: EditionStatus | None, *, is_open: bool) -> Ranking:
        """That of the stored edition, unless it is open and there has been news since."""
        with self.database.read() as db:
            version: Hashable = (news := editions.news_version(db))
        built = status.content.built_at if status else None
        _, changed, _, decided = news
        if built and (not is_open or all(moment is None or moment <= built for moment in (changed, decided))):
            at, version = built, version if is_open else None
        else:
            at = self._moments.get((name, cadence), version, self.clock)
        if status:
            make = lambda: rank_again(self.settings, self.database, status, at=at)  # noqa: E731
            return self._rankings.get((status.key, at), version, make)
        make = lambda: rank(self.settings, self.database, name, at=at, cadence=cadence)  # noqa: E731
        return self._rankings.get((name, cadence, at), version, make)

    def signed(self, sheet: Sheet) -> tuple[SignOff, ...]:
        """Who approved, held or cancelled it."""
        if sheet.status is None:
            return ()
        with self.database.read() as db:
            return operations.signed(db, sheet.status.id)

    # --- variants ------------------------------------------------------------------------------------------------

    def variants(self, sheet: Sheet) -> Mapping[str, tuple[Variant, int]]:
        """Each by name with how many readers it has, that of `wish` first: all that somebody asked for, and one in each
        language.

        Raises:
            Refused: nothing of the edition is in the sections of the wish.
        """
        age = self.clock().timestamp() // WISHES_SECONDS
        return self._variants_kept.get(sheet.key, (sheet.version, age), lambda: self._variants(sheet))

    def _variants(self, sheet: Sheet) -> dict[str, tuple[Variant, int]]:
        edition, spoken = sheet.edition, languages.available(self.settings.site.templates)
        newsletter = self.settings.newsletters[edition.newsletter]
        with self.database.read() as db:
            whose = (edition.newsletter, newsletter, edition.day, edition.cadence)
            circle = circle_of(db, *whose, alone=edition.wave)
            due_at = sheet.status.due_at if sheet.status else None
            wishes = wishes_of(db, circle, newsletter, now=self.clock(), due_at=due_at)
        usual = variants(edition, {self._wish: 1}, languages=spoken)[self._wish]
        if usual is None:
            raise Refused(
                f"{sheet.key}: no story in {', '.join(self._wish.sections)}; who asked for no more gets no mail"
            )
        found = {usual.name: (usual, 0), DEFAULT: (Variant(language=edition.language), 0)}
        for wish, variant in variants(edition, wishes, languages=spoken).items():
            if variant:
                found[variant.name] = (variant, found.get(variant.name, (variant, 0))[1] + wishes[wish])
        tongues = {Wish(language=language, sections=()): 0 for language in sorted(spoken)}
        more = (one for one in variants(edition, tongues, languages=spoken).values() if one)
        return found | {one.name: (one, 0) for one in more if one.name not in found}

    def variant_of(self, sheet: Sheet, address: str) -> Variant:
        """What a reader gets of an edition.

        Raises:
            NotFound: nobody of this address reads the newsletter.
            Refused: the edition has nothing of what they chose.
        """
        name = sheet.edition.newsletter
        with self.database.read() as db:
            person = subscribers.by_address(db, address)
            found = subscribers.subscription(db, person.id, name) if person else None
        if person is None or found is None or found.state is not SubscriptionState.CONFIRMED:
            raise NotFound(f"nobody of this address reads {sheet.edition.title}")
        wish = Wish(language=person.language, sections=found.sections)
        spoken = languages.available(self.settings.site.templates)
        variant = variants(sheet.edition, {wish: 1}, languages=spoken)[wish]
        if variant is None:
            raise Refused("this reader gets no mail: the edition has nothing of the sections that they chose")
        return variant

    def rendered(self, sheet: Sheet, variant: Variant) -> Rendered:
        """As it was approved, else as it would be."""
        return self._prints.get((sheet.key, variant), sheet.version, lambda: self._rendered(sheet, variant))

    def _rendered(self, sheet: Sheet, variant: Variant) -> Rendered:
        if sheet.status and sheet.status.state is not EditionState.DRAFT:
            with self.database.read() as db:
                frozen = editions.rendered(db, sheet.status.id, variant.name)
            if frozen:
                return frozen
        templates = self._environment(variant.language or self.settings.site.language)
        edition = cut(sheet.edition, variant)
        return render_edition(self.settings, edition, variant=variant.name, templates=templates)

    def web(self, sheet: Sheet) -> str:
        """The page: one for all variants."""
        return self.rendered(sheet, Variant(language=sheet.edition.language)).web

    def message(self, sheet: Sheet, variant: Variant) -> bytes:
        """A sample copy, as it goes over the wire."""
        edition, rendered = cut(sheet.edition, variant), self.rendered(sheet, variant)
        make = lambda: sample_message(self.settings, edition, rendered, now=self.clock())  # noqa: E731
        return self._messages.get((sheet.key, variant), sheet.version, make)

    def findings(self, sheet: Sheet, variant: Variant) -> tuple[Finding, ...]:
        """What `digest lint` says of that copy."""
        message = self.message(sheet, variant)
        return self._findings.get((sheet.key, variant), sheet.version, lambda: self._lint(sheet, message))

    def odd(self, sheet: Sheet) -> tuple[str, ...]:
        """Why somebody should look before it leaves, a sentence each."""
        return self._odd.get(sheet.key, sheet.version, lambda: self._look(sheet))

    def _look(self, sheet: Sheet) -> tuple[str, ...]:
        if sheet.status is None or sheet.status.state is not EditionState.DRAFT:
            return tuple(one.sentence for one in sheet.draft.replayed.conflicts)
        try:
            errors = faults(self.findings(sheet, Variant(language=sheet.edition.language)))
        except Refused as error:
            errors = {str(error): 1}
        return odd(self.settings, self.database, sheet.status, now=self.clock(), errors=errors)

    def _lint(self, sheet: Sheet, message: bytes) -> tuple[Finding, ...]:
        support = read_support(self.settings.lint.caniemail)
        return lint_message(self.settings, sheet.edition.newsletter, message, support=support)

    def _environment(self, language: str) -> Environment:
        site = self.settings.site
        make = lambda: environment(site.templates, language=language, brand=site.brand)  # noqa: E731
        return self._environments.get(language, self._templates(), make)

    def _templates(self) -> int:
        return zlib.crc32("\n".join(_stamps(self._watch)).encode())


def _stamps(watch: Sequence[Path]) -> Iterator[str]:
    """Every watched file with its time and size.  One that goes away meanwhile counts as a change."""
    for path in watch:
        for file in sorted(path.rglob("*")):
            with suppress(OSError):
                stat = file.stat()
                yield f"{file}:{stat.st_mtime_ns}:{stat.st_size}"
