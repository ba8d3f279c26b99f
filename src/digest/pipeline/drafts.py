"""An edition as it would go out, before anything is decided."""

from dataclasses import dataclass
from datetime import datetime

from digest.config import Settings, pick_newsletter
from digest.edition.variants import DEFAULT
from digest.errors import Refused
from digest.model import Edition, Rendered
from digest.pipeline.building import draft
from digest.pipeline.lookup import find
from digest.pipeline.printing import by_templates, frozen_message, render_edition, sample_message
from digest.pipeline.ranking import Ranking, rank
from digest.store import editions
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Proof:
    """An edition, its rendering, a sample copy, and the ranking it came from."""

    edition: Edition
    rendered: Rendered
    message: bytes
    ranking: Ranking


def proof(settings: Settings, database: Database, key: str | None = None, *, now: datetime) -> Proof:
    """A stored edition or, without a key, the one that would be built now.  Nothing is stored.

    Raises:
        NotFound: no such edition, or several newsletters and no key.
    """
    if key is None:
        name, _ = pick_newsletter(settings, None)
        edition, ranking = draft(settings, database, name, at=now)
        rendered = render_edition(settings, edition)
    else:
        status = find(database, key)
        edition = status.content
        ranking = rank(settings, database, status.newsletter, at=edition.built_at, cadence=edition.cadence)
        with database.read() as db:
            frozen = editions.rendered(db, status.id, DEFAULT)
        rendered = frozen or render_edition(settings, edition)
    message = sample_message(settings, edition, rendered, now=now)
    return Proof(edition=edition, rendered=rendered, message=message, ranking=ranking)


def copy_of(settings: Settings, database: Database, key: str | None = None, *, now: datetime) -> tuple[Edition, bytes]:
    """A stored edition, or the one that would be built now, and a copy of it as a reader would get it.

    Raises:
        NotFound: no such edition, or several newsletters and no key.
        Refused: it has no stories, or its templates make no message.
    """
    if key is None:
        edition, _ = draft(settings, database, pick_newsletter(settings, None)[0], at=now)
        return edition, written(settings, edition, now=now)
    status = find(database, key)
    with database.read() as db:
        skeleton = editions.skeleton(db, status.id, DEFAULT)
    if skeleton is not None:
        return status.content, frozen_message(settings, status.newsletter, skeleton)
    return status.content, written(settings, status.content, now=now)


def written(settings: Settings, edition: Edition, *, now: datetime) -> bytes:
    """A copy of an edition as its templates and settings make it now.

    Raises:
        NotFound: its newsletter is not in the configuration any more.
        Refused: it has no stories, or its templates make no message.
    """
    pick_newsletter(settings, edition.newsletter)
    if edition.lead is None:
        raise Refused(f"{edition.key}: no stories in the window; `digest stories --hours 72` looks further back")
    with by_templates(edition.key):
        return sample_message(settings, edition, render_edition(settings, edition), now=now)


def data_version(database: Database) -> object:
    """A value that changes when articles, decisions or drafts do."""
    with database.read() as db:
        return editions.data_version(db)
