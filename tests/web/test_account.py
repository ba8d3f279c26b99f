"""A reader's own page beyond one newsletter: language, time zone, a break until a day, their data, being forgotten."""

import json
import re
from datetime import UTC, datetime

import pytest

from build import NOW, reader
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
        assert Wish(language="de", sections=()) in audiences.wishes(db, circle, due_at=NOW)


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
    before = town.rows()
    for address in (path, path.removesuffix("/erase"), path.replace("/erase", "/data")):
        assert "You have been erased" in town.client.get(address).text
    assert "You have been erased" in town.client.post(path).text  # a double click
    assert town.rows() == before


def test_who_is_forgotten_is_told_how_to_come_back(small_town):
    path = f"{small_town.path('preferences')}/erase"
    for page in (small_town.client.get(path), small_town.client.post(path)):
        assert 'come back one day, write to <a href="mailto:editor@example.org"' in page.text


@pytest.mark.parametrize("action", ["pause-1", "resume", "choose", "pause-until"])
def test_a_button_of_a_page_from_before_leaving_says_that_nothing_was_done(small_town, action):
    """In another tab, or after the way back."""
    press(small_town, "leave")
    before = small_town.rows()
    answer = press(small_town, action, until="2026-12-24", frequency="weekly")
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert "You will get the next edition" not in answer.text
    assert small_town.rows() == before


def test_leaving_all_at_one_stroke_is_taken_back_at_one(town):
    with town.database.begin() as db:
        subscribers.add(db, [reader(address="confirmed@example.net")], newsletter="weekly", consent="x", now=NOW)
    press(town, "leave-all")
    said = press(town, "return").text
    assert "You are subscribed again: The Daily Digest and The Week." in said
    assert {town.subscription(newsletter=one).state for one in ("daily", "weekly")} == {SubscriptionState.CONFIRMED}


def test_what_was_left_before_stays_left(town):
    with town.database.begin() as db:
        person = town.person("confirmed")
        subscribers.add(db, [reader(address=person.address)], newsletter="weekly", consent="x", now=NOW)
        subscribers.unsubscribe(db, person.id, "weekly", now=NOW)
    town.clock.advance(minutes=1)
    press(town, "leave-all")
    press(town, "return")
    assert town.subscription().state is SubscriptionState.CONFIRMED
    assert town.subscription(newsletter="weekly").state is SubscriptionState.UNSUBSCRIBED


def test_who_gets_no_mail_is_told_so_and_whom_to_write_to(small_town):
    page = small_town.client.get(small_town.path("preferences", "suppressed")).text
    assert "No mail is sent to your address" in page
    assert 'To get mail again, write to <a href="mailto:editor@example.org"' in page
    assert "No mail is sent to your address" not in small_town.client.get(small_town.path("preferences")).text


def test_who_is_suppressed_is_offered_nothing_that_cannot_work(small_town):
    path = small_town.path("preferences", "suppressed")
    page = small_town.client.post(path, data={"action": "leave"}).text
    assert "<button" not in page
    assert "/subscribe/" not in page


@pytest.mark.parametrize(
    ("action", "field", "typed"), [("move", "address", "ada@@example"), ("pause-until", "until", "31.12.")]
)
def test_what_was_typed_stays_beside_what_is_wrong_with_it(small_town, action, field, typed):
    """The title is what a screen reader says first."""
    page = press(small_town, action, **{field: typed}).text
    (form,) = (one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'name="{field}"' in one)
    assert 'id="problem" role="alert"' in form
    assert f'value="{typed}"' in form
    assert 'aria-invalid="true" aria-describedby="problem" autofocus' in form
    assert page.count("autofocus") == 1
    problem = re.search(r'id="problem" role="alert">([^<]+)', form)[1]
    assert f"<title>{problem} · Your subscription to" in page


def test_a_list_may_have_brought_a_zone_and_a_language_that_the_page_does_not_have(small_town):
    """The page shows what counts, and saving one does not lose the other."""
    with small_town.database.begin() as db:
        subscribers.settle(db, small_town.person("confirmed").id, language="de-AT", timezone="US/Pacific")
    page = small_town.client.get(small_town.path("preferences")).text
    assert '<html lang="de"' in page
    assert '<option value="de" lang="de" dir="ltr" selected>' in page
    assert "<option selected>US/Pacific</option>" in page
    press(small_town, "settle", language="de", timezone="US/Pacific")
    kept = small_town.person("confirmed")
    assert (kept.language, kept.timezone) == ("de-AT", "US/Pacific")
    press(small_town, "settle", language="", timezone="")
    kept = small_town.person("confirmed")
    assert (kept.language, kept.timezone) == ("", "")


def test_days_are_those_of_the_readers_clock(small_town):
    """Confirmed at 23:30 UTC on the 21st, which is the 22nd in Tokyo; a week's break ends as a day begins there."""
    with small_town.database.begin() as db:
        late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
        subscribers.add(db, [reader(address="tokyo@example.net")], newsletter="daily", consent="x", now=late)
    path = small_town.path("preferences", "tokyo")
    small_town.client.post(path, data={"action": "settle", "language": "", "timezone": "Asia/Tokyo"})
    assert "Subscribed since 22 November 2026." in small_town.client.get(path).text
    small_town.clock.now = datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert "Paused until 1 December 2026." in small_town.client.post(path, data={"action": "pause-1"}).text
    assert small_town.subscription("tokyo").paused_until == datetime(2026, 11, 30, 15, tzinfo=UTC)


def test_a_break_over_the_end_of_summer_time_ends_at_midnight(small_town):
    press(small_town, "settle", language="", timezone="Europe/Berlin")
    small_town.clock.now = datetime(2026, 10, 20, 10, tzinfo=UTC)
    press(small_town, "pause-1")
    assert small_town.subscription().paused_until == datetime(2026, 10, 26, 23, tzinfo=UTC)


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
        "boxes": "choose",
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
