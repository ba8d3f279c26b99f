"""When editions are due, and that each is made once."""

import threading
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from sqlalchemy import delete

from build import NOW, article, reader
from digest.assets import TEMPLATES
from digest.config import Newsletter, Settings
from digest.edition import cadences
from digest.model import Cadence, Clock, EditionState, Slot
from digest.outbox.skeleton import Skeleton
from digest.pipeline import audience, storing
from digest.schedule.clock import Schedule
from digest.schedule.slots import Lateness, due_slots, judged, next_slots, slot
from digest.store import audit, deliveries, editions, history, newsletters, schema, slots, subscribers
from digest.store.database import Database

DAY = date(2026, 11, 23)


def letter(**over: object) -> Newsletter:
    return Newsletter.model_validate(over)


def in_zones(*zones: str) -> dict[Clock, frozenset[str]]:
    return {Clock(zone=zone): frozenset(Cadence) for zone in zones}


def test_a_slot_is_the_local_hour_in_utc() -> None:
    berlin = letter(timezone="Europe/Berlin", send_at=time(7, 0))
    assert slot("daily", berlin, date(2026, 7, 1)).due_at == datetime(2026, 7, 1, 5, 0, tzinfo=UTC)
    assert slot("daily", berlin, date(2026, 12, 1)).due_at == datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_is_still_due_once() -> None:
    berlin = letter(timezone="Europe/Berlin", send_at=time(2, 30))
    spring = [slot("daily", berlin, date(2026, 3, 28) + timedelta(days=n)).due_at for n in range(3)]
    assert spring[1] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert spring == sorted(set(spring))


def test_an_hour_that_comes_twice_is_due_the_first_time() -> None:
    berlin = letter(timezone="Europe/Berlin", send_at=time(2, 30))
    assert slot("daily", berlin, date(2026, 10, 25)).due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 2, 23])
def test_every_zone_has_exactly_one_slot_a_day(hour: int) -> None:
    """Three years of every zone: nothing missed, nothing doubled, always later than the day before."""
    for name in sorted(available_timezones())[::7]:
        zoned = letter(timezone=name, send_at=time(hour, 30))
        moments = [slot("daily", zoned, date(2025, 1, 1) + timedelta(days=n)).due_at for n in range(3 * 365)]
        assert all(a < b for a, b in pairwise(moments)), name


def test_only_what_nobody_took_and_only_on_its_days() -> None:
    weekdays = letter(days=("mon", "tue", "wed", "thu", "fri"))
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
    since = now - timedelta(days=5)
    taken = {"daily/2026-11-23", "daily/2026-11-23-weekly"}
    found = [one.day for one in due_slots("daily", weekdays, now=now, since=since, taken=taken)]
    assert found == [date(2026, 11, 20), date(2026, 11, 24)]


def test_the_next_slot_skips_the_weekend() -> None:
    weekdays = letter(days=("mon", "tue", "wed", "thu", "fri"))
    friday_noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    found = next_slots("daily", weekdays, now=friday_noon)
    assert [one.key for one in found] == ["daily/2026-11-23", "daily/2026-11-23-weekly"]
    without = letter(days=(), weekly_day="thu")
    assert [one.key for one in next_slots("daily", without, now=friday_noon)] == ["daily/2026-11-26-weekly"]


def keys(found: Iterable[Slot]) -> list[str]:
    return [one.key for one in found]


def test_holidays_are_skipped_and_single_days_have_a_time_of_their_own() -> None:
    working = letter(
        days=("mon", "tue", "wed", "thu", "fri"),
        skip=["2026-12-25"],
        once=["2026-12-24T12:00", "2026-12-27T09:30"],
        timezone="Europe/Berlin",
    )
    now = datetime(2026, 12, 28, 3, 0, tzinfo=UTC)
    found = list(due_slots("daily", working, now=now, since=now - timedelta(days=5), taken=set()))
    assert [(one.key, f"{one.due_at:%H:%M}") for one in found] == [
        ("daily/2026-12-23", "06:00"), ("daily/2026-12-24", "11:00"), ("daily/2026-12-27", "08:30"),
    ]  # fmt: skip


def test_a_day_is_not_both_skipped_and_set_and_has_one_time() -> None:
    for over in (
        {"skip": ["2026-12-24"], "once": ["2026-12-24T12:00"]},
        {"once": ["2026-12-24T12:00", "2026-12-24T18:00"]},
        {"once": ["2026-12-24T12:00+01:00"]},
    ):
        with pytest.raises(ValueError, match="once"):
            letter(**over)


