"""The other pages: front page, archive, preferences, help; links, errors, and life behind a proxy."""

import json
import logging
import re
from datetime import date, time, timedelta

import pytest
from starlette.testclient import TestClient

from build import NOW, edition
from digest.brand import PAPER, PAPER_DARK, PLAIN, Brand
from digest.config import Settings
from digest.errors import ConfigError
from digest.model import Cadence, Rendered, SubscriptionState
from digest.store import editions, subscribers
from digest.web.app import create_app


def test_the_front_page_leads_everywhere(small_town):
    page = small_town.client.get("/").text
    for path in ("/subscribe/daily", "/editions/daily", "/subscribe/weekly", "/help"):
        assert f'href="{path}"' in page
        assert small_town.client.get(path).status_code == 200


def test_the_archive_lists_and_shows_what_went_out(town):
    assert "Central bank holds rates" in town.client.get("/editions/daily").text
    page = town.client.get("/editions/daily/2026-11-23")
    assert "Monday's edition" in page.text
    assert "style-src 'unsafe-inline'" in page.headers["content-security-policy"]
    assert "form-action 'none'" in page.headers["content-security-policy"]
    assert "connect-src 'self'" in page.headers["content-security-policy"]


def test_drafts_and_cancelled_editions_are_not_shown(town):
    with town.database.begin() as db:
        editions.save_draft(db, edition(day=date(2026, 11, 24), subject="Draft"), [], due_at=None)
        gone = editions.save_draft(db, edition(day=date(2026, 11, 25), subject="Gone"), [], due_at=None)
        editions.cancel(db, gone.id, now=NOW)
    page = town.client.get("/editions/daily").text
    assert "Draft" not in page
    assert "Gone" not in page
    assert town.client.get("/editions/daily/2026-11-24").status_code == 404
    assert town.client.get("/editions/daily/2026-11-25").status_code == 404


def spoken(town, **languages):
    """The same site with a language of its own (`site`), or of its newsletters."""
    site = town.settings.site.model_copy(update={"language": languages.pop("site", "en")})
    both = {
        name: one.model_copy(update={"language": languages.get(name, "")})
        for name, one in town.settings.newsletters.items()
    }
    settings = town.settings.model_copy(update={"site": site, "newsletters": both})
    return type(town)(settings, town.database, town.clock)


def test_pages_speak_the_language_of_their_newsletter_else_of_the_site(small_town):
    town = spoken(small_town, site="de", daily="ar")
    german, arabic = '<html lang="de" dir="ltr">', '<html lang="ar" dir="rtl">'
    tongues = {
        "/": german,
        "/help": german,
        "/nothing": german,
        "/subscribe/weekly": german,
        "/subscribe/daily": arabic,
        "/editions/daily": arabic,
        "/unsubscribe/daily/nonsense": arabic,
        town.path("unsubscribe"): arabic,
        town.path("preferences"): arabic,
    }
    pages = {path: town.client.get(path).text for path in tongues}
    assert {path: re.search("<html[^>]*>", page)[0] for path, page in pages.items()} == tongues
    assert "Diese Seite gibt es nicht" in pages["/nothing"]
    assert "täglich · 07:00 (UTC)" in pages["/"]
    assert "اشتراككم سارٍ منذ 21 نوفمبر 2026" in pages[town.path("preferences")]
    assert 'lang="en" dir="ltr"><a href="/editions/daily/2026-11-23">' in pages["/editions/daily"]
    assert "الاثنين، 23 نوفمبر 2026" in pages["/editions/daily"]
    assert "، <bdi>1 Example Street, Example City</bdi>" in pages["/editions/daily"]


def test_what_the_pages_answer_is_in_their_language(small_town):
    town = spoken(small_town, daily="de")
    assert (
        "Sie haben „The Daily Digest“ abbestellt."
        in town.client.post(town.path("preferences"), data={"action": "leave"}).text
    )
    refused = town.fill_in("not an address")
    assert refused.status_code == 422
    assert "Diese Adresse lässt sich nicht verwenden" in refused.text
    assert "Senden Sie mir „The Daily Digest“ von The Example Times per E-Mail." in refused.text
    town.fill_in("ada@example.net")
    assert json.loads(town.subscription("ada").consent)["wording"].startswith("Senden Sie mir")


