"""Editions: drafts that change, and what is frozen of them when they are approved."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, insert, or_, select, update

from digest.errors import NotFound, Refused
from digest.model import (
    WAITING,
    Cadence,
    DeliveryState,
    Edition,
    EditionState,
    EditionStatus,
    Rendered,
    Story,
    Verdict,
    read_key,
    revised,
    revision_of,
)
from digest.store import outcomes, schema, thinning
from digest.store.codec import dump_edition, dump_ledger, dump_verdicts, load_edition, load_verdicts
from digest.store.compositions import hash_of
from digest.store.schema import deliveries, editions, stories, upsert

_e = editions.c
_STATUS: Select[Any] = select(
    *(_e[name] for name in ("id", "newsletter", "day", "state", "hold", "due_at", "approved_at", "paused_reason")),
    _e.in_doubt_policy,
    _e.content,
    _e.revision,
    _e.verdicts,
)
_NATURAL = ("newsletter", "day", "cadence", "wave")
_UNDERWAY = (EditionState.APPROVED, EditionState.SENDING)
_OPEN = (EditionState.DRAFT, *_UNDERWAY)
_DONE = EditionState.DONE
PUBLISHED = (*_UNDERWAY, _DONE)
_TEXT_LIMIT = 20_000  #: characters kept of a story, to compare tomorrow's with


# --- drafts ----------------------------------------------------------------------------------------------------------


def save_draft(
    db: Connection,
    edition: Edition,
    items: Sequence[Story],
    *,
    due_at: datetime | None,
    automatic: Edition | None = None,
    revision: int = 0,
    verdicts: tuple[Verdict, ...] = (),
) -> EditionStatus:
    """Insert an edition, or replace content and stories of its draft.  Without `due_at` the draft keeps the one it has.

    Args:
        edition: With what editors decided.
        items: Its stories.
        due_at: When its slot is.
        automatic: The same without; None where nothing was decided.
        revision: Up to which operation it has them.
        verdicts: What became of them.

    Raises:
        Refused: it is no longer a draft.
    """
    row = {name: getattr(edition, name) for name in _NATURAL} | {"content": dump_edition(edition), "due_at": due_at}
    row |= {"wave": edition.wave or 0, "of_wave": edition.wave is not None}
    row |= {"revision": revision, "verdicts": dump_verdicts(verdicts)}
    row |= {"automatic": dump_edition(automatic) if automatic and automatic != edition else None}
    keep = ["due_at"] if due_at is None else []
    upsert(db, editions, [row], key=_NATURAL, keep=keep, where=_e.state == EditionState.DRAFT)
    status = get(db, edition.key)
    assert status is not None, "it has just been written"
    if status.state != EditionState.DRAFT:
        raise Refused(f"{edition.key} is {status.state}: only a draft can change")
    db.execute(delete(stories).where(stories.c.edition_id == status.id))
    if items:
        db.execute(insert(stories), [_story_row(status.id, item) for item in items])
    return status


# --- reading ---------------------------------------------------------------------------------------------------------


def get(db: Connection, key: str) -> EditionStatus | None:
    """By its key; None also where that is none."""
    if (found := read_key(key)) is None:
        return None
    newsletter, day, cadence, wave = found
    query = _STATUS.where(_e.newsletter == newsletter, _e.day == day, _e.cadence == cadence, _e.wave == wave)
    return _one(db, query)


def automatic(db: Connection, edition_id: int) -> Edition | None:
    """The edition as it would be without its editors."""
    row = db.execute(select(_e.automatic, _e.content).where(_e.id == edition_id)).one_or_none()
    return load_edition(row.automatic or row.content) if row else None


def by_id(db: Connection, edition_id: int) -> EditionStatus | None:
    return _one(db, _STATUS.where(_e.id == edition_id))


def last_before(db: Connection, edition: Edition) -> EditionStatus | None:
    """The last edition before the day of this one that went out, of its cadence and wave."""
    return _one(db, _STATUS.where(went_out_before(edition)).order_by(_e.day.desc()).limit(1))


def went_out_before(one: Edition | EditionStatus) -> ColumnElement[bool]:
    """In SQL, of an edition: it is of the same cadence and wave as this one, of an earlier day, and went out."""
    same_wave = or_(~_e.of_wave, _e.wave == (one.wave or 0))
    same = and_(_e.newsletter == one.newsletter, _e.cadence == one.cadence, same_wave)
    return and_(same, _e.day < one.day, _e.state.in_(PUBLISHED))


def lock(db: Connection, edition_id: int) -> EditionStatus:
    """The edition, which nobody else changes until this transaction ends.

    Raises:
        NotFound: there is no such edition.
    """
    status = _one(db, _STATUS.where(_e.id == edition_id).with_for_update())  # SQLite's writers are alone anyway
    if status is None:
        raise NotFound(f"there is no edition {edition_id}")
    return status


def data_version(db: Connection) -> tuple[object, ...]:
    """A value that changes when an article, an editor's decision or an edition does."""
    o = schema.operations.c
    held, sent = func.count().filter(_e.hold), func.count().filter(_e.state.in_((EditionState.SENDING, _DONE)))
    queries = (
        select(func.count(), func.count(o.undone)),
        select(func.count(), held, sent, func.max(_e.approved_at), func.max(_e.closed_at)),
        select(func.max(_e.content["built_at"].as_string()), func.max(_e.paused_reason)),
    )
    return (*news_version(db), *(value for query in queries for value in db.execute(query).one()))


