"""A warm-up and a day in, how many messages a relay may take on it out.  Pure.

Days are those of UTC: a relay serves newsletters of several time zones, and whoever receives from it counts by none of
them.
"""

import math
from datetime import UTC, date, datetime, time, timedelta

from digest.config import WarmUp

SLIP = 1e-9  #: of a logarithm, whose sums are not exact


def day_at(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def quota(plan: WarmUp, day: date) -> int | None:
    """Messages on that day; None: no limit any more."""
    passed = (day - plan.begin).days
    if passed < 0:
        return 0
    if passed * math.log(plan.growth) >= math.log(plan.until / plan.first_day) - SLIP:
        return None
    return round(plan.first_day * plan.growth**passed)


def number_of(plan: WarmUp, day: date) -> int:
    """1 for the first day; less before it."""
    return (day - plan.begin).days + 1


def goes_on_at(plan: WarmUp, day: date) -> datetime:
    """When there is more than what that day has: the midnight after it, or that with which the first day begins."""
    return datetime.combine(max(day + timedelta(days=1), plan.begin), time(), tzinfo=UTC)
