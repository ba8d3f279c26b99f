"""A desk with news on it: a site, a morning's articles, readers, and the pages, in this process or at a port.

with Newsroom(settings, database) as room:      # at room.url, for a browser
    room.say(do="pin s1")                       # or without one
"""

import asyncio
import re
import threading
from datetime import timedelta
from typing import Any, Self

from starlette.testclient import TestClient

from build import NOW, ToldTime, article, reader
from digest.model import Image
from digest.pipeline import storing
from digest.pipeline.building import build
from digest.store import newsletters, subscribers
from digest.web.desk.app import create_desk
from digest.web.desk.door import OwnDoor
from digest.web.desk.sheet import Desk
from digest.web.server import Server

KEY = "daily/2026-11-23"
ROOT = "/t0ken"
#: Section, and the headlines of one event, a source each.
EVENTS = (
    ("Economy", (
        "Central bank of Marenne cuts its key rate to four per cent",
        "Marenne: key rate of the central bank cut to four per cent",
        "Key rate in Marenne falls to four per cent, central bank decides",
        "Four per cent: central bank cuts key rate of Marenne",
    )),
    ("World", (
        "Storm Edda leaves three hundred thousand homes without power",
        "Three hundred thousand homes lose power as storm Edda passes",
        "Storm Edda: power fails in three hundred thousand homes",
    )),
    ("Politics", (
        "Parliament of Velland votes down minister Solbakk",
        "Minister Solbakk voted down by the parliament of Velland",
    )),
    ("Economy", (
        "Chipmaker Aurelis builds its largest factory on the coast",
        "Largest factory of chipmaker Aurelis comes to the coast",
    )),
    ("World", ("Kestria halts the export of wheat after a failed harvest",)),
    ("Science", ("Telescope on Mount Ilvar finds water on a distant planet",)),
    ("Politics", ("Mayors ask for more money for schools and bridges",)),
)  # fmt: skip


def articles():
    for number, (section, headlines) in enumerate(EVENTS):
        for copy, headline in enumerate(headlines):
            yield article(
                url=f"https://paper{copy}.example.org/{number}",
                title=headline,
                source=f"Paper {copy}",
                section=section,
                summary=f"{headline}.  {headlines[0]} is what people talk about.",
                body="",
                published=NOW - timedelta(hours=1 + number, minutes=copy),
                image=Image(url=f"https://img.example.org/{number}-{copy}.jpg", alt="A view", credit="A Photographer")
                if copy < 2
                else None,
            )


class Newsroom:
    """The desk of one editor, and a client without cookies in front of it."""

    def __init__(self, settings: Any, database: Any, *, who: str = "ada", stored: bool = True, clock=None) -> None:
        self.settings, self.database, self.clock = settings, database, clock or ToldTime()
        if stored:
            fill(database, settings)
        self.desk = Desk(settings, database, self.clock)
        self.app, self.live = create_desk(self.desk, OwnDoor(who), root=ROOT)
        self.client = TestClient(self.app, base_url="http://127.0.0.1:5000", follow_redirects=False)
        self.base = f"{ROOT}/{KEY}/"

    # --- without a browser ---

    def get(self, path: str = "", **how: Any):
        return self.client.get(self.base + path, **how)

    @property
    def token(self) -> str:
        return re.search(r'data-csrf="([^"]+)"', self.get().text)[1]

    @property
    def sheet(self):
        return self.desk.sheet(KEY)

    def story(self, words: str) -> str:
        """The id of the story with these words in its headline."""
        return next(one.id for one in self.sheet.draft.replayed.stories if words in one.lead.title)

    def order(self) -> list[str]:
        return [item.headline for item in self.sheet.edition.items]

    def say(self, *, script: bool = True, headers: Any = None, path: str = "do", **fields: Any):
        """Send a form as the page does."""
        sent = {"origin": "http://127.0.0.1:5000", "sec-fetch-site": "same-origin"}
        sent |= {"accept": "application/json"} if script else {}
        fields = {"csrf": self.token, "revision": str(self.sheet.draft.revision)} | fields
        headers = sent if headers is None else headers
        return self.client.post(self.base + path, data=fields, headers=headers)

    # --- with one ---

    def __enter__(self) -> Self:
        self._server = Server(self.app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve(), self._loop)
        self.url = f"{self._server.url}{self.base}"
        return self

    def __exit__(self, *exc: object) -> None:
        self.live.end()
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(20)
        self._serving.result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()


def fill(database: Any, settings: Any, *, readers: int = 3) -> None:
    with database.begin() as db:
        newsletters.ensure(db, settings.newsletters, now=NOW)
        storing.put(db, list(articles()), now=NOW - timedelta(minutes=5))
        people = [reader(number) for number in range(1, readers + 1)]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
    build(settings, database, "daily", at=NOW)
