"""Die at each step of a send, and go on: nobody lost, nobody doubled unrecorded, and the state that the design says.

`FAILPOINTS=all pytest tests/worker/test_failpoints.py` tries every step at its first, second and fifth passing; without
it a sample runs.
"""

import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

import abort_at
import forked
from abort_at import POINTS, send, settings_for
from digest.model import DeliveryState as State
from digest.model import EditionState
from digest.store import deliveries, editions
from digest.store.audit import audit
from digest.store.database import Database
from postbox import Mailbox

READERS, CONNECTIONS = 12, 2
ALL = bool(os.environ.get("FAILPOINTS"))
KINDS = ("sqlite", "postgresql")
#: How often it is looked at, and which time matters most: what is done is looked for before and after a send.
PASSED = {"approve": 1, "freeze": 1, "start": 1, "recover": 1, "complete": 2}


@dataclass(frozen=True, kw_only=True)
class Case:
    point: str
    hit: int
    window: int
    kind: str

    def __str__(self) -> str:
        return f"{self.point}-{self.hit}-{self.window}-{self.kind}"


def cases():
    """Each step on one database, and at one passing; or all of them."""
    for number, point in enumerate(POINTS):
        last = PASSED.get(point.split(".")[0])
        hits = ((1, 2, 5)[:last] if ALL else (last,)) if last else (1, 2, 5) if ALL else (1 + number % 2,)
        for hit in hits:
            for window in (1, 4) if ALL else ((1, 4)[number % 2],):
                for kind in KINDS if ALL else (KINDS[number // 2 % 2],):
                    yield Case(point=point, hit=hit, window=window, kind=kind)


CASES = list(cases())


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Today's edition, with readers, and a mail server to send it to."""

    url: str
    key: str
    database: Database
    mailbox: Mailbox

    def settings(self, case):
        return settings_for(self.url, self.mailbox.port, case.window)


@pytest.fixture
def draft(case, request, mailbox, drafted):
    url = request.getfixturevalue("sqlite_url" if case.kind == "sqlite" else "postgresql_url")
    database = Database(url)
    yield Draft(url=url, key=drafted(database, readers=READERS), database=database, mailbox=mailbox)
    database.close()


def die(draft, case):
    """Whether it came to that.  To recover there has to be a death before."""
    if case.point.startswith("recover"):
        assert die_at(draft, "content.written", 2, window=case.window, owner="before")
    return die_at(draft, case.point, case.hit, window=case.window, owner="first")


def die_at(draft, point, hit, **more):
    told = {"url": draft.url, "key": draft.key, "port": draft.mailbox.port, "point": point, "hit": hit, **more}
    code = forked.run(abort_at.run, told)
    assert code in (0, 99)
    return code == 99


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_send_that_dies_there_goes_on_and_loses_nobody(draft, case):
    database, mailbox, settings = draft.database, draft.mailbox, draft.settings(case)
    died = die(draft, case)
    assert died or case.hit > 2, "the step was not passed"
    with database.read() as db:
        status = editions.get(db, draft.key)
        states = Counter(deliveries.tally(db, status.id).states)
    if died:
        check_state(case, status.state, states)
    assert len(mailbox.messages) <= READERS
    arrived = {one.recipient for one in mailbox.messages}

    send(settings, database, draft.key, "second")
    with database.begin() as db:
        deliveries.retry(db, status.id, now=datetime.now(UTC))
    send(settings, database, draft.key, "third")

    copies = Counter(one.recipient for one in mailbox.messages)
    assert set(copies) == {f"reader{n}@example.net" for n in range(1, READERS + 1)}
    with database.read() as db:
        rows = {row.address: row for row in deliveries.listing(db, status.id)}
        assert [proof.claim for proof in audit(db, status.id) if not proof.holds] == []
        assert editions.get(db, draft.key).state is EditionState.DONE
    assert {row.state for row in rows.values()} == {State.SENT}
    assert all(copies[who] <= 1 + row.in_doubt for who, row in rows.items())
    doubted = [who for who, row in rows.items() if row.in_doubt]
    assert len(doubted) <= CONNECTIONS * case.window
    assert {who for who, number in copies.items() if number > 1} <= arrived & set(doubted)
    for who in copies:
        assert len({one.raw for one in mailbox.messages if one.recipient == who}) == 1, "another message"


def check_state(case, edition, states):
    """What the database says right after the death."""
    function, moment = case.point.split(".")
    committed = moment == "committed"
    if function in ("approve", "freeze"):
        assert edition == (EditionState.APPROVED if committed else EditionState.DRAFT)
        assert states == Counter({State.QUEUED: READERS} if committed else {})
        return
    waiting = states[State.QUEUED] + states[State.CLAIMED] + states[State.ATTEMPTING]
    assert waiting + states[State.SENT] == READERS
    assert states[State.ATTEMPTING] <= CONNECTIONS * case.window
    if function == "complete" and case.hit == 2:
        assert states == Counter({State.SENT: READERS})
    assert (edition == EditionState.DONE) == (committed and function == "complete" and case.hit == 2)
    if function == "content":
        assert states[State.ATTEMPTING] >= 1, "content leaves only for what is recorded as attempting"
    if function == "recover":
        assert bool(states[State.ATTEMPTING]) != committed, "in doubt once that is recorded, and not before"
    if case.hit == 1:
        check_first(function, committed, edition, states)


def check_first(function, committed, edition, states):
    """The first time a step is passed it is known what was before."""
    if function in ("claim", "start"):
        assert edition == (EditionState.SENDING if committed else EditionState.APPROVED)
        assert states == Counter({State.CLAIMED if committed else State.QUEUED: READERS})
    if function == "attempt":
        assert bool(states[State.ATTEMPTING]) == committed
    if function == "settle":
        assert bool(states[State.SENT]) == committed
        assert committed or states[State.ATTEMPTING]
    if function in ("attempt", "content"):
        assert not states[State.SENT]


def test_every_step_is_tried():
    assert {case.point for case in CASES} == set(POINTS)
