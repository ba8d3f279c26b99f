"""Leaving: one button, one click, at once and for ever; and half an hour to think again."""

from datetime import timedelta

import pytest

from build import NOW
from digest.model import SubscriptionState
from digest.store import subscribers

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
LEFT, CONFIRMED = SubscriptionState.UNSUBSCRIBED, SubscriptionState.CONFIRMED


def undo(town):
    return town.client.post(town.path("unsubscribe").replace("unsubscribe", "resubscribe"))


@pytest.mark.parametrize(
    "body",
    [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}],
    ids=["urlencoded", "multipart"],
)
def test_one_click_leaves_at_once_however_often(town, body):
    """RFC 8058: either encoding, no cookie, no redirect, and the same answer again."""
    path = town.path("unsubscribe")
    for _ in range(3):
        answer = town.client.post(path, **body)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert town.subscription().state is LEFT
    assert town.subscription().left_at == NOW


def test_a_program_that_leaves_for_a_reader_gets_json(small_town):
    answer = small_town.client.post(small_town.path("unsubscribe"), headers={"accept": "application/json"})
    assert answer.json() == {"newsletter": "daily", "state": "unsubscribed"}
    assert answer.headers["cache-control"] == "no-store"
    assert small_town.subscription().state is LEFT


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", b""),
        ("text/plain", b"List-Unsubscribe=One-Click"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/x-www-form-urlencoded", b"%ff=%00&" * 500),
    ],
)
def test_a_misshapen_one_click_still_counts(small_town, kind, body):
    answer = small_town.client.post(small_town.path("unsubscribe"), content=body, headers={"content-type": kind})
    assert answer.status_code == 200
    assert small_town.subscription().state is LEFT


def test_the_page_has_one_button_and_nothing_personal(small_town):
    page = small_town.client.get(small_town.path("unsubscribe")).text
    assert page.count("<button") == 1
    assert "confirmed@" not in page
    assert small_town.subscription().state is CONFIRMED


@pytest.mark.parametrize(
    ("language", "spoken"), [("ar", 'lang="ar" dir="rtl"'), ("de-AT", 'lang="de"'), ("xx", 'lang="en"')]
)
def test_the_way_out_speaks_the_language_of_the_mail(small_town, language, spoken):
    """A reader chose it for the words around the stories, and the link is among them."""
    with small_town.database.begin() as db:
        subscribers.settle(db, small_town.person("confirmed").id, language=language, timezone="")
    path = small_town.path("unsubscribe")
    pages = [small_town.client.get(path), small_town.client.post(path), undo(small_town)]
    assert [spoken in page.text for page in pages] == [True] * 3


def test_a_key_that_was_replaced_still_unsubscribes(small_town):
    path = small_town.path("unsubscribe", key=small_town.settings.site.keys[1])
    assert small_town.client.post(path, data=ONE_CLICK).status_code == 200
    assert small_town.subscription().state is LEFT


def test_an_oversized_body_is_refused(small_town):
    for body in ({"data": {"x": "y" * 9000}}, {"files": {"x": b"y" * 9000}}):
        assert small_town.client.post(small_town.path("unsubscribe"), **body).status_code == 413
    assert small_town.subscription().state is CONFIRMED


def test_an_erased_person_gets_the_same_answer_as_one_who_leaves(small_town):
    """Their provider may repeat the POST; there is nobody left to learn about."""
    path = small_town.path("unsubscribe")
    first = small_town.client.post(path, data=ONE_CLICK)
    with small_town.database.begin() as db:
        subscribers.erase(db, "confirmed@example.net", now=NOW)
    assert small_town.client.post(path, data=ONE_CLICK).text == first.text


def test_leaving_can_be_taken_back_for_half_an_hour(town):
    town.client.post(town.path("unsubscribe"), data=ONE_CLICK)
    town.clock.advance(minutes=29)
    assert "subscribed again" in undo(town).text
    assert town.subscription().state is CONFIRMED
    assert town.subscription().left_at is None


def test_who_comes_back_to_a_break_is_told_of_it(small_town):
    with small_town.database.begin() as db:
        subscribers.pause(db, small_town.person("confirmed").id, "daily", NOW + timedelta(days=9))
    small_town.client.post(small_town.path("unsubscribe"), data=ONE_CLICK)
    page = undo(small_town).text
    assert "Paused until 2 December 2026." in page
    assert "next edition" not in page


def test_leaving_cannot_be_taken_back_later(town):
    """The link may have been passed on with the mail: it must not subscribe anybody."""
    town.client.post(town.path("unsubscribe"), data=ONE_CLICK)
    town.clock.advance(minutes=31)
    assert "cannot be taken back" in undo(town).text
    assert town.subscription().state is LEFT


def test_taking_back_confirms_nobody(town):
    """Who left long ago, and is asked for again by a stranger, does not come back by "leave" and "by mistake"."""
    town.fill_in("left@example.net")
    path = town.path("unsubscribe", "left")
    town.client.post(path, data=ONE_CLICK)
    town.client.post(path.replace("unsubscribe", "resubscribe"))
    assert town.subscription("left").state is LEFT


def test_taking_back_does_not_revive_who_never_confirmed(town):
    path = town.path("unsubscribe", "pending")
    town.client.post(path, data=ONE_CLICK)
    town.client.post(path.replace("unsubscribe", "resubscribe"))
    assert town.subscription("pending").state is LEFT