def news_version(db: Connection) -> tuple[int, datetime | None, int, datetime | None]:
    """Of what stories are made of: how many articles and decisions about articles there are, and when they changed."""
    a, d = schema.articles.c, schema.decisions.c
    count = db.execute(select(func.count()).select_from(schema.articles)).scalar_one()  # apart: each is quicker by
    changed = db.execute(select(func.max(a.updated_at))).scalar_one()  # the index than both by a scan
    return (count, changed, *db.execute(select(func.count(), func.max(d.at))).one())


def latest(db: Connection, newsletter: str) -> EditionStatus | None:
    return next(iter(listing(db, newsletter=newsletter, limit=1)), None)


def listing(
    db: Connection,
    *,
    newsletter: str | None = None,
    cadences: Collection[Cadence] = tuple(Cadence),
    waves: bool = True,
    limit: int = 50,
) -> list[EditionStatus]:
    """Newest first; without those for other `waves` than the newsletter's own, if wished."""
    order = (_e.day.desc(), _e.newsletter, _e.cadence, _e.wave.desc())
    query = _STATUS.where(_e.cadence.in_(cadences)).order_by(*order).limit(limit)
    if not waves:
        query = query.where(_e.wave == 0)
    if newsletter is not None:
        query = query.where(_e.newsletter == newsletter)
    return [_status(row) for row in db.execute(query)]


def unfinished(db: Connection) -> list[EditionStatus]:
    """Approved and not yet done, oldest first."""
    return [_status(row) for row in db.execute(_STATUS.where(_e.state.in_(_UNDERWAY)).order_by(_e.id))]


def rendered(db: Connection, edition_id: int, variant: str) -> Rendered | None:
    table = schema.rendered
    columns = [table.c[name] for name in ("variant", "subject", "preheader", "html", "text", "web")]
    query = select(*columns).where(table.c.edition_id == edition_id, table.c.variant == variant)
    row = db.execute(query).mappings().one_or_none()
    return Rendered(**row) if row else None


def newest(db: Connection, edition_id: int, variant: str) -> str:
    """What a variant is called in its newest revision; the name itself where there is none."""
    names = db.execute(select(schema.rendered.c.variant).where(schema.rendered.c.edition_id == edition_id)).scalars()
    found = [revision_of(name) for name in names]
    return revised(variant, max((number for name, number in found if name == variant), default=1))


def told_keys(db: Connection, edition_id: int) -> set[str]:
    """The ids of its stories, and the addresses of all their articles."""
    query = select(stories.c.story, stories.c.urls).where(stories.c.edition_id == edition_id)
    return {key for id_, urls in db.execute(query) for key in (id_, *urls)}


def revise(
    db: Connection,
    edition_id: int,
    content: Edition,
    items: Sequence[Story],
    rendered: Sequence[tuple[Rendered, bytes]],
) -> None:
    """What an approved edition is from now on; what was frozen of it stays beside that.  It has to be locked.

    Args:
        content: With the stories that came late.
        items: These.
        rendered: Each variant under the name of its revision, with its skeleton.
    """
    db.execute(update(editions).where(_e.id == edition_id).values(content=dump_edition(content)))
    db.execute(insert(stories), [_story_row(edition_id, item) for item in items])
    db.execute(insert(schema.rendered), [_rendered_row(edition_id, one, message) for one, message in rendered])


def skeleton(db: Connection, edition_id: int, variant: str) -> bytes | None:
    """The message with its markers, of which every copy is stamped."""
    table = schema.rendered
    query = select(table.c.skeleton).where(table.c.edition_id == edition_id, table.c.variant == variant)
    return db.execute(query).scalar_one_or_none()


# --- what editors and the worker decide ------------------------------------------------------------------------------


def approve(
    db: Connection,
    edition_id: int,
    *,
    now: datetime,
    expires_at: datetime,
    in_doubt: str,
    rendered: Sequence[tuple[Rendered, bytes]],
) -> bool:
    """Freeze the content: ``draft → approved``.  True for the one caller that did it, who then freezes the audience.

    `in_doubt` is ``resend`` or ``hold``; each variant comes with its skeleton.

    Raises:
        Refused: it is on hold, cancelled or expired.
        NotFound: there is no such edition.
    """
    values = {
        "state": EditionState.APPROVED,
        "approved_at": now,
        "expires_at": expires_at,
        "in_doubt_policy": in_doubt,
    }
    query = update(editions).where(_e.id == edition_id, _e.state == EditionState.DRAFT, ~_e.hold)
    if db.execute(query.values(values)).rowcount == 1:
        rows = [_rendered_row(edition_id, one, message) for one, message in rendered]
        db.execute(insert(schema.rendered), rows)
        return True
    status = _existing(db, edition_id)
    if status.state in PUBLISHED:
        return False
    raise Refused(f"{status.key} is {'on hold' if status.hold else status.state}: it cannot be approved")


