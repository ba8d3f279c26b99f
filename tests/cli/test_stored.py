"""`digest articles`: what is stored can be looked at, and taken out."""

import pytest

STORM = "https://news.example.org/storm"


@pytest.fixture
def stored(digest, news):
    digest("import", str(news))
    return digest


def test_list_and_show(stored):
    listed = stored("articles", "list", "--source", "Ledger", "--json").json["articles"]
    assert [one["url"].rpartition("/")[2] for one in listed] == ["bank-1", "storm", "chips"]
    assert len(stored("articles", "list", "--limit", "2").out.splitlines()) == 3
    assert "no such articles" in stored("articles", "list", "--since", "2099-01-01T00:00:00+00:00").out
    shown = stored("articles", "show", STORM, "--json").json
    assert (shown["source"], shown["editions"]) == ("Ledger", [])
    assert "More is expected" in stored("articles", "show", STORM).out
    assert stored("articles", "show", "https://news.example.org/none").code == 1


def test_remove_asks_and_says_which_editions_have_it(stored):
    key = stored("build", "--json").json["edition"]
    asked = stored("articles", "remove", STORM)
    assert asked.code == 1
    assert f"{key} (draft)" in asked.out
    assert stored("articles", "show", STORM).code == 0
    assert stored("articles", "remove", STORM, "--yes").code == 0
    assert stored("articles", "show", STORM).code == 1


def test_prune_does_what_is_set(stored, monkeypatch):
    assert "for ever" in stored("articles", "prune").out
    monkeypatch.setenv("DIGEST_ARTICLES__KEEP_BODY_DAYS", "1")
    assert stored("articles", "prune", "--dry-run").out.startswith("0 articles would lose")


SPELLINGS = ["http://news.example.org/storm/", "https://m.news.example.org/storm/amp?utm_source=x"]


@pytest.mark.parametrize("url", SPELLINGS)
def test_an_article_is_found_by_any_spelling_of_its_address(stored, url):
    assert stored("articles", "show", url, "--json").json["url"] == STORM
    assert stored("why", url).out == stored("why", STORM).out
    assert stored("decide", "pin", url).out == f"pin: {STORM}\n"
    assert "editor" in stored("why", STORM).out
    assert stored("decide", "clear", url).code == 0
    assert stored("articles", "remove", url, "--yes").code == 0
    assert stored("articles", "show", STORM).code == 1
