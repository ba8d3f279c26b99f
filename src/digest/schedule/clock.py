"""Due slots in, approved editions out, each made once.

The database decides: a slot is a row under a unique key, and who inserts it makes the edition.  APScheduler is only
the alarm clock that asks; it keeps nothing.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from digest.config import Newsletter, Settings, local_day
from digest.errors import DigestError, Faulty, Refused
from digest.model import Cadence, Clock, EditionState, EditionStatus, Slot
from digest.pipeline import reviewing
from digest.pipeline.audience import clocks, is_wanted
from digest.pipeline.building import build
from digest.pipeline.latenews import revise
from digest.pipeline.lookup import find
from digest.pipeline.publishing import approve
from digest.pipeline.retention import prune, thin
from digest.schedule.slots import GOOD, HELD_BACK, Judgement, Lateness, due_slots, judged
from digest.store import articles, editions, newsletters, slots, tellings
from digest.store.backup import unreleased
from digest.store.database import Database

log = logging.getLogger(__name__)

TICK = 5  #: seconds between two questions
LOOK = timedelta(minutes=1)  #: between two looks for late news
HORIZON = timedelta(days=3)  #: slots older than this are not even remarked on
SHORTEST_DAY = timedelta(hours=23)  #: in spring


class Schedule:
    """Makes the edition of each slot, once, whoever else asks at the same moment."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._told_waiting = False
        self._looked: dict[str, tuple[datetime | None, datetime | None]] = {}  # at late news: up to what, and when

    def tick(self, now: datetime) -> list[str]:
        """Take the slots that are due.  The keys of the editions that were made; none of a copy of another database."""
        with self._database.read() as db:
            if unreleased(db):
                self._say_that_it_waits()
                return []
        self._told_waiting = False
        due = [
            one for name, newsletter in self._settings.newsletters.items() for one in self._due(name, newsletter, now)
        ]
        for name, newsletter in self._settings.newsletters.items():
            self._follow_up(name, newsletter, now)
            if newsletter.late_news is not None:
                self._look_for_late_news(name, now)
        # No daily edition waits until one of a whole week is ranked.
        ordered = sorted(due, key=lambda found: found.slot.cadence is not Cadence.DAILY)
        return [key for found in ordered for key in self._take(found, now)]

    def _say_that_it_waits(self) -> None:
        if not self._told_waiting:
            log.warning("this database was restored from a backup: nothing is sent until `digest database release`")
            self._told_waiting = True

    def prune(self, now: datetime, *, stopped: Callable[[], bool]) -> int:
        """Drop body texts that have been kept long enough, and thin deliveries; how many of the former."""
        dropped = prune(self._settings, self._database, now=now, stopped=stopped)
        if dropped:
            log.info("dropped the body text of %s articles", dropped)
        if thinned := thin(self._settings, self._database, now=now, stopped=stopped):
            log.info("made sums of %s old deliveries", thinned)
        return dropped

    def _due(self, name: str, newsletter: Newsletter, now: datetime) -> list[Judgement]:
        with self._database.begin() as db:
            newsletters.ensure(db, [name], now=now)
            # A newsletter that was set up after its hour waits for the next one.
            since = max(now - HORIZON, newsletters.created(db, name))
            first = local_day(newsletter, since) - HELD_BACK
            taken = slots.taken(db, name, since=first, now=now)
            live, waved = clocks(db, name, newsletter), tellings.in_waves(db, name, since=first)
            kept = tellings.latest_waves(db, name, since=local_day(newsletter, now) - HELD_BACK)
        asked = {"now": now, "since": since}
        due = list(due_slots(name, newsletter, **asked, taken=taken, clocks=live, waved=waved, kept=kept))
        return judged(due, newsletter, now=now, clocks=live)

    def _take(self, found: Judgement, now: datetime) -> list[str]:
        one, newsletter = found.slot, self._settings.newsletters[found.slot.newsletter]
        with self._database.begin() as db:
            if not slots.take(db, one, now=now):
                return []
        if not self._is_wanted(one, newsletter, now):
            self._remark(one, "nobody", f"nobody is to get an edition of this kind ({one.cadence})")
            return []
        if found.lateness is not Lateness.MAKE:
            self._remark(one, *_passed_over(found, newsletter, now))
            return []
        try:
            outcome, remark = self._make(found, now)
        except DigestError as error:
            # Stays taken, so that it is tried again: the articles may only be late.
            outcome, remark = "taken", str(error)
        self._remark(one, outcome, remark)
        return [one.key] if outcome in {"approved", "partly"} else []

    def _is_wanted(self, one: Slot, newsletter: Newsletter, now: datetime) -> bool:
        with self._database.read() as db:
            return is_wanted(db, newsletter, one, now=now)

    def _make(self, found: Judgement, now: datetime) -> tuple[str, str]:
        """Build the edition, and approve it where no editor has to.

        One whose last waves are still to come when the next is due is of its own day: that one would have to leave out
        what it told.
        """
        one, newsletter = found.slot, self._settings.newsletters[found.slot.newsletter]
        at = now if now - one.due_at < SHORTEST_DAY else one.due_at
        try:
            status: EditionStatus = build(
                self._settings,
                self._database,
                one.newsletter,
                at=at,
                due_at=one.due_at,
                cadence=one.cadence,
                day=one.day,
                wave=one.wave,
            )
        except Refused:  # an editor was earlier
            status = find(self._database, one.key)
        if status.state is not EditionState.DRAFT:
            return str(status.state), "decided before its hour"
        if status.hold:
            return "held", "an editor holds it"
        if objections := reviewing.objections(self._settings, self._database, status, now=now):
            return "waiting", "; ".join(objections)
        try:
            approved = approve(self._settings, self._database, status.key, now=now, over=_over(found, newsletter))
        except Faulty as error:
            return "held", str(error)
        return "partly" if approved.over and newsletter.late != "merge" else "approved", approved.report

    def _follow_up(self, name: str, newsletter: Newsletter, now: datetime) -> None:
        """Remind of what waits for an editor, and end what has waited for too long."""
        with self._database.read() as db:
            waiting = slots.waiting(db, name, since=local_day(newsletter, now - HORIZON))
            found = [(one, editions.get(db, one.key)) for one in waiting]
        for one, status in found:
            if status is None or status.hold:
                continue
            if status.state is not EditionState.DRAFT:
                self._remark(one, str(status.state), "an editor decided")
            elif reviewing.give_up(self._database, status, newsletter, now=now):
                self._remark(one, "expired", "nobody approved it within deadline_minutes")
            else:
                reviewing.remind(self._database, status, newsletter, now=now)

    def _look_for_late_news(self, name: str, now: datetime) -> None:
        """Once a minute at most, and only after something was stored: everything is ranked for it."""
        with self._database.read() as db:
            changed = articles.changed_at(db)
            underway = [one.key for one in editions.unfinished(db) if one.newsletter == name]
        seen, looked = self._looked.get(name, (None, None))
        if not underway or changed == seen or (looked and now - looked < LOOK):
            return
        self._looked[name] = (changed, now)
        for key in underway:
            try:
                revise(self._settings, self._database, key, now=now)
            except Refused as error:
                log.error("%s: late news stays out: %s", key, error)

    def _remark(self, one: Slot, outcome: str, remark: str) -> None:
        with self._database.begin() as db:
            news = slots.remark(db, one, outcome=outcome, remark=remark)
        if news:
            level = logging.INFO if outcome in GOOD else logging.WARNING
            log.log(level, "%s: %s: %s", one.key, outcome, remark)


