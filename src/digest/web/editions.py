"""What everyone may read: the front page, the past editions, help."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from digest.model import EditionState, EditionStatus
from digest.store import editions
from digest.web.visit import Visit

PUBLIC = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)
LISTED = 100


def home(visit: Visit) -> Response:
    return visit.page("home", newsletters=visit.context.settings.newsletters)


def help_page(visit: Visit) -> Response:
    return visit.page("help", newsletters=visit.context.settings.newsletters)


def archive(visit: Visit) -> Response:
    if visit.newsletter not in visit.context.settings.newsletters:
        raise HTTPException(404)
    with visit.context.database.read() as db:
        found = editions.listing(db, newsletter=visit.newsletter, limit=LISTED)
    shown = [one for one in found if one.state in PUBLIC]
    return visit.page("archive", title=visit.title, newsletter=visit.newsletter, editions=shown)


def edition(visit: Visit) -> Response:
    """The `web` page of an edition that went out, also of a newsletter that is gone from the configuration."""
    with visit.context.database.read() as db:
        status = _public(editions.get(db, f"{visit.newsletter}/{visit.params['day']}"))
        rendered = editions.rendered(db, status.id, "default")
    if rendered is None:
        raise HTTPException(404)
    return visit.context.pages.edition(rendered.web)


def _public(status: EditionStatus | None) -> EditionStatus:
    if status is None or status.state not in PUBLIC:
        raise HTTPException(404)
    return status
