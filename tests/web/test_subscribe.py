"""Joining: asked for by a form, confirmed by a mail, and no word to anyone about who is there."""

import json
import re
from datetime import timedelta

import pytest

from build import NOW
from digest.model import SubscriptionState
from digest.store import subscribers
from digest.web import pages

WAITING = SubscriptionState.UNCONFIRMED


def confirm_path(town, name):
    """As the mail has it: of the subscription's generation."""
    return town.path("confirm", name, generation=town.subscription(name).generation)


def test_a_form_and_its_mail_make_a_subscription(town):
    assert town.fill_in("Ada@example.net").status_code == 200
    assert town.woken == [1]
    with town.database.begin() as db:
        due = subscribers.due_confirmations(db, now=town.clock(), limit=10, lease=timedelta(minutes=5))
    assert "Ada@example.net" in {one.subscriber.address for one in due}
    path = confirm_path(town, "ada")
    assert town.client.get(path).text.count("<button") == 1
    assert town.subscription("ada").state is WAITING
    assert town.client.post(path).status_code == 200
    assert town.subscription("ada").state is SubscriptionState.CONFIRMED


def test_the_evidence_of_consent_says_what_was_agreed_and_when(town):
    answer = town.client.get("/subscribe/daily").text
    town.fill_in("ada@example.net")
    asked_at = town.clock()
    town.client.post(confirm_path(town, "ada"), headers={"user-agent": "Browser\x001" * 100})
    asked, confirmed = (json.loads(line) for line in town.subscription("ada").consent.splitlines())
    assert asked["wording"] in answer
    assert asked["form"] == "https://news.example.org/subscribe/daily"
    assert asked["at"] == asked_at.isoformat()
    assert asked["ip"] == "testclient"
    assert len(confirmed["user_agent"]) == 300


def test_everyone_gets_the_same_answer(town):
    """New, pending, confirmed, left, suppressed: nobody learns who reads the newsletter."""
    people = ("new", "pending", "confirmed", "left", "suppressed", "CONFIRMED")
    answers = [town.fill_in(f"{name}@example.net") for name in people]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert len(town.woken) == len(people)


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a b@example.net", "a@b@example.net", "a@[127.0.0.1]", "a@example.net\r\nBcc: b@example.net"],
)
def test_what_is_no_address_is_said_so(small_town, email):
    answer = small_town.fill_in(email)
    assert answer.status_code == 422
    assert "cannot be used" in answer.text
    assert not small_town.woken


def test_what_was_typed_comes_back_escaped(small_town):
    page = small_town.fill_in('"><script>alert(1)</script>').text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_field_that_no_person_sees_catches_machines(small_town):
    before = small_town.rows()
    caught = small_town.fill_in("robot@example.net", website="https://example.org")
    assert small_town.rows() == before
    assert caught.text == small_town.fill_in("person@example.net").text


@pytest.mark.parametrize("wait", [0, 1, 24 * 3600 + 1])
def test_a_form_takes_a_person_a_while_and_not_a_day(small_town, wait):
    before = small_town.rows()
    answer = small_town.fill_in("ada@example.net", wait=wait)
    assert answer.status_code == 422
    assert 'value="ada@example.net"' in answer.text
    assert small_town.rows() == before


def test_a_page_that_was_open_for_days_takes_one_more_press_and_no_wait(small_town):
    page = small_town.fill_in("ada@example.net", wait=2 * 24 * 3600).text
    assert "open for too long" in page
    shown = page.split('name="shown" value="')[1].split('"')[0]
    small_town.client.post("/subscribe/daily", data={"email": "ada@example.net", "shown": shown})
    assert small_town.subscription("ada").state is WAITING


def test_where_pressing_once_more_is_all_there_is_to_do_the_button_is_ready(small_town):
    quick = small_town.fill_in("ada@example.net", wait=1).text
    assert "aria-invalid" not in quick
    assert '<button type="submit" autofocus aria-describedby="problem">' in quick
    from_elsewhere = small_town.client.post("/subscribe/daily", data={"email": "ada@example.net"}).text
    assert '<button type="submit" autofocus>' in from_elsewhere


def test_a_problem_is_by_its_field_and_first_in_the_title(small_town):
    page = small_town.fill_in("ada@").text
    assert 'aria-invalid="true" aria-describedby="problem" autofocus' in page
    assert re.search(r"<title>This address cannot be used[^<]* · Subscribe to", page)


def test_who_mistyped_an_address_finds_the_way_back(small_town):
    page = small_town.fill_in("ada@example.net").text
    assert '<a href="/subscribe/daily">' in page
    assert 'mailto:editor@example.org" dir="ltr"' in page


@pytest.mark.parametrize(
    "shown", ["", "1.2", "x.y", "9" * 30 + ".0", "١٢.é", f"{int(NOW.timestamp()) - 60}.{'0' * 32}"]
)
def test_a_forged_nonce_gets_the_form_again(small_town, shown):
    answer = small_town.client.post("/subscribe/daily", data={"email": "ada@example.net", "shown": shown})
    assert answer.status_code == 422
    assert not small_town.woken


def test_a_nonce_is_of_one_newsletter(small_town):
    page = small_town.client.get("/subscribe/weekly").text
    shown = page.split('name="shown" value="')[1].split('"')[0]
    small_town.clock.advance(seconds=5)
    form = {"email": "ada@example.net", "shown": shown}
    assert small_town.client.post("/subscribe/daily", data=form).status_code == 422
    assert small_town.client.post("/subscribe/weekly", data=form).status_code == 200