def test_an_unknown_language_gets_english_pages_that_say_so(small_town):
    page = spoken(small_town, site="it").client.get("/help").text
    assert '<html lang="en" dir="ltr">' in page
    assert "How to leave" in page


HOSTILE_DAYS = ["2026-W48-1", "20261123", "2026-11-31", "２０２６-11-23", "2026-11-23%00", "0000-00-00", "'--"]
HOSTILE_NAMES = ["nothing", "Daily", "%00", "a" * 500, "daily'--", "%E2%80%AE", "%2e%2e"]


def test_an_edition_has_one_address(town):
    """No other spelling of its day, and no name that could mean something to the database or the file system."""
    paths = [f"/editions/daily/{day}" for day in HOSTILE_DAYS]
    paths += [f"/editions/{name}{rest}" for name in HOSTILE_NAMES for rest in ("", "/2026-11-23")]
    answers = {path: town.client.get(path).status_code for path in paths}
    assert answers == dict.fromkeys(paths, 404)


def test_preferences_pause_and_resume(town):
    path = town.path("preferences")
    assert "Subscribed since 21 November 2026" in town.client.get(path).text
    for weeks in (1, 2, 4):
        assert town.client.post(path, data={"action": f"pause-{weeks}"}).status_code == 200
        # As a day begins, so that its edition comes.
        assert town.subscription().paused_until == NOW.replace(hour=0) + timedelta(weeks=weeks)
    assert "Paused until 21 December 2026" in town.client.get(path).text
    town.client.post(path, data={"action": "resume"})
    assert town.subscription().paused_until is None


@pytest.mark.parametrize("action", ["leave", "leave-all"])
def test_preferences_let_one_leave(town, action):
    path = town.path("preferences")
    assert "You have left" in town.client.post(path, data={"action": action}).text
    assert town.subscription().state is SubscriptionState.UNSUBSCRIBED
    assert town.client.get(path).text.count("<button") == 1
    town.clock.advance(minutes=31)
    assert "<button" not in town.client.get(path).text


def test_leaving_on_the_page_of_preferences_can_be_taken_back_there(town):
    path = town.path("preferences")
    town.client.post(path, data={"action": "leave"})
    assert "subscribed again" in town.client.post(path, data={"action": "return"}).text
    assert town.subscription().state is SubscriptionState.CONFIRMED
    town.client.post(path, data={"action": "leave"})
    town.clock.advance(minutes=31)
    assert town.client.post(path, data={"action": "return"}).status_code == 422
    assert town.subscription().state is SubscriptionState.UNSUBSCRIBED


def test_preferences_refuse_an_action_they_do_not_know(small_town):
    before = small_town.rows()
    assert small_town.client.post(small_town.path("preferences"), data={"action": "erase"}).status_code == 422
    assert small_town.rows() == before


def ticked(page):
    """The labels of what is ticked, and the fields by label."""
    boxes = re.findall(
        r'<input type="checkbox" id="([^"]+)" name="([^"]+)"( checked)?><label for="([^"]+)"><bdi>([^<]+)', page
    )
    assert all(one == name == about for one, name, _, about, _ in boxes)
    return {label for *_, checked, _, label in boxes if checked}, {label: name for _, name, *_, label in boxes}


def with_newsletter(town, **over):
    daily = town.settings.newsletters["daily"].model_copy(update=over)
    return type(town)(
        town.settings.model_copy(update={"newsletters": {"daily": daily}}), town.database, town.clock, town.woken
    )


def test_readers_choose_their_sections(town):
    """Those that are configured and those of the last editions; all of them is a wish for all that will come."""
    town = with_newsletter(town, sections=("World", "Sport"))
    path = town.path("preferences")
    page = town.client.get(path).text
    chosen, fields = ticked(page)
    assert chosen == set(fields) == {"World", "Sport", "Economy"}
    assert "no mail comes that day" in page
    said = town.client.post(path, data={"action": "choose", fields["Sport"]: "on", fields["World"]: "on"}).text
    assert "you get: World and Sport." in said
    assert ticked(said)[0] == {"World", "Sport"}
    assert town.subscription().sections == ("World", "Sport")
    said = town.client.post(path, data={"action": "choose"} | dict.fromkeys(fields.values(), "on")).text
    assert "all sections" in said
    assert town.subscription().sections == ()


