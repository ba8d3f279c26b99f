"""An editor's session in a real Chromium, by mouse and by keys alone; and that nothing from outside runs there."""

import re
from datetime import timedelta
from email import message_from_bytes

import pytest

from build import NOW
from digest.config import Desk, Newsletter
from digest.edition.variants import DEFAULT
from digest.links import Token
from digest.store import deliveries, editions
from digest.worker.letters import Letters
from editor import Editor
from newsroom import KEY, Newsroom

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def room(settings, sqlite_database, mailbox):
    smtp = settings.smtp.model_copy(update={"host": "127.0.0.1", "port": mailbox.port, "security": "none"})
    daily = Newsletter(stories=5, sections=("Economy", "World", "Politics"))
    of = settings.model_copy(
        update={"smtp": smtp, "newsletters": {"daily": daily}, "desk": Desk(test_addresses=("ada@example.org",))}
    )
    with Newsroom(of, sqlite_database) as one:
        yield one


def sent_is_what_was_shown(room, shown):
    """The mail that leaves is what the desk showed, byte for byte of the variant."""
    with room.database.read() as db:
        status = editions.get(db, KEY)
        assert editions.rendered(db, status.id, DEFAULT).html == shown
    with room.database.begin() as db:
        later = max(NOW, status.due_at or NOW) + timedelta(hours=1)
        claimed = deliveries.claim(db, now=later, limit=10, owner="one", lease=timedelta(minutes=5))
    assert len(claimed) == 3
    letters = Letters(room.settings, room.database)
    for one in claimed:
        html = html_of(letters.copy(one))
        personal = re.compile("|".join(re.escape(marker) for marker in Token))
        pattern = "(.{32})".join(re.escape(part) for part in personal.split(shown))
        assert re.fullmatch(pattern, html), "it differs beyond the reader's own tokens"


def html_of(message):
    part = next(one for one in message_from_bytes(message).walk() if one.get_content_type() == "text/html")
    return part.get_payload(decode=True).decode().replace("\r\n", "\n")


def test_a_session_by_mouse(ada, room, mailbox):
    page, click = ada.page, lambda selector: ada.page.locator(selector).click()
    mayors, storm, wheat = (room.story(words) for words in ("Mayors", "Edda", "wheat"))
    solbakk, aurelis = room.story("Solbakk"), room.story("Aurelis")

    click(f"#row-{storm}")
    page.get_by_text("3 sources report it").wait_for()
    click(f"#row-{mayors}")
    click(f"#pin-{mayors}")
    ada.said("Pinned “Mayors")
    ada.shows("Mayors ask for more money")
    click(f"#row-{wheat}")
    click(f"#drop-{wheat}")
    ada.said("Dropped “Kestria")
    ada.shows_not("Kestria halts")
    click(f"#row-{storm}")
    page.locator(f".story[data-story={storm}] #headline").fill("Edda has passed")
    click("#do-reword")
    ada.said("Reworded")
    ada.shows("Edda has passed")
    ada_before = page.locator(".row[draggable]").count()
    page.locator(f"#tick-{storm}").check()
    page.locator(f"#tick-{solbakk}").check()
    click("#do-merge")
    ada.said("Merged")
    click("#do-undo")
    ada.said("Taken back: Merged")
    assert page.locator(".row[draggable]").count() == ada_before
    page.locator(f".row[data-story={solbakk}]").drag_to(page.locator(".row[draggable]").first)
    ada.said("Moved")
    click("#tab-edition")
    page.locator("#note").fill("Good **morning**.")
    page.locator("#noted strong", has_text="morning").wait_for()
    click("#do-note")
    ada.said("Wrote a note")
    ada.shows("Good")
    click("#do-test")
    ada.said("Sent to ada@example.org")
    assert [one.recipient for one in mailbox.messages] == ["ada@example.org"]
    shown = room.get("mail.html").text
    assert "Edda has passed" in shown
    click("#do-approve")
    ada.said("Approved: 3 readers")
    page.locator(".state.good").wait_for()
    sent_is_what_was_shown(room, shown)
    assert ada.faults == []
    assert aurelis


