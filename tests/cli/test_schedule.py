"""`digest schedule`: the slots to come, their waves, and the days without one."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text

TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()
HOLIDAY = TODAY + timedelta(days=2)


def set_up(digest, tmp_path, monkeypatch, **over):
    letter = {"timezone": "Europe/Berlin", "send_at": "07:00", "skip": [str(HOLIDAY)], **over}
    monkeypatch.setenv("DIGEST_NEWSLETTERS", json.dumps({"daily": letter}))
    rows = ["a@example.net,", "b@example.net,Asia/Tokyo", "c@example.net,Europe/Berlin", "d@example.net,Asia/Tokyo"]
    (tmp_path / "readers.csv").write_text("\n".join(["email,timezone", *rows]))
    assert digest("subscribers", "import", "readers.csv", "--consent", "asked").code == 0


def test_it_tells_the_slots_to_come_and_the_holiday(digest, tmp_path, monkeypatch):
    set_up(digest, tmp_path, monkeypatch)
    said = digest("schedule", "daily", "--days", "5", "--json").json
    assert (said["days"], said["released"]) == (5, True)
    (one,) = said["newsletters"]
    days = {slot["day"] for slot in one["slots"] if slot["cadence"] == "daily"}
    wanted = {str(TODAY + timedelta(days=n)) for n in range(5)} - {str(HOLIDAY)}
    assert wanted - {str(TODAY)} <= days <= wanted
    assert {slot["readers"] for slot in one["slots"]} == {4}
    for slot in one["slots"]:
        assert datetime.fromisoformat(slot["due_at"]) == datetime.fromisoformat(slot["local"]) > datetime.now(UTC)
        assert slot["local"][11:16] == "07:00"
        assert [wave["zones"] for wave in slot["waves"]] == [["Europe/Berlin"]]
    assert {"edition": f"daily/{HOLIDAY}", "day": str(HOLIDAY), "why": "one of the days to skip"} in one["skipped"]
    assert f"daily/{HOLIDAY}" in digest("schedule").out


def test_it_tells_the_waves_and_how_many_readers_each_has(digest, tmp_path, monkeypatch):
    set_up(digest, tmp_path, monkeypatch, deliver="local")
    (one,) = digest("schedule", "--days", "4", "--json").json["newsletters"]
    slot = one["slots"][-1]
    assert [(wave["zones"], wave["readers"]) for wave in slot["waves"]] == [(["Asia/Tokyo"], 2), (["Europe/Berlin"], 2)]
    assert slot["due_at"] == slot["waves"][0]["at"] < slot["waves"][1]["at"]
    assert "Asia/Tokyo" in digest("schedule").out
    assert "no editions for one wave" in digest("build", f"daily/{TODAY}-earlier-0800").err


def test_it_tells_the_editions_of_the_waves(digest, tmp_path, monkeypatch):
    """Each with the readers of its wave; one can be drafted by its name, and tried without sending it."""
    set_up(digest, tmp_path, monkeypatch, deliver="local", built="wave", skip=[])
    (one,) = digest("schedule", "--days", "3", "--json").json["newsletters"]
    daily = [slot for slot in one["slots"] if slot["cadence"] == "daily"]
    found = {slot["edition"].partition("-earlier-")[0::2]: slot for slot in daily}
    (key, away), slot = list(found.items())[-2]
    assert away in {"0700", "0800"}
    assert [(wave["zones"], wave["readers"]) for wave in slot["waves"]] == [(["Asia/Tokyo"], 2)]
    assert [(wave["zones"], wave["readers"]) for wave in found[key, ""]["waves"]] == [(["Europe/Berlin"], 2)]
    assert slot["due_at"] == slot["waves"][0]["at"] < found[key, ""]["due_at"]
    (line,) = [line for line in digest("schedule").out.splitlines() if slot["edition"] in line]
    assert line.split()[-2:] == ["2", "Asia/Tokyo"]
    assert digest("build", slot["edition"]).code == 0
    assert digest("send", slot["edition"], "--dry-run", "--json").json["would_send"] == 2
    assert digest("build", f"{key}-later-0075").code == 1


def test_an_edition_without_readers_and_a_day_off_are_told_apart(digest, tmp_path, monkeypatch):
    off = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(TODAY.weekday() + 1) % 7]
    days = [day for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") if day != off]
    set_up(digest, tmp_path, monkeypatch, days=days, weekly_day=days[0])
    (one,) = digest("schedule", "--days", "14", "--json").json["newsletters"]
    why = {skipped["edition"]: skipped["why"] for skipped in one["skipped"]}
    assert why[f"daily/{TODAY + timedelta(days=1)}"] == "not one of its days"
    weekly = [reason for key, reason in why.items() if key.endswith("-weekly")]
    assert weekly
    assert set(weekly) == {"has no readers"}


def test_an_unknown_newsletter_and_a_copy_of_a_database_are_told(digest, tmp_path):
    assert digest("schedule", "evening").code == 1
    assert digest("database", "backup", "copy").code == 0
    assert digest("database", "restore", "copy", "--yes").code == 0
    assert "until `digest database release`" in digest("schedule").out
    assert digest("schedule", "--json").json["released"] is False


def test_quiet_hours_ahead_are_told_with_their_end(digest, tmp_path, monkeypatch):
    set_up(digest, tmp_path, monkeypatch, quiet_hours="22:00-06:00")
    assert re.search(
        r"^daily: quiet hours: what has not left by \w{3} 22:00 waits until \w{3} 06:00 CE", out(digest), re.MULTILINE
    )
    (one,) = digest("schedule", "--json").json["newsletters"]
    for slot in one["slots"]:
        begin, end = (datetime.fromisoformat(slot[key]) for key in ("quiet_from", "quiet_until"))
        assert (begin.hour, end.hour, begin.date()) == (22, 6, datetime.fromisoformat(slot["local"]).date())
        assert [wave["held_until"] for wave in slot["waves"]] == [{}]


def out(digest):
    return digest("schedule").out


def test_what_is_due_in_them_or_just_before_says_until_when_it_is_held(digest, tmp_path, monkeypatch):
    set_up(digest, tmp_path, monkeypatch, quiet_hours="22:00-06:00", send_at="21:59")
    assert re.search(r"quiet hours hold it back until \w{3} 06:00 CE", out(digest))
    set_up(digest, tmp_path, monkeypatch, quiet_hours="22:00-06:00", hours=["07:00", "23:00"], deliver="local")
    engine = create_engine(f"sqlite:///{tmp_path / 'digest.db'}")
    with engine.begin() as db:
        db.execute(text("UPDATE subscriptions SET hour = '23:00' WHERE subscriber_id = 2"))
    assert re.search(r"Asia/Tokyo, at 23:00; quiet hours hold it back until \w{3} 06:00 JST", out(digest))
    assert "by the clock of its reader (quiet_hours)" in out(digest)
    (one,) = digest("schedule", "--json").json["newsletters"]
    held = [wave["held_until"] for wave in one["slots"][-1]["waves"]]
    assert [list(each) for each in held].count(["Asia/Tokyo"]) == 1
    assert one["slots"][-1]["quiet_until"] is None, "there are as many as zones"
