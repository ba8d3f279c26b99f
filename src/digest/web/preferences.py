"""A reader's own page: since when, how often and which sections, language, a pause, the way out of one or of all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from digest import links
from digest.model import Subscription, SubscriptionState
from digest.store import addresses, editions, subscribers
from digest.store.suppressions import is_suppressed
from digest.web import moving
from digest.web.choices import Choices, breaks, choices, home, in_weeks, offered_zones, paused, until
from digest.web.editions import PUBLIC
from digest.web.leave import UNDO_WITHIN
from digest.web.visit import Visit, at_home

RECENT = 10  #: editions whose sections are offered beside the configured ones
WEEKS = {"1": 1, "2": 2, "4": 4}  #: that a break may last


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the page says was done."""

    text: str = ""
    status: int = 200
    field: str = ""  #: the one it is about, where one is wrong; what was typed into it stays

    @property
    def is_problem(self) -> bool:
        return self.status != HTTPStatus.OK


def _problem(text: str, field: str = "") -> Notice:
    return Notice(text=text, status=HTTPStatus.UNPROCESSABLE_ENTITY, field=field)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What the page shows, as it is now."""

    subscription: Subscription
    choices: Choices | None
    is_blocked: bool  #: the address gets no mail of ours at all


def show(visit: Visit) -> Response:
    with visit.context.database.read() as db:
        found = _find(visit, db)
    return _page(visit, found, Notice())


def act(visit: Visit) -> Response:
    notice = Notice()
    with visit.context.database.begin() as db:
        subscription = find(visit, db)
        if subscription:
            notice = _do(visit, db, subscription)
        found = _find(visit, db)
    return _page(visit, found, notice)


def _do(visit: Visit, db: Connection, subscription: Subscription) -> Notice:
    """In the reader's language."""
    visit, (action, _, rest) = at_home(visit, subscription.subscriber), visit.form.get("action", "").partition("-")
    if action in OF_READERS and subscription.state is not SubscriptionState.CONFIRMED:
        return _problem(visit.voice.gettext("Nothing was changed, as you are not subscribed any more."))  # an old page
    return ACTIONS.get(action, _nothing)(visit, db, subscription, rest)


def _find(visit: Visit, db: Connection) -> _Found | None:
    subscription = find(visit, db)
    if subscription is None:
        return None
    blocked = is_suppressed(db, subscription.subscriber.address)
    return _Found(subscription=subscription, choices=_choices(visit, db, subscription), is_blocked=blocked)


def find(visit: Visit, db: Connection) -> Subscription | None:
    """The subscription whose page the link opens."""
    uid = _uid(visit)
    subscriber = subscribers.by_uid(db, uid) if uid else None
    return subscribers.subscription(db, subscriber.id, visit.newsletter) if subscriber else None


def lost(visit: Visit) -> Response:
    """Of a link that opens nothing; where it once did, as its person was erased, it says so."""
    uid = _uid(visit)
    with visit.context.database.read() as db:
        gone = uid is not None and subscribers.by_uid(db, uid) is None
    return visit.page("erased", private=True) if gone else visit.lost_link()


def _uid(visit: Visit) -> str | None:
    return links.verify(visit.context.keys, links.Purpose.PREFERENCES, visit.newsletter, visit.token)


def _pause(visit: Visit, db: Connection, subscription: Subscription, rest: str) -> Notice:
    """For some weeks, or until the day in the form."""
    gettext, zone = visit.voice.gettext, _zone(visit, subscription)
    end = until(visit.form.get("until", ""), now=visit.now, zone=zone) if rest == "until" else None
    if rest in WEEKS:
        end = in_weeks(WEEKS[rest], now=visit.now, zone=zone)
    if end is None:
        return _problem(gettext("Please choose a day within the next twelve months."), "until")
    subscribers.pause(db, subscription.subscriber.id, visit.newsletter, end)
    return Notice(text=gettext("Paused, as you wished."))


