"""The way out: one button on a page, and the one-click POST of mailbox providers (RFC 8058), which are the same thing.

A link that was sent works for ever: also for a newsletter that is gone from the configuration, and for a person who
has been erased, for whom there is nothing left to do.
"""

from datetime import timedelta

from starlette.responses import Response

from digest import links
from digest.model import SubscriptionState
from digest.store import subscribers
from digest.web.choices import paused
from digest.web.visit import Visit, at_home

UNDO_WITHIN = timedelta(minutes=30)


def show_unsubscribe(visit: Visit) -> Response:
    """One button and nothing personal but the mail's language: it is forwarded, and scanners follow every link."""
    uid = _uid(visit)
    if uid is None:
        return visit.lost_link()
    with visit.context.database.read() as db:
        subscriber = subscribers.by_uid(db, uid)
    return at_home(visit, subscriber).page("unsubscribe", private=True, title=visit.title)


def unsubscribe(visit: Visit) -> Response:
    """Acts at once, whatever the body says, and again if asked again: no cookie, no redirect (RFC 8058 section 3.1)."""
    uid = _uid(visit)
    if uid is None:
        return visit.lost_link()
    with visit.context.database.begin() as db:
        subscriber = subscribers.by_uid(db, uid)
        if subscriber:
            subscribers.unsubscribe(db, subscriber.id, visit.newsletter, now=visit.now)
    if visit.wants_json:
        return visit.context.pages.data({"newsletter": visit.newsletter, "state": SubscriptionState.UNSUBSCRIBED})
    return at_home(visit, subscriber).page("left", private=True, title=visit.title, undo=_undo_path(visit))


def resubscribe(visit: Visit) -> Response:
    """ "I left by mistake": takes a leave back while it is fresh, as the link may have been passed on since."""
    uid = _uid(visit)
    if uid is None:
        return visit.lost_link()
    with visit.context.database.begin() as db:
        subscriber = subscribers.by_uid(db, uid)
        back = subscriber is not None and subscribers.restore(
            db, subscriber.id, visit.newsletter, left_after=visit.now - UNDO_WITHIN, now=visit.now
        )
        found = subscribers.subscription(db, subscriber.id, visit.newsletter) if subscriber and back else None
    known = visit.context.settings.newsletters.get(visit.newsletter)
    return at_home(visit, subscriber).page(
        "back",
        private=True,
        title=visit.title,
        back=bool(back),
        newsletter=visit.newsletter if known else "",
        paused_until=paused(found, known, now=visit.now) if found else None,
    )


def _uid(visit: Visit) -> str | None:
    return links.verify(visit.context.keys, links.Purpose.UNSUBSCRIBE, visit.newsletter, visit.token)


def _undo_path(visit: Visit) -> str:
    return f"{visit.context.pages.prefix}/resubscribe/{visit.newsletter}/{visit.token}"