def test_who_leaves_all_ticked_gets_what_comes_up_while_the_page_is_open(small_town):
    town = with_newsletter(small_town, sections=("World", "Sport"))
    path = town.path("preferences")
    page = town.client.get(path).text
    form = dict.fromkeys(ticked(page)[1].values(), "on") | dict(re.findall(r'name="(boxes)" value="(\d+)"', page))
    later = with_newsletter(town, sections=("World", "Sport", "Chess"))
    assert "all sections" in later.client.post(path, data={"action": "choose", "frequency": "weekly"} | form).text
    assert later.subscription().sections == ()


def test_who_saw_no_sections_need_not_choose_any(small_town):
    """The first one came up while the page was open."""
    before = with_newsletter(small_town, sections=("Economy",))
    (boxes,) = re.findall(r'name="boxes" value="(\d+)"', before.client.get(before.path("preferences")).text)
    town = with_newsletter(small_town, sections=("World", "Sport"))
    form = {"action": "choose", "frequency": "weekly", "boxes": boxes}
    assert town.client.post(town.path("preferences"), data=form).status_code == 200
    assert (town.subscription().sections, town.subscription().frequency) == ((), "weekly")


def test_what_a_reader_chose_stays_to_be_chosen(small_town):
    town = with_newsletter(small_town, sections=("World", "Sport"))
    with town.database.begin() as db:
        person = town.person("confirmed").id
        subscribers.choose(db, person, "daily", sections=["world", "Chess"], frequency="daily")
    chosen, fields = ticked(town.client.get(town.path("preferences")).text)
    assert chosen == {"World", "Chess"}
    assert set(fields) == {"World", "Sport", "Economy", "Chess"}


def test_what_a_reader_chose_is_on_the_page_however_many_sections_there_are(small_town):
    """Saving anything else would drop it."""
    town = with_newsletter(small_town, sections=tuple(f"Section {number:02}" for number in range(60)))
    with town.database.begin() as db:
        person = town.person("confirmed").id
        subscribers.choose(db, person, "daily", sections=["Section 55", "Section 59"], frequency="daily")
    chosen, fields = ticked(town.client.get(town.path("preferences")).text)
    assert chosen == {"Section 55", "Section 59"}
    assert len(fields) == 40
    assert [*fields] == sorted(fields)


def test_no_section_at_all_is_not_taken(small_town):
    town, before = with_newsletter(small_town, sections=("World", "Sport")), small_town.rows()
    answer = town.client.post(town.path("preferences"), data={"action": "choose", "section-0": "World"})
    assert answer.status_code == 422
    assert "at least one section" in answer.text
    assert town.rows() == before


def test_readers_choose_how_often(town):
    path = town.path("preferences")
    page = town.client.get(path).text
    assert re.findall(r'name="frequency" value="(\w+)"( checked)?', page) == [
        ("daily", " checked"), ("weekdays", ""), ("weekly", ""),
    ]  # fmt: skip
    assert "Saved." in town.client.post(path, data={"action": "choose", "frequency": "weekly"}).text
    assert town.subscription().frequency == "weekly"
    town.client.post(path, data={"action": "choose", "frequency": "hourly"})
    assert town.subscription().frequency == "weekly"


@pytest.mark.parametrize(
    ("days", "offered"),
    [(("mon",), []), (("mon", "tue"), ["daily", "weekly"]), (("fri", "sat"), ["daily", "weekdays", "weekly"])],
)
def test_how_often_is_asked_where_it_makes_a_difference(small_town, days, offered):
    page = with_newsletter(small_town, days=days).client.get(small_town.path("preferences")).text
    assert re.findall(r'name="frequency" value="(\w+)"', page) == offered


