"""By weight, and without those that stand still."""

import pytest

from digest.worker.sharing import STILL, Shares


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def shares(clock):
    return Shares({"east": 3.0, "west": 1.0}, batch=40, steady=lambda: clock[0])


def take(shares, name, most=1000):
    number = min(most, shares.may_claim(name))
    shares.claimed(name, number, asked=number)
    shares.moved(name)
    return number


def test_each_gets_its_part_whoever_asks_more_often(shares):
    shares.come("east")
    shares.come("west")
    got = {"east": 0, "west": 0}
    for turn in range(300):
        for name in ("west", "west", "east") if turn % 2 else ("east", "west"):
            got[name] += take(shares, name, 7)
    assert got["east"] / got["west"] == pytest.approx(3, rel=0.05)


def test_who_is_ahead_waits_for_the_other_and_not_for_one_that_stands_still(shares, clock):
    shares.come("east")
    shares.come("west")
    assert (take(shares, "east"), take(shares, "east")) == (30, 0)
    clock[0] += STILL + 1
    shares.moved("east")
    assert take(shares, "east") == 30, "west has not moved"
    assert (take(shares, "west"), take(shares, "west")) == (10, 0), "and makes up for nothing"
    assert take(shares, "east") == 30


def test_who_waits_for_turns_keeps_nobody(shares):
    shares.come("east")
    shares.come("west")
    for _ in range(5):
        shares.claimed("west", 1, asked=shares.may_claim("west"))
        shares.moved("west")
        assert take(shares, "east") == 30
    assert take(shares, "west", 3) == 3, "it has what it asks for again"
    assert shares.may_claim("east") <= 30


def test_who_is_alone_gets_all_and_who_comes_back_is_even(shares):
    shares.come("east")
    assert [take(shares, "east") for _ in range(5)] == [30] * 5
    shares.come("west")
    assert take(shares, "west") == 10
    assert shares.at_work == 2
    shares.go("west")
    assert take(shares, "east") == 30
