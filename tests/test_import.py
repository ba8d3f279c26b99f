"""A long import: stopped at any moment it loses nothing that was stored, and goes on where it was."""

import json
from datetime import timedelta

import pytest

from build import NOW
from digest.intake import files
from digest.pipeline.articles import import_paths
from digest.store import articles


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
