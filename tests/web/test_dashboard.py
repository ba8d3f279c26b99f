"""The dashboard: who sees it, what it says, how often it looks, and that it can be read by everybody."""

import logging
import re
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

import boardroom
from build import NOW, edition
from digest.config import Desk, Newsletter, RelayTable, Smtp, WarmUp
from digest.doctor.desk import look_at_desk
from digest.doctor.finding import Level
from digest.model import Pace, of_relay
from digest.outbox import pacing
from digest.store import editions, editors, newsletters, paces, schema, warming
from digest.web.app import Site
from digest.web.dashboard.glance import LEAST, MOST, SHARE, Glance, kept
from digest.web.dashboard.look import look
from digest.web.dashboard.view import page
from digest.web.desk import passwords
from newsroom import ROOT, Newsroom

KEY = "daily/2026-11-23"
NAMES = ("Harbour Wire", "Velland Post", "Coast Radio", "The Ledger", "Hill Gazette")
FEEDS = {name: f"https://{at}.example.org/feed" for at, name in enumerate(NAMES)}
ORIGIN = "https://news.example.org"
OURS = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
PASSWORD = "a long and silent river"
LATER = NOW + timedelta(minutes=17, seconds=20)


@pytest.fixture
def site(settings):
    """Two newsletters, and the desk open."""
    letters = {
        "daily": Newsletter(timezone="Europe/Berlin"),
        "weekly": Newsletter(title="The Week", days=("sat",), weekly_day="sat"),
    }
    polled = tuple({"name": name, "url": url} for name, url in FEEDS.items())
    return type(settings)(
        site=settings.site, database=settings.database, sources=polled, newsletters=letters, desk=Desk(serve=True)
    )


def clock():
    return LATER


def draft(database, site):
    with database.begin() as db:
        newsletters.ensure(db, site.newsletters, now=NOW)
        editions.save_draft(db, edition(), [], due_at=NOW)


@pytest.fixture
def morning(site, sqlite_database):
    draft(sqlite_database, site)
    boardroom.morning(sqlite_database, KEY, newsletter="daily", feeds=FEEDS, at=NOW, now=LATER)
    return sqlite_database


def seen(site, database, wanted="", now=LATER):
    return page(look(site, database, wanted, now=now), site)


# --- who -------------------------------------------------------------------------------------------------------------


def test_it_is_not_there_while_nobody_could_sign_in(site, sqlite_database, caplog):
    caplog.set_level(logging.INFO)
    closed = Site(site.model_copy(update={"desk": Desk()}), sqlite_database, clock=clock)
    assert TestClient(closed, base_url=ORIGIN).get("/desk/dashboard").status_code == 404
    client = TestClient(Site(site, sqlite_database, clock=clock), base_url=ORIGIN)
    assert client.get("/desk/dashboard").status_code == 404
    (line,) = [one.getMessage() for one in caplog.records if one.name.startswith("digest.web")]
    assert "`digest editors add NAME`" in line


def test_who_signs_in_for_it_gets_there(site, morning):
    with morning.begin() as db:
        editors.put(db, name="ada", password=passwords.hashed(PASSWORD), now=NOW)
    client = TestClient(Site(site, morning, clock=clock), base_url=ORIGIN, follow_redirects=False)
    asked = client.get("/desk/dashboard")
    assert (asked.status_code, "gmail.example" in asked.text) == (401, False)
    to = re.search(r'name="to" value="([^"]*)"', asked.text)[1]
    fields = {"name": "ada", "password": PASSWORD}
    elsewhere = client.post("/desk/sign-in", data=fields | {"to": "//evil.example"}, headers=OURS)
    assert elsewhere.headers["location"] == "/desk/"
    answer = client.post("/desk/sign-in", data=fields | {"to": to}, headers=OURS)
    assert answer.headers["location"] == "/desk/dashboard"
    shown = client.get("/desk/dashboard")
    assert shown.status_code == 200
    assert "gmail.example" in shown.text
    assert "unsafe" not in shown.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("desk", "level", "words"),
    [
        (Desk(), Level.GOOD, "`[desk] serve = true`"),
        (Desk(serve=True), Level.WARNING, "nobody can sign in"),
        (Desk(serve=True, user_header="X-User"), Level.GOOD, "X-User"),
    ],
)
def test_the_doctor_says_how_to_open_it(site, sqlite_database, desk, level, words):
    (found,) = look_at_desk(site.model_copy(update={"desk": desk}), sqlite_database)
    assert found.level is level
    assert words in found.text
    assert (found.mend == "digest editors add NAME") == (level is Level.WARNING)


