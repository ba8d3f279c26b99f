"""The many ways to write a date in, an aware moment in UTC out.  Pure.

Names of months are those of some fifteen languages (`_NAMES`); Chinese, Japanese and Korean dates are told by their
signs.  A date in numbers alone counts where only one reading of it is possible: ``23/11/2026``, not ``3/11/2026``.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

DECEMBER = 12

#: What each month is called, short or long, in lower case; ``_`` is a space within a name.
_NAMES = (
    (
        "jan january januar jänner januari janvier janv enero ene janeiro gennaio gen stycznia styczeń января янв ocak "
        "يناير كانون_الثاني جانفي"
    ),
    (
        "feb february februar februari feber février févr fév fevrier febrero fevereiro fev febbraio lutego luty "
        "февраля фев şubat فبراير شباط فيفري"
    ),
    "mar march märz mrz maart mrt mars marzo março marca marzec марта мар mart مارس آذار",
    "apr april avril avr abril abr aprile kwietnia kwiecień апреля апр nisan أبريل ابريل إبريل نيسان أفريل",
    "may mai mei mayo maio maggio mag maj maja мая mayıs مايو أيار ماي",
    "jun june juni juin junio junho giugno giu czerwca czerwiec июня июн haziran يونيو يونيه حزيران جوان",
    "jul july juli juillet juil julio julho luglio lug lipca lipiec июля июл temmuz يوليو يوليه تموز جويلية",
    "aug august augustus augusti août aout agosto ago sierpnia sierpień августа авг ağustos أغسطس اغسطس آب أوت غشت",
    (
        "sep sept september septembre septiembre setiembre setembro set settembre września wrzesień сентября сен eylül "
        "سبتمبر أيلول شتنبر"
    ),
    (
        "oct october oktober okt octobre octubre outubro out ottobre ott października październik октября окт ekim "
        "أكتوبر اكتوبر تشرين_الأول"
    ),
    "nov november novembre noviembre novembro listopada listopad ноября ноя kasım نوفمبر تشرين_الثاني نونبر",
    (
        "dec december dezember dez décembre déc decembre diciembre dic dezembro dicembre desember des grudnia grudzień "
        "декабря дек aralık ديسمبر كانون_الأول دجنبر"
    ),
)
_MONTHS = {name.replace("_", " "): number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_ANY_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_MONTH = rf"(?P<month>{_ANY_MONTH})\.?(?:\s?/\s?(?:{_ANY_MONTH}))?"  # ``نوفمبر/تشرين الثاني``: both names of a month
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|[º°ª])?"
_OF = r"(?:(?:de|del|di)\s+)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.]|\s?h\s?)(?P<minute>\d\d)(?::\d\d)?\s*(?P<half>[ap]\.?\s?m\b\.?)?(?:uhr|hrs|h)?"
    r"\s*\(?(?P<zone>[a-z]{2,4}\b|[+-]\d\d:?\d\d)?"
)
_AT = r"(?:at|um|gegen|à|a las?|às|as|alle ore|alle|ore|om|kl\.?|o|в|saat|الساعة)"
_TIME = rf"(?:[,،]?\s*(?:{_AT}\s+|[-–—|·•(]\s*)?{_CLOCK})?"
_ISO = re.compile(
    r"\b(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)?\b",
    re.ASCII,
)
#: In lower case and with ASCII digits.
_WRITTEN = (
    re.compile(rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b{_TIME}"),  # November 23, 2026 7:30 AM UTC
    re.compile(
        rf"\b{_DAY}\s+{_OF}{_MONTH}[,،]?\s+{_OF}{_YEAR}\b{_TIME}"
    ),  # 23 November 2026, 07:30; 23 de maio de 2026
    re.compile(  # 2026年11月23日（月）午後7時30分, 2026년 11월 23일 오후 7:30
        rf"{_YEAR}\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일號号]?"
        r"(?:\s?[(（]?(?:星期|周|週)?[一二三四五六日月火水木金土월화수목금토](?:曜日?|요일)?[)）]?)?"
        r"(?:\s*(?P<half>午前|午後|上午|下午|오전|오후)?\s?(?P<hour>\d{1,2})(?:[:：]|\s?[時时点點시]\s?)(?P<minute>\d\d)[分분]?)?"
        r"(?P<zone>)"
    ),
)
#: 23.11.2026, 23/11/2026, 11/23/2026; and 2026/11/23, 2026.11.23, of which the month is known.
_NUMBERS = (
    re.compile(
        rf"(?<![\d.,/-])(?P<first>\d{{1,2}})(?P<by>[./-])(?P<second>\d{{1,2}})(?P=by){_YEAR}(?![\d/-]|\.\d){_TIME}"
    ),
    re.compile(rf"(?<![\d.,/-]){_YEAR}(?P<by>[./])(?P<month>\d{{1,2}})(?P=by)(?P<day>\d{{1,2}})(?![\d/]){_TIME}"),
)
_HAS_YEAR = re.compile(r"(?:19|20)\d\d")
_RFC822 = re.compile(r"(?:[A-Za-z]{3,9},\s*)?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4}\s+\d{1,2}:\d\d.*", re.ASCII)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?", re.ASCII)  # seconds or milliseconds since 1970: from 2001 on
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９", "0123456789" * 3)
_AFTERNOON = ("p", "午後", "下午", "오후")
#: Hours from UTC of the abbreviations that RFC 822 and news pages use.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "SAST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "BRT": -3, "ART": -3,
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
    """A date as pages write it, or None: also seconds since 1970.  One without an offset is taken to be in UTC."""
    text = text.strip()[:100]
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    moment = _rfc822(text) if _RFC822.fullmatch(text) else _iso(text)
    if moment is None:
        return found_in(text)
    try:
        return _utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except ValueError:
        return None


def found_in(text: str, *, day_first: bool = False) -> datetime | None:
    """The first date within a line of text, or None: ISO, ``November 23, 2026 7:30 AM UTC``, ``23 de maio de 2026``.

    Args:
        text: looked at up to 1,000 characters.
        day_first: how to read ``3/11/2026``, which else counts as none.
    """
    text = text[:1_000].translate(_DIGITS)
    if not _HAS_YEAR.search(text):
        return None
    for match in _ISO.finditer(text):
        moment = _iso(re.sub(r" ?(?:Z|UTC|GMT)$", "+00:00", match[0]).replace(" +", "+").replace(" -", "-"))
        if moment:
            return loose(moment.isoformat())
    lower = " ".join(text.lower().split())
    for match in (found for pattern in (*_WRITTEN, *_NUMBERS) if (found := pattern.search(lower))):
        try:
            return _written(match, day_first=day_first)
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


def _written(match: re.Match[str], *, day_first: bool) -> datetime:
    hour, half = int(match["hour"] or 0), match["half"] or ""
    if half:
        hour = hour % 12 + (12 if half.startswith(_AFTERNOON) else 0)
    month, day = _month_and_day(match.groupdict(), day_first=day_first)
    zone = timezone(_offset(match["zone"] or ""))
    return datetime(int(match["year"]), month, day, hour, int(match["minute"] or 0), tzinfo=zone).astimezone(UTC)


def _month_and_day(named: dict[str, str], *, day_first: bool) -> tuple[int, int]:
    """Month and day as a match names them.

    Raises:
        ValueError: numbers alone that can be read in two ways.
    """
    if "month" in named:
        return _MONTHS.get(named["month"]) or int(named["month"]), int(named["day"])
    first, second = int(named["first"]), int(named["second"])
    if (day_first and second <= DECEMBER) or named["by"] == "." or first > DECEMBER:
        return second, first  # with points, the day is always first
    if second <= DECEMBER and first != second:
        raise ValueError("a date in numbers that can be read in two ways")
    return first, second


def _offset(zone: str) -> timedelta:
    if match := re.fullmatch(r"([+-])(\d\d):?(\d\d)", zone):
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return ahead if match[1] == "+" else -ahead
    return timedelta(hours=_ZONES.get(zone.upper(), 0))
