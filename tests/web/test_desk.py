"""The editor's desk: shows an edition and why it is so, changes it by an editor's word, and lets in nobody else."""

import re
from datetime import timedelta

import pytest

from build import NOW, article, reader
from digest.assets import TEMPLATES
from digest.config import Desk, Newsletter
from digest.edition.variants import DEFAULT
from digest.model import EditionState
from digest.pipeline import storing
from digest.store import editions, newsletters, operations, subscribers
from digest.web.desk.wanted import PANELS, VIEWS
from newsroom import KEY, ROOT, Newsroom


@pytest.fixture
def room(settings, sqlite_database, mailbox):
    smtp = settings.smtp.model_copy(update={"host": "127.0.0.1", "port": mailbox.port, "security": "none"})
    daily = Newsletter(stories=5, sections=("Economy", "World", "Politics"))
    desk = Desk(test_addresses=("ada@example.org",))
    of = settings.model_copy(update={"smtp": smtp, "newsletters": {"daily": daily}, "desk": desk})
    return Newsroom(of, sqlite_database)


def recorded(room):
    with room.database.read() as db:
        status = editions.get(db, KEY)
        return [(one.operation.kind, one.who, one.is_active) for one in operations.of(db, status.id)]


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_the_page_has_the_edition_and_what_was_left_out(room):
    page = room.get(f"?story={room.story('Edda')}").text
    for text in (*room.order(), "Left out", "is not among the best 5", "In the inbox", "+", "coverage"):
        assert text in page
    assert "3 sources report it" in page
    assert "It is in the edition." in page


@pytest.mark.parametrize(("view", "shows"), [
    ("mail", "frame.html"), ("web", "web.html"), ("confirm", "confirm.html"), ("text", "Paper 0"),
    ("source", "&lt;!DOCTYPE html&gt;"), ("headers", "List-Unsubscribe"),
])  # fmt: skip
def test_every_view_shows_its_part(room, view, shows):
    assert shows in room.get(f"?view={view}").text
    assert view in VIEWS


def test_the_frames_show_the_mail_the_page_and_the_confirmation(room):
    rendered = room.desk.rendered(room.sheet, room.desk.variants(room.sheet)[DEFAULT][0])
    assert room.get("mail.html").text == rendered.html
    assert room.get("web.html").text == rendered.web
    assert "confirm" in room.get("confirm.html").text
    assert room.get("message.eml").content == room.desk.message(room.sheet, room.desk.variants(room.sheet)[DEFAULT][0])


def test_the_mail_can_run_nothing_and_loads_no_picture_where_that_is_off(room):
    policy = room.get("frame.html").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert policy.endswith("sandbox allow-same-origin")
    assert "img-src 'none'" in room.get("frame.html?images=0").headers["content-security-policy"]
    assert 'sandbox="allow-same-origin"' in room.get().text
    assert "'unsafe-inline'" not in room.get().headers["content-security-policy"]


def test_a_variant_is_shown_as_its_readers_get_it(room):
    arabic = room.get("mail.html?variant=ar").text
    assert '<html lang="ar" dir="rtl">' in arabic
    assert '<html lang="en" dir="ltr">' in room.get("mail.html").text
    assert '<option value="ar">' in room.get().text


def test_it_is_shown_as_a_reader_gets_it(room):
    with room.database.begin() as db:
        people = [reader(8, language="de"), reader(9, sections=("Sport",))]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
    done = room.say(do="reader", reader=people[0].address).json()
    assert done["variant"] == "de"
    assert "Abbestellen" in done["frame"]
    for address, says in ((people[1].address, "gets no mail"), ("eve@example.org", "nobody of this address")):
        answer = room.say(do="reader", reader=address)
        assert answer.status_code == 422
        assert says in answer.json()["said"]
    assert recorded(room) == []


def test_what_takes_a_moment_comes_when_it_is_asked_for(room):
    assert "findings" not in room.get("state").json()["parts"]
    later = room.get("state?later=1").json()
    assert "checklist" in later["parts"]["findings"]
    assert set(PANELS) <= later["parts"].keys()
    only = room.get(f"state?only=story&story={room.story('Edda')}").json()
    assert list(only["parts"]) == ["story"]


