"""A reader's own page beyond one newsletter: language, time zone, a break until a day, their data, being forgotten."""

import json
import re
from datetime import UTC, datetime

import pytest

from build import NOW
from digest.model import Circle, SubscriptionState, Wish
from digest.store import audiences, subscribers, suppressions
from digest.web.choices import zones


def press(town, action, **form):
    return town.client.post(town.path("preferences"), data={"action": action} | form)


def chosen(page, name):
    return re.findall(rf'<select id="{name}".*?</select>', page, re.DOTALL)[0].count(" selected")


def test_a_language_counts_for_the_page_at_once_and_for_the_mail_from_the_next_edition_on(town):
    assert chosen(town.client.get(town.path("preferences")).text, "language") == 0
    said = press(town, "settle", language="de", timezone="").text
    assert '<html lang="de"' in said
    assert "Gespeichert." in said
    assert chosen(said, "language") == 1
    circle = Circle(newsletter="daily", day=NOW.date(), frequencies=frozenset({"daily"}))
    with town.database.read() as db:
        assert Wish(language="de", sections=()) in audiences.wishes(db, circle, now=NOW)


@pytest.mark.parametrize("form", [{"language": "xx", "timezone": "Mars/Olympus"}, {}, {"language": "../de"}])
def test_what_is_not_offered_changes_nothing(small_town, form):
    press(small_town, "settle", language="fr", timezone="Asia/Tokyo")
    before = small_town.rows()
    press(small_town, "settle", **form)
    assert small_town.rows() == before


def test_a_break_until_a_day_ends_when_that_day_begins_for_the_reader(town):
    press(town, "settle", language="", timezone="Asia/Tokyo")
    said = press(town, "pause-until", until="2026-12-24").text
    assert town.subscription().paused_until == datetime(2026, 12, 23, 15, 0, tzinfo=UTC)
    assert "Paused until 24 December 2026" in said


def test_without_a_zone_of_their_own_the_newsletters_counts(small_town):
    press(small_town, "pause-until", until="2026-12-24")
    assert small_town.subscription().paused_until == datetime(2026, 12, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "until", ["2026-11-23", "2027-11-25", "", "tomorrow", "2026-02-30", "0001-01-01", "9999-12-31"]
)
def test_a_break_ends_after_today_and_within_a_year(small_town, until):
    answer = press(small_town, "pause-until", until=until)
    assert answer.status_code == 422
    assert "within the next twelve months" in answer.text
    assert small_town.subscription().paused_until is None


def test_the_zones_are_names_of_places():
    assert {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia"} < set(zones())
    assert not [name for name in zones() if name.startswith(("Etc/", "posix/", "US/"))]


def test_a_reader_sees_and_keeps_all_that_is_stored(town):
    with town.database.begin() as db:
        circle = Circle(newsletter="daily", day=NOW.date(), frequencies=frozenset({"daily"}))
        audiences.freeze(db, 1, circle, now=NOW, variant="default")
    answer = town.client.get(f"{town.path('preferences')}/data")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    stored = json.loads(answer.text)
    (subscription,) = stored.pop("subscriptions")
    assert (subscription["newsletter"], subscription["consent"]) == ("daily", ["a form on paper"])
    assert subscription["confirmed_at"] == "2026-11-21T07:00:00+00:00"
    assert stored == {
        "address": "confirmed@example.net",
        "name": "Reader 1",
        "language": "",
        "timezone": "",
        "since": "2026-11-21T07:00:00+00:00",
        "suppressed": False,
        "moving_to": "",
        "editions": [{"edition": "daily/2026-11-23", "state": "queued", "at": "2026-11-23T07:00:00+00:00"}],
    }


def test_the_evidence_of_a_form_is_in_it_line_by_line(small_town):
    small_town.fill_in("ada@example.net")
    generation = small_town.subscription("ada").generation
    small_town.client.post(small_town.path("confirm", "ada", generation=generation))
    stored = small_town.client.get(f"{small_town.path('preferences', 'ada')}/data").json()
    asked, confirmed = stored["subscriptions"][0]["consent"]
    assert asked["form"].endswith("/subscribe/daily")
    assert confirmed["form"].endswith("/confirm/daily")


def test_a_reader_is_forgotten_in_two_steps(town):
    path = f"{town.path('preferences')}/erase"
    page = town.client.get(path)
    assert page.text.count("<button") == 1
    assert town.person("confirmed") is not None
    assert "You have been erased" in town.client.post(path).text
    assert town.person("confirmed") is None
    with town.database.read() as db:
        assert suppressions.is_suppressed(db, "confirmed@example.net")
    assert town.client.post(path).status_code == 404


@pytest.mark.parametrize("rest", ["/data", "/erase"])
def test_data_and_erasure_open_with_the_link_of_the_page_and_no_other(small_town, rest):
    before = small_town.rows()
    for token in (small_town.token("unsubscribe"), small_town.token("confirm"), "nonsense"):
        assert small_town.client.get(f"/preferences/daily/{token}{rest}").status_code == 404
        assert small_town.client.post(f"/preferences/daily/{token}{rest}").status_code in (404, 405)
    assert small_town.rows() == before


def test_each_form_sends_what_its_first_button_says(small_town):
    """Enter in a field presses the first button of its form: no break and no leave by accident."""
    forms = re.findall(r"<form.*?</form>", small_town.client.get(small_town.path("preferences")).text, re.DOTALL)
    first = {
        field: re.findall(r'name="action" value="([^"]+)"', form)[0]
        for form in forms
        for field in re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', form)
    }
    assert first == {
        "frequency": "choose",
        "language": "settle",
        "timezone": "settle",
        "address": "move",
        "until": "pause-until",
    }


def test_a_browser_without_scripts_shows_the_fields_with_their_labels(small_town, browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(small_town.client.get(small_town.path("preferences")).text, encoding="utf-8")
    dom = browser.dom(page.as_uri())
    assert "<script" not in dom
    fields = set(re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', dom))
    assert fields == set(re.findall(r'<label for="([^"]+)"', dom))


def test_settling_is_for_all_newsletters_of_a_person(small_town):
    with small_town.database.begin() as db:
        person = small_town.person("confirmed")
        subscribers.settle(db, person.id, language="es", timezone="Europe/Madrid")
    kept = small_town.person("confirmed")
    assert (kept.language, kept.timezone) == ("es", "Europe/Madrid")
    assert small_town.subscription().state is SubscriptionState.CONFIRMED
