"""Values in, the JSON that a column keeps out; and back."""

import hashlib
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic_core import to_json

from digest.model import Article, Edition, Operation, Point, Verdict

_EDITION = TypeAdapter(Edition)
_LEDGER = TypeAdapter(tuple[Point, ...])
_ARTICLE = TypeAdapter(Article)
_OPERATION: TypeAdapter[Operation] = TypeAdapter(Annotated[Operation, Field(discriminator="kind")])
_VERDICTS = TypeAdapter(tuple[Verdict, ...])


def to_text(value: Any) -> str:
    """JSON as the databases store it; ten times as fast as the standard library on small values."""
    return to_json(value).decode()


def dump_edition(edition: Edition) -> Any:
    return _EDITION.dump_python(edition, mode="json")


def load_edition(value: Any) -> Edition:
    return _EDITION.validate_python(value)


def dump_operation(operation: Operation) -> Any:
    return _OPERATION.dump_python(operation, mode="json")


def load_operation(value: Any) -> Operation:
    """Raises ValueError (pydantic's) for what is none."""
    return _OPERATION.validate_python(value)


def dump_verdicts(verdicts: tuple[Verdict, ...]) -> Any:
    return _VERDICTS.dump_python(verdicts, mode="json")


def load_verdicts(value: Any) -> tuple[Verdict, ...]:
    return _VERDICTS.validate_python(value)


def dump_ledger(ledger: tuple[Point, ...]) -> Any:
    return _LEDGER.dump_python(ledger, mode="json")


def fingerprint(article: Article) -> str:
    """SHA-256 of all that an article says: tells an update from a duplicate.

    Without its position, as a feed moves its articles down with every new one, and without the time of its last change:
    what has changed shows in the words.
    """
    return hashlib.sha256(_ARTICLE.dump_json(article, exclude={"position", "modified"})).hexdigest()