def test_readers_choose_an_hour_where_the_newsletter_offers_some(town):
    path = town.path("preferences")
    assert 'name="hour"' not in town.client.get(path).text
    town = with_newsletter(town, hours=(time(7), time(18)))
    for asked, kept in (("18:00", "18:00"), ("03:00", "18:00"), (None, "18:00"), ("", ""), ("07:00", "07:00")):
        form = {"action": "choose", "frequency": "daily"} | ({"hour": asked} if asked is not None else {})
        page = town.client.post(path, data=form).text
        assert "Saved." in page
        assert town.subscription().hour == kept
        assert re.findall(r'<option value="(\d\d:\d\d)"( selected)?>', page) == [
            ("07:00", " selected" * (kept == "07:00")), ("18:00", " selected" * (kept == "18:00")),
        ]  # fmt: skip
    assert town.client.get(f"{path}/data").json()["subscriptions"][0]["hour"] == "07:00"


def test_an_hour_that_is_not_offered_any_more_counts_for_none(small_town):
    town = with_newsletter(small_town, hours=(time(7),))
    town.client.post(town.path("preferences"), data={"action": "choose", "hour": "07:00"})
    later = with_newsletter(town, hours=(time(8),))
    page = later.client.get(town.path("preferences")).text
    assert re.findall(r'<option value="(\d\d:\d\d)"( selected)?>', page) == [("08:00", "")]
    assert later.subscription().hour == "07:00"


def test_who_has_left_chooses_nothing(small_town):
    path, before = small_town.path("preferences", "left"), small_town.rows()
    assert small_town.client.post(path, data={"action": "choose", "frequency": "weekly"}).status_code == 422
    assert small_town.rows() == before
    assert "<form" not in small_town.client.get(path).text


def test_the_archive_names_the_week(town):
    with town.database.begin() as db:
        week = (date(2026, 11, 16), date(2026, 11, 22))
        for cadence, shown in ((Cadence.WEEKLY, week), (Cadence.WEEKDAYS, None)):
            content = edition(cadence=cadence, week=shown, subject=f"Subject {cadence}")
            status = editions.save_draft(db, content, [], due_at=None)
            rendered = Rendered(
                variant="default", subject="", preheader="", html="", text="", web=f"The {cadence} page"
            )
            editions.approve(db, status.id, now=NOW, expires_at=NOW, in_doubt="resend", rendered=[(rendered, b"")])
    page = town.client.get("/editions/daily").text
    assert "The week of 16–22 Nov 2026" in page
    assert "Subject weekdays" not in page
    for cadence in ("weekly", "weekdays"):
        assert f"The {cadence} page" in town.client.get(f"/editions/daily/2026-11-23-{cadence}").text
    assert town.client.get("/editions/daily/2026-11-23-daily").status_code == 404
    assert "Subject weekly" not in town.client.get("/editions/daily/feed.xml").text


def test_what_another_wave_got_has_a_page_and_is_not_listed(town):
    """The archive, the feeds and the API would tell each date's stories once a wave."""
    with town.database.begin() as db:
        status = editions.save_draft(db, edition(wave=480, subject="Subject of the west"), [], due_at=None)
        rendered = Rendered(variant="default", subject="", preheader="", html="", text="", web="The page of the west")
        editions.approve(db, status.id, now=NOW, expires_at=NOW, in_doubt="resend", rendered=[(rendered, b"")])
    for path in ("", "/feed.xml", "/feed.json"):
        listed = town.client.get(f"/editions/daily{path}").text
        assert "/editions/daily/2026-11-23" in listed
        assert "the west" not in listed
    assert "The page of the west" in town.client.get("/editions/daily/2026-11-23-later-0800").text
    assert town.client.get("/editions/daily/2026-11-23-earlier-0800").status_code == 404


def test_links_never_come_from_the_host_of_a_request(small_town):
    """A poisoned Host or X-Forwarded-Host shows up nowhere, and no slash is put right by a redirect."""
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    for path in ("/", "/subscribe/daily", "/editions/daily/", "/help", small_town.path("unsubscribe")):
        answer = small_town.client.get(path, headers=headers)
        assert "evil.example" not in answer.text + str(answer.headers)
        assert answer.status_code in (200, 404)


