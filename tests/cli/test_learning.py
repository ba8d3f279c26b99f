"""`rank learn`: from a file of picks, from editions an editor changed, and what it refuses."""

import json
import tomllib
from datetime import UTC, date, datetime, time, timedelta

import pytest

from build import edition, item
from digest.config import load
from digest.model import EditorAction, Rendered, Section
from digest.store import decisions, editions, newsletters
from digest.store.database import Database

FIRST = date(2026, 10, 1)
DAYS = 24
TOPICS = ("harbour", "orchid", "tram", "choir", "glacier", "beekeeper")


def at(number):
    return datetime.combine(FIRST + timedelta(days=number), time(7), UTC)


def url(number, topic):
    return f"https://news.example.org/{number}/{topic}"


@pytest.fixture
def told(digest, tmp_path):
    """Some weeks of articles on six topics a day."""
    rows = [
        {
            "url": url(number, topic),
            "title": f"{topic.title()} {' '.join(f'{number}w{place}x{word}' for word in range(3))}",
            "source": f"Paper {(number + place) % 4}",
            "published": (at(number) - timedelta(hours=place + 1)).isoformat(),
        }
        for number in range(DAYS)
        for place, topic in enumerate(TOPICS)
    ]
    path = tmp_path / "told.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert digest("import", str(path)).code == 0


@pytest.fixture
def picks(tmp_path):
    """A gardener's desk: half by address, half by title, and two bad rows."""
    rows = [{"day": f"{at(number):%Y-%m-%d}", "url": url(number, "orchid")} for number in range(DAYS)] + [
        {"day": f"{at(number):%Y-%m-%d}", "title": f"Beekeeper {number}w5x0, {number}w5x1 {number}w5x2!"}
        for number in range(DAYS)
    ]
    path = tmp_path / "picks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + 'nonsense\n{"day": "soon", "url": "x"}\n')
    return path


@pytest.mark.usefixtures("told")
def test_picks_of_a_file_become_weights(digest, picks):
    said = digest("rank", "learn", "--from", str(picks), "--json")
    assert said.code == 0
    assert (said.json["newsletter"], said.json["days"], said.json["chosen"]) == ("daily", DAYS, 2 * DAYS)
    assert said.json["after"] > said.json["before"] + 0.2
    assert min(said.json["words"][word] for word in ("orchid", "beekeeper")) > 0
    assert [one["where"] for one in said.json["rejected"]] == ["line 49", "line 50"]


@pytest.mark.usefixtures("told")
def test_what_is_printed_can_be_pasted_and_what_is_written_is_in_effect(digest, picks, tmp_path):
    config = tmp_path / "config.toml"
    before = load(config)
    printed = tomllib.loads(digest("rank", "learn", "daily", "--from", str(picks)).out)
    assert load(config) == before
    said = digest("rank", "learn", "--from", str(picks), "--write")
    assert said.code == 0
    daily = load(config).newsletters["daily"]
    assert {"weights": daily.weights, "subjects": daily.subjects, "words": daily.words} == printed["newsletters"][
        "daily"
    ]
    first = digest("stories", "--at", at(3).isoformat(), "--json").json["stories"][0]
    assert first["url"].rpartition("/")[2] in {"orchid", "beekeeper"}


@pytest.mark.usefixtures("told")
def test_tables_that_are_there_are_not_written_over(digest, picks, tmp_path):
    config = tmp_path / "config.toml"
    text = config.read_text().replace("[newsletters.daily]\n", "[newsletters.daily]\nweights = { coverage = 2.0 }\n")
    config.write_text(text)
    said = digest("rank", "learn", "--from", str(picks), "--write")
    assert said.code == 1
    assert "take them out" in said.err
    assert config.read_text() == text
    assert not list(tmp_path.glob("*.new"))


@pytest.mark.usefixtures("told")
def test_editions_that_an_editor_changed_teach(digest, tmp_path):
    publish(tmp_path, range(DAYS), touched=range(DAYS))
    said = digest("rank", "learn", "--json")
    assert said.code == 0
    assert said.json["days"] == DAYS
    assert said.json["words"]["orchid"] > 0


@pytest.mark.usefixtures("told")
def test_editions_that_nobody_touched_teach_nothing(digest, tmp_path):
    publish(tmp_path, range(DAYS), touched=range(2))
    said = digest("rank", "learn")
    assert said.code == 1
    assert "2 days" in said.err


def test_a_file_that_is_not_there_is_one_line(digest):
    said = digest("rank", "learn", "--from", "nowhere.jsonl")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "nowhere.jsonl" in said.err


def publish(folder, numbers, *, touched):
    """Editions with the orchid and the beekeeper of the day; on some days an editor pinned the orchid."""
    database = Database(f"sqlite:///{folder / 'digest.db'}")
    shown = Rendered(variant="default", subject="", preheader="", html="", text="", web="")
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=at(0))
        for number in numbers:
            chosen = [item(place, url=url(number, topic)) for place, topic in enumerate(("orchid", "beekeeper"))]
            rest = (Section(name="", items=tuple(chosen[1:])),)
            made = edition(day=at(number).date(), built_at=at(number), lead=chosen[0], sections=rest)
            status = editions.save_draft(db, made, [], due_at=None)
            editions.approve(
                db,
                status.id,
                now=at(number),
                expires_at=at(number) + timedelta(days=1),
                in_doubt="resend",
                rendered=[(shown, b"")],
            )
            if number in touched:
                decisions.decide(
                    db,
                    newsletter="daily",
                    url=url(number, "orchid"),
                    action=EditorAction.PIN,
                    who="editor",
                    now=at(number),
                )