def _passed_over(found: Judgement, newsletter: Newsletter, now: datetime) -> tuple[str, str]:
    """Outcome and remark of a slot whose edition is not made."""
    late = f"found {now - found.slot.due_at} late"
    if found.lateness is Lateness.MERGE:
        return "merged", f"{late}; the next edition tells of it"
    return "missed", f"{late}; {_limit(newsletter)}"


def _over(found: Judgement, newsletter: Newsletter) -> dict[Clock, str]:
    """By clock, why its readers get no copy."""
    limit = _limit(newsletter)
    return {clock: f"{late} after the hour of {clock.zone}; {limit}" for clock, late in found.over.items()}


def _limit(newsletter: Newsletter) -> str:
    limit = "the limit is catch_up_hours" if newsletter.late == "send" else f"late is {newsletter.late!r}"
    return f"{limit}, and of several only the last is made"


class AlarmClock:
    """Asks the schedule every few seconds while this process leads, in a thread of its own.

    `then` is called after an edition was made, `beat` after each question that was answered.
    """

    def __init__(
        self,
        schedule: Schedule,
        then: Callable[[], None],
        *,
        leads: Callable[[], bool],
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._schedule = schedule
        self._then = then
        self._leads = leads
        self._beat = beat
        self._stopped = threading.Event()
        self._clock = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    def start(self) -> None:
        self._clock.add_job(self._ask, "interval", seconds=TICK, next_run_time=datetime.now(UTC))
        self._clock.add_job(self._prune, "interval", days=1, next_run_time=datetime.now(UTC))
        self._clock.start()

    def look(self) -> None:
        """To be called every few seconds of a time that never jumps: asks at once what is further away than ever.

        APScheduler sleeps until a time of the wall clock.  Set back by a day and mended a minute later, it would sleep
        for that day.
        """
        now = datetime.now(UTC)
        for job in self._clock.get_jobs():
            if abs(job.next_run_time - now) > 2 * job.trigger.interval:
                job.modify(next_run_time=now)

    def stop(self) -> None:
        self._stopped.set()
        self._clock.shutdown(wait=True)

    def _ask(self) -> None:
        if self._leads() and self._schedule.tick(datetime.now(UTC)):
            self._then()
        self._beat()

    def _prune(self) -> None:
        self._schedule.prune(datetime.now(UTC), stopped=self._stopped.is_set)
