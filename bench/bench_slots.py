"""Every zone of the tz database, eleven years, 48 times of the day: is the slot of each local date due once?

    python bench/bench_slots.py                 all of it, some minutes
    python bench/bench_slots.py --every 20      one zone in twenty
    python bench/bench_slots.py --jumps 2000    clocks that jump while a daemon asks

Prints zones, slots, and how many were missed, doubled, or out of order: 0 each.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from itertools import pairwise
from zoneinfo import available_timezones

from digest.config import Newsletter
from digest.schedule.slots import due_slots, slot

FIRST, LAST = date(2024, 1, 1), date(2034, 12, 31)
HALF_HOURS = tuple(clock(n // 2, n % 2 * 30) for n in range(48))
DAY = timedelta(days=1)


def letters(zone: str) -> Iterator[Newsletter]:
    for hour in HALF_HOURS:
        yield Newsletter(timezone=zone, send_at=hour, weekly_day="sun", days=("mon", "tue", "wed", "thu", "fri", "sat"))


def faults(letter: Newsletter) -> Counter[str]:
    """Of all slots of a newsletter: doubled moments, out of order, off by more than a gap of the clocks."""
    moments = [slot("daily", letter, FIRST + n * DAY).due_at for n in range((LAST - FIRST).days + 1)]
    steps = [after - before for before, after in pairwise(moments)]
    return Counter(
        slots=len(moments),
        doubled=len(moments) - len(set(moments)),
        unordered=sum(step <= timedelta() for step in steps),
        # A zone that leaves out a whole date (Samoa, 2011) is not among these years.
        missed=sum(not timedelta(hours=21) <= step <= timedelta(hours=27) for step in steps),
    )


def jumps(rounds: int) -> Counter[str]:
    """A daemon asks every few minutes for two months while its clock jumps: each slot is taken once."""
    found: Counter[str] = Counter()
    dice = random.Random(6)
    zones = sorted(available_timezones())
    for _ in range(rounds):
        letter = Newsletter(timezone=dice.choice(zones), send_at=dice.choice(HALF_HOURS), catch_up_hours=24)
        start = datetime(2026, 1, 1, tzinfo=UTC) + dice.random() * 365 * DAY
        now, end, taken, due = start, start + 20 * DAY, set[str](), Counter[str]()
        while now < end:
            for one in due_slots("daily", letter, now=now, since=max(start, now - 3 * DAY), taken=taken):
                taken.add(one.key)
                due[one.key] += 1
            now += timedelta(minutes=dice.choice((5, 30, 60)))
            if dice.random() < 0.02:
                now += dice.choice((-1, 1)) * dice.choice((timedelta(minutes=10), timedelta(hours=1), DAY))
        wanted = {one.key for one in due_slots("daily", letter, now=end - 2 * DAY, since=start, taken=frozenset())}
        doubled = sum(count > 1 for count in due.values())
        found += Counter(slots=len(due), doubled=doubled, missed=len(wanted - set(due)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one zone in so many")
    parser.add_argument("--jumps", type=int, default=200, metavar="ROUNDS", help="of clocks that jump")
    options = parser.parse_args()
    zones = sorted(available_timezones())[:: options.every]
    found: Counter[str] = Counter()
    begun = time.monotonic()
    for number, zone in enumerate(zones, 1):
        for letter in letters(zone):
            found += faults(letter)
        print(f"\r{number} of {len(zones)} zones, {time.monotonic() - begun:.0f} s", end="", flush=True)
    print(f"\nzones x hours: {found['slots']:,} slots; {_told(found)}; out of order {found['unordered']}")
    found = jumps(options.jumps)
    print(f"clocks that jump: {found['slots']:,} slots; {_told(found)}")


def _told(found: Counter[str]) -> str:
    return f"missed {found['missed']}, doubled {found['doubled']}"


if __name__ == "__main__":
    main()
