"""The sample data: enough of it, lifelike in its counts, and made from its sources."""

import json
import struct
import subprocess
import sys
import tomllib
import zlib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.assets import SAMPLES
from digest.config import SourceSettings
from digest.edition import markets
from digest.intake import files
from digest.model import Article, Role

ANCHOR = datetime.fromisoformat((SAMPLES / "anchor.txt").read_text(encoding="ascii").strip())
IMAGES = "https://images.example.org/"
SIZE = (1104, 622)


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    """Taken in as `digest import` does it; a rejection would fail every test."""
    found = list(files.read(SAMPLES / "articles.jsonl", source=None, now=ANCHOR))
    assert all(isinstance(one, Article) for one in found), found
    return [one for one in found if isinstance(one, Article)]


@pytest.fixture(scope="module")
def events() -> dict[str, set[tuple[str, str]]]:
    """Event → (source, title) of its articles, as the texts are grouped."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    program = "import json, make_articles as m; print(json.dumps([[t.event, t.source, t.title] for t in m.texts()]))"
    for event, source, title in json.loads(python("-c", program, cwd=SAMPLES)):
        if event:
            found[event].add((source, title))
    return found


def python(*arguments: str, cwd: Path) -> str:
    """What a fresh Python prints; -B, as the samples are packed and must hold no bytecode."""
    command = [sys.executable, "-B", *arguments]
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def test_there_are_enough_articles_of_eight_sources_in_two_languages(articles):
    assert len(articles) >= 130
    assert len({one.url for one in articles}) == len({one.title for one in articles}) == len(articles)
    languages = Counter(one.language for one in articles)
    assert set(languages) == {"en", "de"}
    assert languages["de"] >= 25
    assert len({one.source for one in articles}) == 8
    assert min(Counter(one.source for one in articles).values()) >= 8


def test_the_articles_spread_over_three_days_up_to_the_anchor(articles):
    ages = [ANCHOR - one.published for one in articles]
    assert min(ages) > timedelta(0)
    assert max(ages) < timedelta(hours=72)
    days = Counter(age // timedelta(days=1) for age in ages)
    assert set(days) == {0, 1, 2}
    assert min(days.values()) >= 20
    assert sum(age < timedelta(hours=3) for age in ages) >= 5, "the newest belong to this morning"


def test_every_section_has_articles(articles):
    sections = Counter(one.section for one in articles)
    assert set(sections) == {"Economy", "Markets", "Politics", "Companies", "Technology", "World", "Climate"}
    assert min(sections.values()) >= 10


def test_each_article_is_complete(articles):
    for one in articles:
        assert one.authors, one.title
        assert len(one.summary) >= 60, one.title
        assert 3 <= len(one.body.split("\n\n")) <= 6, one.title
        assert 80 <= len(one.body.split()) <= 180, one.title


def test_no_two_articles_share_a_paragraph(articles):
    paragraphs = Counter(part for one in articles for part in (one.summary, *one.body.split("\n\n")))
    assert [part for part, times in paragraphs.items() if times > 1] == []


def test_at_least_twelve_events_of_the_last_day_are_covered_by_three_to_seven_sources(articles, events):
    """Counted per event as it was written, not as the program clusters."""
    fresh = {one.title for one in articles if ANCHOR - one.published < timedelta(days=1)}
    coverage = [len({source for source, title in told if title in fresh}) for told in events.values()]
    assert sum(3 <= sources <= 7 for sources in coverage) >= 12
    assert max(coverage) == 7


def test_some_events_run_over_several_days_and_some_articles_stand_alone(articles, events):
    day = {one.title: (ANCHOR - one.published) // timedelta(days=1) for one in articles}
    spans = [{day[title] for _, title in told} for told in events.values()]
    assert sum(len(days) == 3 for days in spans) >= 4
    assert len(articles) - sum(len(told) for told in events.values()) >= 20


def test_about_half_of_the_articles_have_an_image_with_alt_text_credit_and_size(articles):
    images = [one.image for one in articles if one.image]
    assert 0.4 <= len(images) / len(articles) <= 0.7
    for image in images:
        assert len(image.alt) >= 20
        assert image.credit
        assert (image.width, image.height) == SIZE
        assert image.url.startswith(IMAGES)
        assert (SAMPLES / "images" / image.url.removeprefix(IMAGES)).is_file()


def test_the_pictures_are_small_and_have_the_size_they_claim():
    pictures = sorted((SAMPLES / "images").iterdir())
    assert len(pictures) >= 16
    assert sum(one.stat().st_size for one in pictures) < 600_000
    for picture in pictures:
        assert picture.stat().st_size <= 40_000
        assert struct.unpack(">II", picture.read_bytes()[16:24]) == SIZE


def test_drawing_again_gives_the_same_pictures(tmp_path):
    """Compared unpacked: zlib may pack the same pixels differently from one version to the next."""
    python(str(SAMPLES / "draw_images.py"), str(tmp_path), cwd=tmp_path)
    for picture in (SAMPLES / "images").iterdir():
        assert unpacked(tmp_path / picture.name) == unpacked(picture), f"{picture.name}: run samples/draw_images.py"
    assert len(list(tmp_path.iterdir())) == len(list((SAMPLES / "images").iterdir()))


def unpacked(path: Path) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG, the pixels unpacked and checksums left out."""
    data, place, chunks = path.read_bytes(), 8, []
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        content = data[place + 8 : place + 8 + size]
        chunks.append((kind, zlib.decompress(content) if kind == b"IDAT" else content))
        place += 12 + size
    return chunks


def test_the_articles_are_made_of_the_texts(tmp_path):
    target = tmp_path / "articles.jsonl"
    python(str(SAMPLES / "make_articles.py"), str(target), cwd=tmp_path)
    assert target.read_bytes() == (SAMPLES / "articles.jsonl").read_bytes(), "run samples/make_articles.py"


def test_the_sources_can_be_configured_as_they_stand(articles):
    table: dict[str, Any] = tomllib.loads((SAMPLES / "sources.toml").read_text(encoding="utf-8"))
    sources = [SourceSettings(**one) for one in table["sources"]]
    assert {one.name for one in sources} == {one.source for one in articles}
    assert Counter(one.role for one in sources) == {Role.PUBLISH: 2, Role.SIGNAL: 6}


def test_what_may_be_published_is_in_the_newsletter_s_language(articles):
    table = tomllib.loads((SAMPLES / "sources.toml").read_text(encoding="utf-8"))
    publish = {one["name"] for one in table["sources"] if one["role"] == "publish"}
    mine = [one for one in articles if one.source in publish]
    assert {one.language for one in mine} == {"en"}
    assert sum(ANCHOR - one.published < timedelta(days=1) for one in mine) >= 20, "enough for an edition of twelve"


def test_the_market_table_has_eight_rows():
    text = (SAMPLES / "markets.csv").read_text(encoding="utf-8")
    table, faults = markets.parse(text, as_of=None)
    assert faults == ()
    assert table is not None
    assert len(table.quotes) == 8
    assert table.as_of.tzinfo == UTC


def test_web_addresses_in_the_samples_belong_to_nobody():
    """RFC 2606: .example and example.org are reserved."""
    text = (SAMPLES / "articles.jsonl").read_text(encoding="utf-8")
    hosts = {json.loads(line)["url"].split("/")[2] for line in text.splitlines()}
    assert all(host.endswith(".example") for host in hosts)
