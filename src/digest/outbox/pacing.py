"""How fast mail went and what the mail server said in, how fast it may go now out.  Pure.

Limits come from two sides: the operator sets rates, and refusals teach one.  A domain that refuses for now gets no mail
for a while, then half of its rate (AIMD: halved at a refusal, grown by a constant with what is taken, as TCP does).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.model import Pace

SPAN = 1.0  #: seconds of a rate that may go at once after a rest
FLOOR = 1.0  #: messages a second; whoever takes less still refuses, and then each delivery has its own retry
RECOVERY = 600.0  #: seconds of taken mail in which a rate grows from nothing to its ceiling
JITTER = 0.2  #: share of the time that a domain is left alone, so that several workers do not return at once
SHUT = timedelta(seconds=15), timedelta(minutes=10)  #: the first and the longest time without mail: refused for now
BLOCKED = timedelta(minutes=15), timedelta(hours=4)  #: refused as a matter of policy: only people mend that


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the operator allows, in messages a second; 0: no limit."""

    whole: float = 0.0
    each: float = 0.0  #: for every domain that `domains` has no word about
    domains: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.whole or self.each or any(self.domains.values()))

    def of(self, domain: str) -> float:
        """ "" asks for all mail."""
        return self.domains.get(domain, self.each) if domain else self.whole


def speed(pace: Pace, limit: float) -> float | None:
    """Messages a second; None: as fast as it goes."""
    if pace.rate is None:
        return limit or None
    return min(pace.rate, limit) if limit else pace.rate


def counted(pace: Pace, limit: float, *, now: datetime) -> Pace:
    """The same with the turns of `now`.

    A clock that was set back gives none, and a time without mail lasts as long as it would have.
    """
    elapsed = (now - pace.at).total_seconds()
    shut_until = pace.shut_until
    if shut_until is not None and elapsed < 0:
        shut_until += now - pace.at
    rate = speed(pace, limit)
    turns = pace.turns if rate is None else min(_most(pace, rate), pace.turns + max(elapsed, 0.0) * rate)
    return replace(pace, turns=turns, at=now, shut_until=shut_until)


def may_go(pace: Pace, limit: float, *, most: int, now: datetime) -> int:
    """How many messages, `most` at the most.  `pace` is counted."""
    if is_shut(pace, now):
        return 0
    return most if speed(pace, limit) is None else max(0, min(most, math.floor(pace.turns)))


def is_shut(pace: Pace, now: datetime) -> bool:
    return pace.shut_until is not None and now < pace.shut_until


def wait(pace: Pace, limit: float) -> float:
    """Seconds until there is a turn.  `pace` is counted, and not shut."""
    rate = speed(pace, limit)
    return 0.0 if rate is None else max(0.0, (1 - pace.turns) / rate)


def spent(pace: Pace, limit: float, number: int) -> Pace:
    """Whatever there is: what went without a turn is owed, and paid by those who come later."""
    return pace if speed(pace, limit) is None else replace(pace, turns=pace.turns - number)


def slowed(pace: Pace, limit: float, *, seen: float, reason: str, now: datetime, dice: float) -> Pace:
    """After a refusal that is the domain's.  While the domain is shut, more of them say the same: nothing changes.

    `seen`: messages a second that went out in all, for a domain whose rate nothing limits.  `dice`: 0 to 1.
    """
    if is_shut(pace, now):
        return pace
    before = speed(pace, limit) or max(seen, FLOOR)
    first, longest = BLOCKED if reason.startswith("5") else SHUT
    shut = min(first * (1 << min(pace.refusals, 20)), longest) * (1 + JITTER * dice)
    return replace(
        pace,
        turns=0.0,
        rate=max(before / 2, min(before, FLOOR)),
        ceiling=before if pace.rate is None else pace.ceiling,
        refusals=pace.refusals + 1,
        shut_until=now + shut,
        since=pace.since or now,
        reason=reason,
    )


def grown(pace: Pace, taken: int) -> Pace:
    """After so many messages were taken: faster by a constant for each second's worth, in the end not slowed any more.

    For a constant gain in time each message adds less the faster they go: r dr = c dn, so r² grows by 2cn.
    """
    if pace.rate is None or not taken:
        return pace
    rate = math.sqrt(pace.rate**2 + 2 * taken * pace.ceiling / RECOVERY)
    if rate >= pace.ceiling:
        return replace(pace, rate=None, ceiling=0.0, refusals=0, shut_until=None, since=None, reason="")
    return replace(pace, rate=rate, refusals=0, shut_until=None)


def fitting(domains: Iterable[str], places: Mapping[str, int]) -> list[bool]:
    """Of deliveries to these domains, in order: which have a place; a domain that has no number has room for all."""
    left = dict(places)
    found = []
    for domain in domains:
        if domain in left:
            left[domain] -= 1
        found.append(left.get(domain, 0) >= 0)
    return found


def _most(pace: Pace, rate: float) -> float:
    """One at a time until the domain takes mail again."""
    return 1.0 if pace.refusals else max(1.0, rate * SPAN)
