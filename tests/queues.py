"""An approved edition with its frozen audience, and what can happen to its deliveries: one line each."""

from datetime import timedelta

from sqlalchemy import select

from build import NOW, circle, edition, reader
from digest.model import DeliveryState, Outcome, Rendered, Stage
from digest.store import audiences, deliveries, editions, newsletters, subscribers
from digest.store.deliveries import Settled
from digest.store.schema import outcomes

LEASE = timedelta(minutes=10)
RENDERED = Rendered(
    variant="default", subject="Rates held", preheader="", html="<p>Rates</p>", text="Rates", web="<p>Rates</p>"
)


class Queue:
    """One edition's deliveries, with the arguments that most tests do not care about."""

    def __init__(self, database, *, readers=3, policy="resend", expires_at=NOW + timedelta(hours=24)):
        self.database = database
        self.newsletter = "daily"
        with database.begin() as db:
            newsletters.ensure(db, [self.newsletter], now=NOW)
            people = [reader(n) for n in range(1, readers + 1)]
            subscribers.add(db, people, newsletter=self.newsletter, consent="{}", now=NOW)
            self.id = editions.save_draft(db, edition(), [], due_at=NOW).id
            editions.approve(
                db, self.id, now=NOW, expires_at=expires_at, in_doubt=policy, rendered=[(RENDERED, b"message")]
            )
            audiences.freeze(db, self.id, circle(newsletter=self.newsletter), variant="default", now=NOW)

    def claim(self, *, limit=100, owner="one", now=NOW, lease=LEASE):
        with self.database.begin() as db:
            return deliveries.claim(db, now=now, limit=limit, owner=owner, lease=lease)

    def attempt(self, claims, *, owner="one", now=NOW, lease=LEASE):
        with self.database.begin() as db:
            return deliveries.attempt(db, claims, now=now, owner=owner, lease=lease)

    def take(self, *, limit=100, owner="one", now=NOW):
        """Claimed, and content is leaving."""
        claims = self.claim(limit=limit, owner=owner, now=now)
        gone = self.attempt(claims, owner=owner, now=now)
        return [one for one in claims if one.claim in gone]

    def settle(self, *results, now=NOW):
        with self.database.begin() as db:
            return deliveries.settle(db, results, now=now)

    def recover(self, *, now=NOW, dead=()):
        with self.database.begin() as db:
            return deliveries.recover(db, now=now, dead_owners=dead)

    def change(self, function, *args, **kwargs):
        with self.database.begin() as db:
            return function(db, *args, **kwargs)

    def states(self):
        with self.database.read() as db:
            return [row.state for row in deliveries.listing(db, self.id)]

    def rows(self):
        with self.database.read() as db:
            return deliveries.listing(db, self.id)

    def tally(self):
        with self.database.read() as db:
            return deliveries.tally(db, self.id)

    def edition(self):
        with self.database.read() as db:
            return editions.by_id(db, self.id)

    def kinds(self, subscriber_id=None):
        """The kinds of outcome rows in order: of one subscriber, or of all."""
        query = select(outcomes.c.kind).order_by(outcomes.c.id)
        if subscriber_id is not None:
            query = query.where(outcomes.c.subscriber_id == subscriber_id)
        with self.database.read() as db:
            return list(db.execute(query).scalars())

    def subscriber(self, number):
        with self.database.read() as db:
            return subscribers.by_address(db, f"reader{number}@example.net")


def answered(delivery, state, outcome, **over):
    code, attempts = outcome.reply, delivery.attempts + 1
    return Settled(delivery=delivery, state=state, code=code, outcome=outcome, attempts=attempts, **over)


def sent(delivery):
    outcome = Outcome(stage=Stage.DOT, code=250, text="2.0.0 queued")
    return answered(delivery, DeliveryState.SENT, outcome, kind="sent")


def deferred(delivery, due_at=NOW + timedelta(minutes=5)):
    outcome = Outcome(stage=Stage.RCPT, code=451, text="4.7.1 later")
    return answered(delivery, DeliveryState.QUEUED, outcome, kind="deferred", due_at=due_at)


def failed(delivery):
    outcome = Outcome(stage=Stage.RCPT, code=550, text="5.1.1 no such user")
    return answered(delivery, DeliveryState.FAILED, outcome, kind="failed")


def in_doubt(delivery, state=DeliveryState.QUEUED, due_at=NOW + timedelta(minutes=5)):
    outcome = Outcome(stage=Stage.DOT, code=None, text="connection lost")
    return Settled(
        delivery=delivery,
        state=state,
        due_at=due_at,
        code=outcome.reply,
        kind="in_doubt",
        outcome=outcome,
        in_doubt=True,
        attempts=delivery.attempts + 1,
    )
