"""The header of a table of readers in, a function from its rows to readers out: our own form, and simple lists."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter

from digest.config import is_zone
from digest.intake.sheet import SheetError
from digest.model import NO_PAST, NewSubscriber, Past, Reason, SubscriptionState

FREQUENCIES = ("daily", "weekdays", "weekly")
NAME_LIMIT = 200  #: characters
FEW = 256  #: values of a column that are remembered
_NOWHERE = -1  #: the place of a column that a table has not: that of the empty cell that is put at the end of each row

#: What spreadsheets run as a formula when a cell begins with it (OWASP, CSV injection).
_FORMULA = re.compile("'*[=+@\t\r\n＝＋－＠-]")

_HOUR = re.compile("([01]?[0-9]|2[0-3]):[0-5][0-9]")

#: Field → what columns are called that have it, in any case, and with or without spaces, hyphens and underscores.
SYNONYMS = {
    "email": "email, email address, e-mail address, mail, mail address, subscriber, correo electrónico, adresse e-mail",
    "name": "name, full name, display name",
    "first": "first name, given name, forename, fname, vorname, prénom, nombre",
    "last": "last name, family name, surname, lname, nachname, nom de famille, apellido, apellidos",
    "language": "language, lang, locale, sprache, langue, idioma",
    "timezone": "timezone, tz, zeitzone",
    "frequency": "frequency, how often, häufigkeit",
    "hour": "hour, hour of delivery, uhrzeit, heure, hora",
    "sections": "sections, section, topics, topic, ressorts",
}
#: What only our own export has: in other lists a "state" may be one of the United States.
OWN = [
    "newsletter",
    "state",
    "consent",
    "uid",
    "suppressed",
    "created_at",
    "asked_at",
    "confirmed_at",
    "left_at",
    "paused_until",
]
_OWN_IF = ("email", "newsletter", "state", "consent")


Check = Callable[[str], str]  #: an address as it was written → as it is kept; raises ValueError


#: The cells of a row → the newsletter ("" where it does not say), and the person.  Raises ValueError, without the
#: address: the place is enough to find it.
Read = Callable[[Sequence[str]], tuple[str, NewSubscriber]]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How the rows of one table are read."""

    name: str
    ignored: Sequence[str]  #: columns that nothing is made of
    remark: str = ""  #: what a person should know of such lists


def key_of(column: str) -> str:
    """Spellings of a column's name have the same."""
    return re.sub(r"[\s_.-]+", "", column.casefold())


def places(header: Sequence[str], fields: Mapping[str, str]) -> dict[str, int]:
    """Field → column.

    Raises:
        SheetError: two columns are the same field.
    """
    names = {key_of(one): field for field, synonyms in fields.items() for one in synonyms.split(", ")}
    found: dict[str, int] = {}
    for place, column in enumerate(header):
        field = names.get(key_of(column))
        if field in found:
            first = header[found[field]]
            raise SheetError(f"two columns for {field}: {found[field] + 1} ({first}) and {place + 1} ({column})")
        if field:
            found[field] = place
    return found


def unread(header: Sequence[str], taken: Mapping[str, int], known: Sequence[str] = ()) -> list[str]:
    """The columns that are neither taken nor known to be of no use."""
    passed = {key_of(one) for one in known}
    used = set(taken.values())
    return [one for place, one in enumerate(header) if one and place not in used and key_of(one) not in passed]


def is_own(header: Sequence[str]) -> bool:
    return {key_of(one) for one in _OWN_IF} <= {key_of(one) for one in header}


def has_email(header: Sequence[str]) -> bool:
    known = {key_of(one) for one in SYNONYMS["email"].split(", ")}
    return any(key_of(one) in known for one in header)