def test_as_the_earth_turns_an_edition_is_due_when_its_first_reader_wakes() -> None:
    berlin = letter(timezone="Europe/Berlin", send_at=time(7, 0), deliver="local")
    clocks = in_zones("America/New_York", "Pacific/Kiritimati")
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # in Kiritimati it is two in the morning of the next day
    assert [f"{one.key} {one.due_at:%d %H:%M}" for one in next_slots("daily", berlin, now=noon, clocks=clocks)][:1] == [
        "daily/2026-11-23 22 17:00"
    ]
    due = due_slots("daily", berlin, now=noon + timedelta(hours=5), since=noon, taken=set(), clocks=clocks)
    assert "daily/2026-11-23" in keys(due)


@pytest.mark.parametrize(
    ("policy", "down", "made", "others"),
    [
        ("send", timedelta(minutes=1), 1, set()),
        ("merge", timedelta(minutes=1), 1, set()),
        ("skip", timedelta(minutes=1), 1, set()),
        ("send", timedelta(hours=6), 1, set()),
        ("merge", timedelta(hours=6), 0, {Lateness.MERGE}),
        ("skip", timedelta(hours=6), 0, {Lateness.MISS}),
        ("send", timedelta(days=3, hours=1), 1, {Lateness.MISS}),
        ("merge", timedelta(days=3, hours=1), 0, {Lateness.MERGE}),
        ("skip", timedelta(days=3, hours=1), 0, {Lateness.MISS}),
        ("send", timedelta(days=40), 1, {Lateness.MISS}),
        ("merge", timedelta(days=40), 1, {Lateness.MERGE}),
        ("skip", timedelta(days=40), 1, {Lateness.MISS}),
    ],
)
def test_after_any_time_down_there_is_at_most_one_edition(
    policy: str, down: timedelta, made: int, others: set[Lateness]
) -> None:
    """Down over the slot of the 23rd for so long; after forty days it comes up just at an hour."""
    daily = letter(late=policy, weekly_day="sun", days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    since = datetime(2026, 11, 23, 6, 59, tzinfo=UTC)
    now = since + timedelta(minutes=1) + down
    due = [one for one in due_slots("daily", daily, now=now, since=since, taken=set()) if one.cadence == "daily"]
    found = [one.lateness for one in judged(due, daily, now=now)]
    assert found.count(Lateness.MAKE) == made
    assert {one for one in found if one is not Lateness.MAKE} == others


# --- what the schedule makes of them ---------------------------------------------------------------------------------


@pytest.fixture
def filled(database: Database, settings: Settings) -> Database:
    """A database with news, one reader, and a newsletter that has been there for a week."""
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW - timedelta(days=7))
        storing.put(db, [article(n) for n in range(1, 6)], now=NOW)
        subscribers.add(db, [reader()], newsletter="daily", consent="asked", now=NOW)
        for days in range(1, 5):
            slots.take(db, slot("daily", settings.newsletters["daily"], DAY - timedelta(days=days)), now=NOW)
    return database


def test_a_due_slot_becomes_an_approved_edition_once(filled: Database, settings: Settings) -> None:
    schedule = Schedule(settings, filled)
    assert schedule.tick(NOW - timedelta(minutes=1)) == []
    assert schedule.tick(NOW) == ["daily/2026-11-23"]
    assert schedule.tick(NOW + timedelta(minutes=5)) == []
    with filled.read() as db:
        status = editions.get(db, "daily/2026-11-23")
        assert status is not None
        assert status.state is EditionState.APPROVED
        assert deliveries.tally(db, status.id).audience == 1


WEEK = "daily/2026-11-23-weekly"


def test_weekly_readers_get_an_edition_of_the_week(filled: Database, settings: Settings) -> None:
    """Of stories that the daily one is too late for, and nobody gets both."""
    old = article(9, title="Ferry sinks off the coast in a storm", published=NOW - timedelta(days=5), section="World")
    with filled.begin() as db:
        storing.put(db, [old], now=NOW)
        people = [reader(2, frequency="weekly"), reader(3, frequency="weekly"), reader(4, frequency="weekdays")]
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW)
    keys = ["daily/2026-11-23", "daily/2026-11-23-weekdays", WEEK]
    assert Schedule(settings, filled).tick(NOW) == keys
    with filled.read() as db:
        made = {key: editions.get(db, key) for key in keys}
        assert all(made.values())
        urls = {key: {one.url for one in status.content.items} for key, status in made.items() if status}
        rows = {key: deliveries.listing(db, status.id) for key, status in made.items() if status}
        mail = editions.rendered(db, made[WEEK].id, "default") if made[WEEK] else None
    assert {key: [row.address[:7] for row in found] for key, found in rows.items()} == {
        keys[0]: ["reader1"], keys[1]: ["reader4"], WEEK: ["reader2", "reader3"],
    }  # fmt: skip
    assert {key: old.url in found for key, found in urls.items()} == dict(zip(keys, (False, False, True), strict=True))
    assert mail
    assert mail.subject.startswith("The week: ")
    for part in (mail.html, mail.text, mail.web):
        assert "The week of 16–22 Nov 2026" in part
    assert f"/editions/{WEEK}" in mail.html


