"""A reader's rights over what is stored of them: to see it, and to have it erased."""

from starlette.responses import Response

from digest import links
from digest.store import subscribers
from digest.store.account import account
from digest.web.preferences import find, lost
from digest.web.visit import Visit, at_home

FILE = "my-data.json"


def download(visit: Visit) -> Response:
    """All of it, as a file."""
    with visit.context.database.read() as db:
        subscription = find(visit, db)
        stored = account(db, subscription.subscriber) if subscription else None
    return lost(visit) if stored is None else visit.context.pages.data(stored, name=FILE)


def show_erase(visit: Visit) -> Response:
    """What is meant, and one button: the second step, after a link on the page of preferences."""
    with visit.context.database.read() as db:
        subscription = find(visit, db)
    if subscription is None:
        return lost(visit)
    back = links.preferences_url(visit.context.pages.prefix, visit.newsletter, visit.token)
    return at_home(visit, subscription.subscriber).page("erase", private=True, back=back)


def erase(visit: Visit) -> Response:
    with visit.context.database.begin() as db:
        subscription = find(visit, db)
        if subscription:
            subscribers.erase(db, subscription.subscriber.address, now=visit.now)
    return at_home(visit, subscription.subscriber).page("erased", private=True) if subscription else lost(visit)
