"""A reader's own page: since when, how often and which sections, language, a pause, the way out of one or of all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from digest import links
from digest.model import Subscription, SubscriptionState
from digest.store import editions, subscribers
from digest.web import moving
from digest.web.choices import Choices, breaks, choices, home, until, zones
from digest.web.editions import PUBLIC
from digest.web.leave import UNDO_WITHIN
from digest.web.visit import Visit

RECENT = 10  #: editions whose sections are offered beside the configured ones
WEEKS = {"1": 1, "2": 2, "4": 4}  #: that a break may last


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the page says was done."""

    text: str = ""
    status: int = 200


def show(visit: Visit) -> Response:
    with visit.context.database.read() as db:
        subscription = find(visit, db)
        offered = _choices(visit, db, subscription)
    return _page(visit, subscription, offered, Notice())


def act(visit: Visit) -> Response:
    with visit.context.database.begin() as db:
        subscription = find(visit, db)
        if subscription is None:
            return visit.lost_link()
        action, _, rest = visit.form.get("action", "").partition("-")
        notice = ACTIONS.get(action, _nothing)(visit, db, subscription, rest)
        subscription = find(visit, db)
        offered = _choices(visit, db, subscription)
    return _page(visit, subscription, offered, notice)


def find(visit: Visit, db: Connection) -> Subscription | None:
    """The subscription whose page the link opens."""
    uid = links.verify(visit.context.keys, links.Purpose.PREFERENCES, visit.newsletter, visit.token)
    subscriber = subscribers.by_uid(db, uid) if uid else None
    return subscribers.subscription(db, subscriber.id, visit.newsletter) if subscriber else None


def at_home(visit: Visit, subscription: Subscription) -> Visit:
    """In the reader's own language, where they chose one."""
    return visit.speaking(subscription.subscriber.language)


def _pause(visit: Visit, db: Connection, subscription: Subscription, rest: str) -> Notice:
    """For some weeks, or until the day in the form."""
    gettext, zone = at_home(visit, subscription).voice.gettext, _zone(visit, subscription)
    end = until(visit.form.get("until", ""), now=visit.now, zone=zone) if rest == "until" else None
    if rest in WEEKS:
        end = visit.now + timedelta(weeks=WEEKS[rest])
    if end is None:
        return Notice(text=gettext("Please choose a day within the next twelve months."), status=422)
    subscribers.pause(db, subscription.subscriber.id, visit.newsletter, end)
    return Notice(text=gettext("Paused, as you wished."))


def _resume(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    subscribers.pause(db, subscription.subscriber.id, visit.newsletter, None)
    return Notice(text=at_home(visit, subscription).voice.gettext("You will get the next edition."))


def _leave(visit: Visit, db: Connection, subscription: Subscription, rest: str) -> Notice:
    gettext, person = at_home(visit, subscription).voice.gettext, subscription.subscriber.id
    if rest == "all":
        subscribers.unsubscribe(db, person, None, now=visit.now)
        return Notice(text=gettext("You have left all newsletters."))
    subscribers.unsubscribe(db, person, visit.newsletter, now=visit.now)
    return Notice(text=gettext("You have left %(title)s.", title=visit.title))


def _return(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    """They left by mistake."""
    gettext, person = at_home(visit, subscription).voice.gettext, subscription.subscriber.id
    if subscribers.restore(db, person, visit.newsletter, left_after=visit.now - UNDO_WITHIN, now=visit.now):
        return Notice(text=gettext("You are subscribed again"))
    return Notice(text=gettext("This cannot be taken back any more"), status=422)


def _settle(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    """Language and time zone; what the form has of no use stays as it is."""
    person, form = subscription.subscriber, visit.form
    language, timezone = form.get("language", person.language), form.get("timezone", person.timezone)
    language = language if language in ("", *visit.context.pages.tongues) else person.language
    timezone = timezone if timezone in ("", *zones()) else person.timezone
    subscribers.settle(db, person.id, language=language, timezone=timezone)
    return Notice(text=visit.speaking(language).voice.gettext("Saved. It counts from the next edition on."))


def _move(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    gettext = at_home(visit, subscription).voice.gettext
    if not moving.ask(visit, db, subscription, visit.form.get("address", "")):
        problem = gettext("This address cannot be used. Please check how it is written: name@example.org")
        return Notice(text=problem, status=422)
    visit.context.wake()
    return Notice(text=gettext("If mail can go to this address, one is on its way there. Open the link in it."))


def _nothing(visit: Visit, _db: Connection, subscription: Subscription, _rest: str) -> Notice:
    gettext = at_home(visit, subscription).voice.gettext
    return Notice(text=gettext("Please choose one of the buttons."), status=422)


def _choose(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    voice = at_home(visit, subscription).voice
    gettext, offered = voice.gettext, _choices(visit, db, subscription)
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
        hour=offered.timed(visit.form),
    )
    if not offered.boxes:
        return Notice(text=gettext("Saved. It counts from the next edition on."))
    if everything:
        return Notice(text=gettext("Saved. From the next edition on you get all sections."))
    named = voice.listed(picked)
    return Notice(text=gettext("Saved. From the next edition on you get: %(sections)s.", sections=named))


def _choices(visit: Visit, db: Connection, subscription: Subscription | None) -> Choices | None:
    """None where there is nothing to choose: of who has left, and of a newsletter that is not configured any more."""
    newsletter = visit.context.settings.newsletters.get(visit.newsletter)
    if newsletter is None or subscription is None or subscription.state is not SubscriptionState.CONFIRMED:
        return None
    told = editions.listing(db, newsletter=visit.newsletter, waves=False, limit=RECENT)
    return choices(newsletter, subscription, [one.content for one in told if one.state in PUBLIC])


def _zone(visit: Visit, subscription: Subscription) -> ZoneInfo:
    return home(subscription, visit.context.settings.newsletters.get(visit.newsletter))


def _page(visit: Visit, subscription: Subscription | None, offered: Choices | None, notice: Notice) -> Response:
    if subscription is None:
        return visit.lost_link()
    zone, left = _zone(visit, subscription), subscription.left_at
    paused = subscription.paused_until
    return at_home(visit, subscription).page(
        "preferences",
        status=notice.status,
        private=True,
        title=visit.title,
        newsletter=visit.newsletter if visit.newsletter in visit.context.settings.newsletters else "",
        active=subscription.state is SubscriptionState.CONFIRMED,
        since=subscription.confirmed_at,
        paused_until=paused.astimezone(zone) if paused and paused > visit.now else None,
        breaks=breaks(visit.now, zone),
        choices=offered,
        person=subscription.subscriber,
        tongues=visit.context.pages.tongues,
        zones=zones(),
        undo=left is not None and left > visit.now - UNDO_WITHIN,
        here=links.preferences_url(visit.context.pages.prefix, visit.newsletter, visit.token),
        notice=notice.text,
    )


Action = Callable[[Visit, Connection, Subscription, str], Notice]

#: By the first word of the button that was pressed; what follows it is the action's own.
ACTIONS: Mapping[str, Action] = {
    "choose": _choose,
    "settle": _settle,
    "move": _move,
    "pause": _pause,
    "resume": _resume,
    "leave": _leave,
    "return": _return,
}
