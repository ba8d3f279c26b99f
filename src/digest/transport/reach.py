"""How much of a conversation goes out before its answers are read: as much as a relay can take.

Each step saves round trips.  What a relay offers says how far it may go; what it does with that, how far it goes:
Haraka offers pipelining and answers 503 to commands that follow a content at once, so it is taken down a step and stays
there.
"""

from collections.abc import Container
from enum import IntEnum

STRIKES = 2  #: conversations that broke at a step which never worked, before it is given up


class Step(IntEnum):
    SINGLE = 1  #: each command waits for its answer: four round trips a message
    GROUPED = 2  #: MAIL, RCPT and DATA together (RFC 2920): two
    FULL = 3  #: content, and with it the next group: one
    CHUNKED = 4  #: content in a command of its own (BDAT of RFC 3030): several messages on the way at once


class Reach:
    """What is known of one relay."""

    def __init__(self) -> None:
        self._top = Step.CHUNKED
        self._worked: set[Step] = set()
        self._strikes = 0

    def step(self, offers: Container[str], *, window: int, bdat: bool) -> Step:
        """The highest step that the relay offers, is not known to fail at, and the window has room for.

        Args:
            offers: What the server said it can do, in small letters.
            window: Deliveries a connection may have under way: the two highest steps have more than one.
            bdat: Whether CHUNKED is wanted.
        """
        step = Step.SINGLE
        if "pipelining" in offers:
            step = Step.GROUPED if window == 1 else Step.FULL
            if bdat and window > 1 and "chunking" in offers:
                step = Step.CHUNKED
        return min(step, self._top)

    def worked(self, step: Step) -> None:
        self._worked.add(step)

    def refused(self, step: Step) -> None:
        """The relay cannot do this."""
        self._top = min(self._top, Step(max(step - 1, Step.SINGLE)))
        self._strikes = 0

    def broke(self, step: Step) -> None:
        """A conversation at this step ended without an answer.  That may be chance, where it has worked before."""
        if step in self._worked or step is Step.SINGLE:
            return
        self._strikes += 1
        if self._strikes >= STRIKES:
            self.refused(step)


_KNOWN: dict[tuple[str, int], Reach] = {}


def known(host: str, port: int) -> Reach:
    """What this process knows of a relay."""
    return _KNOWN.setdefault((host, port), Reach())
