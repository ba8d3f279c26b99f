"""A reader's change of address: asked for on their own page, confirmed by the mail to the new one."""

from datetime import timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from digest import links
from digest.model import Subscription
from digest.store import addresses, allowances, moves
from digest.store.allowances import Allowance
from digest.store.moves import Move
from digest.web import limits
from digest.web.visit import Visit

DAY = timedelta(days=1)
PER_PERSON = 3  #: changes that somebody may ask for within a day
PER_ADDRESS = 1  #: mails that may ask at one address within a day


def ask(visit: Visit, db: Connection, subscription: Subscription, address: str) -> None:
    """Have it asked at an address whether it is theirs.  Tells nobody whether mail goes there."""
    person = subscription.subscriber
    mine = Allowance(kind="moves", value=person.uid, most=PER_PERSON, within=DAY)
    there = Allowance(kind="moves_to", value=addresses.normalise(address), most=PER_ADDRESS, within=DAY)
    others = limits.of_joining(visit.context.settings.joining, address=address, ip=visit.ip)
    if allowances.take(db, [mine, there, *others], now=visit.now) is None:
        moves.ask(db, person.id, subscription.newsletter, address, now=visit.now)


def show(visit: Visit) -> Response:
    with visit.context.database.read() as db:
        move = _meant(visit, db)
    if move is None:
        return visit.lost_link()
    return visit.speaking(move.language).page(
        "move" if move.kind == "ask" else "moved", private=True, title=visit.title
    )


def act(visit: Visit) -> Response:
    """Once; pressed twice, the answer is the same."""
    with visit.context.database.begin() as db:
        move = _meant(visit, db)
        if move is None or (move.kind == "ask" and not moves.carry_out(db, move, now=visit.now)):
            return visit.lost_link()
    visit.context.wake()
    return visit.speaking(move.language).page("moved", private=True, title=visit.title)


def _meant(visit: Visit, db: Connection) -> Move | None:
    """The move that the token confirms, or has confirmed."""
    uid = links.uid_of(visit.token)
    move = moves.find(db, uid, now=visit.now) if uid else None
    if move is None:
        return None
    keys, purpose = visit.context.keys, links.Purpose.ADDRESS
    return move if links.verify(keys, purpose, visit.newsletter, visit.token, generation=move.nonce) else None
