"""Editions that are built anew for each wave: whose they are, and that nobody gets two of one date."""

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text, update

from build import NOW, article, reader
from digest.config import Newsletter, Settings
from digest.edition import cadences
from digest.model import Cadence, Clock, Drop, edition_key, read_key
from digest.pipeline import building, operating, publishing, storing
from digest.pipeline.audience import plan
from digest.pipeline.lookup import find
from digest.schedule.clock import Schedule
from digest.schedule.coming import coming
from digest.schedule.slots import Lateness, due_slots, judged, next_slots
from digest.store import audiences, audit, deliveries, editions, events, newsletters, schema, slots, subscribers
from digest.store.database import Database
from digest.store.events import EDITIONS
from digest.web.dashboard.look import look
from digest.web.desk.sheet import Desk

DAY = date(2026, 11, 23)
EAST, WEST = "Asia/Tokyo", "America/Los_Angeles"  # nine hours before the newsletter's home, and eight behind
KEY, EARLIER, LATER = "daily/2026-11-23", "daily/2026-11-23-earlier-0900", "daily/2026-11-23-later-0800"
HOUR = timedelta(hours=1)


def letter(**over: object) -> Newsletter:
    return Newsletter.model_validate({"deliver": "local", "built": "wave"} | over)


def asked(*clocks: Clock) -> dict[Clock, frozenset[str]]:
    return dict.fromkeys(clocks, frozenset({"daily"}))


# --- which there are -------------------------------------------------------------------------------------------------


@given(st.dates(), st.sampled_from(Cadence), st.integers(-99 * 60, 99 * 60))
def test_a_key_says_whose_an_edition_is(day: date, cadence: Cadence, wave: int) -> None:
    assert read_key(edition_key("daily", day, cadence, wave)) == ("daily", day, cadence, wave)


@pytest.mark.parametrize("away", ["later-0000", "later-0075", "later-800", "earlier", "sooner-0800"])
def test_an_edition_has_one_name(away: str) -> None:
    assert read_key(f"{KEY}-{away}") is None


#: An ordinary day, and those on which clocks are changed in America, in Europe and in Australia.
DATES = [date(2026, 1, 15), date(2026, 3, 8), date(2026, 3, 29), date(2026, 10, 4), date(2026, 10, 25)]
HOURS = ("02:30", "18:00")
ZONES = sorted(available_timezones())


@pytest.mark.parametrize("day", DATES)
@pytest.mark.parametrize(
    ("deliver", "home", "send_at"),
    [("local", "Europe/Berlin", "07:00"), ("local", "Etc/GMT+12", "00:00"), ("home", "Asia/Kathmandu", "02:15")],
)
def test_by_each_clock_there_is_exactly_one_edition_of_a_date(day: date, deliver: str, home: str, send_at: str) -> None:
    """Of zones all over the earth, others on each date; and only the newsletter's own may be without readers."""
    daily = letter(deliver=deliver, hours=HOURS, timezone=home, send_at=send_at)
    zones = ZONES[day.toordinal() % 12 :: 12]
    clocks = {cadences.counted(daily, Clock(zone=zone, hour=hour)) for zone in zones for hour in ("", *HOURS)}
    now = cadences.reached(daily, day, cadences.home(daily))
    far = {"since": now - timedelta(days=3), "now": now + timedelta(days=4)}
    due = due_slots("daily", daily, taken=frozenset(), clocks=asked(*clocks), **far)
    found = [one for one in due if one.day == day and one.cadence is Cadence.DAILY]
    moments = {one.wave: one.due_at for one in found}
    circles = {wave: cadences.circle("daily", daily, day, Cadence.DAILY, alone=wave, given=clocks) for wave in moments}
    for clock in clocks:
        assert [moments[wave] for wave, one in circles.items() if one.has(clock)] == [
            cadences.reached(daily, day, clock)
        ]
    assert all(one.clocks for wave, one in circles.items() if wave)
    assert len({one.key for one in found}) == len(found)


def test_which_clocks_a_wave_has_changes_with_summer_time() -> None:
    daily, days = letter(timezone="Europe/London"), [date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 29)]
    new_york = Clock(zone="America/New_York")
    assert [cadences.wave(daily, day, new_york) / 60 for day in days] == [5, 4, 5]


