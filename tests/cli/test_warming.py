"""What the command line says of a relay that warms up."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from digest.cli.paces import relay_line
from digest.config import RelayTable, Smtp, WarmUp
from digest.store import warming
from digest.worker.slowed import relay_rows

PLAN = WarmUp(begin=date(2026, 12, 1))
NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)


@pytest.fixture
def told(sqlite_database):
    def tell(smtp, now):
        with sqlite_database.read() as db:
            return [relay_line(one) for one in relay_rows(db, smtp, now=now)]

    return tell


def test_a_relay_says_how_far_its_warm_up_is(sqlite_database, told):
    smtp = Smtp(relays=(RelayTable(name="east"), RelayTable(name="west", weight=2, warm_up=PLAN)))
    with sqlite_database.begin() as db:
        warming.use(db, "west", NOON.date(), 979)
    assert told(smtp, NOON) == ["Relay east: weight 1", "Relay west: weight 2, warm-up day 3, 979 of 980 used"]
    with sqlite_database.begin() as db:
        warming.use(db, "west", NOON.date(), 1)
    goes_on = "warm-up day 3, 980 of 980 used, goes on at 2026-12-04 00:00 UTC"
    assert told(smtp, NOON)[1] == f"Relay west: weight 2, {goes_on}"
    assert told(smtp, NOON - timedelta(days=9))[1].endswith(
        "warm-up begins at 2026-12-01 00:00 UTC, and no mail before"
    )
    assert told(smtp, NOON + timedelta(days=20))[1] == "Relay west: weight 2"


def test_one_alone_has_a_line_while_it_warms_up(told):
    assert told(Smtp(warm_up=PLAN), NOON) == ["The mail server: warm-up day 3, 0 of 980 used"]
    assert told(Smtp(warm_up=PLAN), NOON + timedelta(days=20)) == []


@pytest.fixture
def built(digest, news, readers, monkeypatch):
    """An edition for two readers, and a mail server that may take one message a day."""
    digest("import", str(news))
    digest("subscribers", "import", str(readers), "--consent", "asked")
    begin = datetime.now(UTC).date()
    plan = f'{{"begin": "{begin}", "first_day": 1, "growth": 1.01, "until": 9}}'
    monkeypatch.setenv("DIGEST_SMTP__WARM_UP", plan)
    return digest("build", "--json").json["edition"]


def test_an_edition_larger_than_its_day_is_told_before_and_after(digest, built, mailbox):
    said = "The warm-up lets 1 leave today; the other 1 wait for the next day (UTC)."
    assert said in digest("send", "--dry-run").out
    assert digest("send", "--dry-run", "--json").json["warm_up_left"] == 1
    assert "the warm-up lets 1 leave that day" in digest("schedule").out
    (letter,) = digest("schedule", "--json").json["newsletters"]
    assert {slot["warm_up_left"] for slot in letter["slots"]} == {1}
    sent = digest("send")
    assert (sent.code, len(mailbox.messages)) == (75, 1)
    assert f"{built}: The mail server: warm-up day 1, 1 of 1 used, goes on at" in sent.out
    assert "1 wait; `digest deliveries list" in sent.out
    status = digest("status").out
    assert "The mail server: warm-up day 1, 1 of 1 used, goes on at" in status
    assert re.search(r"  1 wait for \S+ 00:00 UTC, as the warm-up lets no more leave today", status)
    (row,) = digest("status", "--json").json["relays"]
    assert (row["warm_up"]["used"], row["warm_up"]["quota"], row["warm_up"]["day"]) == (1, 1, 1)
    assert "The warm-up lets 0 leave today; the other 1" in digest("send", built, "--dry-run").out


def test_a_rehearsal_takes_nothing_of_it(digest, built):
    assert digest("send", "--to", "sink").code == 0
    assert digest("status", "--json").json["relays"][0]["warm_up"]["used"] == 0


def test_where_one_relay_has_no_limit_nothing_is_said(digest, built, monkeypatch):
    monkeypatch.setenv("DIGEST_SMTP__RELAYS", '[{"name": "old", "warm_up": null}, {"name": "new"}]')
    said = digest("send", "--dry-run", "--json").json
    assert said["warm_up_left"] is None
    assert "warm-up" not in digest("schedule").out
