"""An editor at the desk, in a real Chromium."""

from time import monotonic

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

#: Keeps what the desk said, for who asks why it did not say something else.
LISTEN = """
const line = document.getElementById("said");
new MutationObserver(() => (window.heard ??= []).push(line.textContent)).observe(line, {childList: true});
"""
PATIENCE = 15_000  #: milliseconds: a busy machine is no fault of what is tested


class Editor:
    """Somebody at a browser; what it complains of is kept."""

    def __init__(self, chromium, room, **how) -> None:
        self.context = chromium.new_context(viewport={"width": 1440, "height": 900}, **how)
        self.page, self.room, self.faults = self.context.new_page(), room, []
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(room.url)
        self.page.evaluate(LISTEN)
        self.until("document.getElementById('frame').contentDocument.readyState === 'complete'")

    def until(self, holds) -> None:
        """Not left to the page: its policy lets nothing evaluate words."""
        deadline = monotonic() + PATIENCE / 1000
        while not self.page.evaluate(holds):
            assert monotonic() < deadline, holds
            self.page.wait_for_timeout(50)

    def _heard(self, message) -> None:
        if message.type == "error" and "ERR_NAME_NOT_RESOLVED" not in message.text:
            self.faults.append(message.text)

    def said(self, words) -> None:
        try:
            self.page.locator("#said", has_text=words).wait_for()
        except playwright.TimeoutError:
            pytest.fail(f"{words!r} is not said, but {self.page.evaluate('window.heard')}; {self.faults}")

    def shows(self, words) -> None:
        self.page.frame_locator("#frame").get_by_text(words).locator("visible=true").first.wait_for()

    def shows_not(self, words) -> None:
        self.page.frame_locator("#frame").get_by_text(words).locator("visible=true").first.wait_for(state="detached")

    def press(self, *keys) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def chosen(self):
        return self.page.locator(".row.on .hl").inner_text()
