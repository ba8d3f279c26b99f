"""What one look of the dashboard costs: with an edition on its way, readers and bounces.

    python bench/bench_dashboard.py                      a million readers, on SQLite and on PostgreSQL
    python bench/bench_dashboard.py --readers 100000

The edition before it was sent to as many, and one in sixteen of its copies came back.  Told are the seconds of a second
look, by clock and of this process's processor (PostgreSQL's work is in others), and for how long it is kept.
"""

import argparse
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench_readers import postgresql
from sqlalchemy import insert, text

from digest import config
from digest.model import Edition, EditionState
from digest.store import codec, migrate, newsletters
from digest.store.database import Database
from digest.store.schema import editions
from digest.web.dashboard.glance import kept
from digest.web.dashboard.look import look

NOW = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
#: The rows from 1 to {most}, and a moment so many minutes ago.
SQLITE = (
    "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {most}) SELECT x FROM n) n",
    "strftime('%Y-%m-%d %H:%M:%S', '2026-11-23 07:40', '-' || ({minutes}) || ' minutes') || '.000000'",
)
POSTGRESQL = (
    "generate_series(1, {most}) n(x)",
    "timestamptz '2026-11-23 07:40+00' - ({minutes}) * interval '1 minute'",
)
WHO = "x, 'u' || x, 'r' || x || '@mail' || x % 900 || '.example'"
READERS = f"""
INSERT INTO subscribers (id, uid, address, created_at, address_hash)
SELECT {WHO}, {{joined}}, 'h' || x FROM {{rows}}
"""
SUBSCRIPTIONS = """
INSERT INTO subscriptions (subscriber_id, newsletter, state, sections, confirmed_at)
SELECT x, 'daily', 'confirmed', '[]', {joined} FROM {rows}
"""
DELIVERIES = f"""
INSERT INTO deliveries (edition_id, subscriber_id, uid, address, variant, state, due_at, updated_at)
SELECT id, {WHO}, 'default', CASE WHEN state = 'sending' AND x % 4 = 0 THEN 'queued' ELSE 'sent' END, {{sent}}, {{sent}}
FROM editions CROSS JOIN {{rows}} WHERE state = '{{state}}'
"""
EVENTS = """
INSERT INTO events
    (message, at, kind, severity, cause, status, said, edition_id, subscriber_id, address_hash, action)
SELECT 'm' || x, {back}, 'bounce', 'hard', '', '5.1.1', '', id, x, 'h' || x, 'counted'
FROM editions CROSS JOIN {rows} WHERE state = 'done' AND x % 16 = 0
"""


def fill(database: Database, readers: int) -> None:
    rows, moment = SQLITE if database.is_sqlite else POSTGRESQL
    ago = {name: moment.format(minutes=minutes) for name, minutes in spans().items()}
    given = {"rows": rows.format(most=readers), **ago}
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        db.execute(insert(editions), [edition(day, readers) for day in (22, 23)])
        for statement, state in (
            (READERS, ""),
            (SUBSCRIPTIONS, ""),
            (DELIVERIES, "done"),
            (DELIVERIES, "sending"),
            (EVENTS, ""),
        ):
            db.execute(text(statement.format(**given, state=state).replace(":", r"\:")))
    with database.begin() as db:
        db.execute(text("ANALYZE"))


def spans() -> dict[str, str]:
    """Minutes ago, told by the number of a row: over a year, forty minutes, a week."""
    return {"joined": "x % 525600", "sent": "x % 40", "back": "x % 10000"}


def edition(day: int, readers: int) -> dict[str, object]:
    when = date(2026, 11, day)
    content = Edition(
        newsletter="daily",
        day=when,
        title="Daily",
        language="en",
        subject="",
        preheader="",
        lead=None,
        sections=(),
        built_at=NOW,
    )
    return {
        "newsletter": "daily",
        "day": when,
        "state": EditionState.SENDING if day == 23 else EditionState.DONE,
        "approved_at": NOW,
        "audience": readers,
        "content": codec.dump_edition(content),
    }


def run(name: str, url: str, readers: int) -> None:
    database = Database(url)
    migrate.upgrade(database)
    fill(database, readers)
    settings = config.Settings(newsletters={"daily": config.Newsletter()})
    look(settings, database, "daily", now=NOW)
    clock, processor = time.perf_counter(), time.process_time()
    board = look(settings, database, "daily", now=NOW + timedelta(seconds=1))
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    copies, returns = sum(row[2] for row in board.papers[0].course), sum(row[2] for row in board.domains)
    print(f"{name}: {copies:,} copies, {board.readers.readers:,} readers, {returns:,} returns counted", flush=True)
    print(
        f"  a look: {clock:.2f} s by clock, {processor:.2f} s of this processor; kept {kept(clock):.0f} s", flush=True
    )
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=1_000_000)
    readers = parser.parse_args().readers
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run("SQLite", f"sqlite:///{folder / 'digest.db'}", readers)
        with postgresql(folder) as url:
            run("PostgreSQL", url, readers)


if __name__ == "__main__":
    main()
