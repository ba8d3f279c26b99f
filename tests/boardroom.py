"""A site in the middle of its morning: an edition on its way, readers, bounces, sources, a slow domain.

The edition is the one that is stored for that day; everything else is written as `digest run` leaves it.
"""

import math
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, insert, update

from digest.model import Action, Event, Kind, Memory, Pace, Rendered, Severity, Source
from digest.store import alerts, editions, events, paces, schema, sources

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
DOMAINS = ("gmail.example", "mail.example", "post.example", "web.example", "inbox.example", "office.example")
RENDERED = Rendered(variant="default", subject="", preheader="", html="", text="", web="<p>")
#: Severity and how many copies of it came back, for each domain.
CAME = ((18, 31, 7, 5), (26, 9, 0, 2), (7, 12, 3, 0), (4, 0, 16, 1), (2, 5, 0, 0), (1, 2, 0, 0))
KINDS = (
    (Kind.BOUNCE, Severity.HARD),
    (Kind.BOUNCE, Severity.SOFT),
    (Kind.REFUSAL, Severity.POLICY),
    (Kind.COMPLAINT, Severity.NONE),
)


def going_out(db, key, *, at, now, audience=12_480):
    """Most of the edition has been sent, fewer a minute while a domain refused; some wait aside for it."""
    status = editions.get(db, key)
    editions.approve(
        db, status.id, now=at - 10 * MINUTE, expires_at=at + DAY, in_doubt="resend", rendered=[(RENDERED, b"")]
    )
    gone, rows, number = (now - at) // MINUTE, [], 0
    for minute in range(gone):
        pace = 430 if 9 <= minute < 15 else 690 + round(70 * math.sin(minute))
        for one in range(pace):
            number += 1
            state = "failed" if number % 173 == 0 else "sent"
            rows.append(_row(status.id, number, state, at + minute * MINUTE + one * MINUTE / pace))
    for later in range(number + 1, audience + 1):
        aside = DOMAINS[0] if later % 31 == 0 else ""
        rows.append(_row(status.id, later, "skipped" if later % 997 == 0 else "queued", at, aside=aside))
    db.execute(insert(schema.deliveries), rows)
    editions.start_sending(db, status.id)
    db.execute(update(schema.editions).where(schema.editions.c.id == status.id).values(audience=len(rows)))
    return status.id


def _row(edition_id, number, state, at, *, aside=""):
    return {
        "edition_id": edition_id,
        "subscriber_id": number,
        "uid": f"{number:016x}",
        "address": f"reader{number}@{DOMAINS[number % len(DOMAINS)]}",
        "variant": "default",
        "state": state,
        "due_at": at,
        "updated_at": at,
        "aside": aside,
    }


def came_back(db, edition_id, *, now):
    """Bounces and complaints about copies of an edition, for each domain."""
    for at, counts in enumerate(CAME):
        number = at or len(DOMAINS)
        for (kind, severity), count in zip(KINDS, counts, strict=True):
            for _ in range(count):
                events.add(db, event(edition_id, number, kind, severity, now - (number % 9) * DAY))
                number += len(DOMAINS)


def event(edition_id, number, kind, severity, at, *, message=""):
    return Event(
        message=message or f"{kind} {edition_id} {number}",
        at=at,
        kind=kind,
        severity=severity,
        edition_id=edition_id,
        subscriber_id=number,
        address_hash=f"{number:064x}",
        action=Action.NOTED,
    )


def readers(db, newsletter, *, now, at_first=3_900, days=30):
    """Some joined and left on each day, more at weekends and many after an advert."""
    first = datetime.combine(now.date() - (days - 1) * DAY, time(12), tzinfo=UTC)
    people = [(first - 40 * DAY, None)] * at_first
    for day in range(days):
        when = min(first + day * DAY, now - MINUTE)
        people += [(when, None)] * (9 + 6 * (when.weekday() > 4) + (74 if day == 17 else 31 if day == 18 else 0))
        people[day * 8 : day * 8 + 5 + day % 4] = [(first - 40 * DAY, when)] * (5 + day % 4)
    numbers = range(1, len(people) + 1)
    persons = [
        {"id": n, "uid": f"{n:016x}", "address": f"r{n}@example.net", "address_hash": f"{n:064x}", "created_at": first}
        for n in numbers
    ]
    kept = [
        {
            "subscriber_id": number,
            "newsletter": newsletter,
            "state": "unsubscribed" if left else "confirmed",
            "sections": [],
            "confirmed_at": joined,
            "left_at": left,
        }
        for number, (joined, left) in zip(numbers, people, strict=True)
    ]
    db.execute(insert(schema.subscribers), persons)
    db.execute(insert(schema.subscriptions), kept)


def polled(db, feeds, *, now):
    """All well but the last two: one fails, one has been silent.  `feeds`: addresses by name."""
    *well, failing, silent = names = list(feeds)
    sources.seen(db, [Source(name=name, url=url) for name, url in feeds.items()], now=now)
    memories = [Memory(source=name, url=feeds[name], last_success_at=now - 3 * MINUTE) for name in (*well, silent)]
    error = "HTTP 503 Service Unavailable"
    memories.append(Memory(source=failing, url=feeds[failing], failures=7, failing_since=now - DAY, last_error=error))
    sources.remember(db, memories)
    late = schema.articles.c.published > now - 5 * DAY
    db.execute(delete(schema.articles).where(late, schema.articles.c.source.in_([failing, silent])))
    rows = [
        article
        for at, name in enumerate(names)
        for day in range(14)
        if name in well or day > 4
        for article in _articles(name, at, now - day * DAY, 3 + (at * 7 + day * 5) % 9)
    ]
    db.execute(insert(schema.articles), rows)


def _articles(name, at, when, number):
    for one in range(number):
        moment = when - one * 40 * MINUTE
        yield {
            "url": f"https://{at}.example.org/{moment:%Y%m%d%H%M}",
            "title": "News",
            "published": moment,
            "source": name,
            "authors": [],
            "stored_at": moment,
            "updated_at": moment,
            **dict.fromkeys(("section", "language", "summary", "body", "fingerprint"), ""),
        }


def told(db, silent, failing, *, now):
    found = {
        f"failing/{failing}": (
            f"source {failing} keeps failing, since {now - DAY:%Y-%m-%d %H:%M} UTC",
            "`digest sources list` says why",
        ),
        f"silent/{silent}": (
            f"source {silent} answers, but has published nothing since {now - 5 * DAY:%Y-%m-%d %H:%M} UTC",
            "see whether its feed has moved, and correct [[sources]] url",
        ),
    }
    alerts.update_all(db, found, now=now - 20 * MINUTE)


def slowed(db, *, now):
    said = "421 4.7.28 this mail has been rate limited, as it comes too fast"
    paces.save(
        db, [Pace(domain=DOMAINS[0], at=now, rate=2.5, ceiling=9.0, refusals=1, since=now - 9 * MINUTE, reason=said)]
    )


def morning(database, key, *, newsletter, feeds, at, now):
    """All of it."""
    with database.begin() as db:
        edition_id = going_out(db, key, at=at, now=now)
        came_back(db, edition_id, now=now)
        readers(db, newsletter, now=now)
        polled(db, feeds, now=now)
        *_, failing, silent = feeds
        told(db, silent, failing, now=now)
        slowed(db, now=now)
    return edition_id
