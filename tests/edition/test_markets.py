"""The market CSV."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import NOW
from digest.edition.markets import parse
from digest.model import Quote

HEAD = "name,last,change\n"


def test_a_table():
    markets, faults = parse(HEAD + 'DAX,"18,321.05",+0.42\nBrent,$81.20,-1.3\n', as_of=NOW)
    assert faults == ()
    assert markets.as_of == NOW
    assert markets.quotes == (
        Quote(name="DAX", last="18,321.05", change=0.42),
        Quote(name="Brent", last="$81.20", change=-1.3),
    )


def test_the_latest_moment_of_the_rows_counts_in_utc():
    rows = "DAX,1,0,2026-11-20T17:30:00+01:00\nDow,2,0,2026-11-20T22:00:00+01:00\n"
    markets, _ = parse("name,last,change,as_of\n" + rows, as_of=NOW)
    assert markets.as_of == datetime(2026, 11, 20, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "change"), [("0.5", 0.5), ("+0,35 %", 0.35), ("−0.4%", -0.4), ("-2", -2.0), ("0", 0.0)]
)
def test_percents_as_printed(text, change):
    markets, _ = parse(f"name;last;change\nDAX;18.321,05;{text}\n", as_of=NOW)
    assert markets.quotes[0].change == change


@pytest.mark.parametrize(
    "row",
    [
        "DAX,18321,up",
        "DAX,18321,nan",
        "DAX,18321,",
        "DAX,n/a,0.1",
        ",18321,0.1",
        "DAX,18321,0.1,extra",
        "DAX",
        "D\x07X,1,0.1",
    ],
)
def test_a_bad_row_is_reported_and_the_others_stay(row):
    markets, faults = parse(f"{HEAD}{row}\nDow,1,2\n", as_of=NOW, path="markets.csv")
    assert [quote.name for quote in markets.quotes] == ["Dow"]
    assert [(fault.path, fault.where) for fault in faults] == [("markets.csv", "line 2")]


@pytest.mark.parametrize("text", ["", "DAX,1,2\n", HEAD, 'name,last,change\n"DAX,1,2'])
def test_without_a_good_row_there_is_no_table(text):
    assert parse(text, as_of=NOW)[0] is None


def test_without_a_moment_there_is_no_table():
    markets, faults = parse(HEAD + "DAX,1,2\n", as_of=None)
    assert markets is None
    assert len(faults) == 1


def test_a_moment_without_an_offset_is_a_fault():
    _, faults = parse("name,last,change,as_of\nDAX,1,2,2026-11-20T17:30:00\n", as_of=NOW)
    assert "offset" in faults[0].error


@given(st.text(max_size=300))
def test_any_text_is_read_without_raising(text):
    for content in (text, HEAD + text):
        markets, faults = parse(content, as_of=NOW)
        assert markets is None or markets.quotes
        assert markets or faults or not content.replace(HEAD, "").strip()
