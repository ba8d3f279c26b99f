"""The header of an export of listmonk, Mailchimp or Ghost in, the form to read its rows by out.

Confirmed is only whom the export says to have confirmed; who left, bounced or is blocked there, is so here too.  Who
is merely on the list is asked, or confirmed by the evidence that comes with the whole import.

What the exports look like was taken from listmonk's `cmd/subscribers.go`, Ghost's `members-csv` and exports of
Mailchimp in public repositories.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.config import is_zone
from digest.intake.sheet import SheetError
from digest.model import NewSubscriber, Past, Reason, SubscriptionState
from digest.pipeline.columns import (
    NAME_LIMIT,
    Check,
    Form,
    Read,
    full_name,
    key_of,
    moment_of,
    places,
    undefused,
)
from digest.pipeline.columns import unread as unread_columns

Values = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program whose exports can be read."""

    name: str
    title: str
    telling: str  #: columns that no other list has together
    fields: str  #: columns that something is made of
    useless: str  #: columns that a reader of this program has no use for
    past: Callable[[Values, str], Past]  #: given the name of the file
    language: Callable[[Values], str] = lambda _: ""
    tags: Callable[[Values], Sequence[str]] = lambda _: ()
    remark: str = ""


def tool_of(header: Sequence[str]) -> Tool | None:
    """Whose export this certainly is."""
    have = {key_of(one) for one in header}
    return next((tool for tool in TOOLS.values() if {key_of(one) for one in _names(tool.telling)} <= have), None)


def form(header: Sequence[str], tool: Tool, check: Check, *, path: str, sections: Sequence[str]) -> tuple[Form, Read]:
    """How to read the rows; `sections` are those of the newsletter, which tags of the same name become.

    Raises:
        SheetError: this is no export of this tool.
    """
    names = {field: synonyms.replace("|", ", ") for field, _, synonyms in map(_field, _names(tool.fields))}
    found = places(header, names)
    if "email" not in found:
        raise SheetError(f"no export of {tool.title}: it has no column for the address")
    known = {one.casefold(): one for one in sections}

    def read(row: Sequence[str]) -> tuple[str, NewSubscriber]:
        values = {field: undefused(row[place]).strip() for field, place in found.items() if place < len(row)}
        tags = dict.fromkeys(known[one] for tag in tool.tags(values) if (one := tag.strip().casefold()) in known)
        return "", _person(values, tool, check, tuple(tags), path)

    ignored = unread_columns(header, found, _names(tool.useless))
    return Form(name=tool.name, ignored=ignored, remark=tool.remark), read


def _names(text: str) -> list[str]:
    return text.split(", ")


def _field(text: str) -> tuple[str, str, str]:
    """As in "email=Email Address|Email"; without a sign the column is called like the field."""
    field, sign, synonyms = text.partition("=")
    return field, sign, synonyms or field


def _person(values: Values, tool: Tool, check: Check, sections: tuple[str, ...], path: str) -> NewSubscriber:
    timezone = values.get("timezone", "")
    full = full_name(*(values.get(part, "") for part in ("name", "first", "last")))
    name = "".join(letter for letter in full if letter.isprintable())
    return NewSubscriber(
        address=check(values.get("email", "")),
        name=name[:NAME_LIMIT],
        language=tool.language(values)[:35],
        timezone=timezone if is_zone(timezone) else "",
        sections=sections,
        past=tool.past(values, path),
    )


def _evidence(title: str, **known: object) -> str:
    """One line of JSON, of what there is."""
    told = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in known.items() if value}
    return json.dumps({"from": title} | told)


# --- listmonk --------------------------------------------------------------------------------------------------------


def _listmonk(values: Values, _path: str) -> Past:
    created, updated = moment_of(values.get("created_at", "")), moment_of(values.get("updated_at", ""))
    evidence = _evidence("listmonk", uuid=values.get("uuid"), status=values.get("status"), added_at=created)
    match values.get("status", ""):
        case "enabled":
            return Past(created_at=created, evidence=evidence)
        case "blocklisted":
            return Past(suppressed=Reason.MANUAL, evidence=evidence, left_at=updated)
        case "disabled":
            return Past(state=SubscriptionState.UNSUBSCRIBED, created_at=created, left_at=updated, evidence=evidence)
    raise ValueError("the status is none of enabled, disabled, blocklisted")


def _attributes(values: Values) -> dict[str, Any]:
    try:
        found = json.loads(values.get("attributes") or "{}")
    except (ValueError, RecursionError):
        raise ValueError("the attributes are no JSON") from None
    return {str(key).casefold(): value for key, value in found.items()} if isinstance(found, dict) else {}


def _listmonk_language(values: Values) -> str:
    found = _attributes(values)
    return next((one for key in ("language", "lang", "locale") if isinstance(one := found.get(key), str)), "")


def _listmonk_tags(values: Values) -> list[str]:
    found = _attributes(values)
    lists = (found.get(key) for key in ("sections", "topics", "tags"))
    return [one for some in lists if isinstance(some, list) for one in some if isinstance(one, str)]


# --- Mailchimp -------------------------------------------------------------------------------------------------------


