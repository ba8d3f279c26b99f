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
from digest.store.confirmations import ASK_AT_MOST, LINK_LIFE
from digest.web import joining, nonce
from digest.web.choices import paused
from digest.web.pages import UNKEPT
from digest.web.visit import Visit, at_home

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
        # Who waited for a day need not do so again before the second press.
        return _form(visit, typed=typed, problem=problem, shown=_waited(visit) if age else "")
    if age < FILL_AT_LEAST:
        problem = gettext("That was quicker than people type. Please press the button once more.")
        return _form(visit, typed=typed, problem=problem, shown=shown)
    try:
        address = addresses.check(typed, smtputf8=visit.context.settings.smtp.smtputf8)
    except ValueError:
        problem = gettext("This address cannot be used. Please check how it is written: name@example.org")
        return _form(visit, typed=typed, problem=problem, shown=shown, wrong=True)
    if not visit.form.get("website"):  # no person sees this field
        joining.note(
            visit.context,
            NewSubscriber(address=address),
            newsletter=visit.newsletter,
            consent=_evidence(visit, wording=wording(visit)),
            ip=visit.ip,
            now=visit.now,
        )
    return visit.page("asked", private=True, title=visit.title, newsletter=visit.newsletter)


def show_confirm(visit: Visit) -> Response:
    found = _meant(visit)
    if found is None or not _opens(visit, found):
        return _opened_before(visit, found)
    return at_home(visit, found.subscriber).page("confirm", private=True, title=visit.title)


def confirm(visit: Visit) -> Response:
    """Once for each time of asking; pressed twice, the answer is the same."""
    found = _meant(visit)
    if found and _opens(visit, found):
        with visit.context.database.begin() as db:
            uid = found.subscriber.uid
            subscribers.confirm(db, uid, visit.newsletter, evidence=_evidence(visit), now=visit.now)
        found = _meant(visit)
    return _opened_before(visit, found)


def wording(visit: Visit) -> str:
    """What a person agrees to: shown with the form and kept as evidence (GDPR Art. 7(1))."""
    return visit.voice.gettext(
        "Send me %(title)s of %(site)s by e-mail. I can leave at any time with one click in every edition.",
        title=visit.title,
        site=visit.context.settings.site.name,
    )


def _form(
    visit: Visit,
    *,
    typed: str = "",
    problem: str = "",
    shown: str = "",
    elsewhere: bool = False,
    wrong: bool = False,
) -> Response:
    """`wrong`: the problem is with what was typed; else pressing the button once more is all there is to do."""
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
        wrong=wrong,
        shown=shown or nonce.issue(visit.context.keys, visit.newsletter, now=visit.now),
    )


def _waited(visit: Visit) -> str:
    """The nonce of a form that may be sent at once."""
    return nonce.issue(visit.context.keys, visit.newsletter, now=visit.now - FILL_AT_LEAST)


def _configured(visit: Visit) -> None:
    if visit.newsletter not in visit.context.settings.newsletters:
        raise HTTPException(404)


def _meant(visit: Visit) -> Subscription | None:
    """The subscription that the token claims to confirm; proves nothing."""
    uid = links.uid_of(visit.token)
    if uid is None or visit.newsletter not in visit.context.settings.newsletters:
        return None
    with visit.context.database.read() as db:
        subscriber = subscribers.by_uid(db, uid)
        return subscribers.subscription(db, subscriber.id, visit.newsletter) if subscriber else None


def _opens(visit: Visit, found: Subscription) -> bool:
    """Whether the token confirms it, while it can still be confirmed."""
    return _pending(found, visit.now) and _is_of(visit, found, found.generation)


def _opened_before(visit: Visit, found: Subscription | None) -> Response:
    """What became of a link that opens nothing any more; only to who has one that once did."""
    earlier = found and any(_is_of(visit, found, found.generation - back) for back in range(1, ASK_AT_MOST + 1))
    if found is None or not earlier:
        return visit.lost_link()
    there = at_home(visit, found.subscriber)
    if found.state is SubscriptionState.CONFIRMED:
        sections = there.voice.listed(found.sections)
        return there.page(
            "confirmed",
            private=True,
            title=visit.title,
            newsletter=visit.newsletter,
            sections=sections,
            paused_until=paused(found, visit.context.settings.newsletters.get(visit.newsletter), now=visit.now),
        )
    if _pending(found, visit.now):
        return there.lost_link(
            there.voice.gettext("A newer mail has been sent to you since. Please open the link in that one.")
        )
    return there.lost_link()


def _is_of(visit: Visit, found: Subscription, generation: int) -> bool:
    purpose, name = links.Purpose.CONFIRM, found.newsletter
    return links.verify(visit.context.keys, purpose, name, visit.token, generation=generation) is not None


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