def test_only_readers_of_a_cadence_make_a_wave_of_it() -> None:
    daily = letter(weekly_day="mon")
    clocks = {Clock(zone=EAST): frozenset({"weekly"}), Clock(zone=WEST): frozenset({"daily"})}
    now = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    due = due_slots("daily", daily, now=now, since=now - timedelta(days=1, hours=8), taken=frozenset(), clocks=clocks)
    assert {one.key for one in due if one.cadence is not Cadence.WEEKDAYS and one.day == DAY} == {
        KEY, LATER, f"{KEY}-weekly", f"{KEY}-weekly-earlier-0900",
    }  # fmt: skip


def test_each_wave_is_late_by_itself() -> None:
    daily, clocks = letter(catch_up_hours=6), asked(Clock(zone=EAST), Clock(zone=WEST))
    now = NOW + HOUR
    due = list(due_slots("daily", daily, now=now, since=now - timedelta(hours=20), taken=frozenset(), clocks=clocks))
    found = {one.slot.key: one.lateness for one in judged(due, daily, now=now, clocks=clocks)}
    assert {key: found[key] for key in (EARLIER, KEY)} == {EARLIER: Lateness.MISS, KEY: Lateness.MAKE}
    assert LATER not in found


def test_the_next_edition_is_the_next_wave_that_has_readers() -> None:
    daily, clocks = letter(), asked(Clock(zone=EAST), Clock(zone=WEST))
    (first, *_) = next_slots("daily", daily, now=NOW, clocks=clocks)
    (second, *_) = next_slots("daily", daily, now=NOW, clocks=clocks, is_wanted=lambda one: not one.wave)
    assert (first.key, second.key) == (LATER, "daily/2026-11-24")


def test_nobody_is_to_approve_each_wave() -> None:
    with pytest.raises(ValueError, match=r"built: .*review"):
        letter(review="required")


# --- what becomes of them --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A newsletter in three zones: reader 1 is at home, 2 in the east, 3 in the west."""

    database: Database
    settings: Settings
    schedule: Schedule

    def tick(self, *moments: datetime) -> list[str]:
        return [key for now in moments for key in self.schedule.tick(now)]

    def news(self, number: int, title: str, at: datetime) -> None:
        row = article(number, title=title, summary="", body="", source=f"Wire {number}", published=at)
        with self.database.begin() as db:
            storing.put(db, [row], now=at)

    def moves(self, number: int, zone: str) -> None:
        address = f"reader{number}@example.net"
        with self.database.begin() as db:
            person = schema.subscribers.c
            db.execute(update(schema.subscribers).where(person.address == address).values(timezone=zone))

    def readers(self, key: str) -> list[str]:
        with self.database.read() as db:
            status = editions.get(db, key)
            return [row.address[6:7] for row in deliveries.listing(db, status.id)] if status else []

    def stories(self, key: str) -> set[int]:
        urls = (item.url for item in find(self.database, key).content.items)
        return {int(url.rpartition("/")[2]) for url in urls}

    def now(self, **over: object) -> "Paper":
        """With other settings from now on."""
        settings = with_letter(self.settings, **over)
        return Paper(database=self.database, settings=settings, schedule=Schedule(settings, self.database))


def with_letter(settings: Settings, **over: object) -> Settings:
    return settings.model_copy(update={"newsletters": {"daily": settings.newsletters["daily"].model_copy(update=over)}})


@pytest.fixture
def paper(database: Database, settings: Settings) -> Paper:
    waved = with_letter(settings, deliver="local", built="wave", days=("mon", "tue"), weekly_day="sun")
    people = [reader(1, timezone=""), reader(2, timezone=EAST), reader(3, timezone=WEST)]
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW - timedelta(days=1))
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW - timedelta(days=1))
    one = Paper(database=database, settings=waved, schedule=Schedule(waved, database))
    one.news(1, "Central bank holds rates for the third meeting", NOW - 12 * HOUR)
    return one


NEWS = {
    -4: "Chipmaker plans a factory in Leipzig",
    4: "Museum reopens after the fire",
    11: "Court stops the sale of a steel works",
    20: "Glacier loses a fifth of its ice",
    28: "Swimmer breaks a record that stood for decades",
}


