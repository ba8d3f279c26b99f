"""For those who watch: `/readyz` and `/metrics`, and who may see them."""

import time
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text
from starlette.testclient import TestClient

from build import NOW
from digest.pulse import Pulse
from digest.store import processes, schema
from digest.web.app import create_app
from digest.web.metrics import Gauge, exposition

HERE, THERE = ("127.0.0.1", 50000), ("192.0.2.7", 50000)
TOKEN = "only-prometheus-knows"


@pytest.fixture
def asked(small_town):
    """Asks for a page, as from somewhere; the answer."""

    def ask(path, *, client=HERE, host="localhost:8600", token="", alive=dict, **headers):
        web = small_town.settings.web.model_copy(update={"metrics_token": SecretStr(token)})
        settings = small_town.settings.model_copy(update={"web": web})
        app = create_app(settings, small_town.database, clock=small_town.clock, alive=alive)
        with TestClient(app, base_url=f"http://{host}", client=client) as browser:
            return browser.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return ask


def read(answer):
    """(name, labels) → value, by Prometheus' own parser."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def figures(town, **over):
    app = create_app(town.settings, town.database, clock=town.clock, **over)
    with TestClient(app, base_url="http://localhost", client=HERE) as browser:
        answer = browser.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return read(answer), answer.text


def test_figures_are_those_of_the_database(town):
    with town.database.begin() as db:
        processes.seen(db, "a", ["clock", "worker"], started_at=NOW, now=NOW)
        processes.seen(db, "b", ["worker"], started_at=NOW, now=NOW - timedelta(minutes=1))
        processes.seen(db, "dead", ["worker"], started_at=NOW, now=NOW - timedelta(minutes=3))
    found, _ = figures(town, alive=lambda: {"clock": True, "worker": False})
    assert found["digest_subscriptions", (("newsletter", "daily"), ("state", "confirmed"))] == 2
    assert found["digest_subscriptions", (("newsletter", "daily"), ("state", "unconfirmed"))] == 1
    assert found["digest_suppressions", (("reason", "bounce"),)] == 1
    assert found["digest_processes", (("role", "worker"),)] == 2
    assert found["digest_processes", (("role", "clock"),)] == 1
    assert found["digest_part_alive", (("part", "worker"),)] == 0
    assert found["digest_editions_paused", ()] == 0


def test_no_figure_names_a_person(town):
    _, said = figures(town)
    with town.database.read() as db:
        people = db.execute(schema.subscribers.select()).all()
    assert people
    for one in people:
        assert one.address not in said
        assert one.uid not in said
        assert one.name == "" or one.name not in said
    assert "@" not in said


def test_any_text_survives_as_a_label():
    odd = 'a "quoted" \\ name\nin two lines, with ünïcode}'
    gauge = Gauge(name="odd", help="Odd.", samples=[({"newsletter": odd}, 1.5)])
    (family,) = text_string_to_metric_families(exposition([gauge]))
    (sample,) = family.samples
    assert (sample.labels, sample.value) == ({"newsletter": odd}, 1.5)


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ({}, True),
        ({"host": "127.0.0.1:8600"}, True),
        ({"client": THERE}, False),
        ({"host": "news.example.org"}, False),  # a proxy on this machine, or DNS rebinding
        ({"X_Forwarded_For": "192.0.2.7"}, False),
        ({"Via": "1.1 proxy"}, False),
        ({"client": THERE, "token": TOKEN, "Authorization": f"Bearer {TOKEN}"}, True),
        ({"client": THERE, "token": TOKEN, "Authorization": f"bearer {TOKEN}"}, True),
        ({"client": THERE, "token": TOKEN, "Authorization": "Bearer guessed"}, False),
        ({"client": THERE, "token": TOKEN, "Authorization": f"Basic {TOKEN}"}, False),
        ({"client": THERE, "token": TOKEN}, False),
        ({"client": THERE, "Authorization": "Bearer "}, False),  # none is set, so none is right
    ],
)
def test_figures_are_for_this_machine_or_who_has_the_token(asked, how, seen):
    assert asked("/metrics", **how).status_code == (200 if seen else 404)


def test_ready_while_the_database_and_all_parts_of_this_process_are(asked):
    well = asked("/readyz", client=THERE, alive=lambda: {"clock": True, "worker": True})
    assert (well.status_code, well.text) == (200, "database: ok\nschema: ok\nclock: ok\nworker: ok\n")
    stuck = asked("/readyz", alive=lambda: {"clock": False, "worker": True})
    assert stuck.status_code == 503
    assert "clock: stuck" in stuck.text


def test_not_ready_on_a_schema_of_another_age(asked, small_town):
    with small_town.database.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = asked("/readyz")
    assert (answer.status_code, answer.text) == (503, "database: ok\nschema: of another age\n")


def test_not_ready_without_a_database(asked, small_town, tmp_path):
    (tmp_path / "digest.db").rename(tmp_path / "elsewhere.db")
    small_town.database.close()
    (tmp_path / "digest.db").mkdir()
    answer = asked("/readyz")
    assert (answer.status_code, answer.text) == (503, "database: away\n")


def test_a_part_is_alive_while_it_gives_signs():
    now = [0.0]
    pulse = Pulse(["clock", "worker"], longest=10, clock=lambda: now[0])
    now[0] = 8
    pulse.beat("clock")
    now[0] = 11
    assert pulse.alive() == {"clock": True, "worker": False}
    assert Pulse(["clock"], clock=time.monotonic).alive() == {"clock": True}
