"""An edition as it would go out, before anything is decided."""

from dataclasses import dataclass, replace
from datetime import datetime

from digest import languages
from digest.config import Settings, pick_newsletter
from digest.edition.comparing import Comparison, compare
from digest.edition.replay import Replayed
from digest.edition.variants import DEFAULT, Variant, cut, variants
from digest.errors import Refused
from digest.model import Edition, EditionStatus, Rendered, Wish
from digest.pipeline.building import draft, replay_over
from digest.pipeline.lookup import find
from digest.pipeline.printing import by_templates, frozen_message, render_edition, sample_message
from digest.pipeline.ranking import Ranking, rank_again
from digest.store import editions, operations
from digest.store.database import Database

EVERYTHING = Wish(language="", sections=())  #: every section, in the newsletter's language


@dataclass(frozen=True, kw_only=True)
class Proof:
    """An edition, its rendering, a sample copy, the ranking it came from, and what its editors made of that."""

    edition: Edition
    rendered: Rendered
    message: bytes
    ranking: Ranking
    replayed: Replayed


def proof(
    settings: Settings,
    database: Database,
    key: str | None = None,
    *,
    wish: Wish = EVERYTHING,
    late: bool = False,
    now: datetime,
) -> Proof:
    """A stored edition or, without a key, the one that would be built now, for readers with this wish.

    `late`: as those see it whose copy says that it comes late.  Nothing is stored.

    Raises:
        NotFound: no such edition, or several newsletters and no key.
        Refused: nothing of the edition is in the sections of the wish.
    """
    status = find(database, key) if key else None
    if status is None:
        made = draft(settings, database, pick_newsletter(settings, None)[0], at=now)
        whole, ranking, replayed = made.edition, made.ranking, made.replayed
    else:
        whole = status.content
        ranking = rank_again(settings, database, status)
        with database.read() as db:
            replayed = replay_over(settings, ranking, operations.of(db, status.id))
    variant = _variant(settings, whole, wish)
    variant = variant.delayed if late else variant
    edition = cut(whole, variant)
    rendered = _frozen(database, status, variant.name)
    rendered = rendered or render_edition(settings, edition, variant=variant.name, late=late)
    if variant.name != DEFAULT:
        page = _frozen(database, status, DEFAULT) or render_edition(settings, whole)
        rendered = replace(rendered, web=page.web)
    message = sample_message(settings, edition, rendered, now=now)
    return Proof(edition=edition, rendered=rendered, message=message, ranking=ranking, replayed=replayed)


def _variant(settings: Settings, edition: Edition, wish: Wish) -> Variant:
    found = variants(edition, {wish: 1}, languages=languages.available(settings.site.templates))[wish]
    if found is None:
        raise Refused(f"{edition.key}: no story in {', '.join(wish.sections)}; who asked for no more gets no mail")
    return found


def _frozen(database: Database, status: EditionStatus | None, variant: str) -> Rendered | None:
    """As it was approved; None before that, and of a variant that nobody asked for then."""
    if status is None:
        return None
    with database.read() as db:
        return editions.rendered(db, status.id, editions.newest(db, status.id, variant))


def copy_of(settings: Settings, database: Database, key: str | None = None, *, now: datetime) -> tuple[Edition, bytes]:
    """A stored edition, or the one that would be built now, and a copy of it as a reader would get it.

    Raises:
        NotFound: no such edition, or several newsletters and no key.
        Refused: it has no stories, or its templates make no message.
    """
    if key is None:
        edition = draft(settings, database, pick_newsletter(settings, None)[0], at=now).edition
        return edition, written(settings, edition, now=now)
    status = find(database, key)
    with database.read() as db:
        skeleton = editions.skeleton(db, status.id, editions.newest(db, status.id, DEFAULT))
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


def compared(database: Database, edition: Edition) -> tuple[EditionStatus, Comparison] | None:
    """The last edition before this one that went out to the same readers, and this one beside it."""
    with database.read() as db:
        before = editions.last_before(db, edition)
    return (before, compare(edition.items, before.content.items)) if before else None


def data_version(database: Database) -> object:
    """A value that changes when articles, decisions or drafts do."""
    with database.read() as db:
        return editions.data_version(db)
