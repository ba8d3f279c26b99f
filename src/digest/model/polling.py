"""What is remembered of a source between two polls, and how it has been doing."""

from dataclasses import dataclass
from datetime import datetime

from digest.model.article import Source


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What is remembered of a source between two polls.  All of it is about `url`: another address starts anew."""

    source: str  #: its name
    url: str = ""  #: as configured
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""  #: where a permanent redirect led to: asked instead of `url`
    next_at: datetime | None = None  #: when it is due again; None: at once
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    failing_since: datetime | None = None  #: the first of the failures in a row
    failures: int = 0  #: in a row
    last_error: str = ""
    told_at: datetime | None = None  #: when the operator heard that it keeps failing
    items: int = 0  #: new articles in all

    @property
    def address(self) -> str:
        """Where to ask."""
        return self.moved_to or self.url


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a source has been doing."""

    source: Source
    memory: Memory
    stored: int = 0  #: articles
    per_day: float = 0.0  #: articles published a day, over the last week
    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What matters of a stored article when its source publishes it again."""

    url: str
    title: str
    published: datetime
    text: int | None = None  #: as in `Marked`
    sketch: bytes = b""  #: as in `Marked`
