"""`digest fetch` and `digest sources list`."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from feeds import Answer, Feeds, conditional, rss


@pytest.fixture
def feeds():
    with Feeds() as one:
        yield one


@pytest.fixture
def configured(monkeypatch, feeds):
    """`configured(Ledger="/feed")`: sources at these paths."""

    def write(**paths):
        tables = [{"name": name, "url": feeds.url(path)} for name, path in paths.items()]
        monkeypatch.setenv("DIGEST_SOURCES", json.dumps(tables))
        monkeypatch.setenv("DIGEST_FETCH__ALLOW", '["127.0.0.0/8:*"]')
        monkeypatch.setenv("DIGEST_FETCH__PAUSE", "0")

    return write


def items():
    now = datetime.now(UTC)
    return rss([(f"https://ledger.example/{n}", f"Part {n}", now - timedelta(hours=n)) for n in range(1, 4)])


def test_fetch_says_what_became_of_each_source(digest, feeds, configured):
    feeds.answers |= {"/feed": conditional(items()), "/bad": Answer(500)}
    configured(Ledger="/feed", Broken="/bad")
    done = digest("fetch", "--json")
    assert done.code == 0
    ledger, broken = done.json["sources"]
    assert {key: ledger[key] for key in ledger if key != "next"} == {
        "name": "Ledger",
        "status": "stored",
        "stored": 3,
        "updated": 0,
        "duplicate": 0,
        "rejected": [],
        "error": "",
    }
    assert datetime.fromisoformat(ledger["next"]) > datetime.now(UTC)
    assert (broken["status"], bool(broken["error"])) == ("failed", True)
    assert [one["status"] for one in digest("fetch", "--json").json["sources"]] == ["waiting", "waiting"]
    assert digest("fetch", "Ledger", "--force", "--json").json["sources"][0]["status"] == "unchanged"


def test_fetch_ends_with_one_when_every_source_has_failed(digest, feeds, configured):
    configured(Gone="/gone")
    said = digest("fetch")
    assert said.code == 1
    assert said.err.startswith("Gone: ")
    assert "1 source: 0 stored, 0 unchanged, 1 failed, 0 waiting" in said.out


def test_fetch_without_sources_or_with_a_wrong_name(digest):
    assert "no source has an address" in digest("fetch").out
    assert digest("fetch", "--json").json == {"sources": []}
    wrong = digest("fetch", "Nobody")
    assert (wrong.code, "'Nobody'" in wrong.err) == (1, True)


def test_the_list_shows_health(digest, feeds, configured, news):
    feeds.answers |= {
        "/old": Answer(301, headers={"Location": "/feed"}),
        "/feed": conditional(items()),
        "/bad": Answer(503),
    }
    configured(Harbour="/old", Broken="/bad", Later="/later")
    digest("import", str(news))
    digest("fetch", "Harbour", "Broken")
    rows = {one["name"]: one for one in digest("sources", "list", "--json").json["sources"]}
    assert {name: row["health"] for name, row in rows.items()} == {
        "Broken": "failed 1×",
        "Courier": "imported",
        "Harbour": "well",
        "Later": "not fetched yet",
        "Ledger": "imported",
        "Wire": "imported",
    }
    harbour = rows["Harbour"]
    assert (harbour["url"], harbour["moved_to"]) == (feeds.url("/old"), feeds.url("/feed"))
    assert (harbour["stored"], harbour["fetched"], harbour["per_day"]) == (3, 3, 0.43)
    assert harbour["oldest"] < harbour["newest"]
    table = digest("sources", "list").out
    assert "→" in table
    assert "Broken: failing since" in table
