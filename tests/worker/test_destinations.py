"""Domains whose mail goes to one place share a rate and a breaker: a real name server and a real mail server."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from digest.doctor import Level
from digest.doctor.destinations import MEND, look_at_destinations
from digest.model import DeliveryState as State
from digest.model import Pace, domain_of
from digest.store import destinations, owners, paces, suppressions
from digest.store.schema import subscribers, subscriptions
from digest.web.metrics import exposition, gauges
from digest.worker import lookups
from digest.worker.drain import Drain
from digest.worker.shift import Shift
from digest.worker.slowed import domain_rows
from nameserver import NameServer

A, B, ELSEWHERE = "a.example", "b.example", "else.example"
HOSTER = "hoster.example"


@pytest.fixture
def names():
    """A and B have their mail servers at a hoster, the third domain its own."""
    with NameServer() as one:
        one.add(f"{A}. IN MX 10 mx1.{HOSTER}.", f"{A}. IN MX 20 mx.{ELSEWHERE}.", f"{B}. IN MX 5 mx2.{HOSTER}.")
        one.add(f"{ELSEWHERE}. IN MX 10 mail.{ELSEWHERE}.")
        yield one


@pytest.fixture
def look_up(database, sending, names):
    """As the daemon does, so many hours from now; the settings."""

    def ask(smtp=None, *, hours=0.0, resolver=None):
        settings = sending.model_copy(update={"smtp": smtp or limited(sending, domain_rate="900/s")})
        now = datetime.now(UTC) + timedelta(hours=hours)
        lookups.enrol(settings, database, now=now, adds=lookups.matters(settings, database))
        asyncio.run(lookups.look_up(database, now=now, resolver=resolver or names.asynchronous()))
        return settings

    return ask


@pytest.fixture
def known(database):
    def read():
        with database.read() as db:
            return {one.domain: one.destination for one in destinations.known(db)}

    return read


def limited(sending, **over):
    return sending.smtp.model_copy(update=over)


def times(mailbox, *domains):
    return [at for at, address in mailbox.named if domain_of(address) in domains]


# --- looking up ------------------------------------------------------------------------------------------------------


def test_the_domains_of_readers_are_looked_up_once_and_written_down(spread, look_up, known, names, database):
    spread(6, A, B, ELSEWHERE)
    look_up()
    assert known() == {A: HOSTER, B: HOSTER, ELSEWHERE: ELSEWHERE}
    with database.read() as db:
        told = destinations.roster(db, now=datetime.now(UTC))
        assert destinations.sizes(db, [HOSTER, ELSEWHERE, "other.example"]) == {HOSTER: 2, ELSEWHERE: 1}
    assert told == destinations.Roster(domains=3, looked_up=3, unanswered=0, destinations=2)
    asked = len(names.asked)
    assert asked == 3
    look_up(hours=23)
    assert len(names.asked) == asked
    names.put(f"{B}. IN MX 5 mx.{ELSEWHERE}.")
    look_up(hours=25)
    assert known() == {A: HOSTER, B: ELSEWHERE, ELSEWHERE: ELSEWHERE}, "who has moved is followed"


def test_without_an_answer_what_was_known_holds_and_is_asked_for_again_soon(spread, look_up, known, names):
    spread(6, A, B, "none.example")
    names.broken = {f"{A}."}
    names.add("none.example. IN MX 0 .")
    look_up()
    assert known() == {A: A, B: HOSTER, "none.example": "none.example"}
    names.broken = set()
    look_up(hours=0.5)
    assert known()[A] == A
    look_up(hours=1.1)
    assert known()[A] == HOSTER
    names.broken = {f"{A}.", f"{B}."}
    look_up(hours=49)
    assert known()[A] == HOSTER


def test_a_name_server_that_is_not_there_costs_seconds_and_nothing_else(spread, look_up, known, names):
    spread(4, A, B)
    nobody = names.asynchronous()
    nobody.nameservers = ["127.0.0.2"]
    look_up(resolver=nobody)
    assert known() == {A: A, B: B}


def test_who_has_no_readers_any_more_is_forgotten_with_its_pace(spread, look_up, known, database):
    spread(6, A, B, ELSEWHERE)
    settings = look_up()
    with database.begin() as db:
        for name in (HOSTER, ELSEWHERE):
            paces.save(db, [slow_pace(name)])
        gone = subscribers.c.address.like(f"%@{ELSEWHERE}")
        left = subscriptions.c.subscriber_id.in_(subscribers.select().with_only_columns(subscribers.c.id).where(gone))
        db.execute(update(subscriptions).where(left).values(state="unsubscribed"))
    lookups.enrol(settings, database, now=datetime.now(UTC), adds=True)
    assert known() == {A: HOSTER, B: HOSTER}
    with database.read() as db:
        assert set(paces.load(db, [HOSTER, ELSEWHERE])) == {HOSTER}
    lookups.enrol(by_domain(settings), database, now=datetime.now(UTC), adds=False)
    assert known() == {}


def slow_pace(name):
    return Pace(domain=name, at=datetime.now(UTC), rate=2.0, ceiling=50.0, since=datetime.now(UTC), reason="421 later")


def by_domain(settings):
    return settings.model_copy(update={"smtp": settings.smtp.model_copy(update={"destinations": "domain"})})


def test_dns_is_told_nothing_while_it_makes_no_difference(spread, look_up, names, sending, database):
    spread(4, A, B)
    assert not lookups.matters(look_up(sending.smtp), database)
    assert names.asked == []
    assert lookups.matters(with_smtp(sending, domain_rates={"other.example": "1/s"}), database)
    assert not lookups.matters(with_smtp(sending, rate="9/s"), database)
    assert not lookups.matters(with_smtp(sending, domain_rate="1/s", destinations="domain"), database)
    with database.begin() as db:
        paces.save(db, [slow_pace(A)])
    assert lookups.matters(sending, database)
    look_up(sending.smtp)
    assert {domain for domain, _ in names.asked} == {f"{A}.", f"{B}."}


def with_smtp(sending, **over):
    return sending.model_copy(update={"smtp": limited(sending, **over)})


def test_who_leads_looks_them_up_by_itself(spread, known, names, sending, database):
    spread(4, A, B)
    settings = with_smtp(sending, domain_rate="900/s")

    async def live(*, leads, looks):
        work = lookups.keep_looking_up(settings, database, leads=lambda: leads, resolver=names.asynchronous())
        task = asyncio.create_task(work)
        for _ in range(looks):
            await asyncio.sleep(0.05)
            if set(known().values()) == {HOSTER}:
                break
        task.cancel()

    asyncio.run(live(leads=False, looks=10))
    assert known() == {}
    asyncio.run(live(leads=True, looks=400))
    assert known() == {A: HOSTER, B: HOSTER}


def test_the_doctor_says_how_many_are_known(spread, look_up, names, database):
    spread(4, A, B)
    names.broken = {f"{A}.", f"{B}."}
    settings = look_up()
    (found,) = look_at_destinations(settings, database, now=datetime.now(UTC))
    assert (found.level, found.mend) == (Level.WARNING, MEND)
    assert "for 2 of 2 domains of readers" in found.text
    assert list(look_at_destinations(by_domain(settings), database, now=datetime.now(UTC))) == []
    names.broken = set()
    look_up(hours=2)
    (found,) = look_at_destinations(settings, database, now=datetime.now(UTC))
    assert (found.level, found.text) == (Level.GOOD, "2 of 2 domains of readers are known: 1 destination")


def test_figures_name_no_domain_that_may_be_one_persons(spread, look_up, database):
    spread(6, A, B, ELSEWHERE)
    look_up()
    with database.begin() as db:
        paces.move_aside(db, [HOSTER, ELSEWHERE], limit=100, now=datetime.now(UTC), apart=())
    told = exposition(gauges(database, alive={}, now=datetime.now(UTC)))
    assert f'digest_destination_waiting{{destination="{HOSTER}"}} 4' in told
    assert 'digest_destination_waiting{destination="other"} 2' in told
    assert 'digest_destinations{what="looked_up"} 3' in told
    assert ELSEWHERE not in told


# --- sending ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(database, sending, mailbox):
    """Sends what may go at once; how many to each domain."""

    def run(smtp):
        settings = sending.model_copy(update={"smtp": smtp})
        with owners.Presence(database, "one"):
            drain = Drain(settings, database, Shift(owner="one", longest_wait=0.0))
            asyncio.run(drain.run())
        return Counter(domain_of(address) for _, address in mailbox.named)

    return run


def test_two_domains_with_one_mail_server_share_a_rate(spread, look_up, impatient, sending):
    spread(12, A, B, ELSEWHERE)
    sent = impatient(look_up(limited(sending, domain_rate="1/h")).smtp)
    assert (sent[A] + sent[B], sent[ELSEWHERE]) == (1, 1)


def test_without_dns_each_domain_has_its_rate(spread, impatient, sending):
    spread(12, A, B, ELSEWHERE)
    assert impatient(limited(sending, domain_rate="1/h")) == {A: 1, B: 1, ELSEWHERE: 1}


def test_a_rate_may_name_a_destination_and_that_of_a_domain_goes_first(spread, look_up, impatient, sending):
    spread(12, A, B, ELSEWHERE)
    smtp = limited(sending, domain_rates={HOSTER: "1/h", B: ""})
    assert impatient(look_up(smtp).smtp) == {A: 1, B: 4, ELSEWHERE: 4}


def test_a_destination_that_refuses_for_now_waits_with_all_of_its_domains(spread, look_up, drain, mailbox, database):
    spread(80, A, B, ELSEWHERE, ELSEWHERE)
    smtp = look_up().smtp
    mailbox.refuse[A] = mailbox.refuse[B] = "421 4.7.0 too many"
    assert drain(smtp=smtp).settled[State.SENT] == 40
    asked = len(times(mailbox, A, B))
    assert 3 <= asked < 20
    with database.read() as db:
        (row,) = [one for one in domain_rows(db, smtp, now=datetime.now(UTC)) if one.shut_until]
    assert (row.domain, row.domains) == (HOSTER, 2)
    assert row.waiting >= 40 - asked
    drain(owner="another", smtp=smtp)
    assert len(times(mailbox, A, B)) == asked, "another process remembers"


def test_a_domain_that_blocks_us_alone_stops_none_of_its_neighbours(spread, look_up, drain, mailbox, database):
    spread(90, A, B, ELSEWHERE)
    mailbox.refuse[B] = "550 5.7.1 our rules"
    assert costs_nobody(drain(smtp=look_up().smtp), sent=60)
    assert blocked(database) == {B}


def test_a_destination_that_blocks_us_is_blocked_as_one(spread, look_up, drain, mailbox, database):
    spread(90, A, B, ELSEWHERE)
    mailbox.refuse[A] = mailbox.refuse[B] = "550 5.7.1 blocked"
    assert costs_nobody(drain(smtp=look_up().smtp), sent=30)
    assert blocked(database) == {HOSTER}


def costs_nobody(drained, *, sent):
    return not drained.paused and drained.settled[State.SENT] == sent and State.FAILED not in drained.settled


def blocked(database):
    with database.read() as db:
        assert suppressions.listing(db) == []
        return {name for name, one in paces.slowed(db).items() if one.blocked}


def test_by_domain_all_is_as_if_dns_had_said_nothing(spread, look_up, drain, mailbox, database):
    spread(60, A, B, ELSEWHERE)
    smtp = look_up().smtp.model_copy(update={"destinations": "domain"})
    mailbox.refuse[A] = "421 4.7.0 too many"
    assert drain(smtp=smtp).settled[State.SENT] == 40
    with database.read() as db:
        assert set(paces.slowed(db)) == {A}


def test_what_waits_under_the_name_of_a_domain_takes_turns_of_its_destination(
    spread, look_up, impatient, sending, database
):
    """It was set aside before DNS was asked."""
    spread(12, A, B)
    with database.begin() as db:
        paces.move_aside(db, [A], limit=1000, now=datetime.now(UTC))
        assert [(one.domain, one.number) for one in paces.waiting(db)] == [(A, 6)]
    assert impatient(look_up(limited(sending, domain_rate="1/h")).smtp) == {A: 1}
