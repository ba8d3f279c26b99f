"""The JSON that Amazon SES sends by mail in place of a report, in; the fields of that report out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Fields = Mapping[str, str]


def groups_of(text: str) -> list[Fields]:
    """As of a delivery report: one for each recipient that bounced or has the message."""
    told = _read(text)
    bounced = [
        {
            "final-recipient": f"rfc822; {one.get('emailAddress', '')}",
            "action": str(one.get("action", "failed")),
            "status": str(one.get("status", "")),
            "diagnostic-code": str(one.get("diagnosticCode", "")),
        }
        for one in _recipients(told, "bounce", "bouncedRecipients")
    ]
    well = [
        {"final-recipient": f"rfc822; {one}", "action": "delivered"} for one in _names(told, "delivery", "recipients")
    ]
    return [*bounced, *well]


def complaint_of(text: str) -> Fields:
    """As of a feedback report."""
    told = _read(text)
    found = [str(one.get("emailAddress", "")) for one in _recipients(told, "complaint", "complainedRecipients")]
    return {"feedback-type": "abuse", "original-rcpt-to": found[0]} if found else {}


def header_of(text: str) -> Fields:
    """Of the message that it is about, where it was asked to say it."""
    mail = _table(_read(text).get("mail"))
    pairs = (_table(one) for one in _list(mail.get("headers")))
    return {str(one.get("name", "")).lower(): str(one.get("value", "")) for one in pairs}


def _read(text: str) -> Mapping[str, Any]:
    start = text.lstrip()
    if not start.startswith("{") or "notificationType" not in start[:300]:
        return {}
    try:
        told, _ = json.JSONDecoder().raw_decode(start.replace("\n", ""))
    except (ValueError, RecursionError):
        return {}
    return _table(told)


def _recipients(told: Mapping[str, Any], event: str, name: str) -> Iterator[Mapping[str, Any]]:
    return map(_table, _list(_table(told.get(event)).get(name)))


def _names(told: Mapping[str, Any], event: str, name: str) -> list[str]:
    return [one for one in _list(_table(told.get(event)).get(name)) if isinstance(one, str)]


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
