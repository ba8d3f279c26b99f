"""Charts of odd numbers: none, one, all the same, an hour that is there twice, and very many."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.dashboard import charts
from digest.web.dashboard.charts import HEIGHT, LEFT, WIDTH, Bar, Frame, Series
from digest.web.dashboard.scale import MARKS, buckets, marks, short, steps

SVG = "{http://www.w3.org/2000/svg}"
FRAME = Frame(name="c", title="Copies & <more>")
BERLIN = ZoneInfo("Europe/Berlin")
NUMBERS = st.lists(st.integers(0, 10**15), max_size=40)


def drawn(svg):
    """The chart, read as XML.  Nothing in it is outside of its frame, or no number."""
    root = ET.fromstring(svg.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))
    width, height = map(float, root.get("viewBox").split()[2:])
    for one in root.iter(f"{SVG}rect"):
        x, y, wide, high = (float(one.get(name)) for name in ("x", "y", "width", "height"))
        assert -0.1 <= x <= x + wide <= width + 0.6
        assert -0.1 <= y <= y + high <= height + 0.1
    for one in root.iter(f"{SVG}text"):
        assert 0 <= float(one.get("x")) <= width
    return root


def rects(root, kind=None):
    return [one for one in root.iter(f"{SVG}rect") if kind in {None, one.get("class")}]


def texts(root):
    return [one.text for one in root.iter(f"{SVG}text")]


def series(*values, kind="sent"):
    return Series(name="sent", kind=kind, values=values)


@given(NUMBERS)
def test_columns_are_as_high_as_their_numbers(values):
    root = drawn(charts.columns(FRAME, [series(*values)]))
    heights = [float(one.get("height")) for one in rects(root)]
    seen = [value for value in values if value]
    assert len(heights) == len(seen)
    for (low, high), (lower, higher) in pairwise(sorted(zip(seen, heights, strict=True))) if len(seen) > 1 else []:
        assert (lower - low) * (higher - high) >= 0
    if seen:
        assert max(heights) > (HEIGHT - 34) / 3, "the highest makes use of the room"


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=40))
def test_what_comes_stands_up_and_what_goes_hangs_down(both):
    up, down = zip(*both, strict=True)
    root = drawn(charts.columns(FRAME, [series(*up)], [series(*down, kind="left")]))
    (base,) = [
        float(one.get("d").split()[1].split("H")[0]) for one in root.iter(f"{SVG}path") if one.get("class") == "base"
    ]
    assert all(float(one.get("y")) + float(one.get("height")) <= base + 0.1 for one in rects(root, "sent"))
    assert all(float(one.get("y")) >= base - 0.1 for one in rects(root, "left"))


@given(NUMBERS)
def test_a_line_stays_within_its_axis(values):
    root = drawn(charts.line(FRAME, series(*values)))
    dots = [(float(one.get("cx")), float(one.get("cy"))) for one in root.iter(f"{SVG}circle")]
    assert len(dots) == len(values)
    assert all(LEFT <= x <= WIDTH and 9.9 <= y <= HEIGHT - 23.9 for x, y in dots)
    assert (root.find(f"{SVG}polyline") is not None) == (len(values) > 1)


def test_a_line_of_all_the_same_is_level_and_says_of_what():
    root = drawn(charts.line(FRAME, series(1200, 1200, 1200)))
    assert len({one.get("cy") for one in root.iter(f"{SVG}circle")}) == 1
    assert "1,200" in texts(root)


def test_bars_have_a_row_each_and_their_parts_side_by_side():
    rows = [Bar(name="a-very-long-domain-of-somebody.example", parts=(3, 1)), Bar(name="<b>", parts=(0, 2))]
    root = drawn(charts.bars(FRAME, rows, [("dead", "hard"), ("full", "soft")]))
    hard, soft, other = rects(root)
    assert float(hard.get("x")) + float(hard.get("width")) == pytest.approx(float(soft.get("x")), abs=0.2)
    assert (hard.get("class"), other.get("class")) == ("hard", "soft")
    assert texts(root) == ["a-very-long-domain-of…", "4", "<b>", "2"]
    assert rects(drawn(charts.bars(FRAME, [], []))) == []


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
def test_a_share_is_filled_to_its_end(parts):
    root = drawn(charts.share(FRAME, [series(value) for value in parts]))
    assert sum(float(one.get("width")) for one in rects(root)) == pytest.approx(100 if any(parts) else 0, abs=0.1)


@given(NUMBERS)
def test_a_strip_leaves_nothing_where_there_was_nothing(values):
    assert len(rects(drawn(charts.strip(FRAME, series(*values))))) == sum(map(bool, values))


def test_a_chart_is_called_what_it_shows():
    root = drawn(charts.columns(FRAME, [series(1)]))
    assert root.get("role") == "img"
    (title,) = [one for one in root if one.get("id") == root.get("aria-labelledby")]
    assert title.text == "Copies & <more>"


@given(st.integers(-(10**15), 10**15), st.integers(0, 10**15))
def test_steps_are_round_few_and_span_it_all(low, span):
    found = steps(low, low + span)
    assert found[0] <= low <= low + span <= found[-1]
    assert 2 <= len(found) <= 6
    (step,) = {second - first for first, second in pairwise(found)}
    assert str(step).rstrip("0") in {"1", "2", "5"}


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0"), (950, "950"), (9_999, "9,999"), (12_000, "12k"), (1_500_000, "1.5M"), (2e12, "2T"), (1e20, "1.0e+20")],
)
def test_large_numbers_are_short(number, told):
    assert short(number) == told


# --- time ------------------------------------------------------------------------------------------------------------

FALL = datetime(2026, 10, 25, tzinfo=UTC)  #: at 01:00 UTC clocks in Berlin go back from 3 to 2
SPRING = datetime(2026, 3, 29, tzinfo=UTC)  #: at 01:00 UTC they go on from 2 to 3


def shown(start, **span):
    found = buckets(start, start + timedelta(**span))
    return [text for _, text in marks(found, BERLIN)]


def test_an_hour_that_is_there_twice_is_marked_twice_and_one_that_is_not_there_never():
    assert shown(FALL, hours=3, minutes=30) == ["02:00", "02:00", "03:00", "04:00"]
    assert shown(SPRING, hours=3, minutes=30) == ["01:00", "03:00", "04:00", "05:00"]


@given(
    st.integers(0, 1_000_000).map(lambda minutes: FALL + timedelta(minutes=minutes)),
    st.timedeltas(timedelta(0), timedelta(days=60)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_buckets_hold_all_and_their_marks_are_few_and_in_order(first, span, zone):
    found = buckets(first, first + span)
    counts = {first: 1, first + span / 2: 2, first + span: 4}
    assert sum(found.summed(counts)) == sum(counts.values())
    assert found.number <= 72
    placed = [found.place(moment) for moment, _ in marks(found, ZoneInfo(zone))]
    assert len(placed) <= MARKS
    assert placed == sorted(placed)
    assert all(0 <= place < 1 for place in placed)


def test_a_minute_is_one_bucket_and_a_gap_stays_a_gap():
    minutes = {FALL: 10, FALL + timedelta(minutes=70): 30}
    one = buckets(FALL, FALL)
    assert (one.number, one.minutes) == (1, 1)
    two = buckets(FALL, FALL + timedelta(minutes=70))
    assert two.summed(minutes) == [10, *[0] * 69, 30]
