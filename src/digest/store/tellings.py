"""What earlier editions told, and up to when.  Of those for one wave alone only the ones that are meant count."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from digest.model import Cadence, Circle, PastStory
from digest.store.editions import PUBLISHED
from digest.store.schema import editions, stories

Waves = Mapping[date, Collection[int]]  #: of dates on which each wave got an edition of its own: which are meant
NONE: Waves = MappingProxyType({})

_e = editions.c


def past_stories(
    db: Connection,
    newsletter: str,
    *,
    before: date,
    days: int,
    cadences: Collection[Cadence] = (Cadence.DAILY,),
    waves: Waves = NONE,
) -> list[PastStory]:
    """What the newsletter's editions of these cadences told in the `days` before, newest first.  Drafts told nobody.

    Of editions for one wave alone those of `waves`.
    """
    query = (
        select(stories.c.story, _e.day, stories.c.headline, stories.c.urls, stories.c.sources, stories.c.text)
        .add_columns(_e.approved_at)
        .join_from(stories, editions)
        .where(_e.newsletter == newsletter, _e.day < before, _e.day >= before - timedelta(days=days))
        .where(_e.state.in_(PUBLISHED), _e.cadence.in_(cadences), _of(waves))
        .order_by(_e.day.desc(), stories.c.rank)
    )
    return [
        PastStory(id=id_, day=day, headline=headline, urls=tuple(urls), sources=sources, text=text, at=at)
        for id_, day, headline, urls, sources, text, at in db.execute(query)
    ]


def last_built(
    db: Connection, newsletter: str, cadence: Cadence, *, before: date, waves: Waves = NONE
) -> datetime | None:
    """Up to when the last edition of a cadence before a day tells; None where there is none that went out.

    Of editions for one wave alone those of `waves`.
    """
    query = select(_e.content["built_at"].as_string()).where(_e.newsletter == newsletter, _e.cadence == cadence)
    last = query.where(_e.day < before, _e.state.in_(PUBLISHED), _of(waves)).order_by(_e.day.desc()).limit(1)
    moment = db.execute(last).scalar_one_or_none()
    return datetime.fromisoformat(moment) if moment else None


def in_waves(db: Connection, newsletter: str, *, since: date, before: date = date.max) -> set[date]:
    """The dates from `since` to the one before `before` of which there is an edition for one wave alone."""
    query = select(_e.day).distinct().where(_e.newsletter == newsletter, _e.day >= since, _e.day < before)
    return set(db.execute(query.where(_e.of_wave)).scalars())


def latest_waves(db: Connection, newsletter: str, *, since: date) -> dict[Cadence, set[int]]:
    """For which waves alone there were editions of each cadence from `since` on."""
    query = select(_e.cadence, _e.wave).distinct().where(_e.newsletter == newsletter, _e.day >= since, _e.of_wave)
    found: dict[Cadence, set[int]] = {}
    for cadence, wave in db.execute(query.where(_e.state.in_(PUBLISHED))):
        found.setdefault(Cadence(cadence), set()).add(wave)
    return found


def of_wave_before(db: Connection, circle: Circle) -> int | None:
    """The edition for the same wave alone of the last date on which its newsletter and cadence had any."""
    query = select(_e.id, _e.wave, _e.of_wave, _e.day).where(_e.newsletter == circle.newsletter, _e.day < circle.day)
    query = query.where(_e.cadence == circle.cadence, _e.state.in_(PUBLISHED))
    last = select(func.max(query.subquery().c.day)).scalar_subquery()
    return db.execute(
        query.with_only_columns(_e.id).where(_e.day == last, _e.of_wave, _e.wave == circle.wave)
    ).scalar_one_or_none()


def _of(waves: Waves) -> ColumnElement[bool]:
    return or_(~_e.of_wave, *(and_(_e.day == day, _e.wave.in_(meant)) for day, meant in waves.items()))