def test_a_pin_does_not_make_the_other_bars_of_a_ledger_vanish(room):
    story = room.story("Edda")
    bars = re.compile(r'<rect x="([\d.]+)" y="0" width="([\d.]+)"')
    before = [float(width) for _, width in bars.findall(room.get(f"?story={story}").text)]
    room.say(do=f"pin {story}")
    after = [float(width) for _, width in bars.findall(room.get(f"?story={story}").text)]
    assert after == [50.0, *before[:-1]], "that of the pin is the longest, and no longer than a bar can be"


@pytest.mark.parametrize(
    ("review", "before", "after"),
    [
        ("auto", "Leaves by itself at 07:00", "is `digest run` running?"),
        ("anomaly", "Leaves by itself at 07:00", "the day looks wrong, or `digest run` is not running"),
        ("required", "Waits for an editor&#39;s word.", "Waits for an editor&#39;s word; its hour was 07:00."),
    ],
)
def test_what_is_said_of_a_draft_is_another_once_its_hour_is_over(settings, sqlite_database, review, before, after):
    of = settings.model_copy(update={"newsletters": {"daily": Newsletter(review=review)}})
    room = Newsroom(of, sqlite_database)
    assert before in room.get().text
    room.clock.now = NOW + timedelta(minutes=2)
    assert after in room.get().text
    room.say(do="hold")
    assert "An editor stopped it; approving lets it go on." in room.get().text


def test_words_that_are_read_from_the_right_are_shown_and_written_from_there(settings, sqlite_database):
    arabic = article(url="https://a.example.org/1", title="أعلنت الحكومة اليوم خطة.", language="ar", published=NOW)
    with sqlite_database.begin() as db:
        newsletters.ensure(db, settings.newsletters, now=NOW)
        storing.put(db, [arabic], now=NOW)
    page = Newsroom(settings, sqlite_database, stored=False).get().text
    for part in ('class="hl" dir="auto" lang="ar"', 'rows="3" class="hl" dir="auto"', 'rows="5" dir="auto"'):
        assert part in page


def test_the_text_has_no_buttons_that_change_nothing_of_it(room):
    assert 'id="look-dark"' in room.get().text
    assert 'id="width-320"' in room.get("?view=web").text
    assert 'id="look-dark"' not in room.get("?view=web").text
    assert 'id="width-320"' not in room.get("?view=text").text


def test_an_edition_that_is_not_there_is_said_to_be(room):
    for key in ("daily/2026-11-20", "weekly/2026-11-23", "daily/nonsense"):
        assert room.client.get(f"{ROOT}/{key}/").status_code == 404
    assert room.client.get(f"{ROOT}/").text.count(KEY) >= 1


# --- who is let in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "x@y", ""]
)
def test_another_host_is_refused(room, host):
    """A page elsewhere may have its own name lead to 127.0.0.1 (DNS rebinding): the Host header gives it away."""
    for path in ("", "state", "mail.html", "events"):
        answer = room.get(path, headers={"host": host})
        assert answer.status_code in {400, 403}
        assert "Marenne" not in answer.text
    before = recorded(room)
    answer = room.say(do=f"drop {room.story('Edda')}", headers={"host": host, "origin": f"http://{host}"})
    assert answer.status_code == 400
    assert recorded(room) == before


@pytest.mark.parametrize("path", ["/", f"/{KEY}/", "/static/desk.js", "/wrong/", f"/wrong/{KEY}/", f"/wrong/{KEY}/do"])
def test_nothing_is_found_without_the_token(room, path):
    assert room.client.get(path).status_code == 404
    assert room.client.post(path).status_code == 404


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:5001"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:5000"},
    {},
])  # fmt: skip
def test_a_form_from_elsewhere_changes_nothing(room, headers):
    story, before = room.story("Edda"), recorded(room)
    assert room.say(do=f"drop {story}", headers=headers).status_code == 403
    assert room.say(do="approve", seen=room.sheet.seen, headers=headers).status_code == 403
    assert recorded(room) == before
    assert room.sheet.status.state is EditionState.DRAFT


@pytest.mark.parametrize("token", ["", "wrong", "ä"])
def test_a_form_without_its_token_changes_nothing(room, token):
    before = recorded(room)
    assert room.say(do=f"drop {room.story('Edda')}", csrf=token).status_code == 403
    assert recorded(room) == before


def test_looking_changes_nothing(room):
    with room.database.read() as db:
        before = editions.data_version(db)
    for path in ("", "state?later=1", "frame.html", "mail.html", "web.html", "confirm.html", "message.eml", "do"):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            room.client.request(method, room.base + path)
    with room.database.read() as db:
        assert editions.data_version(db) == before


