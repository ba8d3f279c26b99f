import pytest

from queues import Queue


@pytest.fixture
def queue(database):
    """An approved edition and its frozen audience of three, on each kind of database."""
    return Queue(database)
