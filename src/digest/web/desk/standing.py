"""An edition in, how it stands and what may be done with it out: in the words of the desk's head."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.config import Newsletter, zone
from digest.model import EditionState, EditionStatus
from digest.web.desk.sheet import Sheet

_WORDS = {
    EditionState.DRAFT: "Draft",
    EditionState.APPROVED: "Approved",
    EditionState.SENDING: "Being sent",
    EditionState.DONE: "Sent",
    EditionState.EXPIRED: "Expired",
    EditionState.CANCELLED: "Cancelled",
}
_GOOD = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)
_GRACE = timedelta(minutes=1)  #: for `digest run` to take what is due
_OVER = (EditionState.DONE, EditionState.EXPIRED, EditionState.CANCELLED)
#: Of a draft whose hour is over, by the newsletter's `review`.
_LATE = {
    "auto": "Was to leave at {told}, and has not: is `digest run` running?",
    "required": "Waits for an editor's word; its hour was {told}.",
    "anomaly": "Was to leave at {told}, and has not: the day looks wrong, or `digest run` is not running.",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    word: str
    kind: str  #: of the dot before it: good, stopped, or open
    due: datetime | None  #: None once it is over
    due_told: str
    verb: str
    policy: str
    open: bool  #: editors may change it
    can_approve: bool
    can_hold: bool
    can_cancel: bool
    approve: str  #: what approving is called


def standing(sheet: Sheet, newsletter: Newsletter, *, now: datetime) -> Standing:
    """How an edition stands at a moment."""
    status = sheet.status
    state = status.state if status else EditionState.DRAFT
    held, over = bool(status and status.hold), state in _OVER
    due = None if over else due_at(sheet, newsletter)
    told = f"{due.astimezone(zone(newsletter)):%H:%M}" if due else ""
    word, kind = looks(status) if status else (_WORDS[state], "open")
    return Standing(
        word=word,
        kind=kind,
        due=due,
        due_told=told,
        verb="leaves" if state in _GOOD else "due",
        policy=_policy(sheet, newsletter, state, told, is_late=due is not None and now - due > _GRACE),
        open=sheet.is_open,
        can_approve=not over and (state is EditionState.DRAFT or held),
        can_hold=not over and not held,
        can_cancel=not over,
        approve="Approve" if state is EditionState.DRAFT else "Let it go on",
    )


def looks(status: EditionStatus) -> tuple[str, str]:
    """How a stored edition stands: a word, and the kind of the dot before it."""
    state, is_over = status.state, status.state in _OVER
    if status.hold:
        return _WORDS[state] if is_over else "On hold", "stopped"
    if state in {EditionState.EXPIRED, EditionState.CANCELLED}:
        return _WORDS[state], "stopped"
    return _WORDS[state], "good" if state in _GOOD else "open"


def due_at(sheet: Sheet, newsletter: Newsletter) -> datetime:
    """When its slot is; of a draft without one, the newsletter's hour of that day."""
    if sheet.status and sheet.status.due_at:
        return sheet.status.due_at
    return datetime.combine(sheet.edition.day, newsletter.send_at, tzinfo=zone(newsletter))


def _policy(sheet: Sheet, newsletter: Newsletter, state: EditionState, told: str, *, is_late: bool) -> str:
    if sheet.status and sheet.status.paused_reason:
        return f"Sending paused: {sheet.status.paused_reason}"
    if state is not EditionState.DRAFT:
        return ""
    if sheet.status and sheet.status.hold:
        return "An editor stopped it; approving lets it go on."
    if is_late:
        return _LATE.get(newsletter.review, "").format(told=told)
    return {
        "auto": f"Leaves by itself at {told}, unless it is held.",
        "required": "Waits for an editor's word.",
        "anomaly": f"Leaves by itself at {told}, unless the day looks wrong.",
    }.get(newsletter.review, "")