@pytest.mark.parametrize("path", ["/digest", "/digest/", "/digest/subscribe/daily", "/subscribe/daily"])
def test_a_site_may_live_below_a_path(small_town, path):
    """Whether the proxy takes the path off or leaves it on."""
    site = small_town.settings.site.model_copy(update={"base_url": "https://example.org/digest"})
    below = type(small_town)(
        small_town.settings.model_copy(update={"site": site}), small_town.database, small_town.clock
    )
    page = below.client.get(path)
    assert page.status_code == 200
    assert 'href="/digest/static/site.css"' in page.text
    assert below.client.get("/digestion").status_code == 404


def test_a_fault_of_ours_shows_and_logs_nothing_of_the_request(small_town, caplog):
    """The page has no traceback; the log has the place, but not the message, which may repeat an address."""

    address = "confirmed@example.net"

    def burst():
        raise RuntimeError(address)

    app = create_app(small_town.settings, small_town.database, clock=small_town.clock, wake=burst)
    small_town.client = TestClient(app)
    with caplog.at_level(logging.DEBUG):
        answer = small_town.fill_in("ada@example.net")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "RuntimeError" not in answer.text
    assert "RuntimeError" in caplog.text
    assert "@example.net" not in caplog.text


def test_a_site_lays_its_own_templates_over_ours(small_town, tmp_path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "help.html.j2").write_text("{{ site.contact }} helps", encoding="utf-8")
    site = small_town.settings.site.model_copy(update={"templates": tmp_path})
    over = type(small_town)(
        small_town.settings.model_copy(update={"site": site}), small_town.database, small_town.clock
    )
    assert over.client.get("/help").text == "editor@example.org helps"
    assert over.client.get("/").status_code == 200


LOGO = "https://news.example.org/logo.png"
OURS = Brand(
    logo=LOGO,
    logo_width=200,
    logo_height=50,
    accent="#00477a",
    accent_dark="#9cd0ff",
    headlines="palatino",
    text="verdana",
    small="tahoma",
)


def test_the_pages_are_in_the_hand_of_the_mail(small_town):
    site = small_town.settings.site.model_copy(update={"brand": OURS})
    branded = type(small_town)(
        small_town.settings.model_copy(update={"site": site}), small_town.database, small_town.clock
    )
    css = branded.client.get("/static/site.css").text
    for one in ("--accent: #00477a", "--accent: #9cd0ff", *OURS.stacks.values()):
        assert one in css
    assert PLAIN.accent not in css
    assert PLAIN.stacks["text"] not in css
    shown = f'<img class="logo" src="{LOGO}" alt="The Example Times" width="200" height="50">'
    for path in ("/", "/subscribe/daily", "/editions/daily", "/nothing", branded.path("preferences")):
        assert shown in branded.client.get(path).text
    assert "<img" not in small_town.client.get("/").text


def test_the_pages_have_the_paper_that_the_colours_were_checked_on(small_town):
    css = small_town.client.get("/static/site.css").text
    assert re.findall(r"--paper: (#\w+)", css) == [PAPER, PAPER_DARK]


def test_every_page_says_in_a_sentence_what_it_is(small_town):
    told = {
        path: re.search('<meta name="description" content="([^"]+)">', small_town.client.get(path).text)[1]
        for path in ("/", "/help", "/subscribe/daily", "/editions/daily", small_town.path("preferences"))
    }
    assert told["/"] == "The day’s most important stories, by e-mail"
    assert told["/subscribe/daily"] == "Subscribe to The Daily Digest · The day’s most important stories, by e-mail"
    assert len(set(told.values())) == len(told)


def test_search_engines_find_the_way_in_and_nobody_keeps_the_form(small_town):
    answer = small_town.client.get("/subscribe/daily")
    assert "x-robots-tag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_without_a_secret_there_is_no_site(small_town):
    with pytest.raises(ConfigError, match=r"site\.secrets"):
        create_app(Settings(), small_town.database)


def test_small_files(small_town):
    assert small_town.client.get("/healthz").text == "ok\n"
    assert small_town.client.get("/robots.txt").text == "User-agent: *\nDisallow:\n"
    assert small_town.client.get("/static/site.css").headers["content-type"].startswith("text/css")
    assert small_town.client.get("/favicon.ico").content.startswith(b"\0\0\1\0")
    assert small_town.client.get("/static/../base.html.j2").status_code == 404
