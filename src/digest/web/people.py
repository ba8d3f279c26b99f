"""Who opens a link in, whether it is a person out.  Pure, and forgotten after seconds: nothing of this is stored.

Mail passes scanners that open its links, all of them within moments and often under a browser's name.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

BURST = timedelta(seconds=10)  #: without a click, after which one visitor's clicks are looked at anew
STORIES = 3  #: of an edition that a person opens in one go
REMEMBERED = 10_000  #: visitors; whoever waits longest is forgotten first

_MACHINE = re.compile(
    r"(?<!cu)bot\b|crawl|spider|scan|preview|prefetch|headless|lighthouse|ms-office|msoffice|safelinks|googleimageproxy|"
    r"ggpht|barracuda|proofpoint|mimecast|trendmicro|symantec|fireeye|externalhit|slurp|monitor|urlcheck|validator",
    re.IGNORECASE,
)


def is_machine(user_agent: str) -> bool:
    """Whether it says so itself: each browser says Mozilla, and what a program adds to that is known."""
    return not user_agent.startswith(("Mozilla/", "Opera/")) or _MACHINE.search(user_agent) is not None


@dataclass
class _Trace:
    at: datetime
    stories: set[str]


class Watch:
    """Tells a reader's clicks from the burst of a scanner."""

    def __init__(self) -> None:
        self._traces: OrderedDict[tuple[str, ...], _Trace] = OrderedDict()  # who has come last is at the end

    def clicked(self, visitor: tuple[str, ...], edition: str, story: str, *, now: datetime) -> dict[str, int]:
        """What changes in the numbers of the edition's stories.

        A story counts once in a go.  With one story too many all of them are taken back, and none counts.
        """
        self._forget(now)
        key = (*visitor, edition)
        trace = self._traces.setdefault(key, _Trace(at=now, stories=set()))
        self._traces.move_to_end(key)
        trace.at = now
        if story in trace.stories:
            return {}
        earlier = set(trace.stories)
        trace.stories.add(story)
        if len(earlier) < STORIES:
            return {story: 1}
        return dict.fromkeys(earlier, -1) if len(earlier) == STORIES else {}

    def _forget(self, now: datetime) -> None:
        while self._traces:
            oldest = next(iter(self._traces))
            if len(self._traces) < REMEMBERED and now - self._traces[oldest].at <= BURST:
                return
            del self._traces[oldest]
