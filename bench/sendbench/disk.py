"""How often the disk flushes: what bounds a sender that records each message before its content leaves."""

import os
import tempfile
import time
from collections.abc import Sequence
from statistics import median

PAGE = 4096  #: bytes written before each flush, as a commit of SQLite writes at least


def flushes(*, seconds: float = 1.0) -> float:
    """Flushes a second, one after the other, where temporary files are, as are the databases of these runs."""
    with tempfile.TemporaryFile() as file:
        begun, number = time.perf_counter(), 0
        while (passed := time.perf_counter() - begun) < seconds:
            file.write(bytes(PAGE))
            file.flush()
            os.fdatasync(file.fileno())
            number += 1
    return number / passed


def line(name: str, rates: Sequence[float], flushed: float, *, connections: int) -> str:
    """A flush may record as many messages as there are connections, no more: with a window of 1 each waits for it."""
    most = flushed * connections
    return (
        f"  {name}: the disk flushes {flushed:,.0f} times a second, which would allow {most:,.0f} messages; "
        f"{median(rates) / most:.1%} of it"
    )
