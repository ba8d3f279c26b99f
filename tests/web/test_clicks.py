"""Clicks: led on where we signed the address, counted once where a person asked, never with who it was."""

from datetime import timedelta

import pytest

from build import KEY, NOW, edition
from digest import links
from digest.store import clicks, editions
from digest.web.people import REMEMBERED, Watch, is_machine

BASE = "https://news.example.org"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SCANNERS = (
    "",
    "curl/8.5.0",
    "python-requests/2.32",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Barracuda Sentinel (EE)",
)


def counting(town, *, on=True):
    """The town with the counter on or off, as after a restart."""
    daily = town.settings.newsletters["daily"].model_copy(update={"count_clicks": on})
    newsletters = dict(town.settings.newsletters) | {"daily": daily}
    town.settings = town.settings.model_copy(update={"newsletters": newsletters})
    town.__post_init__()
    return town


def link(story=1, *, key=KEY, day="2026-11-23", target=None):
    target = target or f"https://example.org/news/{story}"
    return links.click_url([key], "", f"daily/{day}", f"s{story:04}", target)


def click(town, path=None, *, agent=BROWSER, method="GET"):
    return town.client.request(method, path or link(), headers={"user-agent": agent})


def counted(town):
    with town.database.read() as db:
        return clicks.of_edition(db, editions.get(db, "daily/2026-11-23").id)


def test_a_click_leads_to_the_story_and_is_counted(town):
    counting(town)
    answer = click(town)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://example.org/news/1")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    click(town, link(2))
    assert counted(town) == {"s0001": 1, "s0002": 1}


def test_it_leads_only_where_a_link_of_ours_led(small_town):
    counting(small_town)
    good = link(target="https://example.org/a?b=1&c=%20d")
    assert click(small_town, good).headers["location"] == "https://example.org/a?b=1&c=%20d"
    for bad in (
        good.replace("example.org", "example.com"),
        good.replace("?to=", "?to=https%3A%2F%2Fevil.example%2F&to="),
        f"{good}&to=https%3A%2F%2Fevil.example%2F",
        good.partition("?")[0],
        good.replace("s0001", "s0002"),
        good.replace("2026-11-23", "2026-11-24"),
        good.replace("/daily/", "/weekly/"),
        link(key="f" * 40),
    ):
        answer = click(small_town, bad)
        assert "evil" not in answer.headers.get("location", "")
        assert answer.status_code == 404 or bad.startswith(good.partition("?")[0] + "?to=https%3A%2F%2Fevil"), bad
    assert counted(small_town) == {"s0001": 1}


def test_what_is_no_person_is_led_on_and_not_counted(small_town):
    counting(small_town)
    for agent in SCANNERS:
        assert click(small_town, agent=agent).status_code == 302
    assert click(small_town, method="HEAD").status_code == 302
    assert counted(small_town) == {}


def test_a_scanner_under_a_browsers_name_is_known_by_its_haste(small_town):
    counting(small_town)
    click(small_town, link(4), agent=f"{BROWSER} someone else")
    for number in range(1, 5):
        click(small_town, link(number))
    assert counted(small_town) == {"s0004": 1}
    small_town.clock.advance(seconds=11)
    click(small_town, link(2))
    assert counted(small_town) == {"s0002": 1, "s0004": 1}


def test_twice_in_a_moment_is_one_click(small_town):
    counting(small_town)
    click(small_town)
    click(small_town)
    assert counted(small_town) == {"s0001": 1}
    small_town.clock.advance(minutes=5)
    click(small_town)
    assert counted(small_town) == {"s0001": 2}


def test_where_nothing_is_to_be_counted_the_links_still_lead_on(small_town):
    assert click(counting(small_town, on=False)).status_code == 302
    counting(small_town)
    with small_town.database.begin() as db:
        editions.save_draft(db, edition(day=NOW.date() + timedelta(days=1)), [], due_at=None)
    assert click(small_town, link(day="2026-11-24")).status_code == 302  # the test copy of a draft
    assert click(small_town, link(2, day="2026-11-30")).status_code == 302  # of an edition that is gone
    with small_town.database.read() as db:
        assert clicks.of_edition(db, editions.get(db, "daily/2026-11-24").id) == {}
    assert counted(small_town) == {}


def test_a_database_that_is_away_stops_nobody(small_town, caplog):
    counting(small_town)
    with small_town.database.begin() as db:
        db.exec_driver_sql("DROP TABLE clicks")
    assert click(small_town).status_code == 302
    assert "not counted" in caplog.text
    assert "testclient" not in caplog.text


def test_visitors_are_forgotten():
    watch = Watch()
    for number in range(REMEMBERED + 50):
        assert watch.clicked((str(number),), "daily/2026-11-23", "s1", now=NOW) == {"s1": 1}
    assert len(watch._traces) <= REMEMBERED
    watch.clicked(("last",), "daily/2026-11-23", "s1", now=NOW + timedelta(seconds=11))
    assert len(watch._traces) == 1


@pytest.mark.parametrize(
    "agent",
    [
        BROWSER,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
        "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
    ],
)
def test_people_are_taken_for_people(agent):
    assert not is_machine(agent)
