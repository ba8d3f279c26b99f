"""Deliveries that are due in, parcels ready to be offered out: claimed, composed, signed, and, with a window above 1,
recorded as attempting ahead of time.

How many are attempting at once is bounded by connections x window: each has a place in the window, which is free again
when the commit that settles it is done.
"""

import asyncio
import math
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from digest.model import Delivery, Outcome, Stage
from digest.outbox.headers import AddressError, recipient_address
from digest.outbox.skeleton import Draft
from digest.transport.envelope import Envelope
from digest.transport.smtp import Content
from digest.worker.journal import Journal
from digest.worker.letters import Letters

FRESH = 0.1  #: seconds for which a look at whether the reader has left is good
CHUNK = 16  #: deliveries that are composed in one go, at most
REFUSED_CONTENT = Outcome(stage=Stage.RCPT, code=553, text="5.1.3 the address cannot be written in a message")


@dataclass(kw_only=True, eq=False)
class Parcel:
    """A delivery that can be offered."""

    delivery: Delivery
    envelope: Envelope
    message: Content
    permitted_at: float | None = None  #: when it was recorded as attempting (monotonic seconds)
    left: bool = False  #: the reader has, since then


class Window:
    """So many places for deliveries that are attempting."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._left = places
        self._waiting: deque[tuple[int, asyncio.Future[int]]] = deque()

    async def take(self, most: int) -> int:
        """How many were taken: those that are free, and one at least.

        Not to wait for all: a lane on which nothing moves keeps its places, and the others would wait for them too.
        """
        if not self._waiting and self._left > 0:
            return self._grant(most)
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((most, turn))
        return await turn

    def take_at_once(self) -> None:
        """For what is settled without having been attempted."""
        self._left -= 1

    def give(self, number: int) -> None:
        self._left += number
        while self._waiting and self._left > 0:
            most, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(self._grant(most))

    def _grant(self, most: int) -> int:
        granted = min(most, self._left)
        self._left -= granted
        return granted


class Supply:
    """Keeps some parcels ready.  Use as an async context manager.

    Args:
        claim: Takes what is due from the database, and may wait for it; nothing: all is done.
        unwritable: Told of a delivery that cannot be composed.
        left: Told of a delivery whose reader has left.
        holds_back: Whether a delivery is better not offered any more.
        put_back: Told of such a one.
        ready: How many parcels may be ready at once, where no window bounds them.
    """

    def __init__(
        self,
        letters: Letters,
        journal: Journal,
        *,
        claim: Callable[[], Awaitable[Sequence[Delivery]]],
        window: Window | None,
        unwritable: Callable[[Delivery, Outcome], None],
        left: Callable[[Delivery], None],
        holds_back: Callable[[Delivery], bool],
        put_back: Callable[[Delivery], None],
        ready: int,
    ) -> None:
        self._letters = letters
        self._journal = journal
        self._claim = claim
        self._window = window
        # Half a window: while one half is offered, the other is recorded.
        self._chunk = min(CHUNK, max(1, window.places // 2)) if window else CHUNK
        self._unwritable = unwritable
        self._left = left
        self._holds_back = holds_back
        self._put_back = put_back
        self._composers = (os.cpu_count() or 1) + 1 if letters.sign_slowly else 1
        self._threads = ThreadPoolExecutor(max(1, self._composers - 1), "sign") if letters.sign_slowly else None
        self._claimed: asyncio.Queue[Sequence[Delivery] | None] = asyncio.Queue(self._composers)
        self._ready: asyncio.Queue[Parcel | None] = asyncio.Queue(ready if window is None else 0)
        self._tasks: list[asyncio.Task[None]] = []
        self._recording: set[asyncio.Task[None]] = set()
        self._unsent: set[Parcel] = set()  #: recorded as attempting, no content has left
        self._look: asyncio.Task[None] | None = None  #: at all of them, while there is one
        self._looked = -math.inf, -math.inf  #: when the last one began and ended (monotonic seconds)
        self.fault: Exception | None = None

    async def __aenter__(self) -> Self:
        work = [self._claims(), *(self._compose() for _ in range(self._composers))]
        self._tasks = [asyncio.create_task(self._guarded(one)) for one in work]
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        looking = [self._look] if self._look else []
        await asyncio.gather(*self._tasks, *self._recording, *looking, return_exceptions=True)
        if self._threads:
            self._threads.shutdown(wait=True, cancel_futures=True)

    async def next(self) -> Parcel | None:
        """The next parcel; None when nothing is due any more."""
        while parcel := await self._ready.get():
            if self._goes(parcel):
                return parcel
        self._ready.put_nowait(None)  # for the other lanes
        return None

    def at_hand(self) -> Parcel | None:
        """A parcel that need not be waited for."""
        while not self._ready.empty():
            parcel = self._ready.get_nowait()
            if parcel is None:
                self._ready.put_nowait(None)
                break
            if self._goes(parcel):
                return parcel
        return None

    def _goes(self, parcel: Parcel) -> bool:
        if parcel.left or not self._holds_back(parcel.delivery):
            return not parcel.left
        self._unsent.discard(parcel)
        self._put_back(parcel.delivery)
        return False

    def leftovers(self) -> list[Delivery]:
        """Those recorded as attempting that nobody has offered."""
        found = []
        while not self._ready.empty():
            parcel = self._ready.get_nowait()
            if parcel is not None and parcel.permitted_at is not None and not parcel.left:
                found.append(parcel.delivery)
        return found

    async def permit(self, parcel: Parcel) -> bool:
        """Whether content may leave; recorded by now, and the reader has not left within the last moments."""
        if parcel.permitted_at is None:
            allowed = parcel.delivery.claim in await self._journal.attempt([parcel.delivery])
            parcel.permitted_at, parcel.left = time.monotonic(), not allowed
            if parcel.left:
                self._left(parcel.delivery)
        while parcel in self._unsent and (age := self._age(parcel)) > FRESH / 2:
            look = self._look_again()
            if age < FRESH:
                break
            await asyncio.shield(look)
        self._unsent.discard(parcel)
        return not parcel.left

    def _age(self, parcel: Parcel) -> float:
        """Seconds since it was known that the reader has not left."""
        known_at, (began, ended) = parcel.permitted_at or -math.inf, self._looked
        return time.monotonic() - (ended if began > known_at else known_at)

    def _look_again(self) -> asyncio.Task[None]:
        """One look at all that wait: a look at each would cost more than sending it.

        It begins before anybody needs it, so that lanes seldom wait for it.
        """
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_at(list(self._unsent)))
            self._look.add_done_callback(lambda look: look.cancelled() or look.exception())  # the next one may need it
        return self._look

    async def _look_at(self, waiting: Sequence[Parcel]) -> None:
        began = time.monotonic()
        gone = await self._journal.left([parcel.delivery for parcel in waiting])
        self._looked = began, time.monotonic()
        for parcel in waiting if gone else ():
            if parcel.delivery.claim in gone and parcel in self._unsent:  # and was not offered meanwhile
                parcel.left = True
                self._unsent.discard(parcel)
                self._journal.skip(parcel.delivery)
                self._left(parcel.delivery)

    async def _guarded(self, work: Awaitable[None]) -> None:
        """A fault ends the supply, and is there to be raised."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the lanes finish what they have before it is raised
            self.fault = self.fault or error
            await self._ready.put(None)

    async def _claims(self) -> None:
        while batch := await self._claim():
            for start in range(0, len(batch), self._chunk):
                await self._claimed.put(batch[start : start + self._chunk])
        for _ in range(self._composers):
            await self._claimed.put(None)

    async def _compose(self) -> None:
        while chunk := await self._claimed.get():
            parcels = await self._composed(chunk)
            if self._window is not None:
                await self._record_all(parcels, self._window)
            else:
                for parcel in parcels:
                    await self._ready.put(parcel)
        self._composers -= 1
        if not self._composers:
            while self._recording:  # waited for and not gathered: they are not to be cancelled with us
                await asyncio.wait(self._recording)
            await self._ready.put(None)

    async def _composed(self, chunk: Sequence[Delivery]) -> list[Parcel]:
        """Only slow signatures go to threads: with all else, threads wait longer for the interpreter than they save."""
        drafts = [(one, draft) for one in chunk if (draft := self._draft(one))]
        if self._threads is None:
            signed = [draft.signed() for _, draft in drafts]
        else:
            loop = asyncio.get_running_loop()
            signed = await loop.run_in_executor(self._threads, lambda: [draft.signed() for _, draft in drafts])
        return [
            Parcel(delivery=delivery, envelope=self._envelope(delivery), message=Content(pieces))
            for (delivery, _), pieces in zip(drafts, signed, strict=True)
        ]

    def _draft(self, delivery: Delivery) -> Draft | None:
        try:
            return self._letters.draft(delivery)
        except AddressError:
            if self._window:
                self._window.take_at_once()
            self._unwritable(delivery, REFUSED_CONTENT)
            return None

    def _envelope(self, delivery: Delivery) -> Envelope:
        return Envelope(
            sender=self._letters.return_path(delivery),
            recipient=recipient_address(delivery.address),
            id=f"{delivery.edition_id}.{delivery.uid}",
        )

    async def _record_all(self, parcels: Sequence[Parcel], window: Window) -> None:
        """As places become free; it does not wait for the commits."""
        done = 0
        while done < len(parcels):
            number = await window.take(len(parcels) - done)
            task = asyncio.create_task(self._guarded(self._record(parcels[done : done + number], window)))
            self._recording.add(task)
            task.add_done_callback(self._recording.discard)
            done += number

    async def _record(self, parcels: Sequence[Parcel], window: Window) -> None:
        """Runs to its end, also when the supply is closed: what is recorded as attempting has to be known."""
        allowed = await self._journal.attempt([parcel.delivery for parcel in parcels])
        for parcel in parcels:
            if parcel.delivery.claim in allowed:
                parcel.permitted_at = time.monotonic()
                self._unsent.add(parcel)
                self._ready.put_nowait(parcel)
            else:
                window.give(1)
                self._left(parcel.delivery)
