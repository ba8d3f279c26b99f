"""What everyone may read: the front page, the past editions and their feeds, help."""

import json
import re

from starlette.exceptions import HTTPException
from starlette.responses import Response

from digest.edition.variants import DEFAULT
from digest.model import Cadence, EditionState, EditionStatus
from digest.store import editions
from digest.web import feeds
from digest.web.visit import Visit

PUBLIC = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)
LISTED = 100
IMAGE = re.compile(r"[0-9a-f]{32}\.jpg")


def home(visit: Visit) -> Response:
    return visit.page("home", newsletters=visit.context.settings.newsletters)


def help_page(visit: Visit) -> Response:
    return visit.page("help", newsletters=visit.context.settings.newsletters)


def archive(visit: Visit) -> Response:
    shown = _listed(visit, LISTED, Cadence.DAILY, Cadence.WEEKLY)
    return visit.page("archive", title=visit.title, newsletter=visit.newsletter, editions=shown)


def atom(visit: Visit) -> Response:
    feed = feeds.atom(_channel(visit), _listed(visit, feeds.ENTRIES, Cadence.DAILY), now=visit.now)
    return visit.context.pages.feed(feed, "application/atom+xml")


def json_feed(visit: Visit) -> Response:
    feed = feeds.json_feed(_channel(visit), _listed(visit, feeds.ENTRIES, Cadence.DAILY))
    return visit.context.pages.feed(json.dumps(feed, ensure_ascii=False).encode(), "application/feed+json")


def edition(visit: Visit) -> Response:
    """The `web` page of an edition that went out, also of a newsletter that is gone from the configuration."""
    with visit.context.database.read() as db:
        status = _public(editions.get(db, f"{visit.newsletter}/{visit.params['day']}"))
        rendered = editions.rendered(db, status.id, editions.newest(db, status.id, DEFAULT))
    if rendered is None:
        raise HTTPException(404)
    return visit.context.pages.edition(rendered.web)


def image(visit: Visit) -> Response:
    """A picture of an edition: its name is made of where it came from, so it is the same for ever."""
    folder, name = visit.context.settings.images.folder, visit.params["name"]
    if folder is None or not IMAGE.fullmatch(name) or not (path := folder / name).is_file():
        raise HTTPException(404)
    return visit.context.pages.image(path.read_bytes())


def _listed(visit: Visit, limit: int, *cadences: Cadence) -> list[EditionStatus]:
    """What has been published.  Who follows day by day is not told the same again in an edition of the week."""
    if visit.newsletter not in visit.context.settings.newsletters:
        raise HTTPException(404)
    with visit.context.database.read() as db:
        found = editions.listing(db, newsletter=visit.newsletter, cadences=cadences, waves=False, limit=limit)
    return [one for one in found if one.state in PUBLIC]


def _channel(visit: Visit) -> feeds.Channel:
    site, newsletter = visit.context.settings.site, visit.context.settings.newsletters.get(visit.newsletter)
    return feeds.Channel(
        newsletter=visit.newsletter,
        title=visit.title,
        author=site.name,
        language=(newsletter and newsletter.language) or site.language,
        base_url=site.base_url,
    )


def _public(status: EditionStatus | None) -> EditionStatus:
    if status is None or status.state not in PUBLIC:
        raise HTTPException(404)
    return status
