"""A signed link of a mail in, the way to its story out, and one more in the story's number.

The one GET that leaves a trace: a number of a story, and nothing of whoever asks (docs/statistics.md).
"""

import logging
from threading import Lock

from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from digest import links
from digest.store import clicks, editions
from digest.store.trouble import matter
from digest.web.editions import PUBLIC
from digest.web.people import Watch, is_machine
from digest.web.visit import Visit

logger = logging.getLogger(__name__)


class Counter:
    """Leads on, and counts; what it remembers of visitors stays in memory, for seconds."""

    def __init__(self) -> None:
        self._watch = Watch()
        self._lock = Lock()  # handlers run in threads

    def follow(self, visit: Visit) -> Response:
        """To the address of the link, if it is one of ours: also when the database is away, or counting was ended."""
        edition = f"{visit.newsletter}/{visit.params['day']}"
        story, target = visit.params["story"], visit.query.get("to", "")
        if not links.is_click(visit.context.keys, edition, story, target, visit.token):
            raise HTTPException(404)
        if _counts(visit):
            self._count(visit, edition, story)
        return visit.context.pages.onward(target)

    def _count(self, visit: Visit, edition: str, story: str) -> None:
        with self._lock:
            changes = self._watch.clicked((visit.ip, visit.user_agent), edition, story, now=visit.now)
        if not changes:
            return
        try:
            with visit.context.database.begin() as db:
                status = editions.get(db, edition)
                if status is not None and status.state in PUBLIC:  # not the test copy of a draft
                    clicks.add(db, status.id, changes)
        except DBAPIError as error:
            logger.warning("a click was not counted: %s", matter(error))


def _counts(visit: Visit) -> bool:
    known = visit.context.settings.newsletters.get(visit.newsletter)
    return bool(known and known.count_clicks) and visit.method == "GET" and not is_machine(visit.user_agent)