def test_over_two_days_each_reader_gets_one_edition_a_date_and_no_story_twice(paper: Paper) -> None:
    """While news comes in: the west reads what the east could not, and nobody is told anything again."""
    made: list[str] = []
    for hour in range(-13, 48):
        now = NOW + hour * HOUR
        if hour in NEWS:
            paper.news(100 + hour, NEWS[hour], now - timedelta(minutes=30))
        made += paper.tick(now, now)
    second = "daily/2026-11-24"
    assert made == [EARLIER, KEY, LATER, f"{second}-earlier-0900", second, f"{second}-later-0800"]
    assert [paper.readers(key) for key in made] == [["2"], ["1"], ["3"]] * 2
    told = {number: [paper.stories(key) for key in made if number in paper.readers(key)] for number in "123"}
    assert told == {
        "2": [{1}, {96, 104, 111}], "1": [{1, 96}, {104, 111, 120}], "3": [{1, 96, 104}, {111, 120, 128}],
    }  # fmt: skip
    with paper.database.read() as db:
        for key in made:
            status = editions.get(db, key)
            assert status
            assert status.content.built_at == status.due_at
            assert all(proof.holds for proof in audit.audit(db, status.id))
        listed = [one.key for one in editions.listing(db, newsletter="daily", waves=False)]
    assert listed == [second, KEY]


def test_nobody_gets_two_editions_of_a_date_whatever_they_change_between(paper: Paper) -> None:
    """Before their hour and after; who comes to a wave whose hour is over gets none until they are in one to come."""
    assert paper.tick(NOW - 9 * HOUR) == [EARLIER]
    paper.moves(2, WEST)
    paper.moves(1, EAST)
    assert paper.tick(NOW) == [KEY]
    assert paper.readers(KEY) == []
    paper.moves(1, "Europe/Lisbon")  # an hour that is over, as that of the newsletter
    assert paper.tick(NOW + HOUR) == []
    paper.moves(1, "America/New_York")
    assert paper.tick(NOW + 5 * HOUR, NOW + 8 * HOUR) == [f"{KEY}-later-0500", LATER]
    gets = [number for key in (EARLIER, KEY, f"{KEY}-later-0500", LATER) for number in paper.readers(key)]
    assert gets == ["2", "1", "3"]


@pytest.mark.parametrize(("hour", "gets"), [(-9, [["2"], ["1"], ["3"]]), (0, [["2"], ["1"], ["3"]])])
def test_a_date_that_began_in_waves_goes_on_so(paper: Paper, hour: int, gets: list[list[str]]) -> None:
    """Also the newsletter's own readers get theirs, and those behind them."""
    before, after = [at for at in (-9, 0, 8) if at <= hour], [at for at in (0, 8) if at > hour]
    assert paper.tick(*(NOW + at * HOUR for at in before))
    paper = paper.now(built="once")
    assert paper.tick(*(NOW + (at + 0.1) * HOUR for at in after))
    assert [paper.readers(key) for key in (EARLIER, KEY, LATER)] == gets
    paper.news(2, "Chipmaker plans a factory in Leipzig", NOW + 14 * HOUR)
    assert paper.tick(NOW + 15 * HOUR) == ["daily/2026-11-24"]
    assert paper.readers("daily/2026-11-24") == ["1", "2", "3"]
    assert paper.stories("daily/2026-11-24") == {2}


def test_a_date_that_began_for_all_is_not_told_again_in_waves(paper: Paper) -> None:
    assert paper.now(built="once").tick(NOW - 9 * HOUR) == [KEY]
    assert paper.tick(NOW - 8 * HOUR, NOW, NOW + 8 * HOUR) == []
    assert paper.readers(KEY) == ["1", "2", "3"]
    with paper.database.read() as db:
        said = {key: outcome for key, outcome, _ in slots.remarks(db, since=DAY)}
    assert said == {EARLIER: "nobody", KEY: "approved", LATER: "nobody"}


