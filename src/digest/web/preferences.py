"""A reader's own page: since when, a pause, the way out of this newsletter or of all."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from digest import links
from digest.model import Subscription, SubscriptionState
from digest.store import subscribers
from digest.web.visit import Visit

PAUSES = {"pause-1": 1, "pause-2": 2, "pause-4": 4}  #: weeks


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the page says was done."""

    text: str = ""
    status: int = 200


def show(visit: Visit) -> Response:
    with visit.context.database.read() as db:
        subscription = _subscription(visit, db)
    return _page(visit, subscription, Notice())


def act(visit: Visit) -> Response:
    with visit.context.database.begin() as db:
        subscription = _subscription(visit, db)
        if subscription is None:
            return visit.lost_link()
        notice = _act(visit, db, subscription)
        subscription = _subscription(visit, db)
    return _page(visit, subscription, notice)


def _act(visit: Visit, db: Connection, subscription: Subscription) -> Notice:
    person, action = subscription.subscriber.id, visit.form.get("action", "")
    gettext = visit.voice.gettext
    if weeks := PAUSES.get(action):
        subscribers.pause(db, person, visit.newsletter, visit.now + timedelta(weeks=weeks))
        return Notice(text=gettext("Paused, as you wished."))
    if action == "resume":
        subscribers.pause(db, person, visit.newsletter, None)
        return Notice(text=gettext("You will get the next edition."))
    if action == "leave":
        subscribers.unsubscribe(db, person, visit.newsletter, now=visit.now)
        return Notice(text=gettext("You have left %(title)s.", title=visit.title))
    if action == "leave-all":
        subscribers.unsubscribe(db, person, None, now=visit.now)
        return Notice(text=gettext("You have left all newsletters."))
    return Notice(text=gettext("Please choose one of the buttons."), status=422)


def _subscription(visit: Visit, db: Connection) -> Subscription | None:
    uid = links.verify(visit.context.keys, links.Purpose.PREFERENCES, visit.newsletter, visit.token)
    subscriber = subscribers.by_uid(db, uid) if uid else None
    return subscribers.subscription(db, subscriber.id, visit.newsletter) if subscriber else None


def _page(visit: Visit, subscription: Subscription | None, notice: Notice) -> Response:
    if subscription is None:
        return visit.lost_link()
    paused = subscription.paused_until
    return visit.page(
        "preferences",
        status=notice.status,
        private=True,
        title=visit.title,
        newsletter=visit.newsletter if visit.newsletter in visit.context.settings.newsletters else "",
        active=subscription.state is SubscriptionState.CONFIRMED,
        since=subscription.confirmed_at,
        paused_until=paused if paused and paused > visit.now else None,
        notice=notice.text,
    )
