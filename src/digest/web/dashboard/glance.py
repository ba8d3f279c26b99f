"""A key in, what was made for it out: anew when it is old, and by one caller at a time."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

LEAST = 5.0  #: seconds for which it is kept
MOST = 60.0  #: seconds, however long it took
SHARE = 20.0  #: times what it took to make, for which it is kept: so looking takes a twentieth of the time

Value = TypeVar("Value")


class Glance(Generic[Value]):
    """What is dear to look at, remembered for a while.

    Args:
        make: Looks; of a key.
        clock: Seconds, steady.
    """

    def __init__(self, make: Callable[[str], Value], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._make, self._clock = make, clock
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, Value]] = {}

    def get(self, key: str) -> Value:
        with self._lock:
            until, value = self._seen.get(key, (0.0, None))
            began = self._clock()
            if value is not None and began < until:
                return value
            value = self._make(key)
            ended = self._clock()
            self._seen[key] = (ended + kept(ended - began), value)
            return value


def kept(took: float) -> float:
    """For how many seconds, of what took so many to make."""
    return min(max(LEAST, SHARE * took), MOST)