def test_no_daily_edition_waits_for_one_of_the_week(filled: Database, settings: Settings) -> None:
    two = settings.model_copy(
        update={"newsletters": dict.fromkeys(("daily", "evening"), settings.newsletters["daily"])}
    )
    with filled.begin() as db:
        newsletters.ensure(db, ["evening"], now=NOW - timedelta(days=1))
        subscribers.add(db, [reader(2, frequency="weekly")], newsletter="daily", consent="asked", now=NOW)
    assert Schedule(two, filled).tick(NOW) == ["daily/2026-11-23", "evening/2026-11-23", WEEK]


def test_an_edition_of_the_week_tells_again_only_what_one_before_did_not(filled: Database, settings: Settings) -> None:
    from digest.pipeline import building, publishing

    def told(days: int) -> set[str]:
        at = NOW - timedelta(days=days)
        weekly = building.build(settings, filled, "daily", at=at, cadence=Cadence.WEEKLY)
        publishing.approve(settings, filled, weekly.key, now=at)
        return {one.url for one in weekly.content.items}

    tale = "Ferry with a hundred passengers sinks off the coast of Aldous in a storm"
    with filled.begin() as db:
        rows = [article(20, title=tale, section="World", published=NOW - timedelta(days=8))]
        rows += [article(21, title=tale, section="World", published=NOW - timedelta(days=6), source="Other Wire")]
        storing.put(db, rows, now=NOW)
    daily = building.build(settings, filled, "daily", at=NOW - timedelta(days=5, hours=12))
    assert rows[1].url in {one.url for one in daily.content.items}
    publishing.approve(settings, filled, daily.key, now=NOW - timedelta(days=5))
    assert rows[0].url in told(7)
    assert not told(0) & {one.url for one in rows}


def test_a_newsletter_without_weekly_readers_has_no_edition_of_the_week(filled: Database, settings: Settings) -> None:
    """Not even one to look at; and who comes an hour later waits for the next."""
    schedule = Schedule(settings, filled)
    assert schedule.tick(NOW) == ["daily/2026-11-23"]
    with filled.begin() as db:
        assert editions.get(db, WEEK) is None
        subscribers.add(db, [reader(2, frequency="weekly")], newsletter="daily", consent="asked", now=NOW)
    assert schedule.tick(NOW + timedelta(hours=1)) == []
    with filled.read() as db:
        outcomes = {key: outcome for key, outcome, _ in slots.remarks(db, since=DAY)}
    assert outcomes == dict.fromkeys((WEEK, "daily/2026-11-23-weekdays"), "nobody") | {"daily/2026-11-23": "approved"}


