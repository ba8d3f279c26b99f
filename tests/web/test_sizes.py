"""Readers' pages on a narrow phone, with type as it comes and twice as large: nothing sticks out, and it does grow."""

from urllib.parse import urlsplit

import pytest

from digest.store import subscribers
from digest.web import pages

PHONE = 320  #: CSS pixels, as WCAG 1.4.10 has it
USUAL, TWICE = 16, 32  #: what a browser takes for the size of type where nobody says otherwise
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung und alles andere"


@pytest.fixture
def town(small_town):
    daily = small_town.settings.newsletters["daily"].model_copy(update={"sections": ("World", LONG, "الثقافة")})
    letters = {**small_town.settings.newsletters, "daily": daily}
    settings = small_town.settings.model_copy(update={"newsletters": letters})
    return type(small_town)(settings, small_town.database, small_town.clock)


def phone(chromium, town, size):
    """A page whose requests the site answers without a socket."""
    page = chromium.new_page(viewport={"width": PHONE, "height": 640}, java_script_enabled=True)

    def answer(route):
        told = town.client.get(urlsplit(route.request.url).path)
        route.fulfill(status=told.status_code, body=told.content, content_type=told.headers["content-type"])

    page.route("**/*", answer)
    sizes = {"fontSizes": {"standard": size, "fixed": size}}
    page.context.new_cdp_session(page).send("Page.setFontSizes", sizes)
    return page


@pytest.mark.parametrize("language", ["", "ar", "de"])
def test_nothing_sticks_out_of_a_phone_and_type_grows_as_its_owner_wishes(town, chromium, language):
    with town.database.begin() as db:
        subscribers.settle(db, subscribers.by_address(db, "confirmed@example.net").id, language=language, timezone="")
    preferences = town.path("preferences")
    paths = ["/", "/help", "/subscribe/daily", preferences, f"{preferences}/erase", town.path("unsubscribe")]
    shown = {}
    for size in (USUAL, TWICE):
        page = phone(chromium, town, size)
        for path in [*paths, "/unsubscribe/daily/wrong"]:
            page.goto(f"http://127.0.0.1{path}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= PHONE, path
            shown.setdefault(path, []).append(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))
        page.close()
    assert {twice / usual for usual, twice in shown.values()} == {TWICE / USUAL}


@pytest.mark.parametrize("smtputf8", [True, False])
def test_a_browser_lets_through_the_letters_that_the_mail_server_can_take(town, chromium, smtputf8):
    smtp = town.settings.smtp.model_copy(update={"smtputf8": smtputf8})
    wide = type(town)(town.settings.model_copy(update={"smtp": smtp}), town.database, town.clock)
    page = phone(chromium, wide, USUAL)
    for path, field in (("/subscribe/daily", "#email"), (wide.path("preferences"), "#address")):
        page.goto(f"http://127.0.0.1{path}")
        page.fill(field, "jürgen@example.net")
        assert page.evaluate(f"document.querySelector('{field}').checkValidity()") is smtputf8
    page.set_content(pages.widget(wide.settings, "daily"))
    page.fill("#digest-daily", "jürgen@example.net")
    assert page.evaluate("document.querySelector('#digest-daily').checkValidity()") is smtputf8
    page.close()