# --- what ------------------------------------------------------------------------------------------------------------


def test_a_morning_in_figures(site, morning):
    shown = seen(site, morning)
    today, to_come = shown.cards
    assert (today.word, today.key) == ("Being sent", KEY)
    numbers = {what: int(count.replace(",", "")) for what, count, _ in today.numbers}
    assert numbers.pop("audience") == sum(numbers.values()) == 12_480
    assert numbers["failed"] == numbers["sent"] // 172
    assert "a second over the last minute" in today.told
    assert (to_come.word, to_come.told) == ("No edition", "not one of its days")
    delivery, returned, readers, moves = shown.figures
    assert "between 08:00 and 08:16" in delivery.told, "by the clock of the newsletter"
    assert sum(int(row[1].replace(",", "")) for row in delivery.rows) == numbers["sent"]
    assert returned.rows[0] == ["gmail.example", "18", "31", "7", "5"]
    assert "joined" in moves.told
    assert readers.rows[-1][-1] == readers.told.split()[0]
    assert [(one.name, one.health) for one in shown.sources][:2] == [
        ("Hill Gazette", "silent"),
        ("The Ledger", "failed 7×"),
    ]
    assert [row[0] for row in shown.limits] == ["gmail.example"]
    assert [advice[0] for *_, advice in shown.alerts] == [
        (True, "digest sources list"),
        (False, "see whether its feed has moved, and correct [[sources]] url"),
    ]
    assert "reader" not in " ".join(str(one) for one in (returned.rows, shown.limits))


def test_no_address_of_a_reader_is_on_it(site, morning):
    with Newsroom(site, morning, stored=False, clock=clock) as room:
        text = room.client.get(f"{ROOT}/dashboard").text
    assert "@" not in re.sub(r"(?s)<head>.*</head>", "", text)


def test_a_site_of_today_has_a_page_too(site, sqlite_database):
    shown = seen(site, sqlite_database)
    assert [one.word for one in shown.cards] == ["Not built yet", "No edition"]
    assert [one.svg for one in shown.figures] == ["", "", ""]
    assert "No edition has been approved yet." in shown.figures[0].told
    with Newsroom(site, sqlite_database, stored=False, clock=clock) as room:
        assert room.client.get(f"{ROOT}/dashboard").status_code == 200


def test_relays_are_there_with_their_state_and_their_warm_up(site, morning):
    plan = WarmUp(begin=LATER.date() - timedelta(days=2))
    rows = (
        RelayTable(name="east", weight=3),
        RelayTable(name="west", rate="5/s"),
        RelayTable(name="new", warm_up=plan),
        RelayTable(name="next", warm_up=WarmUp(begin=LATER.date() + timedelta(days=1))),
    )
    with morning.begin() as db:
        west = pacing.closed(Pace(domain=of_relay("west"), at=LATER), reason="550 5.7.1 no", now=LATER, dice=0)
        paces.save(db, [west])
        warming.use(db, "new", LATER.date(), 980)
        db.execute(update(schema.deliveries).where(schema.deliveries.c.subscriber_id % 2 == 0).values(relay="east"))
    shown = seen(site.model_copy(update={"smtp": Smtp(relays=rows)}), morning)
    east, west, new, following = shown.relays
    assert (east.name, east.weight, east.state, east.is_well, east.warm_up) == ("east", "3", "takes mail", True, "")
    whole = float(shown.cards[0].told.split()[0])
    assert float(east.rate.removesuffix(" a second")) == pytest.approx(whole / 2, abs=0.1), "every second copy"
    assert whole > 5
    assert (west.state, west.why, west.is_well) == ("no mail before 08:17", "550 5.7.1 no", False)
    assert west.rate == "0.0 a second, at most 5/s"
    assert new.warm_up == "day 3: 980 of 980, goes on 24 Nov 01:00"
    assert following.warm_up == "begins 24 Nov 01:00"