def form(header: Sequence[str], check: Check, *, own: bool) -> tuple[Form, Read]:
    """The form of our `own` export, or of a simple list.

    Raises:
        SheetError: there is no email column, or two are the same.
    """
    found = places(header, SYNONYMS | (dict(zip(OWN, OWN, strict=True)) if own else {}))
    if "email" not in found:
        raise SheetError(_no_email(header))
    take = itemgetter(*(found.get(field, _NOWHERE) for field in (*SYNONYMS, "newsletter")))
    own_places = [(field, found[field]) for field in OWN if field in found]

    def read(row: Sequence[str]) -> tuple[str, NewSubscriber]:
        cells = [*row, *[""] * (len(header) + 1 - len(row))]
        email, name, first, last, language, timezone, frequency, hour, sections, newsletter = take(cells)
        # In this order, as the first fault is the one that is told.
        often, zone, whole = _frequency(frequency), _zone(timezone), _name(name, first, last)
        person = NewSubscriber(
            address=check(undefused(email)),
            name=whole,
            language=_language(language),
            timezone=zone,
            frequency=often,
            hour=_hour(hour),
            sections=_sections(sections),
            past=_past({field: undefused(cells[place]) for field, place in own_places}) if own else NO_PAST,
        )
        return undefused(newsletter), person

    return Form(name="digest" if own else "csv", ignored=unread(header, found)), read


def _no_email(header: Sequence[str]) -> str:
    if any("@" in one for one in header):
        return "the first line has an address; put a line with the names of the columns before it (email, name, ...)"
    return "no column named email in the first line"


# What a million rows say of these are few values: each is read once.


@lru_cache(maxsize=FEW)
def _frequency(cell: str) -> str:
    frequency = undefused(cell).strip() or "daily"
    if frequency not in FREQUENCIES:
        raise ValueError(f"frequency is none of {', '.join(FREQUENCIES)}")
    return frequency


@lru_cache(maxsize=FEW)
def _zone(cell: str) -> str:
    timezone = undefused(cell).strip()
    if timezone and not is_zone(timezone):
        raise ValueError("unknown timezone")
    return timezone


@lru_cache(maxsize=FEW)
def _language(cell: str) -> str:
    return undefused(cell).strip()[:35]


@lru_cache(maxsize=FEW)
def _hour(cell: str) -> str:
    """As in 07:00; "" where the cell is empty."""
    hour = undefused(cell).strip()
    if hour and not _HOUR.fullmatch(hour):
        raise ValueError("the hour is no time such as 18:00")
    return hour and hour.zfill(5)


@lru_cache(maxsize=FEW)
def _sections(cell: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, undefused(cell).split(";")) if part)


def _name(name: str, first: str, last: str) -> str:
    whole = undefused(name).strip() or full_name("", undefused(first).strip(), undefused(last).strip())
    if not whole.isprintable() or len(whole) > NAME_LIMIT:
        raise ValueError(f"the name has control characters or is longer than {NAME_LIMIT}")
    return whole


def full_name(name: str, first: str, last: str) -> str:
    return name or " ".join(part for part in (first, last) if part)


def _past(values: Mapping[str, str]) -> Past:
    moments = {field: _moment(values, field) for field in OWN if field.endswith(("_at", "_until"))}
    uid = values.get("uid", "").strip()
    if uid and not re.fullmatch("[0-9a-f]{16}", uid):
        raise ValueError("the uid is not 16 hex digits")
    state, suppressed = values.get("state", "").strip(), values.get("suppressed", "").strip()
    try:
        return Past(
            state=SubscriptionState(state) if state else None,
            suppressed=Reason(suppressed) if suppressed else None,
            evidence=values.get("consent", ""),
            uid=uid,
            **moments,
        )
    except ValueError:
        raise ValueError("the state or the reason of suppression is none that digest knows") from None


def _moment(values: Mapping[str, str], field: str) -> datetime | None:
    text = values.get(field, "").strip()
    moment = moment_of(text)
    if text and moment is None:
        raise ValueError(f"{field} is not ISO 8601, as in 2026-11-23T07:00:00+00:00")
    return moment


def moment_of(text: str) -> datetime | None:
    """ISO 8601, and as Go writes it ("2024-05-06 07:08:09.1 +0000 UTC"); UTC where no offset is said.  Else None."""
    text = re.sub(r" ([+-]\d{4})( \S+)?$", r"\1", text.strip())
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def defused(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would run as a formula, also where apostrophes are before that."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def undefused(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell
