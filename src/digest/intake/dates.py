"""The many ways to write a date in, an aware moment in UTC out.  Pure."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_TIME = (
    r"(?:,?\s*(?:at\s+|[-–|·•(]\s*)?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?::\d\d)?\s*(?P<half>[ap]\.?m\b\.?)?"
    r"\s*\(?(?P<zone>[A-Z]{2,4}\b|[+-]\d\d:?\d\d)?)?"
)
_ISO = re.compile(
    r"\b(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)?\b",
    re.ASCII,
)
_WRITTEN = (
    re.compile(rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b{_TIME}", re.IGNORECASE | re.ASCII),  # November 23, 2026 7:30 AM UTC
    re.compile(rf"\b{_DAY}\s+{_MONTH},?\s+{_YEAR}\b{_TIME}", re.IGNORECASE | re.ASCII),  # 23 November 2026, 07:30
)
_RFC822 = re.compile(r"(?:[A-Za-z]{3,9},\s*)?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4}\s+\d{1,2}:\d\d.*", re.ASCII)
#: Hours from UTC of the abbreviations that RFC 822 and news pages use.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


def strict(text: str) -> datetime:
    """An ISO 8601 or RFC 822 date with its offset.

    Raises:
        ValueError: with the reason; a time without an offset is refused, as nobody can say when that was.
    """
    text = text.strip()
    moment = _rfc822(text) if _RFC822.fullmatch(text) else _iso(text)
    if moment is None:
        raise ValueError("not an ISO 8601 or RFC 822 date")
    if moment.tzinfo is None:
        raise ValueError("a time without an offset from UTC, such as Z or +02:00")
    return _utc(moment)


def loose(text: str) -> datetime | None:
    """A date as pages write it, or None.  One without an offset is taken to be in UTC."""
    text = text.strip()[:100]
    moment = _rfc822(text) if _RFC822.fullmatch(text) else _iso(text)
    if moment is None:
        return found_in(text)
    try:
        return _utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except ValueError:
        return None


def found_in(text: str) -> datetime | None:
    """The first date within a line of text, or None: ISO, ``November 23, 2026 7:30 AM UTC``, ``23 November 2026``."""
    text = text[:1_000]
    for match in _ISO.finditer(text):
        moment = _iso(re.sub(r" ?(?:Z|UTC|GMT)$", "+00:00", match[0]).replace(" +", "+").replace(" -", "-"))
        if moment:
            return loose(moment.isoformat())
    for match in (found for pattern in _WRITTEN if (found := pattern.search(text))):
        try:
            return _written(match)
        except (ValueError, OverflowError):
            continue
    return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a date beyond the calendar") from None


def _written(match: re.Match[str]) -> datetime:
    hour, half = int(match["hour"] or 0), (match["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    month = _MONTHS.index(match["month"][:3].lower()) + 1
    zone = timezone(_offset(match["zone"] or ""))
    return datetime(
        int(match["year"]), month, int(match["day"]), hour, int(match["minute"] or 0), tzinfo=zone
    ).astimezone(UTC)


def _offset(zone: str) -> timedelta:
    if match := re.fullmatch(r"([+-])(\d\d):?(\d\d)", zone):
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return ahead if match[1] == "+" else -ahead
    return timedelta(hours=_ZONES.get(zone.upper(), 0))
