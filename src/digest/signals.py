"""SIGTERM, SIGINT and SIGHUP in, an event out: a program that is told to stop finishes what is on the wire."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator


def _ending() -> tuple[signal.Signals, ...]:
    """Those that end a program.  SIGHUP comes when the terminal goes, as with a connection that is lost amid a send;
    who began with nohup wants to outlive that."""
    outlives = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT, *(() if outlives else (signal.SIGHUP,)))


def end_quietly() -> None:
    """Until `stopping` is there: a service that is told to stop while it starts has nothing to finish."""
    for number in _ending():
        signal.signal(number, lambda *_: sys.exit(0))


@contextlib.contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """An event that any of the signals sets.  In a running event loop, on its main thread."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    numbers = _ending()
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
