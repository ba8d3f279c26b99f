"""The alarm clock asks every few seconds, whatever the clock on the wall says meanwhile."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from digest.config import Settings
from digest.schedule.clock import TICK, AlarmClock, Schedule
from digest.store.database import Database


@pytest.mark.parametrize("off", [timedelta(days=1), -timedelta(days=1)], ids=["set back", "set forward"])
def test_what_has_got_out_of_reach_is_asked_at_once(
    settings: Settings, sqlite_database: Database, off: timedelta
) -> None:
    """As seen from here, a clock that was set back by a day has left the next question a day away."""
    asked = threading.Event()
    alarm = AlarmClock(Schedule(settings, sqlite_database), lambda: None, leads=lambda: False, beat=asked.set)
    alarm.start()
    try:
        assert asked.wait(30)
        (question,) = [job for job in alarm._clock.get_jobs() if job.trigger.interval == timedelta(seconds=TICK)]
        alarm._clock.pause()  # as it sleeps, and knows nothing of it
        question.modify(next_run_time=datetime.now(UTC) + off)
        asked.clear()
        alarm.look()
        assert abs(question.next_run_time - datetime.now(UTC)) < timedelta(seconds=TICK)
        alarm._clock.resume()
        assert asked.wait(30)
    finally:
        alarm.stop()


def test_what_is_near_is_left_alone(settings: Settings, sqlite_database: Database) -> None:
    alarm = AlarmClock(Schedule(settings, sqlite_database), lambda: None, leads=lambda: False)
    alarm.start()
    try:
        alarm._clock.pause()
        near = datetime.now(UTC) + timedelta(seconds=TICK)
        for job in alarm._clock.get_jobs():
            job.modify(next_run_time=near)
        alarm.look()
        assert {job.next_run_time for job in alarm._clock.get_jobs()} == {near}
    finally:
        alarm.stop()
