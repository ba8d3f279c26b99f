"""Errors a person can act upon.  Each prints as one line; the command line turns it into an exit code.

    DigestError              1
    ├── ConfigError         78   every fault at once, each with its key
    ├── NotFound             1   no such edition, article, subscriber
    ├── Refused              1   the state of things forbids it (approve a cancelled edition, ...)
    │   ├── Faulty           1   the mail would have errors; names the rules
    │   └── Overtaken        1   another editor has touched the same; says what
    ├── SchemaMismatch       1   the database is older or newer than this program
    ├── SendingPaused        1   the circuit breaker opened; says why
    ├── DatabaseAway         1   the database took nothing to the end; says why
    └── Altered              1   what is stored of an edition is not what was approved

One bad row, feed or mailbox is not an error but a value: `Rejection`, `Outcome`.
"""

from collections.abc import Sequence


class DigestError(Exception):
    """Something a person has to see, in one line."""

    exit_code = 1


class ConfigError(DigestError):
    """The configuration cannot be used."""

    exit_code = 78

    def __init__(self, path: str, faults: Sequence[str]) -> None:
        super().__init__("\n  ".join([f"{path}: {len(faults)} fault{'s' if len(faults) > 1 else ''}", *faults]))
        self.faults = tuple(faults)


class NotFound(DigestError):  # noqa: N818 - an event, not a mistake
    """What was asked for is not there."""


class Refused(DigestError):  # noqa: N818
    """The state of things forbids it."""


class Faulty(Refused):
    """The mail would have errors, and nobody has overruled them."""


class Overtaken(Refused):
    """Another editor has touched the same since; nothing was overwritten."""

    def __init__(self, message: str, since: Sequence[int]) -> None:
        super().__init__(message)
        self.since = tuple(since)  #: the numbers of the operations that came, or were undone, since


class SchemaMismatch(DigestError):  # noqa: N818
    """The database is older or newer than this program."""


class SendingPaused(DigestError):  # noqa: N818
    """Sending stopped itself, because the mail server refuses what is not the readers' fault."""


class DatabaseAway(DigestError):  # noqa: N818
    """The program had to end before the database took what there was to write down."""


class Altered(DigestError):  # noqa: N818
    """What is stored of an edition is not what was approved; nothing may be made of it."""

    def __init__(self, edition_id: int, variant: str) -> None:
        super().__init__(
            f"the message of variant {variant} was changed in the database after it was approved: nothing of it is sent"
        )
        self.edition_id = edition_id
