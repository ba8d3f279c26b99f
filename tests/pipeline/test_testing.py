"""Copies marked [TEST]: to whom they may go."""

import asyncio

import pytest

from build import NOW, article
from digest.config import Desk, Smtp
from digest.errors import Refused
from digest.pipeline import storing
from digest.pipeline.drafts import proof
from digest.pipeline.testing import recipient, send_test


def listed(settings, *names):
    return settings.model_copy(update={"desk": Desk(test_addresses=names)})


def test_only_listed_addresses_get_a_test(settings):
    mine = listed(settings, "editor@example.org")
    assert recipient(mine, "editor@EXAMPLE.org") == "editor@example.org"
    for to in ("reader@example.net", "no address"):
        with pytest.raises(Refused):
            recipient(mine, to)
    with pytest.raises(Refused, match=r"\[desk\] test_addresses"):
        recipient(settings, "editor@example.org")


def test_the_command_line_may_name_any_until_there_is_a_list(settings):
    assert recipient(settings, "me@example.net", any_unless_listed=True) == "me@example.net"
    with pytest.raises(Refused, match="test_addresses"):
        recipient(listed(settings, "editor@example.org"), "me@example.net", any_unless_listed=True)


def test_a_test_is_marked_as_one(settings, sqlite_database, mailbox):
    relay = Smtp(host="127.0.0.1", port=mailbox.port, security="none")
    with sqlite_database.begin() as db:
        storing.put(db, [article()], now=NOW)
    own = settings.model_copy(update={"smtp": relay})
    made = proof(own, sqlite_database, None, now=NOW)
    outcome = asyncio.run(send_test(own, made, "editor@example.org", now=NOW))
    assert outcome.code == 250
    assert mailbox.messages[0].parsed["Subject"].startswith("[TEST] ")
