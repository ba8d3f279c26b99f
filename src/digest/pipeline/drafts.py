"""An edition as it would go out, before anything is decided."""

from dataclasses import dataclass
from datetime import datetime

from digest.config import Settings, pick_newsletter
from digest.edition.variants import DEFAULT
from digest.model import Edition, EditionState, Rendered
from digest.pipeline.building import draft
from digest.pipeline.lookup import find
from digest.pipeline.publishing import render_edition, sample_message
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
    frozen = None
    if key is None:
        name, _ = pick_newsletter(settings, None)
        edition, ranking = draft(settings, database, name, at=now)
    else:
        status = find(database, key)
        edition = status.content
        ranking = rank(settings, database, status.newsletter, at=edition.built_at)
        if status.state is not EditionState.DRAFT:
            with database.read() as db:
                frozen = editions.rendered(db, status.id, DEFAULT)
    rendered = frozen or render_edition(settings, edition)
    message = sample_message(settings, edition, rendered, now=now)
    return Proof(edition=edition, rendered=rendered, message=message, ranking=ranking)


def data_version(database: Database) -> object:
    """A value that changes when articles, decisions or drafts do."""
    with database.read() as db:
        return editions.data_version(db)
