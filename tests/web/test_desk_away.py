"""A desk that something comes between, in a real Chromium: a proxy that gives up, a desk that is being started anew, a
session that is over.  What the editor typed stays, and what is not known is not claimed.
"""

import asyncio
from datetime import timedelta

import pytest

from build import NOW
from digest.config import Newsletter
from editor import Editor
from newsroom import Newsroom

pytestmark = pytest.mark.timeout(240)


class Front:
    """What stands before a desk, as a proxy does, and gets in the way as it is told (`fault`)."""

    def __init__(self, app):
        self.app, self.fault = app, ""

    async def __call__(self, scope, receive, send):
        if self.fault == "lost" and scope["method"] == "POST":
            await self.app(scope, receive, _nowhere)
            await _answer(send, 504, "text/html", b"<h1>Gateway Timeout</h1>")
        elif self.fault == "restarting":
            await _answer(send, 502, "text/html", b"<h1>Bad Gateway</h1>")
        elif self.fault == "signed out" and scope["path"].endswith("/state"):
            await _answer(send, 401, "application/json", b'{"said": "Sign in first."}')
        elif self.fault == "signed out" and scope["path"].endswith("/events"):
            await _answer(send, 403, "text/plain", b"Forbidden")
        elif self.fault == "sick" and scope["path"].endswith("/state"):
            await _answer(send, 500, "application/json", b'{"said": "The desk has a fault"}')
        else:
            await self._pass(scope, receive, send)

    async def _pass(self, scope, receive, send):
        """A stream ends as soon as there is a fault."""
        task = asyncio.ensure_future(self.app(scope, receive, send))
        while not task.done():
            await asyncio.wait({task}, timeout=0.05)
            if self.fault in {"restarting", "signed out"} and scope["path"].endswith("/events"):
                task.cancel()
        if not task.cancelled():
            await task


async def _nowhere(_message):
    """What is said there is heard by nobody."""


async def _answer(send, status, kind, body):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def room(settings, sqlite_database):
    daily = Newsletter(stories=5, sections=("Economy", "World", "Politics"))
    one = Newsroom(settings.model_copy(update={"newsletters": {"daily": daily}}), sqlite_database)
    one.app = Front(one.app)
    with one:
        yield one


def type_headline(editor, story, words):
    editor.page.locator(f"#row-{story}").click()
    editor.page.locator(f".story[data-story={story}] #headline").fill(words)


def test_what_was_done_without_an_answer_is_not_said_to_be_undone(ada, room):
    type_headline(ada, room.story("Edda"), "Typed and saved")
    room.app.fault = "lost"
    ada.page.locator("#do-reword").click()
    ada.said("may be done or not")
    room.app.fault = ""
    ada.shows("Typed and saved")
    ada.until("document.getElementById('headline').defaultValue === 'Typed and saved'")  # it is no unsaved draft
    assert "Typed and saved" in room.order()


def test_a_desk_that_was_started_anew_is_found_again_and_shows_what_it_missed(ada, room):
    type_headline(ada, room.story("Edda"), "Still being typed")
    room.app.fault = "restarting"
    ada.page.locator("#away", has_text="The desk does not answer").wait_for()
    room.say(do="reword", story=room.story("Solbakk"), headline="Said meanwhile", blurb="")
    room.app.fault = ""
    ada.shows("Said meanwhile")
    ada.page.locator("#away:empty").wait_for(state="attached")
    assert ada.page.locator("#headline").input_value() == "Still being typed"


def test_who_is_signed_out_keeps_what_was_typed_and_saves_it_later(ada, room):
    type_headline(ada, room.story("Edda"), "Typed before the session ended")
    room.app.fault = "signed out"
    ada.page.locator("#away", has_text="Sign in in another window").wait_for()
    ada.page.evaluate("for (const one of document.querySelectorAll('[name=csrf]')) one.value = 'of the old session'")
    room.app.fault = ""
    ada.page.locator("#away:empty").wait_for(state="attached")
    ada.page.locator("#do-reword").click()
    ada.shows("Typed before the session ended")


def test_a_fault_of_the_desk_is_said_and_loses_no_revision(ada, room):
    room.say(do="note", note="Good morning.")
    ada.until("document.documentElement.dataset.revision === '1'")
    room.app.fault = "sick"
    ada.page.locator("#view-text").click()
    ada.said("The desk has a fault")
    assert ada.page.evaluate("document.documentElement.dataset.revision") == "1"


def test_words_that_are_typed_back_are_not_unsaved(ada, room):
    story = room.story("Edda")
    type_headline(ada, story, "Something else")
    ada.page.locator("#do-revert").click()
    before = ada.page.locator("#headline").input_value()
    ada.page.locator("#headline").fill(f"{before}!")
    ada.page.locator("#headline").fill(before)
    room.say(do="reword", story=story, headline="What Bela says", blurb="")
    ada.until("document.getElementById('headline').value === 'What Bela says'")


def test_on_a_telephone_a_story_is_brought_into_view_and_nothing_is_too_wide(chromium, room):
    editor = Editor(chromium, room)
    editor.page.set_viewport_size({"width": 320, "height": 640})
    top = "document.getElementById('side').getBoundingClientRect().top"
    assert editor.page.evaluate(top) > 640
    editor.page.locator(f"#row-{room.story('Edda')}").click()
    editor.until(f"{top} < 60")
    editor.page.locator(".jumps").get_by_text("Order").click()
    editor.until("document.getElementById('order').getBoundingClientRect().top >= 0")
    assert editor.page.evaluate("document.documentElement.scrollWidth") == 320
    editor.context.close()


def test_an_edition_whose_hour_passes_while_somebody_looks_is_not_said_to_leave_any_more(chromium, room):
    room.clock.now = NOW - timedelta(minutes=10)
    context = chromium.new_context()
    page = context.new_page()
    page.clock.install(time=room.clock.now)
    page.goto(room.url)
    page.locator("#part-head", has_text="Leaves by itself at 07:00").wait_for()
    page.wait_for_timeout(1000)
    room.clock.now = NOW + timedelta(minutes=3)
    page.clock.fast_forward("13:00")
    page.locator("#part-head", has_text="Was to leave at 07:00").wait_for()
    context.close()
