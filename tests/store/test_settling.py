"""What the mail server said, and what it makes of a delivery; also when it is said late."""

from datetime import timedelta

from build import NOW
from digest.model import DeliveryState as State
from digest.store import deliveries, editions
from queues import LEASE, deferred, failed, in_doubt, sent

LATE = NOW + LEASE


def first(queue):
    return queue.rows()[0]


def take_over(queue, old):
    """The lease of `old` ran out; another worker's content of the same delivery is leaving."""
    queue.recover(now=LATE)
    return next(one for one in queue.take(owner="two", now=LATE) if one.subscriber_id == old.subscriber_id)


def test_each_answer_finds_its_state(queue):
    one, two, three = queue.take()
    assert queue.settle(sent(one), deferred(two), failed(three)) == 3
    assert queue.states() == [State.SENT, State.QUEUED, State.FAILED]
    assert [row.code[:3] for row in queue.rows()] == ["250", "451", "550"]
    assert [row.attempts for row in queue.rows()] == [1, 1, 1]
    assert queue.kinds() == ["sent", "deferred", "failed"]


def test_what_failed_before_content_may_be_settled_from_claimed(queue):
    one = queue.claim(limit=1)[0]
    queue.settle(deferred(one))
    assert first(queue).state == State.QUEUED
    assert first(queue).due_at == NOW + timedelta(minutes=5)


def test_no_answer_is_counted_as_in_doubt(queue):
    queue.settle(in_doubt(queue.take(limit=1)[0]))
    assert (first(queue).state, first(queue).in_doubt) == (State.QUEUED, 1)
    assert queue.tally().in_doubt == 1


def test_in_doubt_is_never_reset(queue):
    queue.settle(*[in_doubt(one) for one in queue.take()])
    soon = NOW + timedelta(minutes=5)
    queue.settle(*[sent(one) for one in queue.take(now=soon)], now=soon)
    assert {(row.state, row.in_doubt, row.attempts) for row in queue.rows()} == {(State.SENT, 1, 2)}


def test_settling_twice_is_settling_once(queue):
    """The commit's answer was lost, and the worker writes its results again."""
    one, two, three = queue.take()
    results = sent(one), failed(two), in_doubt(three)
    queue.settle(*results)
    before = queue.rows()
    queue.settle(*results)
    assert queue.rows() == before
    assert queue.kinds() == ["sent", "failed", "in_doubt"]


def test_no_results_are_no_work(queue):
    assert queue.settle() == 0


def test_a_250_after_the_lease_stops_the_second_copy(queue):
    one = queue.take(limit=1)[0]
    queue.recover(now=LATE)
    assert queue.settle(sent(one), now=LATE) == 1
    assert (first(queue).state, first(queue).in_doubt) == (State.SENT, 1)
    assert one.subscriber_id not in {other.subscriber_id for other in queue.claim(now=LATE)}


def test_a_250_after_another_has_claimed_stops_the_second_copy(queue):
    one = queue.take(limit=1)[0]
    queue.recover(now=LATE)
    claims = queue.claim(owner="two", now=LATE)
    queue.settle(sent(one), now=LATE)
    assert one.claim not in queue.attempt(claims, owner="two", now=LATE)
    assert first(queue).state == State.SENT


def test_a_250_while_another_attempts_is_recorded_and_so_is_the_others(queue):
    """Two copies: one doubt, recorded before the second, and a row for each 250."""
    old = queue.take(limit=1)[0]
    new = take_over(queue, old)
    queue.settle(sent(old), now=LATE)
    queue.settle(sent(new), now=LATE)
    assert (first(queue).state, first(queue).in_doubt) == (State.SENT, 1)
    assert queue.kinds(old.subscriber_id) == ["in_doubt", "sent", "sent"]


def test_a_refusal_of_the_second_copy_does_not_undo_the_first(queue):
    old = queue.take(limit=1)[0]
    new = take_over(queue, old)
    queue.settle(sent(old), now=LATE)
    assert queue.settle(deferred(new), now=LATE) == 0
    assert first(queue).state == State.SENT


def test_a_250_for_what_is_held_resolves_the_doubt(queue):
    """Held is "nobody knows"; now somebody does, and nobody will release it into a second copy."""
    one = queue.take(limit=1)[0]
    queue.settle(in_doubt(one, state=State.HELD))
    queue.settle(sent(one))
    assert first(queue).state == State.SENT
    assert queue.change(deliveries.release, queue.id, now=NOW) == 0


def test_a_250_after_a_final_state_is_written_down_beside_it(queue):
    one = queue.take(limit=1)[0]
    queue.settle(failed(take_over(queue, one)), now=LATE)
    assert queue.settle(sent(one), now=LATE) == 0
    assert (first(queue).state, first(queue).in_doubt) == (State.FAILED, 1)
    assert queue.kinds(one.subscriber_id) == ["in_doubt", "failed", "sent"]


def test_any_other_answer_after_a_new_claim_is_refused(queue):
    """The fence: only who has the delivery now may say it is to be tried later."""
    old = queue.take(limit=1)[0]
    queue.recover(now=LATE)
    queue.claim(owner="two", now=LATE)
    for result in (deferred(old), failed(old), in_doubt(old)):
        assert queue.settle(result, now=LATE) == 0
    assert (first(queue).state, first(queue).in_doubt) == (State.CLAIMED, 1)
    assert queue.kinds(old.subscriber_id) == ["in_doubt"]


def test_a_refusal_after_the_lease_counts_while_nobody_else_has_it(queue):
    """Who knows what the server said knows more than who recorded a doubt."""
    one = queue.take(limit=1)[0]
    queue.recover(now=LATE)
    assert queue.settle(failed(one), now=LATE) == 1
    assert (first(queue).state, first(queue).in_doubt, first(queue).attempts) == (State.FAILED, 1, 1)


def test_one_doubt_is_not_recorded_twice(queue):
    one = queue.take(limit=1)[0]
    queue.recover(now=LATE)
    assert queue.settle(in_doubt(one), now=LATE) == 0
    assert first(queue).in_doubt == 1


def test_a_cancelled_edition_still_records_what_had_left(queue):
    one = queue.take(limit=1)[0]
    queue.change(editions.cancel, queue.id, now=NOW)
    queue.settle(deferred(one))
    assert queue.change(deliveries.expire, now=NOW) == 1
    assert set(queue.states()) == {State.EXPIRED, State.SKIPPED}
