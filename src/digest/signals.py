"""SIGTERM and SIGINT in, an event out: a program that is told to stop finishes what is on the wire."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end_quietly() -> None:
    """Until `stopping` is there: a service that is told to stop while it starts has nothing to finish."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: sys.exit(0))


@contextlib.contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """An event that either signal sets.  In a running event loop, on its main thread."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