# --- what is decided -------------------------------------------------------------------------------------------------


def test_each_operation_changes_the_edition_and_is_recorded(room):
    out = room.sheet.draft.replayed.stories
    left = next(one for one in out if one.lead.title not in room.order())
    storm, chips = room.story("Edda"), room.story("Solbakk")

    assert room.say(do=f"pin {left.id}").json()["said"] == f"Pinned “{left.lead.title}”."
    assert left.lead.title in room.order()
    room.say(do=f"drop {storm}")
    assert not any("Edda" in one for one in room.order())
    room.say(do="undo")
    assert any("Edda" in one for one in room.order())
    room.say(do="reword", story=storm, headline="Edda is over", blurb="Lights are on.")
    assert "Edda is over" in room.order()
    room.say(do=f"move {chips}", before=room.sheet.edition.items[0].story)
    assert "Solbakk" in room.order()[0]
    room.say(do=f"down {chips}")
    assert "Solbakk" in room.order()[1]
    room.say(do="section", story=storm, section="Weather")
    assert "Weather" in [one.name for one in room.sheet.edition.sections]
    room.say(do="image", story=storm, image="")
    assert next(one for one in room.sheet.edition.items if one.story == storm).image is None
    room.say(do="subject", subject="A quiet day")
    room.say(do="preheader", preheader="Nothing at all")
    room.say(do="note", note="Good **morning**.")
    room.say(do="sponsor", name="Bank", text="No fee.", url="https://bank.example/")
    assert (room.sheet.edition.subject, room.sheet.edition.preheader) == ("A quiet day", "Nothing at all")
    assert room.sheet.edition.sponsor.name == "Bank"
    assert "A quiet day" in room.get().text
    kinds = [kind for kind, who, _ in recorded(room) if who == "ada"]
    assert kinds == [
        "pin", "drop", "reword", "move", "move", "section", "image", "subject", "preheader", "note", "sponsor",
    ]  # fmt: skip


def test_two_stories_are_made_one_and_an_article_is_parted_again(room):
    storm, wheat = room.story("Edda"), room.story("wheat")
    assert "Merged" in room.say(do="merge", story=[wheat, storm]).json()["said"]
    merged = next(one for one in room.sheet.draft.replayed.stories if one.id == storm)
    assert {one.source for one in merged.articles} == {"Paper 0", "Paper 1", "Paper 2"}
    assert len(merged.articles) == 4
    done = room.say(story=storm, split="https://paper1.example.org/1").json()
    assert "Split" in done["said"]
    alone = next(one for one in room.sheet.draft.replayed.stories if one.id == done["story"])
    assert [one.url for one in alone.articles] == ["https://paper1.example.org/1"]
    room.say(story=storm, lead="https://paper2.example.org/1")
    assert next(one for one in room.sheet.edition.items if one.story == storm).url == "https://paper2.example.org/1"


def test_a_pin_is_taken_back_by_a_second_press(room):
    story = room.story("Mayors")
    for there in (True, False):
        room.say(do=f"pin {story}")
        assert any("Mayors" in one for one in room.order()) is there
    assert [active for *_, active in recorded(room)] == [False]


