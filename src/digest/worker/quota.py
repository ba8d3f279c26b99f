"""What a relay that warms up may still take today, over all processes on one database.

A place is reserved in the transaction that claims what it is for, and given back when the relay did not take that.  So
no number of workers exceeds the day, and a place that nobody needed is there for the next claim.  The day is told by
this machine's clock, as what is due is.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from digest.config import Route, Smtp
from digest.model import Delivery
from digest.outbox import warming
from digest.store import warming as store
from digest.worker.moments import Now

UNDERWAY = 0.1  #: seconds after which who waits for what is under way asks again
PART = 10  #: of a day's places one of so many may be reserved at once, or one for each connection: a death wastes those


class Quota:
    """Of one drain; costs nothing where the relay does not warm up.  Reserves in a thread, is told in the loop."""

    def __init__(self, route: Route, clock: Now) -> None:
        self._plan = route.smtp.warm_up
        self._relay = route.name
        self._connections = route.smtp.connections
        self._clock = clock
        self._day: date | None = None  #: of the last look, where it has a limit
        self._held: dict[tuple[int, int, int], date] = {}  #: by `Delivery.claim`: what may yet come back
        self._back: deque[date] = deque()  #: places that came back, of these days
        self.spent_until: datetime | None = None  #: all of the day is used; when it goes on

    def room(self, db: Connection, most: int) -> int:
        """How many may be claimed, of `most`; until this transaction ends nobody else reserves any."""
        if self._plan is None:
            return most
        self._pay_back(db)
        day = warming.day_at(self._clock())
        allowed = warming.quota(self._plan, day)
        self._day = None if allowed is None else day
        if allowed is None:
            self.spent_until = None
            return most
        left = max(0, allowed - store.lock(db, self._relay, day))
        self.spent_until = None if left else warming.goes_on_at(self._plan, day)
        at_once = max(self._connections, allowed // PART) - len(self._held)
        return max(0, min(most, left, at_once))

    def reserve(self, db: Connection, number: int) -> None:
        """After `room`, and in its transaction."""
        if self._day and number:
            store.use(db, self._relay, self._day, number)

    def hold(self, claimed: Sequence[Delivery]) -> None:
        """Once that is committed: for what was reserved."""
        if self._day:
            self._held.update(dict.fromkeys((one.claim for one in claimed), self._day))

    @property
    def again(self) -> float | None:
        """Where there was no room: seconds until there may be, as something is under way; None: not today.

        What is under way may come back, and until then takes up what may be reserved at once.
        """
        return UNDERWAY if self._held else None

    def settled(self, delivery: Delivery, *, taken: bool) -> None:
        """What became of it.  `taken`: by the relay, or nobody knows."""
        day = self._held.pop(delivery.claim, None)
        if day and not taken:
            self._back.append(day)

    def leave(self, db: Connection, *, in_doubt: int) -> None:
        """At the end, when what is left was taken back; so many of it may have been taken by the relay."""
        held, self._held = sorted(self._held.values()), {}
        self._back.extend(held[: max(0, len(held) - in_doubt)])
        self._pay_back(db)

    def _pay_back(self, db: Connection) -> None:
        """Not again where the commit fails, or its answer is lost: too few is better than too many."""
        days = Counter(self._back.popleft() for _ in range(len(self._back)))
        for day, number in sorted(days.items()):
            store.use(db, self._relay, day, -number)


def note(db: Connection, route: Route, number: int, *, now: datetime) -> None:
    """Of mail that somebody waits for, and that went whatever is left of the day."""
    day = warming.day_at(now)
    if _allowed(route, day) is not None:
        store.use(db, route.name, day, number)


@dataclass(frozen=True, kw_only=True)
class Warmth:
    """How far a relay has got with its warm-up."""

    day: int  #: 1 for the first; less before it
    used: int  #: messages
    quota: int  #: messages
    goes_on_at: datetime | None  #: where all of the day is used


def warmth(db: Connection, route: Route, *, now: datetime) -> Warmth | None:
    """None where there is no limit, or none any more."""
    plan, day = route.smtp.warm_up, warming.day_at(now)
    allowed = _allowed(route, day)
    if plan is None or allowed is None:
        return None
    used = store.used(db, [route.name], day).get(route.name, 0)
    goes_on_at = warming.goes_on_at(plan, day) if used >= allowed else None
    return Warmth(day=warming.number_of(plan, day), used=used, quota=allowed, goes_on_at=goes_on_at)


def left(db: Connection, smtp: Smtp, day: date) -> int | None:
    """How many messages all relays together may still take on a day; None: one of them has no limit."""
    allowed = {one.name: _allowed(one, day) for one in smtp.routes}
    used = store.used(db, allowed, day)
    limited = {name: most - used.get(name, 0) for name, most in allowed.items() if most is not None}
    return sum(max(0, most) for most in limited.values()) if len(limited) == len(allowed) else None


def _allowed(route: Route, day: date) -> int | None:
    return warming.quota(route.smtp.warm_up, day) if route.smtp.warm_up else None