def _resume(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    subscribers.pause(db, subscription.subscriber.id, visit.newsletter, None)
    return Notice(text=visit.voice.gettext("You will get the next edition."))


def _leave(visit: Visit, db: Connection, subscription: Subscription, rest: str) -> Notice:
    gettext, person = visit.voice.gettext, subscription.subscriber.id
    if rest == "all":
        subscribers.unsubscribe(db, person, None, now=visit.now)
        return Notice(text=gettext("You have left all newsletters."))
    subscribers.unsubscribe(db, person, visit.newsletter, now=visit.now)
    return Notice(text=gettext("You have left %(title)s.", title=visit.title))


def _return(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    """They left by mistake: one newsletter, or all at one stroke."""
    voice, person = visit.voice, subscription.subscriber.id
    after = visit.now - UNDO_WITHIN
    back = subscribers.restore(db, person, visit.newsletter, left_after=after, now=visit.now, together=True)
    if not back:
        return _problem(voice.gettext("This cannot be taken back any more"))
    titles = voice.listed([visit.context.title(name) for name in back])
    return Notice(text=voice.gettext("You are subscribed again: %(titles)s.", titles=titles))


def _settle(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    """Language and time zone; what the form has of no use stays as it is."""
    person, form = subscription.subscriber, visit.form
    tongue, tongues = visit.context.pages.tongue(person.language), visit.context.pages.tongues
    language, timezone = form.get("language", tongue), form.get("timezone", person.timezone)
    # What a list said more exactly ("de-AT") stays while the same is chosen.
    language = language if language != tongue and language in ("", *tongues) else person.language
    timezone = timezone if timezone in ("", *offered_zones(person.timezone)) else person.timezone
    subscribers.settle(db, person.id, language=language, timezone=timezone)
    there = replace(visit, spoken="").speaking(language)
    return Notice(text=there.voice.gettext("Saved. It counts from the next edition on."))


def _move(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    gettext = visit.voice.gettext
    try:
        address = addresses.check(visit.form.get("address", ""), smtputf8=visit.context.settings.smtp.smtputf8)
    except ValueError:
        problem = gettext("This address cannot be used. Please check how it is written: name@example.org")
        return _problem(problem, "address")
    if addresses.hash_of(address) == addresses.hash_of(subscription.subscriber.address):
        problem = gettext("Your mail goes to this address already. Capital letters make no difference.")
        return _problem(problem, "address")
    moving.ask(visit, db, subscription, address)
    visit.context.wake()
    return Notice(text=gettext("If mail can go to this address, one is on its way there. Open the link in it."))


def _nothing(visit: Visit, _db: Connection, _subscription: Subscription, _rest: str) -> Notice:
    return _problem(visit.voice.gettext("Please choose one of the buttons."))


def _choose(visit: Visit, db: Connection, subscription: Subscription, _rest: str) -> Notice:
    voice = visit.voice
    gettext, offered = voice.gettext, _choices(visit, db, subscription)
    if offered is None:
        return _problem(gettext("Please choose one of the buttons."))
    picked = offered.picked(visit.form)
    seen = visit.form.get("boxes")  # how many were on the page when it was opened
    if offered.boxes and not picked and seen != "0":
        return _problem(gettext("Please choose at least one section, or take a break."), "sections")
    # All of them is a wish for all, also where a section has come up since.
    everything = len(picked) == len(offered.boxes) or str(len(picked)) == seen
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


def _choices(visit: Visit, db: Connection, subscription: Subscription) -> Choices | None:
    """None where there is nothing to choose: of who has left, and of a newsletter that is not configured any more."""
    newsletter = visit.context.settings.newsletters.get(visit.newsletter)
    if newsletter is None or subscription.state is not SubscriptionState.CONFIRMED:
        return None
    told = editions.listing(db, newsletter=visit.newsletter, waves=False, limit=RECENT)
    return choices(newsletter, subscription, [one.content for one in told if one.state in PUBLIC])


def _zone(visit: Visit, subscription: Subscription) -> ZoneInfo:
    return home(subscription, visit.context.settings.newsletters.get(visit.newsletter))


def _page(visit: Visit, found: _Found | None, notice: Notice) -> Response:
    if found is None:
        return lost(visit)
    subscription, person = found.subscription, found.subscription.subscriber
    zone, left = _zone(visit, subscription), subscription.left_at
    since, newsletter = subscription.confirmed_at, visit.context.settings.newsletters.get(visit.newsletter)
    return at_home(visit, person).page(
        "preferences",
        status=notice.status,
        private=True,
        title=visit.title,
        newsletter=visit.newsletter if newsletter else "",
        active=subscription.state is SubscriptionState.CONFIRMED,
        blocked=found.is_blocked,
        since=since.astimezone(zone) if since else None,
        paused_until=paused(subscription, newsletter, now=visit.now),
        breaks=breaks(visit.now, zone),
        choices=found.choices,
        person=person,
        tongue=visit.context.pages.tongue(person.language),
        tongues=visit.context.pages.tongues,
        zones=offered_zones(person.timezone),
        undo=not found.is_blocked and left is not None and left > visit.now - UNDO_WITHIN,
        here=links.preferences_url(visit.context.pages.prefix, visit.newsletter, visit.token),
        notice=notice,
        typed=visit.form.get(notice.field, "")[:254],
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
OF_READERS = ("choose", "pause", "resume")  #: what makes sense only while somebody is subscribed
