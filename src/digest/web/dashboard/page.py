"""Settings and a database in, the dashboard's values out, looked at anew every few seconds at most."""

from collections.abc import Callable
from datetime import datetime

from digest.config import Settings
from digest.store.database import Database
from digest.web.dashboard.glance import Glance
from digest.web.dashboard.look import Board, look
from digest.web.dashboard.view import Page, page


class Dashboard:
    """Of one site.  Its methods may be called from several threads.

    Args:
        settings: The site's.
        database: Opened, and of this program's schema.
        clock: Aware moments.
    """

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        self._boards = Glance(self._look)

    def page(self, wanted: str) -> Page:
        """`wanted`: whose readers and last edition; what is no newsletter leaves the choice to the newest edition."""
        return page(self._boards.get(wanted if wanted in self._settings.newsletters else ""), self._settings)

    def _look(self, wanted: str) -> Board:
        return look(self._settings, self._database, wanted, now=self._clock())
