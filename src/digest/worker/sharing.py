"""How the mail is shared among several relays, by their weights: who may claim how much next.

One that stands still, waits for turns or has nothing more to do is not waited for: what would be its part goes to the
others, and it does not make up for it.
"""

import math
import time
from collections.abc import Callable, Mapping

STILL = 3.0  #: seconds without a settled message after which a relay stands still
SLIP = 1e-6  #: messages: sums of fractions are not exact
PAUSE = 0.05  #: seconds before whoever is ahead asks again


class Shares:
    """Of one process.

    Args:
        weights: By the name of the relay.
        batch: Messages that all of them together may be ahead by.
        steady: A clock that only goes forward, in seconds.
    """

    def __init__(
        self, weights: Mapping[str, float], *, batch: int, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._weights = weights
        self._part = batch / sum(weights.values())
        self._steady = steady
        self._given: dict[str, float] = {}  #: messages for each unit of weight, of those at work
        self._moved: dict[str, float] = {}
        self._short: set[str] = set()  #: those that got less than they asked for

    @property
    def at_work(self) -> int:
        """How many relays have come and not gone."""
        return len(self._given)

    def come(self, name: str) -> None:
        """It begins, or comes back."""
        self._given[name] = self._least()
        self._moved[name] = self._steady()

    def go(self, name: str) -> None:
        del self._given[name]
        self._short.discard(name)

    def may_claim(self, name: str) -> int:
        """How many messages, not to be further ahead of the others than a batch."""
        ahead = max(0.0, self._given[name] - self._least())
        return max(0, math.ceil((self._part - ahead) * self._weights[name] - SLIP))

    def claimed(self, name: str, number: int, *, asked: int) -> None:
        self._catch_up(name)
        self._given[name] += number / self._weights[name]
        (self._short.add if number < asked else self._short.discard)(name)

    def moved(self, name: str) -> None:
        """One of its messages was settled."""
        self._catch_up(name)
        self._moved[name] = self._steady()

    def _catch_up(self, name: str) -> None:
        """Or all others would wait until it has made up for the time in which it did not count."""
        if not self._counts(name):
            self._given[name] = max(self._given[name], self._least())

    def _counts(self, name: str) -> bool:
        return name not in self._short and self._steady() - self._moved[name] < STILL

    def _least(self) -> float:
        """Of those that count; of all where none does."""
        counted = [given for name, given in self._given.items() if self._counts(name)]
        return min(counted or self._given.values(), default=0.0)
