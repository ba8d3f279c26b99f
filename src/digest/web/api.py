"""The web API: what programs of the publisher ask and say.  Each handler has its row in `OPERATIONS`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel

from digest import links
from digest.model import Cadence, EditionStatus, NewSubscriber, Scope, Subscription, SubscriptionState
from digest.store import addresses, editions, subscribers
from digest.store.api_tokens import ApiToken
from digest.store.suppressions import is_suppressed
from digest.web import joining
from digest.web.editions import PUBLIC
from digest.web.problems import Problem
from digest.web.shapes import Asked, Editions, Joining, Leaving, Left, Published, Shape, Somebody, Status, Subscribed
from digest.web.visit import Context

ROOT = "/api/v1"
LISTED = 50

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a program asks, after its token was checked and its body read."""

    context: Context
    token: ApiToken
    newsletter: str  #: of the path; "" where it names none
    body: Shape
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Operation:
    path: str
    method: str
    name: str
    summary: str
    scope: Scope
    takes: type[Shape] | None
    gives: type[Shape]
    status: HTTPStatus
    act: Callable[[Request], Shape]
    problems: tuple[int, ...]  #: beside those that any may have
    paced: bool = False  #: its answer is not to tell by its time


def join(request: Request) -> Asked:
    """As the form does; with no word about whether the address is known."""
    body = request.body
    assert isinstance(body, Joining)
    _configured(request, body.newsletter)
    new = NewSubscriber(address=_checked(request, body.address), language=_spoken(request, body.language))
    refused = joining.note(
        request.context,
        new,
        newsletter=body.newsletter,
        consent=_evidence(request, body),
        ip=body.ip,
        now=request.now,
    )
    if refused:
        raise Problem(429, f"Too many asked to join ({refused.kind}); this one was not noted.", headers=RETRY)
    return Asked(newsletter=body.newsletter)


def look_up(request: Request) -> Status:
    body = request.body
    assert isinstance(body, Somebody)
    with request.context.database.read() as db:
        person = subscribers.by_address(db, body.address)
        found = subscribers.subscriptions_of(db, person.id) if person else []
        return Status(
            subscriber=person.uid if person else "",
            suppressed=is_suppressed(db, body.address),
            subscriptions=tuple(map(_subscribed, found)),
        )


def leave(request: Request) -> Left:
    """At once, and again if asked again; also of a newsletter that is gone from the configuration."""
    body = request.body
    assert isinstance(body, Leaving)
    with request.context.database.begin() as db:
        person = subscribers.by_address(db, body.address)
        left = subscribers.unsubscribe(db, person.id, body.newsletter, now=request.now) if person else []
    return Left(left=tuple(left))


def list_editions(request: Request) -> Editions:
    _configured(request, request.newsletter)
    cadences = (Cadence.DAILY, Cadence.WEEKLY)
    with request.context.database.read() as db:
        found = editions.listing(db, newsletter=request.newsletter, cadences=cadences, waves=False, limit=LISTED)
    return Editions(editions=tuple(_published(request, found)))


def _published(request: Request, found: list[EditionStatus]) -> Iterator[Published]:
    for one in found:
        if one.state in PUBLIC:
            url = links.edition_url(request.context.settings.site.base_url, one.key)
            yield Published(edition=one.key, day=one.day, subject=one.content.subject, url=url)


def _subscribed(one: Subscription) -> Subscribed:
    return Subscribed(
        newsletter=one.newsletter,
        state=SubscriptionState(one.state),
        frequency=one.frequency,
        hour=one.hour,
        sections=one.sections,
        asked_at=one.asked_at,
        confirmed_at=one.confirmed_at,
        left_at=one.left_at,
        paused_until=one.paused_until,
    )


def _checked(request: Request, address: str) -> str:
    try:
        return addresses.check(address, smtputf8=request.context.settings.smtp.smtputf8)
    except ValueError as error:
        raise Problem(422, "The body is not as it should be.", errors=[fault("address", str(error))]) from None


def _spoken(request: Request, language: str) -> str:
    if language and language not in request.context.pages.tongues:
        raise Problem(422, "The body is not as it should be.", errors=[fault("language", "there are no words in it")])
    return language


def _configured(request: Request, newsletter: str) -> None:
    if newsletter not in request.context.settings.newsletters:
        raise Problem(404, "There is no newsletter of this name.")


def _evidence(request: Request, body: Joining) -> str:
    """As of a form of ours, and who says so."""
    return json.dumps(
        {
            "wording": body.wording,
            "form": body.form,
            "at": request.now.isoformat(),
            "ip": body.ip,
            "user_agent": body.user_agent,
            "api_token": request.token.name,
        }
    )


def fault(where: str, detail: str) -> dict[str, str]:
    """`where` is a field of the body."""
    return {"pointer": "#/" + where.replace(".", "/"), "detail": detail}


RETRY = {"Retry-After": "3600"}

OPERATIONS = (
    Operation(
        path="/subscriptions",
        method="POST",
        name="join",
        summary="Ask somebody by mail whether they want a newsletter.",
        scope=Scope.SUBSCRIBE,
        takes=Joining,
        gives=Asked,
        status=HTTPStatus.ACCEPTED,
        act=join,
        problems=(404, 429),
        paced=True,
    ),
    Operation(
        path="/subscriptions/lookup",  # a POST, so that no address stands in a log of addresses
        method="POST",
        name="lookUp",
        summary="What is known of an address.",
        scope=Scope.READ,
        takes=Somebody,
        gives=Status,
        status=HTTPStatus.OK,
        act=look_up,
        problems=(),
    ),
    Operation(
        path="/subscriptions/leave",
        method="POST",
        name="leave",
        summary="Let somebody leave, at once.",
        scope=Scope.UNSUBSCRIBE,
        takes=Leaving,
        gives=Left,
        status=HTTPStatus.OK,
        act=leave,
        problems=(),
    ),
    Operation(
        path="/newsletters/{newsletter}/editions",
        method="GET",
        name="listEditions",
        summary="The editions that went out.",
        scope=Scope.READ,
        takes=None,
        gives=Editions,
        status=HTTPStatus.OK,
        act=list_editions,
        problems=(404,),
    ),
)
