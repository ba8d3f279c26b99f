"""Hours of the day in which no copy leaves."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """By the clock on the wall; they may end on the next day."""

    begin: time
    end: time

    def __contains__(self, wall: time) -> bool:
        """Whether a clock shows one of them."""
        if self.begin < self.end:
            return self.begin <= wall < self.end
        return wall >= self.begin or wall < self.end
