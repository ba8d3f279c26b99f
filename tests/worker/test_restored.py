"""A backup that was made in the middle of a send, and put back the next day: on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.model import DeliveryState as State
from digest.store import backup, deliveries, health


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("window", [1, 4], indirect=True)
def test_a_backup_of_a_send_sends_nothing_the_next_day_until_it_is_released(  # noqa: PLR0917
    approved, drain, tally, mailbox, database, tmp_path
):
    status = approved(12)
    begun = datetime.now(UTC)

    def halfway(_envelope):
        if len(mailbox.messages) >= 5 and not (tmp_path / "copy").exists():
            backup.backup(database, tmp_path / "copy", now=begun)

    mailbox.hooks["data"] = halfway
    drain()
    assert len(set(mailbox.addresses)) == len(mailbox.addresses) == 12
    mailbox.hooks.clear()
    mailbox.messages.clear()

    backup.restore(database, tmp_path / "copy", now=begun + timedelta(hours=20))
    missing = 12 - tally(status).count(State.SENT)
    assert missing > 0, "the copy knows nothing of what was sent after it was made"
    assert drain().settled == {}
    with database.begin() as db:
        assert backup.release(db, now=begun + timedelta(hours=20))
    assert drain().settled == {}, "the edition of yesterday waits for a person"
    assert mailbox.messages == []

    with database.begin() as db:
        deliveries.retry(db, status.id, now=datetime.now(UTC))
    drain()
    assert len(set(mailbox.addresses)) == len(mailbox.addresses) == missing
    assert list(health.faults(database)) == []
