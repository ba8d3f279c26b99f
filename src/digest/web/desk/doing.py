"""A form of the desk in, the edition changed, signed off, or tried by mail.  Each says what it did in one sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from digest.edition.regroup import alone_id
from digest.errors import NotFound, Overtaken, Refused
from digest.model import EditionState, Pin, Split
from digest.pipeline import operating, publishing
from digest.pipeline.building import save
from digest.pipeline.operating import Opened
from digest.web.desk import trial
from digest.web.desk.door import Seat
from digest.web.desk.rooms import Rooms
from digest.web.desk.sheet import Desk, Sheet
from digest.web.desk.words import Meant, operation, told


@dataclass(frozen=True, kw_only=True)
class Done:
    said: str
    story: str | None = None  #: the one to look at now; None: the same as before
    variant: str | None = None  #: likewise


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody asks for."""

    sheet: Sheet
    said: Meant
    seat: Seat
    variant: str

    @property
    def based_on(self) -> int | None:
        """The revision that was looked at."""
        number = self.said.text("revision")
        return int(number) if number.isascii() and number.isdigit() else None


class Doing:
    """What changes editions.

    Args:
        desk: Where they are.
        rooms: What was shown of them.
    """

    def __init__(self, desk: Desk, rooms: Rooms) -> None:
        self._desk, self._rooms = desk, rooms
        self._others: Mapping[str, Callable[[Order], Done]] = {
            "undo": self._undo,
            "approve": self._approve,
            "hold": self._hold,
            "cancel": self._cancel,
            "test": self._test,
            "reader": self._reader,
        }

    def do(self, order: Order) -> Done:
        """Carry it out.

        Raises:
            Overtaken: somebody else has changed the same meanwhile.
            DigestError: it cannot be, and why.
        """
        return self._others.get(order.said.do, self._operate)(order)

    def _operate(self, order: Order) -> Done:
        if (number := _pinned(order)) is not None:
            return self._take_back(order, number)
        wanted = operation(order.sheet.draft, order.said)
        opened = self._opened(order)
        made = operating.operate(
            self._desk.settings,
            self._desk.database,
            opened,
            wanted,
            who=order.seat.who,
            now=self._desk.clock(),
            based_on=order.based_on,
        )
        self._desk.renew(made)
        return Done(said=f"{told(wanted)}.", story=alone_id(wanted.article) if isinstance(wanted, Split) else None)

    def _undo(self, order: Order) -> Done:
        """That of a number, or the last one that the same editor made."""
        number = order.said.text("undo")
        mine = [one.number for one in order.sheet.draft.decided if one.is_active and one.who == order.seat.who]
        if not number and not mine:
            raise Refused("there is nothing of yours to take back; Record has what others decided")
        return self._take_back(order, int(number) if number.isdecimal() else mine[-1])

    def _take_back(self, order: Order, number: int) -> Done:
        found = next((one for one in order.sheet.draft.decided if one.number == number), None)
        if found is None:
            raise NotFound(f"there is no decision {number}")
        operating.undo(
            self._desk.settings,
            self._desk.database,
            self._opened(order),
            [number],
            who=order.seat.who,
            now=self._desk.clock(),
            based_on=order.based_on,
        )
        return Done(said=f"Taken back: {told(found.operation)}.")

    def _opened(self, order: Order) -> Opened:
        """The edition stored as it is shown, so that what is decided is decided about what was seen."""
        sheet = order.sheet
        if not sheet.is_open:
            raise Refused(f"{sheet.key} is {_over(sheet)}: it cannot be changed any more")
        if sheet.status and sheet.status.content.built_at == sheet.draft.ranking.at:
            return Opened(status=sheet.status, draft=sheet.draft)
        status, draft = save(self._desk.settings, self._desk.database, sheet.draft)
        return Opened(status=status, draft=draft)

    # --- signing off ---------------------------------------------------------------------------------------------

    def _approve(self, order: Order) -> Done:
        sheet = order.sheet
        if order.said.text("seen") != sheet.seen:
            raise Overtaken("The edition has changed since you looked at it; look again, then approve.", ())
        if sheet.is_open:
            self._opened(order)
            if self._desk.sheet(sheet.key).seen != sheet.seen:  # its pictures have been fetched
                raise Overtaken("The pictures have been made ready; look again, then approve.", ())
        approved = publishing.approve(
            self._desk.settings,
            self._desk.database,
            sheet.key,
            now=self._desk.clock(),
            at_its_hour=True,
            lift_hold=True,
            who=order.seat.who,
            seen=sheet.edition if sheet.is_open else None,
        )
        return Done(said=f"Approved: {approved.report}.")

    def _hold(self, order: Order) -> Done:
        self._stored(order)
        publishing.hold(self._desk.database, order.sheet.key, now=self._desk.clock(), who=order.seat.who)
        return Done(said="On hold; approving lets it go on.")

    def _cancel(self, order: Order) -> Done:
        self._stored(order)
        publishing.cancel(self._desk.database, order.sheet.key, now=self._desk.clock(), who=order.seat.who)
        return Done(said="Cancelled: nothing more of it is sent.")

    def _stored(self, order: Order) -> None:
        if order.sheet.status is None:
            self._opened(order)

    def _reader(self, order: Order) -> Done:
        """Changes nothing; it is no GET, as an address has no place in one."""
        variant = self._desk.variant_of(order.sheet, order.said.text("reader"))
        return Done(said=f"This reader gets the variant {variant.name}.", variant=variant.name)

    def _test(self, order: Order) -> Done:
        address = order.said.text("to")
        variant = self._rooms.variant(order.sheet, order.variant)
        reply = trial.send(self._desk, order.sheet, variant, address)
        return Done(said=f"Sent to {address}: {reply}.")


def _over(sheet: Sheet) -> str:
    """Why nothing of it changes: who was typing meanwhile may not have seen it leave."""
    if sheet.status is None or sheet.status.state is EditionState.DRAFT:
        return "of another day"
    return sheet.status.state


def _pinned(order: Order) -> int | None:
    """The pin that a second press takes back."""
    if order.said.do != "pin" or len(order.said.stories) != 1:
        return None
    verdicts = {one.number: one.story for one in order.sheet.draft.replayed.verdicts}
    return next(
        (
            one.number
            for one in reversed(order.sheet.draft.decided)
            if one.is_active and isinstance(one.operation, Pin) and verdicts.get(one.number) == order.said.stories[0]
        ),
        None,
    )
