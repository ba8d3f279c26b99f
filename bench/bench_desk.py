"""How soon an editor sees a change: from the press of a button until the mail in its frame is another one.

    python bench/bench_desk.py                  fifty changes, 1,000 articles in the window
    python bench/bench_desk.py --articles 2000

A desk as `digest preview` serves it, over a SQLite file, in a real Chromium without a window (playwright; CHROME_PATH,
or on the PATH).  Headlines are reworded and the note is written anew, in turn.  Told are the median and the ninetieth
percentile by clock, of one's own changes and of another editor's, which come by an event; and the milliseconds of the
processor that one of them takes with all that comes after it.  Ends with 1 where the median is above 300 ms, with 2
where the browser is missing.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench_edition import NAME, NOW, day_of
from pydantic import SecretStr

from digest import config
from digest.pipeline.building import build
from digest.store import arrivals, migrate
from digest.store.database import Database
from digest.web.desk.app import create_desk
from digest.web.desk.door import OwnDoor
from digest.web.desk.sheet import Desk
from digest.web.server import Server

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST = 300.0  #: milliseconds
TIMES = 50

#: Presses the button of a form once its field says something else; how long it takes until the frame says it too.
CHANGE = """
async ([button, field, words]) => {
  document.getElementById(field).value = words;
  const begun = performance.now();
  document.getElementById(button).click();
  return await new Promise((done) => {
    const look = () => document.getElementById("frame").contentDocument.body.textContent.includes(words)
      ? done(performance.now() - begun) : setTimeout(look, 2);
    look();
  });
}
"""
#: When the frame says something that another editor wrote.
SEEN = """
(words) => new Promise((done) => {
  const look = () => document.getElementById("frame").contentDocument.body.textContent.includes(words)
    ? done(Date.now()) : setTimeout(look, 2);
  look();
})
"""


@contextmanager
def served(settings: config.Settings, database: Database) -> Iterator[str]:
    """The address of the desk; its server has a thread of its own."""
    desk = Desk(settings, database, lambda: NOW)
    app, live = create_desk(desk, OwnDoor("bench"), root="/desk")
    server, loop = Server(app), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = asyncio.run_coroutine_threadsafe(server.serve(), loop)
    try:
        yield f"{server.url}/desk/{desk.key(NAME)}/"
    finally:
        live.end()
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(20)
        serving.result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)


def store(settings: config.Settings, database: Database, articles: int) -> None:
    migrate.upgrade(database)
    per_day = list(day_of(0))
    more = (one for age in range(1, 1 + articles // len(per_day)) for one in day_of(age))
    with database.begin() as db:
        arrivals.write(db, new=[*per_day, *more][:articles], changed=(), further=(), now=NOW)
    build(settings, database, NAME, at=NOW)


def own(page: Any) -> Iterator[float]:
    """Milliseconds of each change."""
    stories = page.eval_on_selector_all(".row[draggable]", "rows => rows.map((row) => row.dataset.story)")
    for number in range(TIMES):
        if number % 2:
            page.locator("#tab-edition").click()
            yield page.evaluate(CHANGE, ["do-note", "note", f"The note of change {number}."])
            continue
        story = stories[number // 2 % len(stories)]
        page.locator(f"#row-{story}").click()
        page.locator(f".story[data-story={story}] #headline").wait_for()
        yield page.evaluate(CHANGE, ["do-reword", "headline", f"The headline of change {number}"])


def others(page: Any, second: Any) -> Iterator[float]:
    """Milliseconds until another editor's page has each change."""
    for number in range(TIMES // 5):
        words = f"The second note {number}."
        second.evaluate("window.seen = null")
        second.evaluate(f"({SEEN})({words!r}).then((at) => (window.seen = at)); 0")
        begun = time.time()
        page.evaluate(CHANGE, ["do-note", "note", words])
        while (at := second.evaluate("window.seen")) is None:
            second.wait_for_timeout(5)
        yield at - begun * 1000


def told(name: str, found: list[float]) -> None:
    print(f"{name:<34}{len(found):>4}{median(found):>9.0f} ms{quantiles(found, n=10)[-1]:>9.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000)
    args = parser.parse_args()
    program = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None or sync_playwright is None:
        print("NOT RUN: it needs playwright and a Chromium; CHROME_PATH says where one is", file=sys.stderr)
        raise SystemExit(2)
    with tempfile.TemporaryDirectory(prefix="bench-desk-") as folder, sync_playwright() as started:
        url = f"sqlite:///{Path(folder, 'desk.db')}"
        settings = config.Settings(
            site=config.Site(secrets=(SecretStr("k" * 40),)),
            database=config.Database(url=SecretStr(url)),
            newsletters={NAME: config.Newsletter(title="Daily", sender="desk@example.org")},
        )
        database = Database(url)
        store(settings, database, args.articles)
        with served(settings, database) as address:
            browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page, second = browser.new_page(), browser.new_page()
            for one in (page, second):
                one.goto(address)
                one.locator("#part-findings h3").first.wait_for(state="attached")
            used, mine = time.process_time(), list(own(page))
            used = time.process_time() - used
            theirs = list(others(page, second))
            browser.close()
        database.close()
    print(f"{args.articles:,} articles in the window; load of this machine {os.getloadavg()[0]:.1f}")
    print(f"{'until the frame has changed':<34}{'of':>4}{'median':>12}{'p90':>12}")
    told("one's own change", mine)
    told("another editor's", theirs)
    print(f"of the processor, a change: {1000 * used / TIMES:.0f} ms, the driver of the browser with it")
    raise SystemExit(0 if median(mine) <= MOST else 1)


if __name__ == "__main__":
    main()
