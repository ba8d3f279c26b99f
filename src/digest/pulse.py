"""Signs of life in, which parts of this process are alive out.  Safe to share between threads."""

import time
from collections.abc import Callable, Iterable

#: Seconds without a sign after which a part counts as stuck.  An edition may take minutes to make, and a mail server
#: ten of them to answer (RFC 5321 4.5.3.2.6).
LONGEST = 900.0


class Pulse:
    """Of the named parts; each is alive at first, and as long as it has given a sign within `longest` seconds."""

    def __init__(
        self, parts: Iterable[str], *, longest: float = LONGEST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._longest = longest
        self._last = dict.fromkeys(parts, clock())

    def beat(self, part: str) -> None:
        self._last[part] = self._clock()

    def alive(self) -> dict[str, bool]:
        """By part, in the order in which they were named."""
        now = self._clock()
        return {part: now - last <= self._longest for part, last in self._last.items()}
