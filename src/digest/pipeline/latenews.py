"""An approved edition and what has been stored since in, a further revision of it for those not yet claimed out.

What was ever claimed stays the same bytes.  A delivery's variant says which revision it got (default@2), and the record
of sign-offs that there is one.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Settings, local_day
from digest.edition.late import late_stories, with_late
from digest.edition.replay import Replayed
from digest.edition.variants import DEFAULT, Variant, cut
from digest.model import Edition, EditionState, EditionStatus, SetSubject, Story, Wish, revised, revision_of
from digest.pipeline import pictures
from digest.pipeline.audience import Plan, plan
from digest.pipeline.building import replay_over
from digest.pipeline.lookup import find
from digest.pipeline.printing import prints
from digest.pipeline.publishing import PROGRAM, errors_of
from digest.pipeline.ranking import rank_again
from digest.store import audiences, deliveries, editions, operations
from digest.store.database import Database

log = logging.getLogger(__name__)

UNDERWAY = (EditionState.APPROVED, EditionState.SENDING)


@dataclass(frozen=True, kw_only=True)
class Revised:
    """A further revision of an approved edition."""

    edition: EditionStatus
    revision: int
    stories: tuple[Story, ...]  #: that came late
    readers: int  #: who get it


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What one variant becomes for some readers."""

    old: str
    new: Variant
    wishes: tuple[Wish, ...]


def revise(settings: Settings, database: Database, key: str, *, now: datetime) -> Revised | None:
    """Put news that came after the approval into the copies that nobody has claimed; None where there is none.

    Raises:
        NotFound: there is no such edition.
        Refused: the templates make no mail of it.
    """
    status = find(database, key)
    newsletter = settings.newsletters.get(status.newsletter)
    if newsletter is None or newsletter.late_news is None or not _is_open(database, status, now=now):
        return None
    if newsletter.deliver == "home" and local_day(newsletter, now) != status.day:
        return None
    replayed, decided_subject = _replayed(settings, database, status, now=now)
    with database.read() as db:
        told = editions.told_keys(db, status.id)
    since, chosen = status.content.built_at, replayed.selection.chosen
    late = late_stories(chosen, told, since=since, points=newsletter.late_news)
    if not late:
        return None
    content = with_late(status.content, late, leads=late[0].id == chosen[0].id, retitle=not decided_subject)
    content, _ = pictures.keep(settings, content)
    return _revise(settings, database, status, content, late, now=now)


def _is_open(database: Database, status: EditionStatus, *, now: datetime) -> bool:
    if status.state not in UNDERWAY or status.hold or status.approved_at is None or now < status.approved_at:
        return False
    with database.read() as db:
        return deliveries.untouched(db, status.id) > 0


def _replayed(settings: Settings, database: Database, status: EditionStatus, *, now: datetime) -> tuple[Replayed, bool]:
    """What the edition would be now, and whether an editor wrote its subject."""
    ranking = rank_again(settings, database, status, at=now)
    with database.read() as db:
        decided = operations.of(db, status.id)
    written = any(isinstance(one.operation, SetSubject) for one in decided if one.is_active)
    return replay_over(settings, ranking, decided), written


def _revise(
    settings: Settings,
    database: Database,
    status: EditionStatus,
    content: Edition,
    late: tuple[Story, ...],
    *,
    now: datetime,
) -> Revised | None:
    with database.read() as db:
        before, after = (
            plan(settings, db, status, now=now),
            plan(settings, db, replace(status, content=content), now=now),
        )
        number = revision_of(editions.newest(db, status.id, DEFAULT))[1] + 1
    changes = _changes(before, after, status.content, content)
    date = None if after.waves else max(now, status.due_at or now)
    made = prints(settings, replace(status, content=content), [one.new for one in changes], date=date, revision=number)
    if errors := errors_of(settings, status, made):
        log.error("%s: late news stays out: the mail would have errors: %s", status.key, ", ".join(errors))
        return None
    with database.begin() as db:
        current = editions.lock(db, status.id)
        if current.content != status.content or current.state not in UNDERWAY or current.hold:
            return None  # the next look finds out
        editions.revise(db, status.id, content, late, [(one.rendered, one.skeleton) for one in made])
        readers = sum(_hand_over(db, status, one, number, now=now) for one in changes)
        titles = ", ".join(f"“{one.lead.title}”" for one in late)
        remark = f"revision {number}: {titles}; {readers} readers"
        operations.sign(db, status.id, "late", who=PROGRAM, now=now, remark=remark)
        frozen = editions.lock(db, status.id)
    log.warning("%s: late news, %s", status.key, remark)
    return Revised(edition=frozen, revision=number, stories=late, readers=readers)


def _changes(before: Plan, after: Plan, old: Edition, new: Edition) -> list[_Change]:
    """Which variants tell of what came late, and to which wishes."""
    found: dict[tuple[str, Variant], list[Wish]] = {}
    for wish, was in before.asked.items():
        will = after.asked.get(wish)
        if was and will and cut(old, was) != cut(new, will):
            found.setdefault((was.name, will), []).append(wish)
    return [_Change(old=was, new=will, wishes=tuple(wishes)) for (was, will), wishes in found.items()]


def _hand_over(db: Connection, status: EditionStatus, change: _Change, number: int, *, now: datetime) -> int:
    return audiences.hand_over(
        db,
        status.id,
        status.newsletter,
        old=[revised(change.old, one) for one in range(1, number)],
        new=revised(change.new.name, number),
        wishes=change.wishes,
        now=now,
    )
