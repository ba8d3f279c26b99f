"""Values in, the JSON that a column keeps out; and back."""

import hashlib
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_json

from digest.model import Article, Edition, Point

_EDITION = TypeAdapter(Edition)
_LEDGER = TypeAdapter(tuple[Point, ...])
_ARTICLE = TypeAdapter(Article)


def to_text(value: Any) -> str:
    """JSON as the databases store it; ten times as fast as the standard library on small values."""
    return to_json(value).decode()


def dump_edition(edition: Edition) -> Any:
    return _EDITION.dump_python(edition, mode="json")


def load_edition(value: Any) -> Edition:
    return _EDITION.validate_python(value)


def dump_ledger(ledger: tuple[Point, ...]) -> Any:
    return _LEDGER.dump_python(ledger, mode="json")


def fingerprint(article: Article) -> str:
    """SHA-256 of all that an article says: tells an update from a duplicate.

    Without its position, as a feed moves its articles down with every new one, and without the time of its last change:
    what has changed shows in the words.
    """
    return hashlib.sha256(_ARTICLE.dump_json(article, exclude={"position", "modified"})).hexdigest()
