"""Takes the pictures of the desk and of the dashboard in docs/images anew, at a fixed hour: `make screens`.

Needs a Chromium (CHROME_PATH, or on the PATH).  Look at them before you commit them.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from pydantic import SecretStr

import boardroom
from browser import find
from build import ToldTime
from digest import config
from digest.assets import ROOT, SAMPLES
from digest.demo import samples
from digest.intake.jsonl import parse
from digest.intake.origin import Origin
from digest.model import Article
from digest.pipeline import storing
from digest.pipeline.building import build
from digest.store import migrate, newsletters
from digest.store.database import Database
from newsroom import KEY, Newsroom

AT = datetime(2026, 11, 23, 6, 48, tzinfo=UTC)
FOLDER = ROOT / "docs" / "images"


@contextmanager
def room() -> Iterator[Newsroom]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        samples.write_markets(folder / "markets.csv", AT)
        database = Database(f"sqlite:///{folder / 'desk.db'}")
        migrate.upgrade(database)
        daily = config.Newsletter(
            markets_csv=folder / "markets.csv",
            sections=("Economy", "Politics", "World", "Companies"),
            review="required",
        )
        settings = config.Settings(
            site=config.Site(secrets=(SecretStr("k" * 40),)),
            sources=samples.sources(),
            newsletters={"daily": daily},
            desk=config.Desk(test_addresses=("ada@example.org",)),
        )
        rows = "\n".join(map(json.dumps, samples.rows(AT - timedelta(minutes=30)))).encode()
        found = [one for one in parse(rows, Origin(now=AT, path="articles.jsonl")) if isinstance(one, Article)]
        with database.begin() as db:
            newsletters.ensure(db, ["daily"], now=AT)
            storing.put(db, found, now=AT - timedelta(minutes=10))
        build(settings, database, "daily", at=AT)
        with Newsroom(settings, database, stored=False, clock=ToldTime(AT)) as one:
            yield one
        database.close()


def decide(one: Newsroom) -> None:
    """What an editor may have done by this hour."""
    items = one.sheet.edition.items
    one.say(do=f"pin {items[0].story}")
    one.say(do=f"up {items[3].story}")
    one.say(do="reword", story=items[1].story, headline=items[1].headline, blurb=items[1].blurb.split(". ")[0] + ".")
    one.say(do=f"drop {items[-1].story}")
    one.say(do="note", note="Good morning. *Velland* votes again in **six weeks**: we will be there.")


def shoot(
    browser: Any, one: Newsroom, name: str, *, size: tuple[int, int], act: Callable[[Any], None], **how: Any
) -> None:
    context = browser.new_context(viewport=dict(zip(("width", "height"), size, strict=True)), **how)
    page = context.new_page()
    page.route("https://images.example.org/**", _picture)
    page.clock.set_fixed_time(AT)
    page.goto(one.url)
    page.locator("#part-findings h3").first.wait_for(state="attached")
    act(page)
    page.wait_for_timeout(1500)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)
    context.close()
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _picture(route: Any) -> None:
    route.fulfill(path=SAMPLES / "images" / route.request.url.rpartition("/")[2])


def choose(page: Any, number: int = 1) -> None:
    page.locator(".row[draggable] .open").nth(number).click()
    page.locator(".panel .ledger").wait_for()


def findings(page: Any) -> None:
    choose(page, 2)
    page.locator("#look-dark").click()
    page.locator("#width-375").click()
    page.locator("#tab-record").click()


def shoot_dashboard(browser: Any, one: Newsroom) -> None:
    """In the middle of the send, the whole page."""
    at = AT + timedelta(minutes=12)
    one.clock.now = at + timedelta(minutes=17, seconds=20)
    feeds = {source.name: source.url for source in one.settings.sources if source.url}
    boardroom.morning(one.database, KEY, newsletter="daily", feeds=feeds, at=at, now=one.clock.now)
    page = browser.new_page(viewport={"width": 1240, "height": 900})
    page.goto(f"{one.url.partition(KEY)[0]}dashboard")
    path = FOLDER / "dashboard.png"
    page.screenshot(path=path, full_page=True)
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def main() -> None:
    program = find()
    if program is None:
        raise SystemExit("a Chromium is needed; CHROME_PATH says where one is")
    with room() as one, sync_playwright() as started:
        decide(one)
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        shoot(browser, one, "desk", size=(1440, 900), act=choose)
        shoot(browser, one, "desk-dark", size=(1440, 900), act=findings, color_scheme="dark")
        shoot(browser, one, "desk-phone", size=(390, 844), act=choose, has_touch=True, is_mobile=True)
        shoot_dashboard(browser, one)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
