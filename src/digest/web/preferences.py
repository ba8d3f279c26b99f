"""A reader's own page: since when, how often and which sections, a pause, the way out of this newsletter or of all."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from digest import links
from digest.model import Subscription, SubscriptionState
from digest.store import editions, subscribers
from digest.web.choices import Choices, choices
from digest.web.editions import PUBLIC
from digest.web.visit import Visit

RECENT = 10  #: editions whose sections are offered beside the configured ones
PAUSES = {"pause-1": 1, "pause-2": 2, "pause-4": 4}  #: weeks


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the page says was done."""

    text: str = ""
    status: int = 200


def show(visit: Visit) -> Response:
    with visit.context.database.read() as db:
        subscription = _subscription(visit, db)
        offered = _choices(visit, db, subscription)
    return _page(visit, subscription, offered, Notice())


def act(visit: Visit) -> Response:
    with visit.context.database.begin() as db:
        subscription = _subscription(visit, db)
        if subscription is None:
            return visit.lost_link()
        notice = _act(visit, db, subscription)
        subscription = _subscription(visit, db)
        offered = _choices(visit, db, subscription)
    return _page(visit, subscription, offered, notice)


def _act(visit: Visit, db: Connection, subscription: Subscription) -> Notice:
    person, action = subscription.subscriber.id, visit.form.get("action", "")
    gettext = visit.voice.gettext
    if weeks := PAUSES.get(action):
        subscribers.pause(db, person, visit.newsletter, visit.now + timedelta(weeks=weeks))
        return Notice(text=gettext("Paused, as you wished."))
    if action == "choose":
        return _choose(visit, db, subscription)
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


def _choose(visit: Visit, db: Connection, subscription: Subscription) -> Notice:
    gettext, offered = visit.voice.gettext, _choices(visit, db, subscription)
    if offered is None:
        return Notice(text=gettext("Please choose one of the buttons."), status=422)
    picked = offered.picked(visit.form)
    if offered.boxes and not picked:
        return Notice(text=gettext("Please choose at least one section, or take a break."), status=422)
    everything = len(picked) == len(offered.boxes)
    subscribers.choose(
        db,
        subscription.subscriber.id,
        visit.newsletter,
        sections=() if everything else picked,
        frequency=offered.paced(visit.form),
    )
    if not offered.boxes:
        return Notice(text=gettext("Saved. It counts from the next edition on."))
    if everything:
        return Notice(text=gettext("Saved. From the next edition on you get all sections."))
    named = visit.voice.listed(picked)
    return Notice(text=gettext("Saved. From the next edition on you get: %(sections)s.", sections=named))


def _choices(visit: Visit, db: Connection, subscription: Subscription | None) -> Choices | None:
    """None where there is nothing to choose: of who has left, and of a newsletter that is not configured any more."""
    newsletter = visit.context.settings.newsletters.get(visit.newsletter)
    if newsletter is None or subscription is None or subscription.state is not SubscriptionState.CONFIRMED:
        return None
    told = editions.listing(db, newsletter=visit.newsletter, limit=RECENT)
    return choices(newsletter, subscription, [one.content for one in told if one.state in PUBLIC])


def _subscription(visit: Visit, db: Connection) -> Subscription | None:
    uid = links.verify(visit.context.keys, links.Purpose.PREFERENCES, visit.newsletter, visit.token)
    subscriber = subscribers.by_uid(db, uid) if uid else None
    return subscribers.subscription(db, subscriber.id, visit.newsletter) if subscriber else None


def _page(visit: Visit, subscription: Subscription | None, offered: Choices | None, notice: Notice) -> Response:
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
        choices=offered,
        notice=notice.text,
    )