def test_readers_who_chose_an_hour_get_the_news_until_then(paper: Paper) -> None:
    paper = paper.now(deliver="home", hours=(time(7), time(18)))
    with paper.database.begin() as db:
        person = reader(4, hour="18:00", timezone="")
        subscribers.add(db, [person], newsletter="daily", consent="asked", now=NOW - timedelta(days=1))
    assert paper.tick(NOW) == [KEY]
    paper.news(5, "Chipmaker plans a factory in Leipzig", NOW + 10 * HOUR)
    evening = f"{KEY}-later-1100"
    assert paper.tick(NOW + 11 * HOUR) == [evening]
    assert (paper.readers(KEY), paper.readers(evening)) == (["1", "2", "3"], ["4"])
    assert (paper.stories(KEY), paper.stories(evening)) == ({1}, {1, 5})


def test_a_wave_that_was_missed_is_told_by_its_name_and_can_be_made_up_for(paper: Paper) -> None:
    late = NOW - HOUR
    assert paper.tick(late) == []
    with paper.database.read() as db:
        ((key, outcome, _),) = slots.remarks(db, since=DAY)
    assert (key, outcome) == (EARLIER, "missed")
    assert paper.readers(KEY) == []
    building.build(paper.settings, paper.database, "daily", at=late, day=DAY, wave=-540)
    assert publishing.approve(paper.settings, paper.database, EARLIER, now=late).audience == 1
    assert paper.tick(NOW) == [KEY]
    assert (paper.readers(EARLIER), paper.readers(KEY)) == (["2"], ["1"])


def test_an_editor_can_work_at_the_draft_of_a_wave_that_waits(paper: Paper) -> None:
    """Its own decisions hold for it alone, and it stays what it is."""
    paper.news(2, "Chipmaker plans a factory in Leipzig", NOW - 11 * HOUR)
    waiting = paper.now(review="anomaly")
    assert waiting.tick(NOW - 9 * HOUR) == []
    opened = operating.open_edition(waiting.settings, paper.database, EARLIER)
    assert {one.lead.url for one in opened.stories} == {article(1).url, article(2).url}
    drop = Drop(story=operating.aim(opened, article(1).url))
    operating.operate(waiting.settings, paper.database, opened, drop, who="anna", now=NOW - 8 * HOUR)
    assert paper.stories(EARLIER) == {2}
    assert publishing.approve(paper.settings, paper.database, EARLIER, now=NOW - 8 * HOUR).audience == 1
    assert paper.tick(NOW) == [KEY]
    assert paper.stories(KEY) == {1, 2}


def test_two_waves_frozen_at_once_share_no_reader(paper: Paper) -> None:
    """Whose clock changes between the two, of which the second does not see the copies of the first before its end."""
    if paper.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    for wave in (-540, 0):
        building.build(paper.settings, paper.database, "daily", at=NOW, day=DAY, wave=wave)
    frozen: list[int] = []

    def second() -> None:
        frozen.append(publishing.approve(paper.settings, paper.database, KEY, now=NOW).audience)

    other = threading.Thread(target=second)
    with paper.database.begin() as db:
        status = editions.get(db, EARLIER)
        assert status
        planned = plan(paper.settings, db, status, now=NOW)
        assert audiences.freeze(db, status.id, planned.circle, variant="default", now=NOW) == 1
        paper.moves(2, "")
        other.start()
        while other.is_alive() and not waits(paper.database):
            other.join(0.1)
        assert other.is_alive()
    other.join()
    assert frozen == [1]
    assert paper.readers(KEY) == ["1"]


