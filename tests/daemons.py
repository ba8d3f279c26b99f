"""Daemons on one database that start at the same moment: forked from a process that has imported all they need.

    echo '{"url": …, "port": …, "names": […], "count": 5}' | python tests/daemons.py

Starts `count` of them for each of the newsletters in turn, ends them once its edition is done, and prints within how
many milliseconds they began, and how they ended.
"""

import asyncio
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

from abort_at import settings_for
from digest import daemon
from digest.config import Newsletter, Settings
from digest.model import EditionState
from digest.store import editions
from digest.store.database import Database


def settings_of(url: str, port: int, name: str) -> Settings:
    """Its edition has been due for a minute, so that all of them find it at once."""
    due = datetime.now(UTC) - timedelta(minutes=1)
    letter = Newsletter(send_at=due.time().replace(microsecond=0))
    return settings_for(url, port, 1).model_copy(update={"newsletters": {name: letter}})


def child(settings: Settings, at: float, begun: int) -> None:
    time.sleep(max(0, at - time.time()))
    os.write(begun, f"{time.time()}\n".encode())
    database = Database(settings.database.url.get_secret_value())
    asyncio.run(daemon.run(settings, database, clock=True, worker=True, web=False))
    os._exit(0)


def is_done(url: str, name: str) -> bool:
    database = Database(url)
    with database.read() as db:
        found = editions.latest(db, name)
    database.close()  # whatever is forked later must not have its connections
    return found is not None and found.state is EditionState.DONE


def once(url: str, port: int, name: str, count: int) -> None:
    settings, (read, write) = settings_of(url, port, name), os.pipe()
    at = time.time() + 0.2
    children = []
    for _ in range(count):
        children.append(os.fork())
        if not children[-1]:
            child(settings, at, write)
    end = time.monotonic() + 60
    while not is_done(url, name) and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.3)  # for whoever would send it a second time
    for one in children:
        os.kill(one, signal.SIGTERM)
    codes = [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in children]
    os.close(write)
    with os.fdopen(read) as file:
        moments = [float(line) for line in file]
    sys.stdout.write(json.dumps({"within": 1000 * (max(moments) - min(moments)), "codes": codes}) + "\n")


if __name__ == "__main__":
    told = json.load(sys.stdin)
    for newsletter in told["names"]:
        once(told["url"], told["port"], newsletter, told["count"])
