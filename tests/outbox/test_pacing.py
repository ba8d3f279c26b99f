"""How fast mail may go: turns, halving, growing again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import NOW
from digest.model import Pace, domain_of
from digest.outbox import pacing
from digest.outbox.pacing import Limits

rates = st.floats(0.01, 5000)
seconds = st.floats(0, 100_000)


def pace(**over):
    return Pace(**{"domain": "example.net", "at": NOW} | over)


def slow(before, limit=0.0, *, seen=40.0, reason="421 4.7.0 too many", now=NOW, dice=0.0):
    return pacing.slowed(before, limit, seen=seen, reason=reason, now=now, dice=dice)


@given(rate=rates, steps=st.lists(st.tuples(st.floats(0, 30), st.integers(0, 400)), max_size=40))
def test_never_more_than_the_rate_and_one_burst(rate, steps):
    """However claims come: what has gone is at most what the time gave, and what may go at once."""
    one, now, gone = pace(), NOW, 0
    for wait, wanted in steps:
        now += timedelta(seconds=wait)
        one = pacing.counted(one, rate, now=now)
        number = pacing.may_go(one, rate, most=wanted, now=now)
        one, gone = pacing.spent(one, rate, number), gone + number
    elapsed = (now - NOW).total_seconds()
    assert gone <= elapsed * rate + max(1.0, rate * pacing.SPAN) + 1e-6


@given(rate=rates, wanted=st.integers(1, 100))
def test_what_is_waited_for_comes_and_all_of_it_in_time(rate, wanted):
    one, now = pace(turns=0.0), NOW
    for _ in range(wanted):
        now += timedelta(seconds=pacing.wait(one, rate)) + timedelta(microseconds=1)
        one = pacing.counted(one, rate, now=now)
        assert pacing.may_go(one, rate, most=5, now=now) >= 1
        one = pacing.spent(one, rate, 1)
    assert (now - NOW).total_seconds() == pytest.approx(wanted / rate, rel=0.01, abs=wanted * 2e-6)


@given(rate=rates, back=st.floats(0.001, 1e8), turns=st.floats(0, 1))
def test_a_clock_that_goes_backwards_gives_no_turn_and_keeps_none_waiting(rate, back, turns):
    before = pace(turns=turns, rate=rate, ceiling=rate, refusals=1, shut_until=NOW + timedelta(seconds=20))
    then = NOW - timedelta(seconds=back)
    after = pacing.counted(before, 0.0, now=then)
    assert after.turns <= turns
    assert after.shut_until - then == timedelta(seconds=20)
    later = then + timedelta(seconds=20 + 1 / rate)
    assert pacing.may_go(pacing.counted(after, 0.0, now=later), 0.0, most=1, now=later) in (0, 1)
    assert pacing.wait(replace(after, shut_until=None), 0.0) <= 1 / rate + 1e-6


def test_without_a_limit_all_may_go_and_nothing_is_spent():
    one = pacing.counted(pace(turns=0.0), 0.0, now=NOW + timedelta(hours=1))
    assert pacing.may_go(one, 0.0, most=1000, now=NOW) == 1000
    assert pacing.spent(one, 0.0, 1000) == one
    assert pacing.wait(one, 0.0) == 0


def test_a_domain_has_its_own_limit_or_that_of_each():
    limits = Limits(whole=9.0, each=5.0, domains={"fast.example": 0.0, "slow.example": 1.0})
    assert [limits.of(one) for one in ("", "fast.example", "slow.example", "other.example")] == [9.0, 0.0, 1.0, 5.0]
    assert limits
    assert not Limits(domains={"fast.example": 0.0})


def test_a_refusal_shuts_then_halves():
    one = slow(pace())
    assert (one.rate, one.ceiling, one.since, one.reason) == (20.0, 40.0, NOW, "421 4.7.0 too many")
    assert one.shut_until == NOW + timedelta(seconds=10)
    assert pacing.may_go(one, 0.0, most=100, now=NOW + timedelta(seconds=9)) == 0
    later = NOW + timedelta(seconds=11)
    assert pacing.may_go(pacing.counted(one, 0.0, now=later), 0.0, most=100, now=later) == 1, "one is tried"


def test_refusals_while_it_is_shut_are_the_same_one():
    one = slow(pace())
    assert slow(one, now=NOW + timedelta(seconds=5)) == one


def test_the_limit_that_is_configured_is_halved_and_not_what_was_seen():
    assert slow(pace(), 8.0, seen=500.0).rate == 4.0
    assert pacing.speed(slow(pace(), 8.0), 3.0) == 3.0


def test_each_refusal_in_a_row_shuts_for_longer_up_to_a_bound():
    one, now, lengths = pace(), NOW, []
    for _ in range(30):
        away = (now - NOW).total_seconds()
        one = slow(one, now=now)
        lengths.append((one.shut_until - now).total_seconds())
        assert lengths[-1] == pytest.approx(min(10 + away / 5, 600)), "what is lost is a fifth of that, and 10 s"
        now = one.shut_until
    assert lengths[-1] == 600
    assert one.rate == 20, "halved once: that it is away says nothing of how fast it may be sent to"
    assert one.since == NOW


def test_who_took_something_since_is_asked_too_fast_and_not_away():
    """Down to what it takes, in moments and not in minutes."""
    one, now, rates = slow(pace()), NOW, []
    while not rates or one.rate > pacing.FLOOR:
        now = one.shut_until
        one = slow(pacing.grown(one, 1), now=now)
        rates.append(one.rate)
        assert one.shut_until - now == max(pacing.MOMENT, timedelta(seconds=1 / one.rate))
    assert rates == [pytest.approx(10, rel=0.01), pytest.approx(5, rel=0.01), pytest.approx(2.5, rel=0.02), *rates[3:]]
    assert now - NOW < timedelta(seconds=20)


def test_a_relay_is_left_out_for_longer_each_time_until_it_takes_a_message():
    one, now, lengths = pace(domain="relay:west"), NOW, []
    for _ in range(8):
        one = pacing.closed(one, reason="no route to host", now=now, dice=0.0)
        lengths.append((one.shut_until - now).total_seconds())
        now = one.shut_until
    assert lengths == [30, 60, 120, 240, 480, 960, 1800, 1800]
    assert (one.since, one.rate) == (NOW, None)
    again = pacing.closed(pacing.opened(one), reason="554 no", now=now, dice=0.0)
    assert (again.shut_until - now, again.since, again.reason) == (pacing.CLOSED[0], now, "554 no")


def test_who_is_refused_as_policy_waits_long_and_twice_as_long_each_time():
    one = slow(pace(), reason="550 5.7.1 blocked")
    assert one.blocked
    assert one.shut_until == NOW + timedelta(minutes=15)
    again = slow(one, reason="550 5.7.1 blocked", now=one.shut_until)
    assert again.shut_until - one.shut_until == timedelta(minutes=30)
    known = pacing.grown(one, 1)
    assert slow(known, reason="550 5.7.1 blocked", now=one.shut_until).shut_until - one.shut_until == pacing.BLOCKED[0]
    assert not pacing.grown(one, 1).blocked


@given(before=rates, limit=st.just(0.0) | rates, seen=st.floats(0, 5000), dice=st.floats(0, 1))
def test_a_slowed_rate_is_between_its_floor_and_what_it_was(before, limit, seen, dice):
    for start in (pace(), pace(rate=before, ceiling=2 * before)):
        was = pacing.speed(start, limit) or max(seen, pacing.FLOOR)
        one = slow(start, limit, seen=seen, dice=dice)
        assert min(was, pacing.FLOOR) <= one.rate <= was
        assert pacing.MOMENT <= one.shut_until - NOW <= max(timedelta(seconds=12), timedelta(seconds=1.2 / one.rate))


@given(rate=st.floats(2.5, 5000), taken=st.lists(st.integers(0, 1000), max_size=20))
def test_growing_is_the_same_in_parts_and_at_once(rate, taken):
    start = replace(slow(pace(), seen=rate), shut_until=None)
    parts = start
    for number in taken:
        parts = pacing.grown(parts, number)
    whole = pacing.grown(start, sum(taken))
    assert (parts.rate is None) == (whole.rate is None) or (parts.rate or whole.rate) == pytest.approx(start.ceiling)
    if parts.rate is not None and whole.rate is not None:
        assert parts.rate == pytest.approx(whole.rate)
        assert start.rate <= parts.rate < start.ceiling


def test_it_grows_by_the_same_each_second_and_is_free_in_the_end():
    one, now = slow(pace(), seen=100.0), 0
    gains = []
    while one.rate is not None:
        before, now = one.rate, now + 1
        one = pacing.grown(one, round(one.rate))
        gains.append((one.rate or one.ceiling or 100.0) - before)
    assert now == pytest.approx(pacing.RECOVERY / 2, rel=0.05), "from a half"
    assert max(gains[:-1]) == pytest.approx(min(gains[:-1]), rel=0.05)
    assert one == pace(turns=0.0)


def test_what_has_no_place_is_told_in_order():
    assert pacing.fitting(["a", "b", "a", "a", "c"], {"a": 2, "c": 0}) == [True, True, True, False, False]


def test_the_domain_of_an_address():
    assert domain_of("Jane@Example.NET") == "example.net"
    assert domain_of("") == ""
