"""What time it is for all that sends.  A test, or a bench that lives through a year, brings a clock of its own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]

#: A claim outlives the slowest honest conversation: 5 minutes each for MAIL and RCPT, 10 for the final dot
#: (RFC 5321 4.5.3.2).  The claims of a process that died are given back at once, lease or not.
LEASE = timedelta(minutes=22)


def utcnow() -> datetime:
    return datetime.now(UTC)