def test_a_confirmation_works_once_and_for_a_week(town):
    town.fill_in("ada@example.net")
    town.fill_in("bob@example.net")
    ada, bob = confirm_path(town, "ada"), confirm_path(town, "bob")
    first = town.client.post(ada).text
    before = town.rows()
    for again in (town.client.post(ada), town.client.get(ada)):  # a double click, and the link once more
        assert again.text == first
    assert "You are subscribed" in first
    assert town.rows() == before
    town.client.post(town.path("unsubscribe", "ada"))
    assert [town.client.get(ada).status_code, town.client.post(ada).status_code] == [404, 404]
    assert town.subscription("ada").state is SubscriptionState.UNSUBSCRIBED
    town.clock.advance(days=7, seconds=6)
    assert town.client.get(bob).status_code == 404
    assert town.client.post(bob).status_code == 404
    assert town.subscription("bob").state is WAITING


def test_the_link_of_an_earlier_mail_says_that_there_is_a_newer_one(small_town):
    small_town.fill_in("ada@example.net")
    earlier = confirm_path(small_town, "ada")
    small_town.clock.advance(days=1)
    small_town.fill_in("ada@example.net")
    for answer in (small_town.client.get(earlier), small_town.client.post(earlier)):
        assert answer.status_code == 404
        assert "A newer mail has been sent to you since." in answer.text
    assert small_town.subscription("ada").state is WAITING
    assert small_town.client.post(confirm_path(small_town, "ada")).status_code == 200


def test_who_comes_back_gets_mail_though_they_had_paused_before(town):
    with town.database.begin() as db:
        person = town.person("left").id
        subscribers.pause(db, person, "daily", town.clock() + timedelta(days=90))
    town.fill_in("left@example.net")
    assert "next edition" in town.client.post(confirm_path(town, "left")).text
    assert town.subscription("left").paused_until is None


def test_the_link_of_who_is_on_a_break_by_now_promises_no_edition(small_town):
    path = confirm_path(small_town, "pending")
    small_town.client.post(path)
    with small_town.database.begin() as db:
        subscribers.pause(db, small_town.person("pending").id, "daily", NOW + timedelta(days=9))
    page = small_town.client.get(path).text
    assert "Paused until 2 December 2026." in page
    assert "next edition" not in page


def test_who_was_asked_with_a_choice_sees_it_on_confirming(small_town):
    with small_town.database.begin() as db:
        person = small_town.person("pending").id
        subscribers.choose(db, person, "daily", sections=["World", "Sport"], frequency="daily")
    page = small_town.client.post(confirm_path(small_town, "pending")).text
    assert "Of its sections you chose: World and Sport." in page


def test_who_left_can_come_back_by_confirming_anew(town):
    town.fill_in("left@example.net")
    path = confirm_path(town, "left")
    assert town.client.get(path).status_code == 200
    assert town.client.post(path).status_code == 200
    assert town.subscription("left").state is SubscriptionState.CONFIRMED


def test_leaving_ends_a_wish_to_come_back(town):
    """The link of a confirmation mail opens nothing after its reader has said no."""
    town.fill_in("left@example.net")
    path = confirm_path(town, "left")
    town.clock.advance(minutes=1)
    town.client.post(town.path("unsubscribe", "left"))
    assert [town.client.get(path).status_code, town.client.post(path).status_code] == [404, 404]
    assert town.subscription("left").state is SubscriptionState.UNSUBSCRIBED


def test_there_is_no_form_for_a_newsletter_that_is_not_there(small_town):
    for name in ("nothing", "Daily", "%00", "daily%2Fx", "%F0%9F%92%A9"):
        assert small_town.client.get(f"/subscribe/{name}").status_code == 404
        assert small_town.client.post(f"/subscribe/{name}", data={"email": "a@example.net"}).status_code == 404


def test_a_form_on_another_site_leads_to_ours(small_town):
    """As it is pasted: what it sends is asked once more, and only then is mail sent."""
    form = pages.widget(small_town.settings, "daily")
    assert "<script" not in form
    (action,) = re.findall(r'action="([^"]+)"', form)
    assert action == "https://news.example.org/subscribe/daily"
    sent = dict.fromkeys(re.findall(r'name="([^"]+)"', form), "") | {"email": "ada@example.net"}
    path = action.removeprefix("https://news.example.org")
    before = small_town.rows()

    asked = small_town.client.post(path, data=sent)

    assert asked.status_code == 200
    assert "One more click" in asked.text
    assert 'value="ada@example.net"' in asked.text
    assert small_town.rows() == before
    shown = asked.text.split('name="shown" value="')[1].split('"')[0]
    small_town.clock.advance(seconds=5)
    assert small_town.client.post(path, data={"email": "ada@example.net", "shown": shown}).status_code == 200
    assert small_town.woken


def test_the_form_speaks_the_newsletters_language(small_town):
    newsletter = small_town.settings.newsletters["daily"].model_copy(update={"language": "ar", "title": '"><b>'})
    settings = small_town.settings.model_copy(update={"newsletters": {"daily": newsletter}})
    form = pages.widget(settings, "daily")
    assert 'lang="ar" dir="rtl"' in form
    assert "<b>" not in form