@pytest.mark.parametrize(("fields", "says"), [
    ({"do": "merge", "story": "s1"}, "tick the two stories"),
    ({"do": "pin"}, "choose a story first"),
    ({"do": "pin nothing"}, "not there any more"),
    ({"do": "dance s1"}, "not there any more"),
    ({"do": "undo"}, "nothing of yours"),
    ({"undo": "7"}, "no decision 7"),
    ({"do": "test", "to": "eve@example.org"}, "test_addresses"),
    ({"do": "subject", "subject": ""}, "cannot be empty"),
    ({"do": "sponsor", "name": "Bank", "text": "x", "url": "javascript:alert(1)"}, "has to begin with https://"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_line(room, fields, says):
    answer = room.say(**fields)
    assert answer.status_code == 422
    assert says in answer.json()["said"]
    assert recorded(room) == []


def test_without_a_script_a_form_leads_back_to_the_page(room):
    answer = room.say(script=False, do=f"drop {room.story('Edda')}")
    assert (answer.status_code, answer.headers["location"]) == (303, room.base)
    refused = room.say(script=False, undo="99")
    assert refused.status_code == 422
    assert "That was not done" in refused.text


def test_who_was_overtaken_is_told_so_and_overwrites_nothing(room):
    """Two editors have the same story open."""
    other = Newsroom(room.settings, room.database, who="bela", stored=False)
    storm, seen = room.story("Edda"), room.sheet.draft.revision
    assert other.say(do="reword", story=storm, headline="Bela’s words", blurb="One.").status_code == 200
    answer = room.say(do="reword", story=storm, headline="Ada’s words", blurb="Two.", revision=str(seen))
    assert answer.status_code == 409
    assert "bela" in answer.json()["said"]
    assert "Bela’s words" in answer.json()["parts"]["order"]
    assert "Bela’s words" in room.order()
    now = answer.json()["revision"]
    assert (
        room.say(do="reword", story=storm, headline="Ada’s words", blurb="Two.", revision=str(now)).status_code == 200
    )
    assert "Ada’s words" in room.order()


def test_others_changes_elsewhere_do_not_stand_in_the_way(room):
    other = Newsroom(room.settings, room.database, who="bela", stored=False)
    seen = room.sheet.draft.revision
    other.say(do=f"drop {room.story('wheat')}")
    assert room.say(do=f"pin {room.story('Edda')}", revision=str(seen)).status_code == 200


def test_late_articles_show_and_decisions_hold(room):
    storm = room.story("Edda")
    room.say(do="reword", story=storm, headline="Edda is over", blurb="Lights are on.")
    room.clock.now = NOW + timedelta(minutes=10)
    late = [
        article(url=f"https://late{n}.example.org/", title="Volcano Tarn erupts above the city of Hollin",
                source=f"Late {n}", section="World", summary="", body="", published=NOW + timedelta(minutes=5))
        for n in range(5)
    ]  # fmt: skip
    with room.database.begin() as db:
        storing.put(db, late, now=NOW + timedelta(minutes=8))
    assert any("Volcano" in one for one in room.order())
    assert "Edda is over" in room.order()


# --- signing off -----------------------------------------------------------------------------------------------------


def test_what_is_approved_is_what_was_seen(room):
    room.say(do="reword", story=room.story("Edda"), headline="Edda is over", blurb="Lights are on.")
    shown, seen = room.get("mail.html").text, room.sheet.seen
    done = room.say(do="approve", seen=seen)
    assert done.json()["said"].startswith("Approved: 3 readers")
    with room.database.read() as db:
        status = editions.get(db, KEY)
        assert editions.rendered(db, status.id, DEFAULT).html == shown
        assert [(one.action, one.who) for one in operations.signed(db, status.id)] == [("approved", "ada")]
    assert room.get("mail.html").text == shown
    assert "Let it go on" not in done.json()["parts"]["head"]
    late = room.say(do=f"drop {room.story('wheat')}")
    assert (late.status_code, late.json()["said"]) == (422, f"{KEY} is approved: it cannot be changed any more")


def test_what_has_changed_meanwhile_is_not_approved(room):
    seen = room.sheet.seen
    Newsroom(room.settings, room.database, who="bela", stored=False).say(do=f"drop {room.story('wheat')}")
    answer = room.say(do="approve", seen=seen)
    assert answer.status_code == 409
    assert room.sheet.status.state is EditionState.DRAFT


def test_a_draft_of_another_day_says_that_it_is_one(room):
    room.clock.now = NOW + timedelta(days=1)
    late = room.say(do=f"drop {room.story('wheat')}")
    assert (late.status_code, late.json()["said"]) == (422, f"{KEY} is of another day: it cannot be changed any more")


def test_holding_letting_go_on_and_cancelling(room):
    assert "On hold" in room.say(do="hold").json()["parts"]["head"]
    assert "Approved" in room.say(do="approve", seen=room.sheet.seen).json()["parts"]["head"]
    assert "Cancelled" in room.say(do="cancel").json()["parts"]["head"]
    with room.database.read() as db:
        actions = [one.action for one in operations.signed(db, editions.get(db, KEY).id)]
    assert actions == ["held", "lifted", "approved", "cancelled"]


def test_a_test_goes_to_an_address_of_the_house_and_says_that_it_is_one(room, mailbox):
    said = room.say(do="test", to="ada@example.org").json()["said"]
    assert said.startswith("Sent to ada@example.org")
    (caught,) = mailbox.messages
    assert caught.recipient == "ada@example.org"
    assert caught.parsed["subject"].startswith("[TEST] ")


# --- what comes from outside -----------------------------------------------------------------------------------------

SCRIPT = "<script>document.title='pwned'</script><img src=x onerror=alert(1)>"


def test_markup_in_words_stays_words(room):
    storm = room.story("Edda")
    room.say(do="reword", story=storm, headline=f"Edda {SCRIPT}", blurb=SCRIPT)
    room.say(do="note", note=SCRIPT)
    room.say(do="section", story=storm, section=SCRIPT[:40])
    for path in (f"?story={storm}&panel=record", "frame.html", "mail.html", "web.html", f"state?story={storm}&later=1"):
        text = room.get(path).text
        assert "<script>document" not in text
        assert "<img src=x" not in text
    noted = room.say(path="note", note=SCRIPT)
    assert noted.status_code == 200
    assert "<script" not in noted.text
    assert "<img" not in noted.text


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "says"), [
    ("a\n{% if %}", "TemplateSyntaxError in edition.html.j2, line 2"), ("a\nb\n{{ nothing }}", "nothing"),
])  # fmt: skip
def test_a_fault_in_a_template_is_shown_and_the_next_change_recovers(settings, sqlite_database, tmp_path, source, says):
    own = tmp_path / "templates"
    (own / "email").mkdir(parents=True)
    site = settings.site.model_copy(update={"templates": own})
    room = Newsroom(settings.model_copy(update={"site": site}), sqlite_database)
    template, before = own / "email" / "edition.html.j2", room.desk.version()
    template.write_text(source)
    assert room.desk.version() != before
    page = room.get()
    assert page.status_code == 500
    assert says in page.text
    assert says in room.get("state", headers={"accept": "application/json"}).json()["said"]
    template.unlink()
    assert room.get().status_code == 200


def test_a_day_without_news_is_shown_as_such(settings, sqlite_database):
    room = Newsroom(settings, sqlite_database, stored=False)
    page = room.get()
    assert page.status_code == 200
    assert "0</strong> stories in" in page.text
    later = room.get("state?later=1", headers={"accept": "application/json"})
    assert later.status_code == 200
    assert "No article came in for this edition." in page.text
    assert "Click one" not in page.text
    assert "are in order" not in later.json()["parts"]["findings"]
    for path in ("frame.html", "mail.html", "web.html", "confirm.html", "?view=headers", "?view=text"):
        assert room.get(path).status_code == 200
    refused = room.say(do="approve", seen=room.sheet.seen)
    assert refused.status_code == 422
    assert "has no stories" in refused.json()["said"]


def test_an_edition_that_went_out_is_shown_as_it_was_and_changes_no_more(room):
    room.say(do="approve", seen=room.sheet.seen)
    shown = room.get("mail.html").text
    room.clock.now = NOW + timedelta(days=3)
    assert room.get("mail.html").text == shown
    page = room.get(f"?story={room.story('Edda')}").text
    assert "3 sources report it" in page
    assert 'value="reword"' not in page
    assert room.say(do="hold").status_code == 200
    tomorrow = room.client.get(f"{ROOT}/daily/2026-11-26/")
    assert tomorrow.status_code == 200
    assert "Against" in room.client.get(f"{ROOT}/daily/2026-11-26/state?later=1").json()["parts"]["findings"]


def test_a_finding_leads_to_its_place_in_the_mail(settings, sqlite_database, tmp_path):
    own = tmp_path / "templates"
    (own / "email").mkdir(parents=True)
    shipped = (TEMPLATES / "email" / "_story.html.j2").read_text(encoding="utf-8")
    (own / "email" / "_story.html.j2").write_text(shipped.replace(' alt="{{ picture.alt }}"', ""), encoding="utf-8")
    site = settings.site.model_copy(update={"templates": own})
    room = Newsroom(settings.model_copy(update={"site": site}), sqlite_database)
    state = room.get("state?later=1").json()
    assert "image-alt" in state["parts"]["findings"]
    assert "image-alt" in state["parts"]["alarms"]
    marks = set(re.findall(r'data-mark="(f\d+)"', state["parts"]["findings"]))
    there = {name for names in re.findall(r' data-mark="([^"]+)"', state["frame"]) for name in names.split()}
    assert marks
    assert marks <= there
    refused = room.say(do="approve", seen=room.sheet.seen)
    assert refused.status_code == 422
    assert "image-alt" in refused.json()["said"]
