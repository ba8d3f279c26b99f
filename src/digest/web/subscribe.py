"""The way in: the form, the mail it asks for, and the page behind that mail's link.

Whoever asks gets the same answer: whether an address is new, waits, is confirmed or suppressed is not said, nor told by
how long the answer takes (`visit.route`).
"""

import json
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from digest import links
from digest.model import NewSubscriber, Subscription, SubscriptionState
from digest.store import addresses, subscribers
from digest.store.confirmations import LINK_LIFE
from digest.web import joining, nonce
from digest.web.pages import UNKEPT
from digest.web.visit import Visit

FILL_AT_LEAST = timedelta(seconds=2)
FILL_AT_MOST = timedelta(hours=24)


def show_form(visit: Visit) -> Response:
    return _form(visit)


def ask(visit: Visit) -> Response:
    """Notes the wish and has a confirmation mail sent, unless a machine filled in the form."""
    _configured(visit)
    typed, shown = visit.form.get("email", "").strip(), visit.form.get("shown", "")
    gettext = visit.voice.gettext
    if "shown" not in visit.form:  # from a form on a page of somebody else, who could have filled it in
        return _form(visit, typed=typed, elsewhere=True)
    age = nonce.age(visit.context.keys, visit.newsletter, shown, now=visit.now)
    if age is None or age > FILL_AT_MOST:
        problem = gettext("This page had been open for too long. Please press the button once more.")
        return _form(visit, typed=typed, problem=problem)
    if age < FILL_AT_LEAST:
        problem = gettext("That was quicker than people type. Please press the button once more.")
        return _form(visit, typed=typed, problem=problem, shown=shown)
    try:
        address = addresses.check(typed, smtputf8=visit.context.settings.smtp.smtputf8)
    except ValueError:
        problem = gettext("This address cannot be used. Please check how it is written: name@example.org")
        return _form(visit, typed=typed, problem=problem, shown=shown)
    if not visit.form.get("website"):  # no person sees this field
        joining.note(
            visit.context,
            NewSubscriber(address=address),
            newsletter=visit.newsletter,
            consent=_evidence(visit, wording=wording(visit)),
            ip=visit.ip,
            now=visit.now,
        )
    return visit.page("asked", private=True, title=visit.title)


def show_confirm(visit: Visit) -> Response:
    if _waiting(visit) is None:
        return visit.lost_link()
    return visit.page("confirm", private=True, title=visit.title)


def confirm(visit: Visit) -> Response:
    waiting = _waiting(visit)
    if waiting is None:
        return visit.lost_link()
    with visit.context.database.begin() as db:
        uid = waiting.subscriber.uid
        done = subscribers.confirm(db, uid, visit.newsletter, evidence=_evidence(visit), now=visit.now)
    if not done:
        return visit.lost_link()
    sections = visit.voice.listed(waiting.sections)
    return visit.page("confirmed", private=True, title=visit.title, newsletter=visit.newsletter, sections=sections)


def wording(visit: Visit) -> str:
    """What a person agrees to: shown with the form and kept as evidence (GDPR Art. 7(1))."""
    return visit.voice.gettext(
        "Send me %(title)s of %(site)s by e-mail. I can leave at any time with one click in every edition.",
        title=visit.title,
        site=visit.context.settings.site.name,
    )


def _form(visit: Visit, *, typed: str = "", problem: str = "", shown: str = "", elsewhere: bool = False) -> Response:
    _configured(visit)
    return visit.page(
        "subscribe",
        status=422 if problem else 200,
        headers=UNKEPT,  # the nonce is this visitor's; search engines may show the way in
        title=visit.title,
        wording=wording(visit),
        typed=typed[:254],
        problem=problem,
        elsewhere=elsewhere,
        shown=shown or nonce.issue(visit.context.keys, visit.newsletter, now=visit.now),
    )


def _configured(visit: Visit) -> None:
    if visit.newsletter not in visit.context.settings.newsletters:
        raise HTTPException(404)


def _waiting(visit: Visit) -> Subscription | None:
    """The subscription that the token confirms, while it can still be confirmed."""
    uid = links.uid_of(visit.token)
    if uid is None or visit.newsletter not in visit.context.settings.newsletters:
        return None
    with visit.context.database.read() as db:
        subscriber = subscribers.by_uid(db, uid)
        found = subscribers.subscription(db, subscriber.id, visit.newsletter) if subscriber else None
    if found is None or not _pending(found, visit.now):
        return None
    keys, generation = visit.context.keys, found.generation
    valid = links.verify(keys, links.Purpose.CONFIRM, visit.newsletter, visit.token, generation=generation)
    return found if valid else None


def _pending(found: Subscription, now: datetime) -> bool:
    """Asked for and not answered yet, for the first time or after having left, and not too long ago."""
    if found.asked_at is None or found.asked_at < now - LINK_LIFE:
        return False
    if found.state is SubscriptionState.UNSUBSCRIBED:
        return found.left_at is not None and found.asked_at > found.left_at
    return found.state is SubscriptionState.UNCONFIRMED


def _evidence(visit: Visit, **more: str) -> str:
    path = f"/subscribe/{visit.newsletter}" if more else f"/confirm/{visit.newsletter}"
    return json.dumps(
        {
            **more,
            "form": visit.context.settings.site.base_url + path,
            "at": visit.now.isoformat(),
            "ip": visit.ip,
            "user_agent": visit.user_agent,
        },
        ensure_ascii=True,  # a user agent may hold anything; escaped, any database can keep it
    )
