"""Parcels in, their outcomes out, over one connection.

A slow answer holds up its own lane only: the others go on taking parcels.
"""

from collections import deque
from collections.abc import Callable

from digest.model import Delivery, Outcome, Stage
from digest.transport.smtp import Naming, Relay
from digest.worker.supply import Parcel, Supply

DEEPEST = 16  #: messages launched before the first has landed


class Lane:
    """One connection.  What was offered is settled; what a halt finds unoffered is in `unoffered`.

    Args:
        settle: Told what became of a delivery.
        halted: Whether to take nothing more.
    """

    def __init__(
        self,
        relay: Relay,
        supply: Supply,
        *,
        settle: Callable[[Delivery, Outcome], None],
        halted: Callable[[], bool],
        depth: int,
    ) -> None:
        self._relay = relay
        self._supply = supply
        self._settle = settle
        self._halted = halted
        self._depth = min(depth, DEEPEST)
        self._carried: Parcel | None = None  #: named and accepted: its content is next
        self.following: Parcel | None = None  #: to be named

    async def run(self) -> None:
        while await self._take():
            # A content goes to the connection that asked for it, or nowhere: the relay says so where that is gone.
            refused = None if self._carried or self._relay.usable else await self._relay.open()
            if self.following and not refused:
                refused = self._relay.refuses(self.following.envelope)
            if refused:
                self._settle_following(refused)
            elif self._relay.streams:
                await self._stream()
            else:
                await self._step()

    async def _take(self) -> bool:
        """Whether there is something to do.  A named message is not kept waiting for another parcel."""
        if self.following is None and not self._halted():
            if self._carried is None:
                self.following = await self._supply.next()
            elif self._relay.overlaps:
                self.following = self._at_hand()
        return (self.following is not None and not self._halted()) or self._carried is not None

    def _at_hand(self) -> Parcel | None:
        """A parcel that need not be waited for, and that this relay can take."""
        while parcel := self._supply.at_hand():
            refused = self._relay.refuses(parcel.envelope)
            if not refused:
                return parcel
            self._settle(parcel.delivery, refused)
        return None

    async def _step(self) -> None:
        carried, self._carried = self._carried, None
        if carried is None:
            await self._name()
        elif not await self._supply.permit(carried):
            self._relay.give_up()
        elif self.following is None:
            self._settle(carried.delivery, await self._relay.content(carried.message))
        else:
            outcome, named = await self._relay.content_and_name(carried.message, self.following.envelope)
            self._settle(carried.delivery, outcome)
            self._named(named)

    async def _name(self) -> None:
        parcel = self.following
        assert parcel is not None
        self._named(await self._relay.name(parcel.envelope, lambda: self._supply.permit(parcel)))

    def _named(self, named: Outcome | Naming) -> None:
        if isinstance(named, Outcome):
            self._settle_following(named)
        elif named is Naming.ACCEPTED:
            self._carried, self.following = self.following, None
        elif named is Naming.DENIED:
            self.following = None

    def _settle_following(self, outcome: Outcome) -> None:
        if self.following is not None:
            self._settle(self.following.delivery, outcome)
            self.following = None

    async def _stream(self) -> None:
        """Several messages on their way at once, as long as there are any and the connection lasts."""
        flying: deque[Parcel] = deque()
        while await self._launch(flying) or flying:
            outcome = await self._relay.landed()
            self._settle(flying.popleft().delivery, outcome)
            if not self._relay.usable:
                lost = Outcome(stage=Stage.DOT, code=None, text=f"the connection was lost: {outcome.text}"[:300])
                while flying:
                    self._settle(flying.popleft().delivery, lost)
                return

    async def _launch(self, flying: deque[Parcel]) -> bool:
        """Launch what is at hand; whether there was any."""
        before = len(flying)
        while len(flying) < self._depth and not self._halted() and self._relay.usable:
            self.following = self.following or self._at_hand()
            if self.following is None:
                break
            if await self._supply.permit(self.following):
                if not self._relay.launch(self.following.envelope, self.following.message):
                    break
                flying.append(self.following)
            self.following = None
        return len(flying) > before
