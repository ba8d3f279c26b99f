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


def ask(visit: Visit, db: Connection, subscription: Subscription, typed: str) -> bool:
    """Have it asked at the address that was typed in.  False where it is none; else the answer is the same."""
    try:
        address = addresses.check(typed)
    except ValueError:
        return False
    person = subscription.subscriber
    mine = Allowance(kind="moves", value=person.uid, most=PER_PERSON, within=DAY)
    there = Allowance(kind="moves_to", value=addresses.normalise(address), most=PER_ADDRESS, within=DAY)
    others = limits.of_joining(visit.context.settings.joining, address=address, ip=visit.ip)
    if allowances.take(db, [mine, there, *others], now=visit.now) is None:
        moves.ask(db, person.id, subscription.newsletter, address, now=visit.now)
    return True


def show(visit: Visit) -> Response:
    with visit.context.database.read() as db:
        move = _waiting(visit, db)
    return visit.page("move", private=True, title=visit.title) if move else visit.lost_link()


def act(visit: Visit) -> Response:
    with visit.context.database.begin() as db:
        move = _waiting(visit, db)
        done = move is not None and moves.carry_out(db, move, now=visit.now)
    if not done:
        return visit.lost_link()
    visit.context.wake()
    return visit.page("moved", private=True, title=visit.title)


def _waiting(visit: Visit, db: Connection) -> Move | None:
    """The move that the token confirms."""
    uid = links.uid_of(visit.token)
    move = moves.find(db, uid, now=visit.now) if uid else None
    if move is None:
        return None
    keys, purpose = visit.context.keys, links.Purpose.ADDRESS
    return move if links.verify(keys, purpose, visit.newsletter, visit.token, generation=move.nonce) else None
