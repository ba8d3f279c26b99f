"""What Lighthouse gives the pages that readers see: performance, accessibility, best practices, search engines.

And the editor's desk, which is to be found by nobody and loads for one: its accessibility and best practices.

    python bench/lighthouse.py [--language ar] [--out DIR]      or: make lighthouse

A site of the sample articles is set up in a temporary folder and served on 127.0.0.1, its pictures with it.  Lighthouse
visits the web view, the archive, the form and a reader's own page, as a telephone and as a computer.  It needs Node.js
with npx, which fetches Lighthouse at first use, and a Chromium (CHROME_PATH, or on the PATH).  Performance suffers
where other programs want the processor too, so a slow page is seen up to three times.

Ends with 1 where a figure is below 100, with 2 where a program is missing.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from digest import config, links
from digest.assets import SAMPLES
from digest.demo.samples import IMAGES
from digest.model import Edition, Item, NewSubscriber
from digest.pipeline import pictures
from digest.pipeline.publishing import approve
from digest.pipeline.sampling import sample_edition
from digest.store import editions, migrate, newsletters, subscribers
from digest.store.database import Database
from digest.web.app import create_app
from digest.web.desk.app import create_desk
from digest.web.desk.door import OwnDoor
from digest.web.desk.sheet import Desk
from digest.web.server import Server

LIGHTHOUSE = "lighthouse@12"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
OF_DESK = ("accessibility", "best-practices")
DEVICES: Mapping[str, Sequence[str]] = {"telephone": (), "computer": ("--preset=desktop",)}
TRIES = 3  #: of a page that only lacks speed: whatever else runs here can slow it down, and nothing makes it faster
NAME = "daily"
READER = "reader@example.net"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Nothing: the figures are what is printed."""


@contextmanager
def picture_server() -> Iterator[str]:
    """The sample pictures at an address of this machine, to be fetched from as from anybody's."""
    handler = partial(_Quiet, directory=str(SAMPLES / "images"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def settings(folder: Path, base_url: str, language: str) -> config.Settings:
    site = config.Site(base_url=base_url, language=language, secrets=(SecretStr(token_urlsafe(32)),))
    return config.Settings(
        site=site,
        database=config.Database(url=SecretStr(f"sqlite:///{folder / 'site.db'}")),
        fetch=config.Fetch(allow=("127.0.0.0/8:*",), pause=0),
        images=config.Images(folder=folder / "images"),
    )


def fill(of: config.Settings, database: Database) -> dict[str, str]:
    """An edition that went out, and a reader of it.  The paths of the pages by name."""
    now = datetime.now(UTC)
    migrate.upgrade(database)
    with picture_server() as served:
        shown, faults = pictures.keep(of, _moved(sample_edition(of, now=now), served))
    assert not faults, faults
    with database.begin() as db:
        newsletters.ensure(db, [NAME], now=now)
        subscribers.add(db, [NewSubscriber(address=READER)], newsletter=NAME, consent="a sample", now=now)
        status = editions.save_draft(db, shown, [], due_at=None)
        reader = subscribers.by_address(db, READER)
    approve(of, database, status.key, now=now)
    assert reader is not None
    token = links.sign(of.site.keys, links.Purpose.PREFERENCES, NAME, reader.uid)
    return {
        "web view": links.edition_url("", status.key),
        "archive": links.archive_url("", NAME),
        "subscribe": f"/subscribe/{NAME}",
        "preferences": links.preferences_url("", NAME, token),
        "desk": f"/desk/{status.key}/",
    }


def _moved(edition: Edition, served: str) -> Edition:
    def moved(item: Item) -> Item:
        image = item.image
        return replace(item, image=replace(image, url=image.url.replace(IMAGES, served))) if image else item

    return replace(edition, lead=edition.lead and moved(edition.lead)).changed(moved)


def categories(url: str) -> Sequence[str]:
    return OF_DESK if "/desk/" in url else CATEGORIES


def measure(url: str, device: Sequence[str], report: Path, chrome: str) -> Any:
    command = [
        *("npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={report}", *device),
        f"--only-categories={','.join(categories(url))}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    environment = {**os.environ, "CHROME_PATH": chrome}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{LIGHTHOUSE} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
    return json.loads(report.read_text(encoding="utf-8"))


def scores(report: Any) -> dict[str, int]:
    return {name: round(100 * (one["score"] or 0)) for name, one in report["categories"].items()}


def faults(report: Any) -> list[str]:
    """What took points off."""
    weighed = [
        (name, ref["id"])
        for name in report["categories"]
        for ref in report["categories"][name]["auditRefs"]
        if ref["weight"]
    ]
    audits = report["audits"]
    return [
        f"{name}: {one} {audits[one].get('displayValue', '')}".strip()
        for name, one in weighed
        if (audits[one]["score"] or 0) < 1 and audits[one]["scoreDisplayMode"] != "notApplicable"
    ]


async def run(out: Path, language: str, chrome: str) -> bool:
    """Whether all is at 100."""
    with tempfile.TemporaryDirectory(prefix="digest-lighthouse-") as name:
        pages: list[Starlette] = []  # made when the port is known, as every link has it

        async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
            await pages[scope["path"].startswith("/desk/")](scope, receive, send)

        server = Server(dispatch)
        of = settings(Path(name), server.url, language)
        database = Database(of.database.url.get_secret_value())
        paths = await asyncio.to_thread(fill, of, database)
        desk, live = create_desk(Desk(of, database, lambda: datetime.now(UTC)), OwnDoor("editor"), root="/desk")
        pages += [create_app(of, database), desk]
        serving = asyncio.create_task(server.serve())
        try:
            return await _visit(server.url, paths, out, chrome)
        finally:
            live.end()
            await server.stop()
            await serving
            database.close()


async def _seen(url: str, device: Sequence[str], report: Path, chrome: str) -> Any:
    for _ in range(TRIES):
        found = await asyncio.to_thread(measure, url, device, report, chrome)
        if scores(found).get("performance", 100) == 100:
            break
    return found


async def _visit(base: str, paths: Mapping[str, str], out: Path, chrome: str) -> bool:
    print(f"{'page':<14}{'device':<12}" + "".join(f"{one:>16}" for one in CATEGORIES))
    perfect = True
    for page, path in paths.items():
        for device, words in DEVICES.items():
            report = await _seen(base + path, words, out / f"{page} {device}.json", chrome)
            found, wrong = scores(report), faults(report)
            perfect &= min(found.values()) == 100
            told = "".join(f"{found.get(name, '–'):>16}" for name in CATEGORIES)
            print(f"{page:<14}{device:<12}{told}", flush=True)
            for one in wrong:
                print(f"    {one}", flush=True)
    return perfect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="en", help="of the site (default: en)")
    parser.add_argument("--out", type=Path, help="keep Lighthouse's own reports there")
    chosen = parser.parse_args()
    chrome = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not shutil.which("npx") or not chrome:
        missing = "npx (Node.js)" if not shutil.which("npx") else "a Chromium; CHROME_PATH says where one is"
        print(f"NOT RUN: it needs {missing}", file=sys.stderr)
        raise SystemExit(2)
    with tempfile.TemporaryDirectory(prefix="digest-lighthouse-") as name:
        out = chosen.out or Path(name)
        out.mkdir(parents=True, exist_ok=True)
        perfect = asyncio.run(run(out, chosen.language, chrome))
    raise SystemExit(0 if perfect else 1)


if __name__ == "__main__":
    main()
