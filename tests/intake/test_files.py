import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from build import NOW
from digest.intake import files, jsonl
from digest.intake.kinds import Kind, sniff
from digest.model import Article, Rejection, Source

ROW = {"url": "https://example.org/a", "title": "A roof is saved", "published": "2026-11-23T06:00:00Z"}
RSS = "<rss version='2.0'><channel><title>P</title><item><title>T</title><link>https://p.example/</link></item></channel></rss>"
TEXT = (
    "The roof is saved\n\nThe council met for three hours on Tuesday and agreed to repair the roof of the old hall.\n"
)
PAGE = "<!DOCTYPE html><html><head><link rel=canonical href=https://h.example/x><title>H</title></head><body>b</body></html>"


def write(folder: Path, **contents: str | bytes) -> None:
    for name, content in contents.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)


def rejected(path: Path) -> list[tuple[str, str, str]]:
    results = files.read(path, now=NOW)
    return [(Path(one.path).name, one.where, one.error) for one in results if isinstance(one, Rejection)]


def test_a_folder_is_walked_in_order_and_hidden_files_are_left_out(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    write(tmp_path, c__txt=TEXT, a__jsonl=json.dumps(ROW), __hidden__txt=TEXT)
    write(tmp_path / "b", z__rss=RSS, y__html=PAGE)
    write(tmp_path / ".git", x__txt=TEXT)

    urls = [one.url for one in files.read(tmp_path, now=NOW)]

    assert urls == [
        "https://example.org/a",
        f"https://scraped.invalid/{tmp_path.name}/c",
        "https://h.example/x",
        "https://p.example/",
    ]


def test_several_paths_with_one_source(tmp_path):
    write(tmp_path, a__jsonl=json.dumps(ROW), c__txt=TEXT)
    source = Source(name="Wire", url="https://wire.example/news/", section="World")

    results = list(files.read([tmp_path / "c.txt", tmp_path / "a.jsonl"], source=source, now=NOW))

    assert [(one.url, one.source, one.section) for one in results] == [
        ("https://wire.example/news/c", "Wire", "World"),
        ("https://example.org/a", "Wire", "World"),
    ]


def test_what_cannot_be_taken_in_is_told_and_the_rest_goes_in(tmp_path):
    write(
        tmp_path,
        a__jsonl=f"{json.dumps(ROW)}\nbroken\n",
        b__png=b"\x89PNG\r\n\x1a\n",
        c__xml="<note>no feed</note>",
        d__html="",
        e__csv="a,b\n",
        f__txt="Menu\n",
        g__txt=TEXT,
    )
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "dangling.rss").symlink_to(tmp_path / "nowhere")

    assert rejected(tmp_path) == [
        ("a.jsonl", "line 2", "not JSON: Expecting value at character 1"),
        ("b.png", "", "unknown kind of file"),
        ("c.xml", "", "not a feed"),
        ("d.html", "", "empty file"),
        ("dangling.rss", "", "no such file or directory"),
        ("e.csv", "", "unknown kind of file"),
        ("f.txt", "", "no article text found: no paragraph is long enough"),
        ("pipe.txt", "", "not a regular file"),
    ]
    assert sum(isinstance(one, Article) for one in files.read(tmp_path, now=NOW)) == 2


def test_a_missing_path_is_told(tmp_path):
    assert rejected(tmp_path / "none") == [("none", "", "no such file or directory")]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b'\xef\xbb\xbf {"url": 1}', Kind.JSONL),
        (b'{"version": "https://jsonfeed.org/version/1"}', Kind.FEED),
        (b"<?xml version='1.0'?><!-- a --><rss>", Kind.FEED),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", Kind.FEED),
        (b"<rdf:RDF>", Kind.FEED),
        (b"\n<!DOCTYPE html>", Kind.PAGE),
        (b"<?xml version='1.0'?><rss><item><description>&lt;html> <![CDATA[<html>", Kind.FEED),
        (b"<a:feed xmlns:a='http://www.w3.org/2005/Atom'>", Kind.FEED),
        (b"<?xml version='1.0'?><urlset>", Kind.SITEMAP),
        ("<?xml version='1.0'?><!-- <rss> --><sitemapindex>".encode("utf-16"), Kind.INDEX),
        (b"<p>Warning</p><html>", Kind.PAGE),
        (b"<!--" * 500, None),
        (b"<note>", None),
        (b"words", None),
    ],
)
def test_the_kind_of_a_file_without_a_suffix(start, kind):
    assert sniff(start) is kind


def test_a_file_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILE", 2 * 1024 * 1024)
    write(tmp_path, a__rss=RSS + " " * 2 * 1024 * 1024)
    assert rejected(tmp_path) == [("a.rss", "", "longer than 2 MB")]


def test_a_line_that_is_too_long_is_refused_and_the_next_is_read(tmp_path):
    row = json.dumps(ROW).encode()
    exact = row + b" " * (jsonl.MAX_LINE - len(row) - 1) + b"\n"
    write(tmp_path, a__jsonl=b"\n".join([row, b" " * (3 * jsonl.MAX_LINE), row, exact + row]))

    assert rejected(tmp_path) == [("a.jsonl", "line 2", "longer than 2 MB")]
    assert len(list(files.read(tmp_path, now=NOW))) == 5


def test_a_scraped_page_without_a_date_is_as_old_as_its_file(tmp_path):
    write(tmp_path, a__txt=TEXT)
    moment = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    os.utime(tmp_path / "a.txt", (0, moment.timestamp()))

    (article,) = files.read(tmp_path, now=NOW)
    assert article.published == moment


def test_a_name_that_is_not_utf8_can_be_reported(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")).write_bytes(b"\x89PNG")
    (only,) = files.read(tmp_path, now=NOW)
    assert only.path.encode().endswith(b"?.png")


def test_reading_twice_gives_the_same(tmp_path):
    write(tmp_path, a__jsonl=json.dumps(ROW), c__txt=TEXT, z__rss=RSS, y__html=PAGE)
    assert list(files.read(tmp_path, now=NOW)) == list(files.read(tmp_path, now=NOW))
