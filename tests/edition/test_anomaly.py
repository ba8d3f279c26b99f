"""Whether a day looks wrong."""

import pytest

from build import item
from digest.edition.anomaly import Shape, anomalies, shape

USUAL = [Shape(stories=10, lead=9.0 + n / 10, points=6.0) for n in range(7)]
POINTS = [9.0, 8.0, 7.0, 6.5, 6.0, 5.5, 5.0, 5.0, 4.0, 4.0]


def looked(points=POINTS, *, source="", past=USUAL, asked=10, **over):
    over = {"publishers": ["Wire", "Ledger"]} | over
    items = [item(number, source=source or f"Source {number % 3}") for number, _ in enumerate(points)]
    return anomalies(items, shape(points), asked=asked, past=past, **over)


def test_a_usual_day_has_nothing():
    assert looked() == ()
    assert looked(past=[]) == (), "nothing is unusual on the first days"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ({"points": [9.0, 5.0, 5.0, 5.0]}, "4 stories, where 10 are usual"),
        ({"points": []}, "0 stories, where 10 are usual"),
        ({"source": "Wire"}, "all 10 stories are from one source, Wire"),
        ({"points": [30.0, *POINTS[1:]]}, "the best story has 30.0 points, where 9.3 are usual (give or take 1.0)"),
        ({"points": [2.0] * 10}, "stories have on average 2.0 points, where 6.0 are usual (give or take 1.0)"),
    ],
)
def test_what_looks_wrong(day, told):
    assert told in looked(**day)


def test_a_publisher_with_one_feed_has_only_that_source_each_day():
    assert looked(source="Wire", publishers=["Wire"]) == ()
    assert looked(source="Wire", publishers=[]) == (), "its own articles are imported, and only wires are configured"


def test_a_newsletter_that_never_fills_its_places_is_not_told_so_each_day():
    usual = [Shape(stories=4, lead=8.0, points=7.5)] * 6
    assert looked([8.0, 8.0, 7.0, 7.0], asked=12, past=usual) == ()
    assert looked([8.0, 8.0, 7.0, 7.0], asked=12, past=[]) == ("4 stories, where 12 are usual",)


def test_errors_of_lint_and_conflicts_are_reasons():
    found = looked(conflicts=("“A” is gone.",), errors={"image-alt": 2})
    assert found == ("a decision does not hold: “A” is gone.", "digest lint: image-alt, 2 errors")
