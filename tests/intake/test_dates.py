from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.intake import dates

MORNING = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T06:30:00Z", "2026-11-23T07:30+01:00", " 2026-11-23 06:30:00+00:00 ", "20261123T063000Z",
        "Mon, 23 Nov 2026 06:30:00 GMT", "23 Nov 2026 01:30:00 -0500",
    ],
)  # fmt: skip
def test_a_strict_date_has_its_offset(text):
    assert dates.strict(text) == MORNING
    assert dates.strict(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-11-23T06:30:00", "without an offset"),
        ("2026-11-23", "without an offset"),
        ("23 Nov 2026 06:30:00", "without an offset"),
        ("yesterday", "not an ISO 8601"),
        ("2026-13-45T00:00:00Z", "not an ISO 8601"),
        ("0001-01-01T00:00:00+14:00", "beyond the calendar"),
        ("9999-12-31T23:59:59-14:00", "beyond the calendar"),
    ],
)
def test_a_strict_date_says_why_it_is_none(text, reason):
    with pytest.raises(ValueError, match=reason):
        dates.strict(text)


@pytest.mark.parametrize(
    "text",
    [
        "November 23, 2026 6:30 AM UTC", "Nov. 23, 2026, 06:30", "23 November 2026, 06:30",
        "23rd Nov 2026 at 6.30 a.m.",
        "Updated: November 23, 2026 - 1:30 AM EST", "By A. Writer | 2026-11-23 06:30 UTC", "2026-11-23T06:30:00",
        "23 November 2026 (07:30 CET)", "November 23, 2026 at 7:30am +01:00",
    ],
)  # fmt: skip
def test_dates_as_pages_write_them(text):
    assert dates.loose(text) == MORNING


@pytest.mark.parametrize("text", ["", "in 2026", "November 31, 2026", "99 May 2026", "room 2026-99-99", "12:30"])
def test_what_is_no_date(text):
    assert dates.loose(text) is None


def test_noon_and_midnight():
    assert dates.loose("May 1, 2026 12:05 AM") == datetime(2026, 5, 1, 0, 5, tzinfo=UTC)
    assert dates.loose("May 1, 2026 12:05 PM") == datetime(2026, 5, 1, 12, 5, tzinfo=UTC)


offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@settings(deadline=None)
@given(st.datetimes(timezones=offsets).filter(lambda moment: 1 < moment.year < 9999))
def test_every_iso_date_is_read_back(moment):
    assert dates.strict(moment.isoformat()) == moment


@settings(deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"\d{1,2} [A-Z][a-z]{2} \d{2,4} \d\d:\d\d.{0,9}", fullmatch=True))
def test_no_text_makes_it_raise_anything_else(text):
    dates.loose(text)
    dates.found_in(text)
    with suppress(ValueError):
        assert dates.strict(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "Montag, 23. November 2026, 7.30 Uhr MEZ",
        "Veröffentlicht am 23.11.2026 um 06:30 Uhr",
        "Publié le lundi 23 novembre 2026 à 6h30",
        "Mis à jour le 23 nov. 2026 à 06 h 30",
        "Lunes, 23 de noviembre de 2026 a las 6:30",
        "23 noviembre 2026 - 06:30h",
        "lunedì 23 novembre 2026 alle ore 6.30",
        "23 de novembro de 2026 às 06h30",
        "23/11/2026 06h30",
        "Publicado em 23/11/2026 às 06:30",
        "maandag 23 november 2026 om 06:30",
        "23 نوفمبر 2026 - 06:30",
        "نشر في ٢٣ نوفمبر/تشرين الثاني ٢٠٢٦ الساعة ٠٦:٣٠",
        "2026年11月23日 06:30",
        "2026年11月23日（月）午前6時30分",
        "发布时间：2026年11月23日 星期一 上午6:30",
        "2026/11/23 06:30",
        "2026년 11월 23일 오전 6:30",
        "23 ноября 2026, 06:30",
        "23 listopada 2026 o 06:30",
        "den 23 november 2026 kl. 06:30",
        "23 Kasım 2026, 06:30",
        "11/23/2026 6:30 AM",
        "1795415400",
        "1795415400000",
        "11/23/2026, 6:30 a. m.",
        "2026.11.23 06:30",
    ],
)
def test_dates_of_many_languages(text):
    assert dates.loose(text) == MORNING


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1er août 2026", (2026, 8, 1)), ("1º de mayo de 2026", (2026, 5, 1)), ("3. März 2026", (2026, 3, 3)),
        ("3 MARZO 2026", (2026, 3, 3)), ("5 févr. 2026", (2026, 2, 5)), ("07 dez 2026", (2026, 12, 7)),
        ("1. Jänner 2026", (2026, 1, 1)), ("12 mrt 2026", (2026, 3, 12)), ("3.11.2026", (2026, 11, 3)),
        ("6 تموز 2026", (2026, 7, 6)), ("2 juil. 2026", (2026, 7, 2)), ("05/05/2026", (2026, 5, 5)),
    ],
)  # fmt: skip
def test_months_short_and_long(text, day):
    assert dates.found_in(f"Stand: {text}") == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize("text", ["3/11/2026", "3-11-2026", "31.31.2026", "version 1.2.2026.4", "in 12/2026", "2026年"])
def test_numbers_that_are_no_date_or_two(text):
    assert dates.found_in(text) is None