def set_hold(db: Connection, edition_id: int, hold: bool) -> None:
    """Stop an edition, or let it go on.

    Raises:
        Refused: it is done, expired or cancelled.
        NotFound: there is no such edition.
    """
    _change(db, edition_id, hold=hold)


def cancel(db: Connection, edition_id: int, *, now: datetime) -> None:
    """An editor says no.  What has not left is skipped; a copy that is leaving at this moment cannot be called back.

    Raises:
        Refused: it is done, expired or cancelled.
        NotFound: there is no such edition.
    """
    _change(db, edition_id, state=EditionState.CANCELLED, closed_at=now)
    d = deliveries.c
    waits = d.state.in_((DeliveryState.QUEUED, DeliveryState.CLAIMED))
    skip = update(deliveries).where(d.edition_id == edition_id, waits).returning(d.edition_id, d.subscriber_id)
    values = {"state": DeliveryState.SKIPPED, "owner": "", "due_at": now, "updated_at": now}
    skipped = [tuple(row) for row in db.execute(skip.values(values))]
    outcomes.record_all(db, skipped, at=now, kind="skipped", text="the edition was cancelled")


def expire(db: Connection, edition_id: int, *, now: datetime) -> bool:
    """A draft whose hour has passed: ``draft → expired``; False where it is no draft."""
    query = update(editions).where(_e.id == edition_id, _e.state == EditionState.DRAFT)
    return db.execute(query.values(state=EditionState.EXPIRED, closed_at=now)).rowcount == 1


def pause(db: Connection, edition_id: int, reason: str) -> None:
    """Sending stops itself; `reason` is for the operator."""
    db.execute(update(editions).where(_e.id == edition_id).values(paused_reason=reason))


def resume(db: Connection, edition_id: int) -> None:
    pause(db, edition_id, "")


def start_sending(db: Connection, edition_id: int) -> None:
    """``approved → sending``; nothing where that has happened."""
    query = update(editions).where(_e.id == edition_id, _e.state == EditionState.APPROVED)
    db.execute(query.values(state=EditionState.SENDING))


def close_if_done(db: Connection, edition_id: int, *, now: datetime) -> bool:
    """``→ done``, if nothing waits and each of the frozen audience has a final state: proven by one statement."""
    d = deliveries.c
    waits = exists().where(d.edition_id == edition_id, d.state.in_(WAITING))
    recorded = select(func.count()).select_from(deliveries).where(d.edition_id == edition_id).scalar_subquery()
    counted = recorded + thinning.number(edition_id)  # of what was released after others had been thinned
    query = update(editions).where(_e.id == edition_id, _e.state.in_(_UNDERWAY), ~waits, _e.audience == counted)
    return db.execute(query.values(state=EditionState.DONE, closed_at=now)).rowcount == 1


# --- rows and values -------------------------------------------------------------------------------------------------


def _change(db: Connection, edition_id: int, **values: Any) -> None:
    query = update(editions).where(_e.id == edition_id, _e.state.in_(_OPEN))
    if db.execute(query.values(values)).rowcount == 0:
        status = _existing(db, edition_id)
        raise Refused(f"{status.key} is {status.state}")


def _existing(db: Connection, edition_id: int) -> EditionStatus:
    status = by_id(db, edition_id)
    if status is None:
        raise NotFound(f"no edition {edition_id}")
    return status


def _one(db: Connection, query: Select[Any]) -> EditionStatus | None:
    row = db.execute(query).one_or_none()
    return _status(row) if row else None


def _status(row: Row[Any]) -> EditionStatus:
    return EditionStatus(
        id=row.id,
        newsletter=row.newsletter,
        day=row.day,
        state=EditionState(row.state),
        hold=row.hold,
        due_at=row.due_at,
        approved_at=row.approved_at,
        paused_reason=row.paused_reason,
        in_doubt_policy=row.in_doubt_policy,
        content=load_edition(row.content),
        revision=row.revision,
        verdicts=load_verdicts(row.verdicts),
    )


def _story_row(edition_id: int, story: Story) -> dict[str, Any]:
    told = [f"{one.title}. {one.summary or one.body.partition(chr(10))[0]}" for one in story.articles]
    return {
        "edition_id": edition_id,
        "story": story.id,
        "rank": story.rank,
        "score": story.score,
        "headline": story.lead.title,
        "url": story.lead.url,
        "urls": [one.url for one in story.articles],
        "sources": story.sources,
        "text": "\n".join(told)[:_TEXT_LIMIT],
        "ledger": dump_ledger(story.ledger),
    }


def _rendered_row(edition_id: int, one: Rendered, message: bytes) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "variant": one.variant,
        "subject": one.subject,
        "preheader": one.preheader,
        "html": one.html,
        "text": one.text,
        "web": one.web,
        "skeleton": message,
        "skeleton_hash": hash_of(message),
    }
