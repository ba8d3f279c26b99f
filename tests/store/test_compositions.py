"""What copies are stamped from, as it was approved; and for whom."""

import pytest
from sqlalchemy import update

from digest.store import compositions
from digest.store.schema import deliveries, rendered
from queues import Queue


@pytest.fixture
def queue(database):
    return Queue(database, readers=10)


def composition(queue):
    with queue.database.read() as db:
        (one,) = compositions.of_edition(db, queue.id)
        assert compositions.of_variant(db, queue.id, "default") == one
        return one


def test_what_was_approved_has_its_hash(queue):
    """SHA-256 of "message", by sha256sum."""
    one = composition(queue)
    assert (one.variant, one.skeleton) == ("default", b"message")
    assert one.hash == "ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d"
    assert not one.altered


@pytest.mark.parametrize(
    ("change", "altered"), [({"skeleton": b"massage"}, True), ({"skeleton": b"x", "skeleton_hash": None}, False)]
)
def test_what_was_changed_since_is_known_where_there_is_a_hash(queue, change, altered):
    with queue.database.begin() as db:
        db.execute(update(rendered).values(change))
    assert composition(queue).altered is altered


def test_there_is_no_other_variant(queue):
    with queue.database.read() as db:
        assert compositions.of_variant(db, queue.id, "other") is None


@pytest.mark.parametrize(("most", "numbers"), [(None, range(1, 10)), (3, (3, 6, 9)), (1, (9,)), (100, range(1, 10))])
def test_readers_are_taken_at_even_distances_and_the_erased_not_at_all(queue, most, numbers):
    with queue.database.begin() as db:
        db.execute(update(deliveries).where(deliveries.c.address == "reader10@example.net").values(address=""))
    with queue.database.read() as db:
        found = list(compositions.readers(db, queue.edition(), "default", most=most))
    assert [one.address for one in found] == [f"reader{n}@example.net" for n in numbers]
    assert {one.edition for one in found} == {"daily/2026-11-23"}
