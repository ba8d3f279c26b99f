"""When a source is due again, who hears of its failures, and which dates are believed."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import NOW, article
from digest.intake import polling
from digest.model import Known, Memory

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


def failing(times, *, every=QUARTER, **over):
    """A source that failed so often, always asked when it was due; and each state on the way."""
    memory, now, states = Memory(source="Ledger", url="u"), NOW, []
    for _ in range(times):
        memory = polling.failed(memory, "HTTP 500", every=every, now=now, **over)
        states.append(memory)
        now = memory.next_at
    return states


def test_the_wait_doubles_up_to_a_day():
    waits = [one.next_at - one.last_failure_at for one in failing(12)]
    assert waits[:7] == [QUARTER * 2**n for n in range(7)]
    assert waits[-1] == DAY


@given(st.integers(1, 3000), st.floats(0, 1e12, allow_nan=False), st.floats(1, 7 * 24 * 60))
def test_a_wait_is_never_shorter_than_usual_nor_longer_than_a_day(failures, retry_after, minutes):
    every = timedelta(minutes=minutes)
    memory = Memory(source="Ledger", failures=failures)
    wait = polling.failed(memory, "no", every=every, now=NOW, retry_after=retry_after).next_at - NOW
    assert every <= wait <= max(every, DAY)


@pytest.mark.parametrize(("seconds", "wait"), [(60, QUARTER), (3600, timedelta(hours=1)), (1e9, DAY), (-5, QUARTER)])
def test_the_server_may_ask_for_a_longer_wait(seconds, wait):
    (memory,) = failing(1, retry_after=seconds)
    assert memory.next_at - NOW == wait


def test_the_operator_hears_once_after_five_failures_and_six_hours():
    states = [Memory(source="Ledger"), *failing(12)]
    told = [polling.is_news(*pair) for pair in pairwise(states)]
    assert told.count(True) == 1
    first = states[told.index(True) + 1]
    assert first.failures >= 5
    assert first.told_at - first.failing_since >= timedelta(hours=6)


def test_what_has_gone_for_good_is_told_at_once_and_tried_once_a_day():
    (memory,) = failing(1, for_good=True)
    assert polling.is_news(Memory(source="Ledger"), memory)
    assert memory.next_at == NOW + DAY


def test_after_a_success_it_may_be_told_again():
    *_, told = failing(12)
    well = polling.succeeded(told, every=QUARTER, now=NOW, new=3)
    assert (well.failures, well.told_at, well.failing_since, well.items) == (0, None, None, 3)


def test_where_it_moved_to_is_forgotten_when_that_keeps_failing():
    memory = Memory(source="Ledger", url="u", moved_to="v", etag="1")
    for count in range(1, 6):
        memory = polling.failed(memory, "no", every=QUARTER, now=NOW)
        assert memory.address == ("v" if count < 5 else "u")
    assert memory.etag == ""


def test_another_address_starts_anew():
    memory = Memory(source="Ledger", url="u", moved_to="v", etag="1", failures=3, next_at=NOW + DAY, items=7)
    assert polling.recall(memory, "u") == memory
    assert polling.recall(memory, "w") == Memory(source="Ledger", url="w", items=7)


@pytest.mark.parametrize(("next_at", "due"), [(None, True), (NOW, True), (NOW + QUARTER, False), (NOW + 9 * DAY, True)])
def test_due(next_at, due):
    """Days ahead of any wait there is: the clock was wrong."""
    assert polling.is_due(Memory(source="Ledger", next_at=next_at), every=QUARTER, now=NOW) is due


# --- dates -----------------------------------------------------------------------------------------------------------

OLD = NOW - 9 * DAY


def stored(*items):
    return [Known(url=one.url, title=one.title, published=OLD) for one in items]


def moved(count, start=100):
    """The articles 0, 1, … under other addresses, dated today."""
    return [article(start + n, title=article(n).title, published=NOW) for n in range(count)]


def test_a_known_address_with_its_title_keeps_its_first_date():
    assert [one.published for one in polling.dated([article(published=NOW)], stored(article()))] == [OLD]
    earlier = article(published=OLD - DAY)
    assert polling.dated([earlier], stored(article())) == [earlier]


def test_a_new_title_is_an_update_with_its_own_date():
    update = article(title="Central bank changes its mind", published=NOW)
    assert polling.dated([update], stored(article())) == [update]


def test_a_flood_of_known_titles_keeps_their_dates():
    fresh = article(99, published=NOW)
    done = polling.dated([fresh, *moved(6)], stored(*(article(n) for n in range(20))))
    assert [one.published for one in done] == [NOW, *[OLD] * 6]
    assert [one.url for one in done] == [one.url for one in [fresh, *moved(6)]]


def test_a_title_that_comes_again_is_no_flood():
    incoming = [*moved(4), *(article(n, published=NOW) for n in range(50, 60))]
    assert polling.dated(incoming, stored(*(article(n) for n in range(20)))) == incoming
    columns = [*moved(5), *(article(n, published=NOW) for n in range(50, 56))]
    assert polling.dated(columns, stored(*(article(n) for n in range(20)))) == columns


def test_nobody_is_made_younger_and_nothing_is_lost():
    incoming = [article(n, published=OLD - n * DAY) for n in range(8)]
    assert polling.dated(incoming, stored(*(article(n + 100, title=article(n).title) for n in range(8)))) == incoming
