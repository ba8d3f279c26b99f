"""How fast mail went and what the mail server said in, how fast it may go now out.  Pure.

Limits come from two sides: the operator sets rates, and refusals teach one.  A domain that refuses for now gets no mail
for a while, then half of its rate (AIMD: halved at a refusal, grown by a constant with what is taken, as TCP does).
Who refuses and has taken something since the last time is asked too fast, and is not away: it is halved with no more
than a moment's rest.
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
MOMENT = timedelta(seconds=1)  #: without mail after a message too many: what is underway is not to halve it again
#: The first and the longest time without mail, and how much longer each is than the one before it.  Refused for now, a
#: domain is asked again after 10 s and a fifth of the time that it has been away: so much is lost at the most.
SHUT = timedelta(seconds=10), timedelta(minutes=10), 1.2
CLOSED = timedelta(seconds=30), timedelta(minutes=30), 2.0  #: the same of a relay that cannot be used
BLOCKED = timedelta(minutes=15), timedelta(hours=4), 2.0  #: refused as a matter of policy: only people mend that


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
    away = pace.rate is not None and pace.refusals > 0  # it took nothing since, so that says nothing of its rate
    rate = before if away else max(before / 2, min(before, FLOOR))
    return replace(
        pace,
        turns=0.0,
        rate=rate,
        ceiling=before if pace.rate is None else pace.ceiling,
        refusals=pace.refusals + 1,
        shut_until=now + _shut(pace, rate, reason) * (1 + JITTER * dice),
        since=pace.since or now,
        reason=reason,
    )


def closed(pace: Pace, *, reason: str, now: datetime, dice: float) -> Pace:
    """Of a relay that cannot be reached, or refuses us: for longer each time, until it takes a message."""
    shut = _longer(CLOSED, pace.refusals) * (1 + JITTER * dice)
    since = pace.since or now
    return replace(pace, refusals=pace.refusals + 1, shut_until=now + shut, since=since, reason=reason)


def opened(pace: Pace) -> Pace:
    """Of a relay that has taken a message."""
    return replace(pace, refusals=0, shut_until=None, since=None, reason="")


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


def _shut(pace: Pace, rate: float, reason: str) -> timedelta:
    if pace.rate is not None and not pace.refusals and not reason.startswith("5"):
        return max(MOMENT, timedelta(seconds=1 / rate))
    return _longer(BLOCKED if reason.startswith("5") else SHUT, pace.refusals)


def _longer(times: tuple[timedelta, timedelta, float], before: int) -> timedelta:
    first, longest, growth = times
    return min(first * growth ** min(before, 40), longest)


def _most(pace: Pace, rate: float) -> float:
    """One at a time until the domain takes mail again."""
    return 1.0 if pace.refusals else max(1.0, rate * SPAN)
