"""A site with readers in every state, and a browser without cookies in front of it."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from browser import REQUIRED, find
from build import KEY, NOW, ToldTime, edition, reader
from digest import links
from digest.model import Reason, Rendered
from digest.store import editions, newsletters, schema, subscribers, suppressions
from digest.web.app import create_app

OLD_KEY = "o" * 40
STATES = ("confirmed", "pending", "left", "suppressed")


@dataclass
class Town:
    """The site under test."""

    settings: object
    database: object
    clock: ToldTime
    woken: list = field(default_factory=list)

    def __post_init__(self):
        wake = lambda: self.woken.append(1)  # noqa: E731
        self.app = create_app(self.settings, self.database, clock=self.clock, wake=wake, pace=0.001)
        # As a proxy that ends TLS passes requests on; redirects would be seen, not followed.
        self.client = TestClient(self.app, base_url="http://10.0.0.7:8600", follow_redirects=False)

    def person(self, name):
        with self.database.read() as db:
            return subscribers.by_address(db, f"{name}@example.net")

    def subscription(self, name="confirmed", newsletter="daily"):
        with self.database.read() as db:
            person = subscribers.by_address(db, f"{name}@example.net")
            return subscribers.subscription(db, person.id, newsletter)

    def token(self, purpose, name="confirmed", *, newsletter="daily", generation=0, key=KEY):
        return links.sign([key], links.Purpose(purpose), newsletter, self.person(name).uid, generation=generation)

    def path(self, purpose, name="confirmed", **how):
        return f"/{purpose}/daily/{self.token(purpose, name, **how)}"

    def rows(self):
        """All that a reader's request could change."""
        names = ("subscribers", "subscriptions", "suppressions", "editions", "deliveries", "moves", "events")
        tables = [schema.metadata.tables[name] for name in names]
        with self.database.read() as db:
            return [sorted(map(repr, db.execute(select(table)))) for table in tables]

    def fill_in(self, email, *, wait=5, newsletter="daily", **fields):
        """Open the form, take `wait` seconds, send it."""
        page = self.client.get(f"/subscribe/{newsletter}").text
        shown = page.split('name="shown" value="')[1].split('"')[0]
        self.clock.advance(seconds=wait)
        return self.client.post(f"/subscribe/{newsletter}", data={"email": email, "shown": shown} | fields)


@pytest.fixture(scope="module")
def chromium():
    program = find()
    if program is None:
        (pytest.fail if REQUIRED else pytest.skip)("no Chromium on PATH and no CHROME_PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        switches = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        browser = started.chromium.launch(executable_path=program, args=switches)
        yield browser
        browser.close()


@pytest.fixture
def ada(chromium, room):
    """An editor at the desk of the `room` of a module."""
    from editor import Editor

    editor = Editor(chromium, room)
    yield editor
    editor.context.close()


@pytest.fixture
def town(settings, database):
    return _town(settings, database)


@pytest.fixture
def small_town(settings, sqlite_database):
    """For what does not depend on the kind of database."""
    return _town(settings, sqlite_database)


def _town(settings, database):
    site = settings.site.model_copy(update={"secrets": (SecretStr(KEY), SecretStr(OLD_KEY))})
    daily = settings.newsletters["daily"]
    both = {"daily": daily, "weekly": daily.model_copy(update={"title": "The Week"})}
    settings = settings.model_copy(update={"site": site, "newsletters": both})
    with database.begin() as db:
        newsletters.ensure(db, both, now=NOW)
        for name in STATES:
            consent = None if name == "pending" else "a form on paper"
            person = reader(address=f"{name}@example.net")
            subscribers.add(db, [person], newsletter="daily", consent=consent, now=NOW - timedelta(days=2))
        left = subscribers.by_address(db, "left@example.net")
        subscribers.unsubscribe(db, left.id, None, now=NOW - timedelta(days=1))
        suppressions.add(db, "suppressed@example.net", reason=Reason.BOUNCE, evidence="550", now=NOW)
        status = editions.save_draft(db, edition(), [], due_at=None)
        web = "<!DOCTYPE html><title>Monday</title><p>Monday's edition</p>"
        rendered = Rendered(variant="default", subject="Monday", preheader="", html="", text="", web=web)
        editions.approve(db, status.id, now=NOW, expires_at=NOW, in_doubt="resend", rendered=[(rendered, b"")])
    return Town(settings, database, ToldTime())
