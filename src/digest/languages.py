"""A language tag in, its `Voice` out: the words of mail and pages, dates, numbers and direction.  Knows gettext, Babel.

Catalogues are read as they are written (.po): there is nothing to compile, in a checkout or in a wheel, and a site can
lay its own over ours with an editor alone.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, localcontext
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError, dates, lists, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from jinja2 import Environment

from digest.assets import CATALOGUES
from digest.config import WEEKDAYS
from digest.errors import ConfigError

SOURCE = "en"  #: what the words in code and templates are in; it needs no catalogue

#: Without a country English dates are those of most of the world, "23 November 2026"; CLDR takes it for America.
_DATES = {SOURCE: "en-GB"}
_LONGEST_ZONE = 5  #: letters of a time zone's short name; where a language has none, CLDR gives a long one or "+0100"
_DIGITS = 320  #: of the largest float there is; Decimal refuses to round what has more than it is set to
_PLACEHOLDER = re.compile(r"%\((\w+)\)")

_RTL_LANGUAGES = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})
_RTL_SCRIPTS = frozenset({"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How mail and pages speak of themselves, around what was published."""

    language: str  #: of the words: what was asked for, or "en" where there is no catalogue for that
    words: NullTranslations
    locale: Locale

    @property
    def direction(self) -> str:
        return direction(self.language)

    def gettext(self, text: str, **values: object) -> str:
        """`text` in this language; ``%(name)s`` stands for a value."""
        return self.words.gettext(text) % values

    def long_date(self, day: date) -> str:
        """As in "Monday, 23 November 2026"."""
        return dates.format_date(day, "full", self.locale)

    def short_date(self, day: date) -> str:
        """As in "23 November 2026"."""
        return dates.format_date(day, "long", self.locale)

    def week(self, first: date, last: date) -> str:
        """As in "The week of 16–22 November 2026"."""
        days = dates.format_interval(first, last, "yMMMMd", locale=self.locale)
        return self.gettext("The week of %(days)s", days=days)

    def moment(self, when: datetime, zone: tzinfo) -> str:
        """As in "23 November 2026, 06:30 CET"."""
        local = when.astimezone(zone)
        both = str(self.locale.datetime_formats["medium"]).format(
            dates.format_time(local, "short", tzinfo=zone, locale=self.locale), self.short_date(local)
        )
        named = dates.get_timezone_name(local, "short", locale=self.locale)
        fits = named.isalpha() and len(named) <= _LONGEST_ZONE
        return f"{both} {named if fits else local.tzname()}"

    def clock(self, at: time) -> str:
        """As in "07:00"."""
        return dates.format_time(at, "short", locale=self.locale)

    def weekdays(self, names: Sequence[str]) -> str:
        """As in "Mon, Wed and Fri", of names as the configuration has them."""
        known = self.locale.days["stand-alone"]["abbreviated"]
        return self.listed([known[WEEKDAYS.index(name)] for name in names])

    def listed(self, names: Sequence[str]) -> str:
        """As in "World, Economy and Sport"."""
        return lists.format_list(names, locale=self.locale)

    def change(self, percent: float) -> tuple[str, str]:
        """(as printed, trend) of a change, by what is printed: "0.00%" is flat."""
        size = Decimal(f"{abs(percent):.2f}")
        pattern = self.locale.percent_formats[None].pattern.replace("0", "0.00")
        with localcontext(prec=_DIGITS):
            printed = numbers.format_percent(size / 100, pattern, self.locale)
        if not size:
            return printed, "flat"
        return (f"+{printed}", "up") if percent > 0 else (f"\N{MINUS SIGN}{printed}", "down")


@lru_cache(maxsize=100)
def _shipped(language: str) -> Voice:
    return _voice(language, None)


def voice(language: str, folder: Path | None = None) -> Voice:
    """The voice of a BCP 47 tag such as "pt-BR".

    Args:
        language: without a catalogue for it, nor for it without its last parts ("pt"), the words are English.
        folder: the site's own templates; a catalogue in its ``locales`` goes before the shipped one.

    Raises:
        ConfigError: a catalogue in `folder` cannot be used; with each fault and its line.
    """
    return _voice(language, folder) if folder else _shipped(language)


def translations(language: str, folder: Path | None = None) -> NullTranslations:
    """The words of `language`, else of "pt" for "pt-BR", else English; what one lacks is taken from the next."""
    own, english = [*_catalogues(language, folder)], _catalogues(SOURCE, folder)
    return _chained([*own, *(path for path in english if path not in own)])


