"""Power loss: no content leaves before the record of its attempt is on the disk, as the system calls show."""

import re

import pytest

from digest.store.database import Database
from power_loss import STRACE, WRITES, watch

CALL = re.compile(r"\b(fdatasync|fsync|sendto|sendmsg|write|writev)\(")


@pytest.mark.skipif(STRACE is None, reason="no strace: the order of system calls was not looked at")
@pytest.mark.parametrize("window", [1, 4])
def test_each_content_is_preceded_by_a_flush(drafted, sqlite_url, mailbox, tmp_path, window):
    """One connection, so that a flush can only be for the content that follows; at most a window of them share one."""
    key = drafted(Database(sqlite_url), readers=12)
    told = {"url": sqlite_url, "key": key, "port": mailbox.port, "window": window, "connections": 1}
    trace = watch(told, tmp_path / "trace", "-s", "64", "-e", f"trace=fdatasync,fsync,{WRITES}")
    flushed = contents = shared = most = 0
    for line in trace.splitlines():
        call = CALL.search(line)
        if call and call[1] in ("fdatasync", "fsync"):
            flushed, shared = flushed + 1, 0
        elif call and "From: " in line:
            contents += 1
            assert flushed, "a content before any flush"
            shared += 1
            most = max(most, shared)
    assert contents == 12
    assert most <= window