def waits(database: Database) -> bool:
    """Whether somebody waits for a row that another has."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with database.read() as db:
        return bool(db.execute(text(query)).scalar_one())


def test_the_dry_run_counts_the_readers_of_a_wave(paper: Paper) -> None:
    for wave, count in ((-540, 1), (0, 1), (480, 1), (60, 0)):
        status = building.build(paper.settings, paper.database, "daily", at=NOW, day=DAY, wave=wave)
        with paper.database.read() as db:
            assert sum(plan(paper.settings, db, status, now=NOW).wishes.values()) == count


@pytest.mark.parametrize("others", [True, False])
def test_who_changes_to_an_hour_that_is_over_gets_the_date_at_the_one_they_had(paper: Paper, others: bool) -> None:
    """Also as the last of that wave; from the next date on it is the new one.  Who joins meanwhile waits for that."""
    people = [reader(4, timezone=WEST)] if others else []
    with paper.database.begin() as db:
        subscribers.add(db, people, newsletter="daily", consent="asked", now=NOW - timedelta(days=1))
    west = ["3", "4"] if others else ["3"]
    first, second = (f"daily/2026-11-{day}-later-0800" for day in (23, 24))
    paper.tick(*(NOW + hour * HOUR for hour in (-9, 0, 8)))
    assert paper.readers(first) == west
    for number, hour in ((2, 9), (3, 15), (4, 24), (5, 50)):
        paper.news(number, list(NEWS.values())[number - 2], NOW + hour * HOUR)
    assert paper.tick(NOW + 15 * HOUR, NOW + 24 * HOUR) == ["daily/2026-11-24-earlier-0900", "daily/2026-11-24"]
    paper.moves(3, EAST)
    with paper.database.begin() as db:
        subscribers.add(db, [reader(5, timezone=EAST)], newsletter="daily", consent="asked", now=NOW)
    assert paper.tick(NOW + 32 * HOUR) == [second]
    assert paper.readers(second) == west
    week = paper.now(days=("mon", "tue", "wed"))
    assert week.tick(NOW + 39 * HOUR) == ["daily/2026-11-25-earlier-0900"]
    assert paper.readers("daily/2026-11-25-earlier-0900") == ["2", "3", "5"]
    assert week.tick(NOW + 56 * HOUR) == ["daily/2026-11-25-later-0800"] * others


def test_what_comes_next_is_a_wave(paper: Paper) -> None:
    with paper.database.read() as db:
        assert [one.key for one in coming(paper.settings, db, now=NOW)][:1] == [LATER]


def test_what_was_told_at_their_hour_is_not_told_again_when_summer_time_changes_the_wave(paper: Paper) -> None:
    """New York is an hour nearer to home for two weeks."""
    paper = paper.now(days=("sat", "sun"), weekly_day="mon")
    paper.moves(3, "America/New_York")
    saturday, sunday = datetime(2027, 3, 13, 12, 0, tzinfo=UTC), datetime(2027, 3, 14, 11, 0, tzinfo=UTC)
    paper.news(2, "Chipmaker plans a factory in Leipzig", saturday - HOUR / 2)
    first, second = "daily/2027-03-13-later-0500", "daily/2027-03-14-later-0400"
    assert first in paper.tick(saturday)
    paper.news(3, "Museum reopens after the fire", sunday - 2 * HOUR)
    assert second in paper.tick(sunday)
    assert [paper.readers(key) for key in (first, second)] == [["3"], ["3"]]
    assert [paper.stories(key) for key in (first, second)] == [{2}, {3}]


def test_the_desk_opens_a_wave_that_waits_for_as_long_as_it_may_leave(paper: Paper) -> None:
    waiting = paper.now(review="anomaly")
    waiting.tick(NOW - 9 * HOUR)
    for days, is_open in ((0, True), (1, True), (2, False)):
        now = NOW + timedelta(days=days)
        sheet = Desk(waiting.settings, paper.database, lambda now=now: now).sheet(EARLIER)
        assert (sheet.key, sheet.edition.key, sheet.is_open) == (EARLIER, EARLIER, is_open)


def test_the_dashboard_has_the_edition_of_the_day_and_the_waves_that_go_out(paper: Paper) -> None:
    paper.tick(NOW - 9 * HOUR)
    with paper.database.begin() as db:
        status = editions.get(db, EARLIER)
        assert status
        editions.cancel(db, status.id, now=NOW)
    paper.tick(NOW, NOW + 8 * HOUR)
    board = look(paper.settings, paper.database, "daily", now=NOW + 8 * HOUR)
    assert [one.key for one in board.papers] == [KEY, LATER]


def test_a_score_looks_as_far_back_as_without_waves(sqlite_database: Database) -> None:
    """At so many dates, or what an address had a month ago would be forgotten within the week."""
    with sqlite_database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        days = [DAY + timedelta(days=number) for number in range(EDITIONS + 1)]
        rows = [{"newsletter": "daily", "day": day, "wave": wave} for day in days for wave in (0, 60, 480)]
        db.execute(insert(schema.editions), [{**row, "state": "done", "content": {}} for row in rows])
        counting = db.execute(events.counting()).scalars().all()
    assert len(counting) == 3 * EDITIONS
    assert min(counting) == 4