def _mailchimp(values: Values, path: str) -> Past:
    status = _mailchimp_status(values, path)
    opted, confirmed = moment_of(values.get("optin", "")), moment_of(values.get("confirm", ""))
    seen = {"opted_in_at": opted, "opted_in_ip": values.get("optin_ip"), "confirmed_at": confirmed}
    evidence = _evidence("Mailchimp", **seen, confirmed_ip=values.get("confirm_ip"))
    created = opted or confirmed
    if status == "cleaned":
        left = moment_of(values.get("clean", ""))
        return Past(suppressed=Reason.BOUNCE, left_at=left, evidence=_evidence("Mailchimp", status=status, at=left))
    if status == "unsubscribed":
        left = moment_of(values.get("unsub", ""))
        state = SubscriptionState.UNSUBSCRIBED
        return Past(state=state, left_at=left, created_at=created, confirmed_at=confirmed, evidence=evidence)
    if status not in {"subscribed", "pending"}:
        raise ValueError(f"Mailchimp says {status}: has not agreed to a newsletter")
    # Who was added by somebody else has a time of confirmation as well; only who filled in a form has opted in.
    if opted and confirmed and status == "subscribed":
        state = SubscriptionState.CONFIRMED
        return Past(state=state, created_at=created, asked_at=opted, confirmed_at=confirmed, evidence=evidence)
    return Past(created_at=created, evidence=evidence if created else "")


def _mailchimp_status(values: Values, path: str) -> str:
    """The worst of what the row, its columns and the name of its file say: each state has a file of its own."""
    named = re.search("cleaned|unsubscribed|non-?subscribed|subscribed", path.rpartition("/")[2].casefold())
    said = {values.get("status", "").casefold(), named[0] if named else _by_columns(values)} - {""}
    if values.get("clean") or "cleaned" in said:
        return "cleaned"
    if values.get("unsub") or "unsubscribed" in said:
        return "unsubscribed"
    return min(said - {"subscribed"}, default="subscribed")


def _by_columns(values: Values) -> str:
    """A renamed file is told by the column that only it has."""
    if "status" in values:
        return ""
    return "cleaned" if "clean" in values else "unsubscribed" if "unsub" in values else ""


def _mailchimp_tags(values: Values) -> list[str]:
    """As in ``"VIP","World"``."""
    return [one.strip().strip('"') for one in values.get("tags", "").split(",")]


# --- Ghost -----------------------------------------------------------------------------------------------------------


def _ghost(values: Values, _path: str) -> Past:
    created, deleted = moment_of(values.get("created_at", "")), moment_of(values.get("deleted_at", ""))
    evidence = _evidence("Ghost", id=values.get("id"), added_at=created)
    gets = values.get("subscribed_to_emails", "").casefold()
    if deleted or gets in {"false", "0", "no"}:
        state = SubscriptionState.UNSUBSCRIBED
        return Past(state=state, created_at=created, left_at=deleted, evidence=evidence)
    if gets not in {"true", "1", "yes"}:
        raise ValueError("subscribed_to_emails is neither true nor false")
    return Past(created_at=created, evidence=evidence)


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            name="listmonk",
            title="listmonk",
            telling="uuid, email, attributes, status, created_at",
            fields="uuid, email, name, attributes, status, created_at, updated_at",
            useless="",
            past=_listmonk,
            language=_listmonk_language,
            tags=_listmonk_tags,
            remark=(
                "listmonk's export does not say who confirmed, nor who left a single list: "
                "export only those that are confirmed on the list, and mind docs/operating.md"
            ),
        ),
        Tool(
            name="mailchimp",
            title="Mailchimp",
            telling="MEMBER_RATING, LEID, EUID",
            fields=(
                "email=Email Address|Email, first=First Name|FNAME, last=Last Name|LNAME, name=Name|Full Name, "
                "language=Language|LANG, timezone=TIMEZONE, status=Status|Email Marketing Status, tags=TAGS, "
                "optin=OPTIN_TIME, optin_ip=OPTIN_IP, confirm=CONFIRM_TIME, confirm_ip=CONFIRM_IP, "
                "unsub=UNSUB_TIME, clean=CLEAN_TIME"
            ),
            useless=(
                "MEMBER_RATING, LATITUDE, LONGITUDE, GMTOFF, DSTOFF, CC, REGION, LAST_CHANGED, LEID, EUID, NOTES, "
                "UNSUB_CAMPAIGN_TITLE, UNSUB_CAMPAIGN_ID, UNSUB_REASON, UNSUB_REASON_OTHER, "
                "CLEAN_CAMPAIGN_TITLE, CLEAN_CAMPAIGN_ID"
            ),
            past=_mailchimp,
            language=lambda values: values.get("language", ""),
            tags=_mailchimp_tags,
        ),
        Tool(
            name="ghost",
            title="Ghost",
            telling="email, subscribed_to_emails, complimentary_plan, created_at",
            fields="id, email, name, subscribed_to_emails, created_at, deleted_at, labels",
            useless="note, complimentary_plan, stripe_customer_id, tiers, products, gift_id",
            past=_ghost,
            tags=lambda values: values.get("labels", "").split(","),
            remark="Ghost's export does not say who confirmed",
        ),
    )
}