def test_one_mail_server_has_a_row_while_it_warms_up(site, morning):
    assert seen(site, morning).relays == []
    warm = site.model_copy(update={"smtp": Smtp(warm_up=WarmUp(begin=LATER.date()))})
    (only,) = seen(warm, morning).relays
    assert (only.name, only.warm_up) == ("the mail server", "day 1: 0 of 500")
    with Newsroom(warm, morning, stored=False, clock=clock) as room:
        text = room.client.get(f"{ROOT}/dashboard").text
    assert "day 1: 0 of 500" in text


def test_each_newsletter_has_readers_of_its_own(site, morning):
    shown = seen(site, morning, "weekly")
    assert shown.chosen == "weekly"
    assert "Nobody has confirmed yet." in shown.figures[2].told
    assert seen(site, morning, "nonsense").chosen == "daily"


@pytest.mark.parametrize(
    ("change", "word", "told"),
    [
        (lambda db, one: editions.set_hold(db, one, hold=True), "On hold", "waits for a person"),
        (lambda db, one: editions.pause(db, one, "535 wrong password"), "Being sent", "Sending paused: 535"),
        (lambda db, one: editions.cancel(db, one, now=LATER), "Cancelled", "the last copy left 08:16"),
    ],
)
def test_an_edition_that_does_not_go_on_says_so(site, morning, change, word, told):
    with morning.begin() as db:
        change(db, editions.get(db, KEY).id)
    card = seen(site, morning).cards[0]
    assert card.word == word
    assert card.told.startswith(told)


def test_it_looks_again_only_when_that_costs_little():
    now, made = [100.0], []

    def make(key):
        made.append(key)
        now[0] += 2.0 if key == "slow" else 0.0
        return len(made)

    glance = Glance(make, clock=lambda: now[0])
    assert [glance.get("fast"), glance.get("fast")] == [1, 1]
    now[0] += LEAST
    assert glance.get("fast") == 2
    assert glance.get("slow") == 3
    now[0] += 2 * SHARE - 0.1
    assert glance.get("slow") == 3
    now[0] += 0.2
    assert glance.get("slow") == 4
    assert kept(100.0) == MOST, "what is shown is never older"


# --- in a browser ----------------------------------------------------------------------------------------------------


def board_of(chromium, room, **how):
    tab = chromium.new_context(**how).new_page()
    faults = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.goto(f"{room.url.partition(KEY)[0]}dashboard")
    return tab, faults


@pytest.mark.timeout(240)
def test_axe_finds_nothing_in_light_and_dark_on_a_desk_and_in_a_hand(chromium, site, morning):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    rows = RelayTable(name="east", rate="5/s"), RelayTable(name="west", warm_up=WarmUp(begin=LATER.date()))
    site = site.model_copy(update={"smtp": Smtp(relays=rows)})
    with Newsroom(site, morning, stored=False, clock=clock) as room:
        for scheme, width in (("light", 1280), ("dark", 390)):
            tab, faults = board_of(chromium, room, color_scheme=scheme, viewport={"width": width, "height": 900})
            for summary in tab.locator("summary").all():
                summary.click()
            found = axe.run(tab).response["violations"]
            assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
            assert tab.evaluate("document.documentElement.scrollWidth") == width, "nothing sticks out"
            assert faults == []
            tab.context.close()


@pytest.mark.timeout(240)
def test_it_keeps_itself_up_to_date_and_leaves_open_what_is_open(chromium, site, morning):
    with Newsroom(site, morning, stored=False, clock=clock) as room:
        tab, faults = board_of(chromium, room)
        tab.locator("#returned-table summary").click()
        with morning.begin() as db:
            editions.set_hold(db, editions.get(db, KEY).id, hold=True)
        held, deadline = tab.get_by_text("On hold"), monotonic() + 120
        while not held.count():
            assert monotonic() < deadline
            tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when somebody comes back to it
            tab.wait_for_timeout(1000)
        assert tab.locator("#returned-table[open] summary:focus").count() == 1
        assert faults == []
        tab.context.close()


def test_without_a_script_the_link_looks_again(chromium, site, morning):
    with Newsroom(site, morning, stored=False, clock=clock) as room:
        tab, faults = board_of(chromium, room, java_script_enabled=False)
        assert tab.locator("#keep").is_hidden()
        tab.locator("#again").click()
        tab.get_by_role("heading", name="Readers").wait_for()
        tab.get_by_role("link", name="The Week").click()
        tab.get_by_text("Nobody has confirmed yet.").wait_for()
        assert faults == []
        tab.context.close()
