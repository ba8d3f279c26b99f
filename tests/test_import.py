"""A long import: stopped at any moment it loses nothing that was stored, and goes on where it was."""

import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from build import NOW
from digest.errors import DigestError
from digest.intake import files
from digest.pipeline import tables
from digest.pipeline.articles import import_paths
from digest.pipeline.readers import ROWS, Order, import_readers
from digest.pipeline.reading import MUCH
from digest.store import articles, subscribers
from digest.store.database import Database
from processes import Installation

ALONE, APART = 2**60, 0  #: read in this process; in one of its own
READERS = ROWS + 7_000


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "articles.jsonl"
    rows = [
        {
            "url": f"https://example.org/{number}",
            "title": f"Title {number}",
            "published": (NOW - timedelta(minutes=number)).isoformat(),
            "body": "Ü" * 5_000,
        }
        for number in range(2_500)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def test_progress_adds_up_to_the_size_of_all_files(file, settings, sqlite_database):
    (file.parent / "page.txt").write_text("nothing that could be an article")
    (file.parent / "empty.xml").write_text("")
    paths = [file, file.parent / "page.txt", file.parent / "empty.xml"]
    steps: list[int] = []
    done = import_paths(settings, sqlite_database, paths, now=NOW, progress=steps.append)
    assert done.stored == 2_500
    assert len(done.rejected) == 2
    assert sum(steps) == files.size(paths) == sum(path.stat().st_size for path in paths)
    assert len(steps) > 2


@pytest.mark.parametrize("much", [ALONE, APART])
def test_errors_keep_their_place_whoever_reads(file, settings, database, much):
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[1_999] = "broken"
    file.write_text("\n".join(lines), encoding="utf-8")
    done = import_paths(settings, database, [file], now=NOW, much=much)
    assert (done.stored, done.read) == (2_499, 2_500)
    (only,) = done.rejected
    assert (only.path, only.where) == (str(file), "line 2000")


def children():
    """Processes that we have started, and that have not been waited for."""
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    return [line.split()[0] for line in listed.stdout.splitlines() if "pipeline.apart" in line]


def test_a_reader_that_dies_costs_nothing_that_was_stored(file, settings, sqlite_database):
    def kill(size: int) -> None:
        for child in children():
            os.kill(int(child), signal.SIGKILL)

    with pytest.raises(DigestError, match="goes on from there"):
        import_paths(settings, sqlite_database, [file], now=NOW, progress=kill, much=APART)
    assert children() == []
    with sqlite_database.read() as db:
        stored = articles.count(db)
    assert 0 < stored < 2_500
    assert import_paths(settings, sqlite_database, [file], now=NOW, much=APART).stored == 2_500 - stored


def test_a_stopped_import_keeps_what_it_stored_and_goes_on(file, settings, sqlite_database):
    def stop(size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_paths(settings, sqlite_database, [file], now=NOW, progress=stop)
    with sqlite_database.read() as db:
        stored = articles.count(db)
    assert 0 < stored < 2_500
    again = import_paths(settings, sqlite_database, [file], now=NOW)
    assert (again.duplicate, again.stored) == (stored, 2_500 - stored)
    assert children() == []


@pytest.fixture
def readers(tmp_path):
    """A list of more readers than go into one transaction, and large enough for a process of its own."""
    path = tmp_path / "readers.csv"
    rows = [f"reader{number}@example.net,{'Reader ' * 8}{number}" for number in range(READERS)]
    path.write_text("\n".join(["email,name", *rows]) + "\n", encoding="utf-8")
    assert path.stat().st_size > tables.MUCH
    return path


def test_readers_are_the_same_whoever_reads_them(readers, settings, sqlite_database):
    order = Order(consent="form")
    steps: list[int] = []
    dry = [
        import_readers(settings, sqlite_database, [readers], Order(consent="form", dry_run=True), now=NOW, much=much)
        for much in (ALONE, APART)
    ]
    done = import_readers(settings, sqlite_database, [readers], order, now=NOW, progress=steps.append)
    assert dry == [done, done]
    assert (done.confirmed, len(steps)) == (READERS, 2)
    assert sum(steps) == readers.stat().st_size
    with sqlite_database.read() as db:
        addresses = [one.subscriber.address for one in subscribers.listing(db)]
    assert addresses == [f"reader{number}@example.net" for number in range(READERS)], "in the order of the list"


def test_who_reads_a_list_and_dies_costs_nothing_that_was_taken_in(readers, settings, sqlite_database):
    def kill(size: int) -> None:
        for child in children():
            os.kill(int(child), signal.SIGKILL)

    readers.write_text(readers.read_text() * 4)  # more than is read ahead
    with pytest.raises(DigestError, match="goes on from there"):
        import_readers(settings, sqlite_database, [readers], Order(), now=NOW, progress=kill)
    assert children() == []
    with sqlite_database.read() as db:
        assert len([*subscribers.listing(db)]) >= ROWS


@pytest.mark.timeout(300)  # four processes, one after the other
def test_ctrl_c_ends_with_one_line_and_the_same_command_goes_on(tmp_path):
    """As a terminal sends it: to all processes of the group."""
    path, count = tmp_path / "articles.jsonl", 20_000
    row = {"published": NOW.isoformat(), "body": "word " * 180}
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps(row | {"url": f"https://example.org/{number}", "title": f"Title {number}"}) + "\n")
    assert path.stat().st_size > MUCH
    (tmp_path / "home").mkdir()
    digest = Installation(tmp_path / "home")
    interrupt(digest, "import", str(path), after=stored)
    before = stored(digest)
    done = digest.json("import", str(path))
    assert 0 < before == done["duplicate"] < count
    assert done["stored"] == count - before


@pytest.mark.timeout(300)
def test_ctrl_c_while_readers_are_taken_in_ends_with_one_line_too(tmp_path, readers):
    (tmp_path / "home").mkdir()
    digest = Installation(tmp_path / "home")
    lines = readers.read_text().splitlines()
    readers.write_text("\n".join([lines[0], *(f"{n}{line}" for n in range(2) for line in lines[1:])]))
    interrupt(digest, "subscribers", "import", str(readers), "--consent", "form", after=known)
    before = known(digest)
    done = digest.json("subscribers", "import", str(readers), "--consent", "form")
    assert 0 < before == done["already"] < READERS * 2
    assert done["confirmed"] == READERS * 2 - before


def interrupt(digest, *words, after):
    """Ctrl-C once something is stored: the command ends with one line."""
    process = digest.start(*words, start_new_session=True)
    try:
        while not after(digest):
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    finally:
        process.kill()
    assert (process.returncode, said.count("\n")) == (1, 1)
    assert said.startswith("digest: stopped")


def known(digest):
    return counted(digest, lambda db: db.exec_driver_sql("SELECT count(*) FROM subscriptions").scalar())


def stored(digest):
    return counted(digest, articles.count)


def counted(digest, count):
    database = Database(f"sqlite:///{digest.folder / 'digest.db'}")
    with database.read() as db:
        found = count(db)
    database.close()
    return found


def test_an_import_and_another_that_store_the_same_sources_at_once_wait_for_each_other(tmp_path, settings, database):
    """Each holds what it has in one order: neither is a victim of the other."""
    row = {"published": NOW.isoformat(), "body": "word " * 60, "source": "Wire"}
    paths = [tmp_path / f"{name}.jsonl" for name in "ab"]
    for path in paths:
        rows = [{"url": f"https://{path.stem}.example.org/{n}", "title": f"Title {path.stem}{n}"} for n in range(400)]
        path.write_text("\n".join(json.dumps(row | one) for one in rows), encoding="utf-8")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda path: [import_paths(settings, database, [path], now=NOW) for _ in range(3)], paths))
    assert [[one.stored for one in each] for each in done] == [[400, 0, 0], [400, 0, 0]]
