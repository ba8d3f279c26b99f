"""The pages of readers in a real Chromium, by keyboard alone and without scripts."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

import browser as chromium
from digest.model import SubscriptionState
from digest.web.server import Server
from keyboard import Keyboard


@pytest.fixture
def address(small_town):
    """Where the pages of `small_town` are, with time as it is."""
    small_town.clock.now = datetime.now(UTC)
    server, loop = Server(small_town.app), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    serving = asyncio.run_coroutine_threadsafe(server.serve(), loop)
    yield server.url
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(20)
    serving.result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


@pytest.fixture
def keys(browser, tmp_path):
    """`browser` says what there is to do without one."""
    with Keyboard(chromium.find(), tmp_path / "profile") as one:
        yield one


def test_joining(small_town, address, keys):
    keys.open(f"{address}/subscribe/daily")
    keys.reach("#email")
    keys.type("ada@example.net")
    small_town.clock.advance(seconds=5)
    assert keys.enter() == "Look into your inbox"
    generation = small_town.subscription("ada").generation
    keys.open(address + small_town.path("confirm", "ada", generation=generation))
    keys.reach("button")
    assert keys.enter() == "You are subscribed"
    assert small_town.subscription("ada").state is SubscriptionState.CONFIRMED


def test_choosing(small_town, address, keys):
    keys.open(address + small_town.path("preferences"))
    keys.reach("#daily")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.reach('button[value="choose"]')
    keys.enter()
    assert small_town.subscription().frequency == "weekly"
    keys.reach("#language")
    keys.type("Deu")
    keys.reach('button[value="settle"]')
    assert keys.enter() == "Ihr Abonnement von „The Daily Digest“"
    keys.reach("#address")
    keys.type("new@example.org")
    keys.enter()
    keys.reach('button[value="pause-2"]')
    keys.enter()
    paused = small_town.subscription().paused_until
    today = small_town.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    assert paused - today == timedelta(weeks=2)
    stored = small_town.client.get(f"{small_town.path('preferences')}/data").json()
    assert stored["moving_to"] == "new@example.org"


def test_leaving_and_thinking_again(small_town, address, keys):
    keys.open(address + small_town.path("unsubscribe"))
    keys.reach("button")
    assert keys.enter() == "You have left"
    assert small_town.subscription().state is SubscriptionState.UNSUBSCRIBED
    keys.reach("button")
    assert keys.enter() == "You are subscribed again"
    assert small_town.subscription().state is SubscriptionState.CONFIRMED


def test_being_forgotten(small_town, address, keys):
    keys.open(address + small_town.path("preferences"))
    keys.reach('a[href$="/erase"]')
    assert keys.enter() == "Erase what is stored of you?"
    keys.reach("button")
    assert keys.enter() == "You have been erased"
    assert small_town.person("confirmed") is None


def test_a_mistyped_address_is_gone_on_with_where_it_stands(small_town, address, keys):
    """The field has the focus, what was typed is in it, and its problem above it."""
    keys.open(address + small_town.path("preferences"))
    keys.reach("#address")
    keys.type("new@example")
    keys.enter()
    keys.press("End")
    keys.type(".org")
    keys.enter()
    stored = small_town.client.get(f"{small_town.path('preferences')}/data").json()
    assert stored["moving_to"] == "new@example.org"
