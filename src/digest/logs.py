"""Records in, lines on stderr out: for a console or as JSON, and none of them with an address, a token or a secret.

What is logged is written without them in the first place.  This is the net below: the words of a mail server or of a
library may quote anything.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

Format = Literal["console", "json"]

#: These say at every step what nobody asked.
NOISY = ("apscheduler", "alembic", "mail.log", "trafilatura", "htmldate", "asyncio", "urllib3", "uvicorn")
SHORTEST_SECRET = 4  #: characters; shorter ones would star half of what is said

_ENDS = r"\s@<>()\[\],;:\"'/?&"  #: what no part of an address has, as it is written in a sentence or a link
_ADDRESS = re.compile(rf"[^{_ENDS}=]+(?:@|%40)[^{_ENDS}]*[^{_ENDS}.]", re.IGNORECASE)
#: As long as the tokens in links, which are 24 bytes in the letters of URLs; words and host names are not so long.
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{32}(?![\w-])")


def discreet(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without mail addresses, tokens of links, and these secrets."""
    for secret in secrets:
        text = text.replace(secret, "(secret)")
    return _TOKEN.sub("(token)", _ADDRESS.sub("(address)", text))


class Console(logging.Formatter):
    """One line a record, the text of an error below it."""

    def __init__(self, layout: str, secrets: Iterable[str] = ()) -> None:
        super().__init__(layout)
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record), self._secrets)


class Json(Console):
    """One JSON object a record: at, level, logger, message and, of an error, where it happened."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(message)s", secrets)

    def format(self, record: logging.LogRecord) -> str:
        said, _, place = super().format(record).partition("\n")
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": said}
        return json.dumps(told | ({"detail": place} if place else {}), ensure_ascii=False)


def begin(level: int, form: Format = "console", secrets: Iterable[str] = ()) -> None:
    """Log from `level` on to stderr; on a terminal with colours, unless it is to be JSON.  May be called again."""
    hidden = sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
    logging.basicConfig(level=level, handlers=[_handler(form, hidden)], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(level, logging.ERROR))


def _handler(form: Format, secrets: Iterable[str]) -> logging.Handler:
    if form == "json":
        return _with(logging.StreamHandler(), Json(secrets))
    if not sys.stderr.isatty():
        return _with(logging.StreamHandler(), Console("%(asctime)s %(levelname)s %(name)s: %(message)s", secrets))
    # Imported when one is drawn: start-up counts.
    from rich.console import Console as Terminal  # noqa: PLC0415
    from rich.logging import RichHandler  # noqa: PLC0415

    return _with(
        RichHandler(console=Terminal(stderr=True), show_path=False, rich_tracebacks=False),
        Console("%(message)s", secrets),
    )


def _with(handler: logging.Handler, formatter: logging.Formatter) -> logging.Handler:
    handler.setFormatter(formatter)
    return handler