def available(folder: Path | None = None) -> frozenset[str]:
    """The languages that there are words in, as tags: English, the shipped catalogues, and the site's own."""
    roots = [*([folder / "locales"] if folder else []), CATALOGUES]
    found = (path.parts[-3].replace("_", "-") for root in roots for path in root.glob("*/LC_MESSAGES/digest.po"))
    return frozenset({SOURCE, *found})


def tongue(language: str, spoken: Iterable[str]) -> str:
    """Which of the languages `spoken` is for who asked for one: "de" for "DE" and "de-AT"; "" where none is."""
    spelt = {one.casefold(): one for one in spoken}
    return next((spelt[one] for one in _shorter(language.casefold()) if one in spelt), "")


def own_name(language: str) -> str:
    """As its speakers call it: "Deutsch"."""
    locale = _locale(language)
    return str(locale.get_display_name(locale) or language)


def install(environment: Environment, voice: Voice) -> None:
    """Lets templates speak: ``_("Subscribe")``, ``ngettext``, ``pgettext``, ``voice``, and a filter for each date."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_translations(voice.words, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["voice"] = voice
    environment.filters |= {
        "long_date": voice.long_date,
        "short_date": voice.short_date,
        "clock": voice.clock,
        "weekdays": voice.weekdays,
        "direction": direction,
    }


def spoken(environment: Environment) -> Voice:
    """The voice that was installed."""
    voice = environment.globals["voice"]
    assert isinstance(voice, Voice)
    return voice


def direction(language: str) -> str:
    """ "rtl" for languages written from right to left, else "ltr".  By script where the tag names one (BCP 47)."""
    first, *rest = language.casefold().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    right = script in _RTL_SCRIPTS if script else first in _RTL_LANGUAGES
    return "rtl" if right else "ltr"


def _voice(language: str, folder: Path | None) -> Voice:
    known = any(_catalogues(language, folder)) or language.casefold().split("-")[0] == SOURCE
    tag = language if known else SOURCE
    return Voice(language=tag, words=translations(tag, folder), locale=_locale(tag))


def _catalogues(language: str, folder: Path | None) -> Iterator[Path]:
    """From the whole tag to its first part, of each the site's own before ours."""
    roots = [*([folder / "locales"] if folder else []), CATALOGUES]
    for tag in _shorter(language.casefold()):
        for root in roots:
            for path in sorted(root.glob("*/LC_MESSAGES/digest.po")):
                if path.parts[-3].replace("_", "-").casefold() == tag:
                    yield path


def _shorter(tag: str) -> Iterator[str]:
    """ "pt-BR", then "pt"."""
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def _chained(paths: Sequence[Path]) -> NullTranslations:
    first = NullTranslations()
    for path in reversed(paths):
        one = _read(path)
        one.add_fallback(first)
        first = one
    return first


def _read(path: Path) -> GNUTranslations:
    try:
        catalogue = read_po(io.BytesIO(path.read_bytes()), locale=path.parts[-3], abort_invalid=True)
    except PoFileError as error:
        said = str(error).rpartition(" on ")[0]  # it counts lines from 0
        raise ConfigError(str(path), [f"line {error.lineno + 1}: {said}"]) from None
    except (OSError, ValueError, LookupError) as error:
        raise ConfigError(str(path), [str(error)]) from None
    if faults := [*_faults(catalogue)]:
        raise ConfigError(str(path), faults)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    try:
        return GNUTranslations(compiled)
    except ValueError as error:
        raise ConfigError(str(path), [f"Plural-Forms: {error}"]) from None


def _faults(catalogue: Catalog) -> Iterator[str]:
    """What would fail only when a reader's page is made: a placeholder that the words in English do not have."""
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            values = dict.fromkeys(_PLACEHOLDER.findall(" ".join(forms(message.id))), 0)
            for text in forms(message.string):
                if fault := _unfit(text, values):
                    yield f"line {message.lineno}: {fault} in {text!r}"


def _unfit(text: str, values: dict[str, int]) -> str:
    try:
        text % values
    except KeyError as error:
        return f"no value for %({error.args[0]})s"
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def forms(text: str | Sequence[str]) -> tuple[str, ...]:
    """Singular and plurals of a message, or its one text."""
    return (text,) if isinstance(text, str) else tuple(text)


def _locale(language: str) -> Locale:
    for tag in _shorter(_DATES.get(language.casefold(), language)):
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse(_DATES[SOURCE], sep="-")
