"""A connection to whichever address answers: real sockets, and names that we make up."""

import asyncio
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from digest.transport.dialling import MOMENT, UnreachableError, alternating, dial


def listening(stack, host="127.0.0.1", port=0, **options):
    return stack.enter_context(socket.create_server((host, port), **options))


def deaf(stack, host, port):
    """An address that answers nothing: its queue of connections is full, and nobody takes from it."""
    listening(stack, host, port, backlog=0)
    for _ in range(4):
        one = stack.enter_context(socket.socket())
        one.setblocking(False)
        one.connect_ex((host, port))


def dialled(*hosts, port, seconds=5.0):
    """(the address that was connected to, seconds it took)."""

    async def look_up(_host, port):
        return [(socket.AF_INET6 if ":" in host else socket.AF_INET, (host, port)) for host in hosts]

    async def main():
        begun = time.monotonic()
        with await dial("relay.example", port, seconds=seconds, look_up=look_up) as one:
            return one.getpeername()[0], time.monotonic() - begun

    return asyncio.run(main())


@pytest.fixture
def stack():
    with ExitStack() as one:
        yield one


@pytest.fixture
def port(stack):
    """127.0.0.9 listens there, and at first nobody else."""
    return listening(stack, "127.0.0.9").getsockname()[1]


def test_an_address_that_refuses_costs_nothing(port):
    peer, seconds = dialled("127.0.0.2", "127.0.0.3", "127.0.0.9", port=port)
    assert (peer, seconds < MOMENT) == ("127.0.0.9", True)


def test_an_address_that_answers_nothing_costs_a_moment(stack, port):
    deaf(stack, "127.0.0.2", port)
    peer, seconds = dialled("127.0.0.2", "127.0.0.9", port=port)
    assert peer == "127.0.0.9"
    assert MOMENT <= seconds < 4 * MOMENT


def test_the_preferred_address_is_taken_where_it_answers(stack, port):
    listening(stack, "127.0.0.2", port)
    assert dialled("127.0.0.2", "127.0.0.9", port=port)[0] == "127.0.0.2"


def test_a_dead_ipv6_does_not_keep_from_ipv4(port):
    assert dialled("::1", "127.0.0.9", port=port)[0] == "127.0.0.9"


def test_the_families_are_tried_in_turn():
    six, four = [(socket.AF_INET6, n) for n in "abc"], [(socket.AF_INET, n) for n in "xy"]
    assert [name for _, name in alternating(six + four)] == ["a", "x", "b", "y", "c"]


def test_when_all_refuse_each_is_told_with_its_reason(port):
    with pytest.raises(UnreachableError) as caught:
        dialled("127.0.0.2", "::1", port=port)
    first, second = str(caught.value).split("; ")
    assert first == f"127.0.0.2:{port}: Connection refused"
    assert second.startswith(f"[::1]:{port}: ")


def test_when_nothing_answers_the_time_is_up(stack, port):
    deaf(stack, "127.0.0.2", port)
    with pytest.raises(TimeoutError):
        dialled("127.0.0.2", port=port, seconds=0.3)


def test_who_comes_too_late_is_hung_up(stack, port):
    """Two that answer: of the one that is not used nothing is left open."""

    async def look_up(_host, port):
        return [(socket.AF_INET, ("127.0.0.2", port)), (socket.AF_INET, ("127.0.0.9", port))]

    async def main():
        deaf(stack, "127.0.0.2", port)
        before = len(open_sockets())
        with await dial("relay.example", port, look_up=look_up):
            return len(open_sockets()) - before

    assert asyncio.run(main()) == 1


def open_sockets():
    """Read twice: the folder itself is open while it is read."""
    names = [one for one in list(Path("/proc/self/fd").iterdir()) if one.is_symlink()]
    return [one for one in names if str(one.readlink()).startswith("socket:")]