def test_several_daemons_at_one_slot_make_one_edition(filled: Database, settings: Settings) -> None:
    made: list[str] = []

    def daemon() -> None:
        made.extend(Schedule(settings, filled).tick(NOW))

    threads = [threading.Thread(target=daemon) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["daily/2026-11-23"]


def test_a_slot_beyond_the_limit_is_missed_and_said_so(filled: Database, settings: Settings) -> None:
    late = NOW + timedelta(hours=settings.newsletters["daily"].catch_up_hours, minutes=1)
    assert Schedule(settings, filled).tick(late) == []
    with filled.read() as db:
        assert editions.get(db, "daily/2026-11-23") is None
        assert "daily/2026-11-23" in slots.taken(db, "daily", since=DAY, now=late)


def test_a_newsletter_set_up_after_its_hour_waits_for_the_next(database: Database, settings: Settings) -> None:
    with database.begin() as db:
        storing.put(db, [article()], now=NOW)
    schedule = Schedule(settings, database)
    assert schedule.tick(NOW + timedelta(hours=1)) == []
    assert schedule.tick(NOW + timedelta(hours=2)) == []


def test_with_review_required_the_draft_waits(filled: Database, settings: Settings) -> None:
    strict = settings.newsletters["daily"].model_copy(update={"review": "required"})
    schedule = Schedule(settings.model_copy(update={"newsletters": {"daily": strict}}), filled)
    assert schedule.tick(NOW) == []
    with filled.read() as db:
        status = editions.get(db, "daily/2026-11-23")
    assert status is not None
    assert status.state is EditionState.DRAFT


def test_a_held_draft_is_not_sent_by_the_clock(filled: Database, settings: Settings) -> None:
    from digest.pipeline import building, publishing

    building.build(settings, filled, "daily", at=NOW - timedelta(minutes=30))
    publishing.hold(filled, "daily/2026-11-23", now=NOW)
    assert Schedule(settings, filled).tick(NOW) == []


def test_an_edition_whose_mail_has_errors_is_held_and_says_why(
    filled: Database, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Until an editor overrules the rule, or mends it; the clock does not try again."""
    from digest.pipeline import publishing

    own = tmp_path / "own" / "email" / "edition.html.j2"
    own.parent.mkdir(parents=True)
    shipped = (TEMPLATES / "email" / own.name).read_text(encoding="utf-8")
    own.write_text(shipped.replace("</body>", '<img src="https://img.example.org/a.png"></body>'), encoding="utf-8")
    site = settings.site.model_copy(update={"templates": tmp_path / "own"})
    faulty = settings.model_copy(update={"site": site})
    assert Schedule(faulty, filled).tick(NOW) == []
    with filled.read() as db:
        ((key, outcome, remark),) = [one for one in slots.remarks(db, since=DAY) if one[0] == "daily/2026-11-23"]
    assert (key, outcome) == ("daily/2026-11-23", "held")
    assert "image-alt" in remark
    assert remark in caplog.text
    assert Schedule(settings, filled).tick(NOW + timedelta(minutes=9)) == []
    assert publishing.approve(faulty, filled, key, now=NOW, overrule=["image-alt"]).audience == 1


def test_articles_that_come_late_still_make_an_edition(filled: Database, settings: Settings) -> None:
    """The slot found nothing to tell; half an hour later there is news."""
    with filled.begin() as db:
        db.execute(delete(schema.articles))
    schedule = Schedule(settings, filled)
    assert schedule.tick(NOW) == []
    late = NOW + timedelta(minutes=30)
    with filled.begin() as db:
        storing.put(db, [article(published=NOW + timedelta(minutes=20))], now=late)
    assert schedule.tick(late) == ["daily/2026-11-23"]


def test_a_slot_whose_taker_died_is_taken_over(filled: Database, settings: Settings) -> None:
    with filled.begin() as db:
        assert slots.take(db, slot("daily", settings.newsletters["daily"], DAY), now=NOW)
    schedule = Schedule(settings, filled)
    assert schedule.tick(NOW + timedelta(seconds=30)) == [], "the taker may still be at it"
    assert schedule.tick(NOW + timedelta(minutes=3)) == ["daily/2026-11-23"]
    assert schedule.tick(NOW + timedelta(minutes=9)) == []


def with_letter(settings: Settings, **over: object) -> Settings:
    return settings.model_copy(update={"newsletters": {"daily": settings.newsletters["daily"].model_copy(update=over)}})


def test_each_reader_gets_it_at_the_hour_of_their_own_zone(filled: Database, settings: Settings) -> None:
    """Made once, for the first; each copy says the hour at which it left, whenever it is composed."""
    local, tokyo = with_letter(settings, deliver="local"), datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    with filled.begin() as db:
        people = [reader(2, timezone="Asia/Tokyo"), reader(3, timezone="America/New_York"), reader(4, timezone="")]
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
        storing.put(db, [article(40 + n, published=tokyo - timedelta(hours=n)) for n in range(1, 4)], now=tokyo)
    schedule = Schedule(local, filled)
    assert schedule.tick(tokyo - timedelta(minutes=1)) == []
    assert schedule.tick(tokyo) == ["daily/2026-11-23"]
    assert schedule.tick(NOW) == []
    with filled.read() as db:
        status = editions.get(db, "daily/2026-11-23")
        assert status
        due = {row.address[:7]: row.due_at for row in deliveries.listing(db, status.id)}
        skeleton = editions.skeleton(db, status.id, "default")
    assert due == {
        "reader1": NOW, "reader2": tokyo, "reader3": datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "reader4": NOW,
    }  # fmt: skip
    with filled.begin() as db:
        lease = timedelta(minutes=9)
        (first,) = deliveries.claim(db, now=tokyo + timedelta(hours=1), limit=9, owner="me", lease=lease)
    assert skeleton
    message = Skeleton(skeleton).stamp(first, newsletter="daily", keys=("k" * 32,))
    assert b"\r\nDate: Sun, 22 Nov 2026 22:00:00 +0000\r\n" in message


def test_an_edition_sent_by_hand_leaves_for_all_zones_at_once(filled: Database, settings: Settings) -> None:
    from digest.pipeline import building, publishing

    local = with_letter(settings, deliver="local")
    with filled.begin() as db:
        person = reader(3, timezone="America/New_York")
        subscribers.add(db, [person], newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    made = publishing.approve(local, filled, building.build(local, filled, "daily", at=NOW).key, now=NOW)
    with filled.begin() as db:
        assert deliveries.bring_forward(db, made.edition.id, now=NOW) == 1
        found = deliveries.claim(db, now=NOW, limit=9, owner="me", lease=timedelta(minutes=9))
    assert [one.dated_at for one in found] == [NOW, NOW]


def test_an_edition_after_a_merged_one_looks_back_to_the_last_that_was_sent() -> None:
    last = NOW - timedelta(days=3)
    day = timedelta(days=1)
    assert cadences.window(letter(late="merge"), Cadence.DAILY, at=NOW, last=last) == 3 * day
    assert cadences.window(letter(late="skip"), Cadence.DAILY, at=NOW, last=last) == day
    assert cadences.window(letter(late="merge"), Cadence.DAILY, at=NOW, last=NOW - 40 * day) == 14 * day


def test_a_restored_database_makes_no_edition_until_it_is_released(
    sqlite_database: Database, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from digest.store import backup

    with sqlite_database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW - timedelta(days=7))
        storing.put(db, [article(n) for n in range(1, 6)], now=NOW)
    backup.backup(sqlite_database, tmp_path / "copy", now=NOW)
    backup.restore(sqlite_database, tmp_path / "copy", now=NOW - timedelta(hours=1))
    schedule = Schedule(settings, sqlite_database)
    assert schedule.tick(NOW) == schedule.tick(NOW) == []
    assert caplog.text.count("digest database release") == 1
    with sqlite_database.begin() as db:
        backup.release(db, now=NOW)
    assert schedule.tick(NOW) == ["daily/2026-11-23"]


# --- what waits for an editor ----------------------------------------------------------------------------------------

KEY = "daily/2026-11-23"


def reviewed(settings: Settings, **over: object) -> Settings:
    daily = settings.newsletters["daily"].model_copy(update=over)
    return settings.model_copy(update={"newsletters": {"daily": daily}})


def remark(database: Database) -> tuple[str, str]:
    with database.read() as db:
        return next((outcome, said) for key, outcome, said in slots.remarks(db, since=DAY) if key == KEY)


def test_an_edition_of_a_day_that_looks_wrong_waits(filled: Database, settings: Settings) -> None:
    """All articles are of one event."""
    assert Schedule(reviewed(settings, review="anomaly"), filled).tick(NOW) == []
    assert remark(filled) == ("waiting", "1 story, where 12 are usual")


def test_an_edition_of_a_usual_day_leaves(filled: Database, settings: Settings) -> None:
    with filled.begin() as db:
        db.execute(delete(schema.articles))
        titles = ("Storm closes the northern ports", "Chipmaker plans a factory", "Museum reopens after the fire")
        rows = [
            article(20 + n, title=title, source=f"Wire {n}", summary="", body=title) for n, title in enumerate(titles)
        ]
        storing.put(db, rows, now=NOW)
    assert Schedule(reviewed(settings, review="anomaly", stories=3), filled).tick(NOW) == [KEY]


def test_a_waiting_edition_is_reminded_of_until_it_is_approved(
    filled: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    from digest.pipeline import publishing

    strict = reviewed(settings, review="required", remind_minutes=20)
    schedules = [Schedule(strict, filled), Schedule(strict, filled)]

    def reminded(minutes: int) -> int:
        caplog.clear()
        for one in schedules:
            one.tick(NOW + timedelta(minutes=minutes))
        return caplog.text.count("waits for an editor")

    assert [reminded(minutes) for minutes in (0, 19, 20, 21, 39, 41)] == [0, 0, 1, 0, 0, 1]
    publishing.approve(strict, filled, KEY, now=NOW + timedelta(minutes=42), who="anna")
    assert reminded(80) == 0
    assert remark(filled) == ("approved", "an editor decided")


def test_what_is_not_approved_in_time_expires(
    filled: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    strict = reviewed(settings, review="required", deadline_minutes=60)
    schedule = Schedule(strict, filled)
    for minutes in (0, 59):
        schedule.tick(NOW + timedelta(minutes=minutes))
    with filled.read() as db:
        assert (status := editions.get(db, KEY)) is not None
        assert status.state is EditionState.DRAFT
    schedule.tick(NOW + timedelta(minutes=60))
    with filled.read() as db:
        assert (status := editions.get(db, KEY)) is not None
        assert status.state is EditionState.EXPIRED
    assert "expired: nobody approved it" in caplog.text
    assert remark(filled)[0] == "expired"


def test_late_news_is_looked_for_when_something_was_stored_and_once_a_minute(
    filled: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    daily = reviewed(settings, late_news=0.1).newsletters["daily"].model_copy(update={"send_at": time(8, 0)})
    open_to_news = settings.model_copy(update={"newsletters": {"daily": daily}})
    from digest.pipeline import building, publishing

    building.build(open_to_news, filled, "daily", at=NOW, due_at=NOW + timedelta(hours=1))
    publishing.approve(open_to_news, filled, KEY, now=NOW, at_its_hour=True)
    schedule, said = Schedule(open_to_news, filled), []
    for minutes, number in ((1, None), (2, 40), (2.5, 41), (4, None)):
        now = NOW + timedelta(minutes=minutes)
        if number:
            title = " ".join(f"{word}{number}" for word in ("storm", "vote", "trial", "quake", "film", "strike"))
            row = article(number, title=title, summary="", body="", source=f"Wire {number}", published=now)
            with filled.begin() as db:
                storing.put(db, [row], now=now)
        caplog.clear()
        schedule.tick(now)
        said.append([line for line in caplog.messages if "late news" in line])
    assert [len(one) for one in said] == [0, 1, 0, 1]
    assert "revision 2" in said[1][0]
    assert "revision 3" in said[3][0]


def test_a_time_zone_that_is_no_more_is_the_newsletters(filled: Database, settings: Settings) -> None:
    """The tz database drops a name now and then: nobody's edition hangs on it."""
    local = with_letter(settings, deliver="local")
    with filled.begin() as db:
        person = reader(2, timezone="Nowhere/Sunken")
        subscribers.add(db, [person], newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    assert Schedule(local, filled).tick(NOW) == ["daily/2026-11-23"]
    with filled.read() as db:
        status = editions.get(db, "daily/2026-11-23")
        assert status
        assert {row.due_at for row in deliveries.listing(db, status.id)} == {NOW}


def test_a_wave_whose_hour_is_over_leaves_now_and_says_so(filled: Database, settings: Settings) -> None:
    """Also that of the newsletter's own zone."""
    late = NOW + timedelta(hours=3)
    with filled.begin() as db:
        person = reader(2, timezone="Asia/Tokyo")
        subscribers.add(db, [person], newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    local = with_letter(settings, deliver="local", catch_up_hours=24)
    assert Schedule(local, filled).tick(late) == ["daily/2026-11-23"]
    with filled.begin() as db:
        found = deliveries.claim(db, now=late, limit=9, owner="me", lease=timedelta(minutes=9))
    assert [one.dated_at for one in found] == [late, late]


# --- waves that are late ---------------------------------------------------------------------------------------------

EAST, WEST = "Asia/Tokyo", "America/New_York"  # at 22:00 UTC of the day before, and at 12:00
LATER = NOW + timedelta(hours=1, minutes=30)  # in the east it is 9½ hours late, at home 1½


def waves_of(**over: object) -> Newsletter:
    return letter(deliver="local", **over)


@pytest.mark.parametrize(
    ("policy", "hours", "lateness", "over"),
    [
        ("send", 24, Lateness.MAKE, set()),
        ("send", 6, Lateness.MAKE, {EAST}),
        ("send", 1, Lateness.MAKE, {EAST, "UTC"}),
        ("skip", 6, Lateness.MAKE, {EAST, "UTC"}),
        ("merge", 6, Lateness.MAKE, {EAST, "UTC"}),
    ],
)
def test_each_wave_is_late_for_itself(policy: str, hours: float, lateness: Lateness, over: set[str]) -> None:
    local = waves_of(late=policy, catch_up_hours=hours)
    clocks = in_zones(EAST, WEST)
    (found,) = judged([slot("daily", local, DAY, clocks=clocks)], local, now=LATER, clocks=clocks)
    assert found.lateness is lateness
    assert {clock.zone for clock in found.over} == over


@pytest.mark.parametrize(("policy", "fate"), [("send", Lateness.MISS), ("merge", Lateness.MERGE)])
def test_an_edition_is_left_out_only_when_its_last_wave_is_too_late(policy: str, fate: Lateness) -> None:
    local = waves_of(late=policy, catch_up_hours=0)
    clocks, last = in_zones(EAST, WEST), datetime(2026, 11, 23, 12, 10, tzinfo=UTC)
    due = [slot("daily", local, DAY, clocks=clocks)]
    for now, expected in ((last, Lateness.MAKE), (last + timedelta(seconds=1), fate)):
        assert [one.lateness for one in judged(due, local, now=now, clocks=clocks)] == [expected]


def test_of_two_editions_each_zone_gets_the_last_whose_hour_has_come() -> None:
    """Down for a day and more: in the far west the hour of the first is still to come, in the far east of the next."""
    local, clocks = waves_of(catch_up_hours=24), in_zones("Pacific/Kiritimati", "Pacific/Pago_Pago")
    now = datetime(2026, 11, 23, 17, 5, tzinfo=UTC)
    due = [slot("daily", local, DAY + timedelta(days=n), clocks=clocks) for n in range(2)]
    first, second = judged(due, local, now=now, clocks=clocks)
    assert (first.lateness, set(first.over)) == (Lateness.MAKE, {Clock(zone="Pacific/Kiritimati")})
    assert (second.lateness, set(second.over)) == (Lateness.MAKE, set())


@pytest.mark.parametrize("policy", ["send", "merge", "skip"])
def test_who_is_passed_over_is_in_the_record_and_the_others_get_it(
    filled: Database, settings: Settings, policy: str, caplog: pytest.LogCaptureFixture
) -> None:
    people = [reader(2, timezone=EAST), reader(3, timezone=WEST), reader(4, timezone="Nowhere/Sunken")]
    with filled.begin() as db:
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    at_home = NOW + timedelta(minutes=5)  # on time for readers 1 and 4
    assert Schedule(with_letter(settings, deliver="local", late=policy), filled).tick(at_home) == [KEY]
    with filled.read() as db:
        status = editions.get(db, KEY)
        assert status
        rows = {row.address[6:7]: row for row in deliveries.listing(db, status.id)}
        life = history.life(db, status.id, "reader2@example.net")
        proofs = list(audit.audit(db, status.id))
    assert {number: row.state for number, row in rows.items()} == {
        "1": "queued", "2": "expired", "3": "queued", "4": "queued",
    }  # fmt: skip
    assert [rows[number].due_at for number in "134"] == [at_home, datetime(2026, 11, 23, 12, 0, tzinfo=UTC), at_home]
    assert life
    assert [(one.kind, "9:05:00 after the hour of Asia/Tokyo" in one.text) for one in life.events] == [
        ("expired", True)
    ]
    assert all(proof.against == 0 for proof in proofs)
    outcome, said = remark(filled)
    assert outcome == ("approved" if policy == "merge" else "partly")
    assert "no copy for 1 reader whose hour is over for too long" in said
    assert Schedule(with_letter(settings, deliver="local", late=policy), filled).tick(LATER) == []


def test_who_gave_no_time_zone_is_passed_over_with_the_newsletters(filled: Database, settings: Settings) -> None:
    with filled.begin() as db:
        person = reader(3, timezone=WEST)
        subscribers.add(db, [person], newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    assert Schedule(with_letter(settings, deliver="local", catch_up_hours=1), filled).tick(LATER) == [KEY]
    with filled.read() as db:
        status = editions.get(db, KEY)
        assert status
        states = [row.state for row in deliveries.listing(db, status.id)]
        life = history.life(db, status.id, "reader1@example.net")
    assert states == ["expired", "queued"]
    assert life
    assert "1:30:00 after the hour of UTC" in life.events[0].text


# --- saying that it is late ------------------------------------------------------------------------------------------

SORRY = "this edition reaches you later than usual"


def copies(database: Database) -> dict[str, tuple[str, bool]]:
    """By number of the reader: the variant of each copy that leaves, and whether both parts say that it is late."""
    with database.begin() as db:
        lease = timedelta(minutes=9)
        taken = deliveries.claim(db, now=NOW + timedelta(hours=12), limit=99, owner="me", lease=lease)
        mails = {one: editions.rendered(db, one.edition_id, one.variant) for one in taken}
    return {
        one.address[6:7]: (one.variant, all(SORRY in " ".join(part.split()) for part in (mail.html, mail.text)))
        for one, mail in mails.items()
        if mail
    }


@pytest.mark.parametrize(
    ("minutes", "limit", "told"), [(0, 60, False), (60, 60, False), (61, 60, True), (61, None, False), (61, 90, False)]
)
def test_a_late_edition_says_so_if_wished(
    filled: Database, settings: Settings, minutes: int, limit: float | None, told: bool
) -> None:
    schedule = Schedule(with_letter(settings, late_note=limit), filled)
    assert schedule.tick(NOW + timedelta(minutes=minutes)) == [KEY]
    assert copies(filled) == {"1": ("default~late" if told else "default", told)}


def test_only_the_waves_that_are_late_say_so_and_all_is_proven(filled: Database, settings: Settings) -> None:
    from digest.worker.proving import proofs

    people = [reader(2, timezone=EAST), reader(3, timezone=WEST), reader(4, language="de"), reader(5, timezone=WEST)]
    with filled.begin() as db:
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    local = with_letter(settings, deliver="local", late_note=60, catch_up_hours=6)
    assert Schedule(local, filled).tick(LATER) == [KEY]
    with filled.read() as db:
        status = editions.get(db, KEY)
    assert status
    assert [one.claim for one in proofs(local, filled, status, every=True) if one.against] == []
    assert copies(filled) == {
        "1": ("default~late", True), "3": ("default", False), "4": ("de~late", False), "5": ("default", False),
    }  # fmt: skip


# --- hours that readers chose ----------------------------------------------------------------------------------------

TOKYO_EVENING = Clock(zone=EAST, hour="18:00")


@pytest.mark.parametrize(
    ("deliver", "clock", "at"),
    [
        ("home", Clock(zone="Europe/Berlin", hour="06:00"), "24 05:00"),  # made at 08:00 there: the next morning
        ("home", Clock(zone="Europe/Berlin", hour="18:00"), "23 17:00"),
        ("home", Clock(zone="Europe/Berlin", hour="09:30"), "23 07:00"),  # not offered
        ("home", Clock(zone="Nowhere/Sunken", hour="18:00"), "23 18:00"),
        ("home", Clock(hour="06:00"), "24 06:00"),
        ("home", Clock(zone=EAST), "23 07:00"),
        ("home", TOKYO_EVENING, "23 09:00"),
        ("local", Clock(zone=EAST), "22 22:00"),
        ("local", TOKYO_EVENING, "23 09:00"),
        ("local", Clock(zone=EAST, hour="06:00"), "23 21:00"),
    ],
)
def test_who_chose_an_hour_gets_it_when_their_clock_next_shows_that(deliver: str, clock: Clock, at: str) -> None:
    daily = letter(deliver=deliver, hours=("06:00", "18:00"))
    due = cadences.reached(daily, DAY, cadences.counted(daily, clock))
    assert f"{due:%d %H:%M}" == at


@pytest.mark.parametrize("deliver", ["home", "local"])
@pytest.mark.parametrize("hour", ["00:30", "02:30", "07:00", "23:30"])
def test_by_each_clock_there_is_one_copy_a_day_and_none_before_the_edition(deliver: str, hour: str) -> None:
    """Over a year, of every zone: never before it is made, never a day and two hours late, and never two at once.

    But where the edition is made at a fixed hour elsewhere, and falls just behind theirs when clocks there are changed.
    """
    daily = letter(deliver=deliver, hours=(hour,), timezone="Europe/Berlin", send_at=time(2, 30))
    for zone in sorted(available_timezones())[::40]:
        clock = Clock(zone=zone, hour=hour)
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(366)]
        moments = [cadences.reached(daily, day, clock) for day in days]
        made = [slot("daily", daily, day, clocks=[clock]).due_at for day in days]
        assert moments == sorted(moments), zone
        assert len(moments) - len(set(moments)) <= (2 if deliver == "home" else 0), zone
        usual = [cadences.reached(daily, day, Clock(zone=zone)) for day in days]
        waits = [at - due for at, due in zip(moments, usual, strict=True)]
        assert min(at - due for at, due in zip(moments, made, strict=True)) >= timedelta(0), zone
        assert timedelta(0) <= min(waits) <= max(waits) <= timedelta(hours=26), zone


def test_an_edition_leaves_at_the_hours_that_readers_chose(filled: Database, settings: Settings) -> None:
    people = [reader(2, timezone=EAST, hour="18:00"), reader(3, hour="06:00"), reader(4, hour="09:30", timezone=WEST)]
    with filled.begin() as db:
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    daily = with_letter(settings, hours=(time(6), time(18)))
    assert Schedule(daily, filled).tick(NOW) == [KEY]
    with filled.read() as db:
        status = editions.get(db, KEY)
        assert status
        due = {row.address[6:7]: f"{row.due_at:%d %H:%M}" for row in deliveries.listing(db, status.id)}
        (first, *_) = audience.waves(db, slot("daily", daily.newsletters["daily"], DAY), daily.newsletters["daily"])
    assert due == {"1": "23 07:00", "2": "23 09:00", "3": "24 06:00", "4": "23 07:00"}
    assert (first.at, first.readers, first.hours) == (NOW, 2, ())


def test_a_wave_of_an_hour_is_late_for_itself(filled: Database, settings: Settings) -> None:
    """Down until the afternoon: nobody gets the edition but who has the evening before them."""
    with filled.begin() as db:
        person = reader(2, hour="18:00")
        subscribers.add(db, [person], newsletter="daily", consent="asked", now=NOW - timedelta(days=2))
    daily = with_letter(settings, hours=(time(18),))
    assert Schedule(daily, filled).tick(NOW + timedelta(hours=8)) == [KEY]
    with filled.read() as db:
        status = editions.get(db, KEY)
        assert status
        rows = [(row.state, f"{row.due_at:%d %H:%M}") for row in deliveries.listing(db, status.id)]
    assert rows == [("expired", "23 15:00"), ("queued", "23 18:00")]
    assert remark(filled)[0] == "partly"
