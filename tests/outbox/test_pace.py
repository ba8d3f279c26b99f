"""How fast an edition goes out, and when it is done."""

from datetime import timedelta

import pytest

from build import NOW
from digest.outbox.pace import Flow, done_at

LATER = NOW + timedelta(hours=3)


@pytest.mark.parametrize(
    ("flow", "after"),
    [
        (Flow(), None),  # nothing waits
        (Flow(sent_lately=600, due=1000, underway=200), timedelta(seconds=120)),
        (Flow(due=1000), None),  # nothing moves, so nothing says when
        (Flow(sent_lately=600, due=1000, last_due=NOW), timedelta(seconds=100)),
        (Flow(later=5, last_due=LATER), timedelta(hours=3)),  # the last wave
        (Flow(sent_lately=60, due=60, later=5, last_due=LATER), timedelta(hours=3)),
        (Flow(sent_lately=60, due=60 * 60 * 4, later=5, last_due=LATER), timedelta(hours=4)),
    ],
)
def test_it_is_done_when_the_backlog_is_gone_and_the_last_hour_has_come(flow, after):
    assert done_at(flow, now=NOW) == (NOW + after if after else None)
