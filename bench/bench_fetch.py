"""How long it takes to poll 10,000 items over 200 feeds on this machine, then once more when nothing has changed.

    python bench/bench_fetch.py

The server is another process, and each feed has a host of its own in 127.0.0.0/8 (Linux).  Both runs are the command
as an operator calls it, start-up and all.  Memory is the most that the command and the workers that parse for it had at
one time, resident, counted 20 times a second; what they share counts once for each.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from feeds import Feeds, conditional, rss

FIRST, SECOND, MEMORY = 60, 3, 300  #: bars: seconds, seconds, MB
WORDS = ("harbour", "rate", "bank", "storm", "council", "port", "steel", "vote", "court", "wind", "ship", "grain")


def serve(pipe: Connection, feeds: int, items: int) -> None:
    now = datetime.now(UTC)
    with Feeds() as server:
        for feed in range(feeds):
            rows = [
                (
                    f"https://paper{feed}.example/{n}",
                    f"{WORDS[n % len(WORDS)]} {WORDS[(feed + n) % len(WORDS)]} {feed} {n}",
                    at,
                )
                for n in range(items)
                for at in [now - timedelta(minutes=n)]
            ]
            server.answers[f"/{feed}"] = conditional(rss(rows, body=" ".join(WORDS * 16)))
        pipe.send(server.port)
        pipe.recv()


def resident(pid: int) -> list[int]:
    """MB of a process, and of each that it has started."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has just ended
        return []
    return [pages * os.sysconf("SC_PAGE_SIZE") // 2**20, *(size for child in children for size in resident(child))]


def fetch(folder: Path, environment: dict[str, str]) -> tuple[float, list[int], dict[str, int]]:
    """Seconds, MB of each process at the worst moment, and what became of the sources."""
    began = time.monotonic()
    words = [sys.executable, "-m", "digest", "fetch", "--force", "--json"]
    most: list[int] = []
    with tempfile.TemporaryFile("w+") as out:
        running = subprocess.Popen(words, cwd=folder, env=environment, stdout=out)
        while running.poll() is None:
            most = max(most, resident(running.pid), key=sum)
            time.sleep(0.05)
        seconds = time.monotonic() - began
        assert running.returncode == 0
        out.seek(0)
        results = json.load(out)["sources"]
    counts = {status: sum(one["status"] == status for one in results) for status in ("stored", "unchanged", "failed")}
    return seconds, most, counts | {"articles": sum(one["stored"] for one in results)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=50, help="of each feed")
    given = parser.parse_args()
    here, there = Pipe()
    server = Process(target=serve, args=(there, given.feeds, given.items), daemon=True)
    server.start()
    port = here.recv()
    tables = [
        {"name": f"Paper {n}", "url": f"http://127.0.{n // 250}.{n % 250 + 1}:{port}/{n}"} for n in range(given.feeds)
    ]
    environment = dict(os.environ) | {"DIGEST_SOURCES": json.dumps(tables), "DIGEST_FETCH__ALLOW": '["127.0.0.0/8:*"]'}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "digest", "init", "."], cwd=folder, check=True, capture_output=True)
        first, most, counts = fetch(Path(folder), environment)
        peak = sum(most)
        sizes = " + ".join(map(str, most))
        print(f"first run: {first:.2f} s (bar {FIRST}), peak {peak} MB (bar {MEMORY}) = {sizes}: {counts}")
        second, _, counts = fetch(Path(folder), environment)
        print(f"second run: {second:.2f} s (bar {SECOND}): {counts}")
    here.send(None)
    server.join()
    held = first <= FIRST and second <= SECOND and peak <= MEMORY
    print("every bar is held" if held else "NOT every bar is held")
    sys.exit(not held)


if __name__ == "__main__":
    main()