def test_a_session_by_keys_alone(ada, room, mailbox):
    page = ada.page
    ada.press("j")
    first = ada.chosen()
    ada.press("j")
    page.locator(".panel .ledger").wait_for()
    assert ada.chosen() != first
    ada.press("p")
    ada.said("Pinned")
    ada.press("j", "d")
    ada.said("Dropped")
    ada.press("u")
    ada.said("Taken back: Dropped")
    ada.press("J")
    ada.said("Moved")
    page.locator(f".story[data-story='{page.locator('.row.on').get_attribute('data-story')}'] #headline").wait_for()
    ada.press("r")
    page.keyboard.type("Typed by hand")
    ada.press("Control+Enter")
    ada.said("Reworded")
    ada.shows("Typed by hand")
    ada.press("Escape")
    ada.press("k", "x", "k", "x", "m")
    ada.said("Merged")
    ada.press("u")
    ada.said("Taken back: Merged")
    ada.press("n")
    page.keyboard.type("A note, typed.")
    ada.press("Control+Enter")
    ada.said("Wrote a note")
    ada.press("Escape", "?")
    page.get_by_role("dialog").get_by_text("Single keys do this").wait_for()
    ada.press("Escape", "t")
    ada.said("Sent to ada@example.org")
    ada.shows("A note, typed.")
    shown = room.get("mail.html").text
    ada.press("a")
    ada.said("Approved: 3 readers")
    sent_is_what_was_shown(room, shown)
    assert ada.faults == []


def test_who_drops_a_story_goes_on_with_the_one_behind_it(ada):
    order = ada.page.locator(".row[draggable] .hl").all_inner_texts()
    ada.press("j", "d")
    ada.said("Dropped")
    ada.page.locator(".row.on", has_text=order[2]).wait_for()
    ada.page.locator(".row.on .open:focus").wait_for()
    ada.press("j", "d")
    ada.page.locator(".row.on", has_text=order[4]).wait_for()


def test_a_second_editor_sees_it_happen_and_overwrites_nothing(ada, chromium, room):
    storm = room.story("Edda")
    with Newsroom(room.settings, room.database, who="bela", stored=False) as other:
        bela = Editor(chromium, other)
        for editor in (ada, bela):
            editor.page.locator(f"#row-{storm}").click()
            editor.page.locator(f".story[data-story={storm}] #headline").wait_for()
        bela.page.locator("#headline").fill("What Bela types")
        ada.page.locator("#headline").fill("What Ada said first")
        ada.page.locator("#do-reword").click()
        bela.shows("What Ada said first")
        assert bela.page.locator("#headline").input_value() == "What Bela types"
        bela.page.locator("#do-reword").click()
        bela.page.get_by_role("dialog").get_by_text("ada").wait_for()
        assert "What Ada said first" in room.order()
        bela.press("Enter")
        bela.page.locator("#do-reword").click()
        ada.shows("What Bela types")
        bela.context.close()


def test_the_mail_is_seen_as_others_see_it(ada):
    page = ada.page
    inside = page.frame_locator("#frame")
    page.locator("#width-320").click()
    assert page.locator("#frame").bounding_box()["width"] == 320
    page.locator("#look-dark").click()
    ada.until("frames[0].location.search.includes('dark') && frames[0].document.readyState === 'complete'")
    body = inside.locator("body")
    assert body.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(17, 17, 16)"
    page.locator("#look-styles").click()
    ada.until("frames[0].location.search.includes('styles=0') && frames[0].document.readyState === 'complete'")
    assert inside.locator("style").count() == 0
    page.locator("#look-zoom").click()
    assert inside.locator("html").evaluate("one => one.style.zoom") == "2"
    page.locator("#variant").select_option("ar")
    inside.locator("html[dir=rtl]").wait_for()
    assert ada.faults == []


SCRIPT = "<script>top.document.title='pwned'</script><img src=x onerror=\"top.document.title='pwned'\">"


def test_a_script_in_a_headline_or_a_note_does_not_run(ada, room):
    storm = room.story("Edda")
    room.say(do="reword", story=storm, headline=f"Edda {SCRIPT}", blurb=SCRIPT)
    room.say(do="note", note=f"{SCRIPT} [link](javascript:alert(1))")
    ada.shows("Edda <script>")
    ada.page.locator(f"#row-{storm}").click()
    ada.page.locator("#tab-edition").click()
    ada.page.locator("#note").fill(SCRIPT)
    ada.page.locator("#noted", has_text="<script>").wait_for()
    ada.page.reload()
    ada.shows("Edda <script>")
    assert "pwned" not in ada.page.title()
    assert ada.page.locator("[href^='javascript:']").count() == 0
    assert ada.page.frame_locator("#frame").locator("script, [onerror], [href^='javascript:']").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, room, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    room.say(do=f"pin {room.story('Mayors')}")
    room.say(do="note", note="Good **morning**.")
    editor = Editor(chromium, room, color_scheme=scheme)
    editor.page.locator(f"#row-{room.story('Edda')}").click()
    editor.page.locator(".panel .ledger").wait_for()
    for panel in ("story", "edition", "findings", "record"):
        editor.page.locator(f"#tab-{panel}").click()
        found = axe.run(editor.page, options={"iframes": False}).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    editor.press("?")
    found = axe.run(editor.page, options={"iframes": False}).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    editor.context.close()
