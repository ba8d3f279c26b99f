"""The process in which `digest.intake.confine` has documents parsed: questions in, a line of JSON for each out.

    python -m digest.intake.confined

A module of its own, as it starts in half the time without what asks it.
"""

import json
import math
import pickle
import resource
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from digest.intake import announced, feed, page, sitemap
from digest.intake.origin import Origin
from digest.model import Article, Rejection

MB = 2**20

Found = Article | Rejection | str
PARSERS: dict[str, Callable[[bytes, Origin], Iterable[Found]]] = {
    "feed": feed.parse,
    "page": page.parse,
    "sitemap": sitemap.parse,
    "announced": announced.parse,
    "index": lambda data, _: sitemap.children(data),
}


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions.  Limits end the process; who asked sees that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    mapped, resident = _size()
    while True:
        try:
            kind, data, origin, seconds, memory = pickle.load(questions)  # noqa: S301 - from who started us
        except EOFError:
            return
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        _limit(resource.RLIMIT_CPU, math.ceil(used + seconds))
        if mapped:
            _limit(resource.RLIMIT_AS, mapped - resident + memory)
        try:
            results = list(PARSERS[kind](data, origin))
        except MemoryError:
            results = [origin.rejection("", f"not parsed: more than {memory // MB} MB of memory")]
        except Exception as error:  # noqa: BLE001 - as everywhere at this edge: one document, one rejection
            results = [origin.rejection("", f"not parsed: {type(error).__name__}")]
        del data
        _limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)
        answers.write(json.dumps(results, default=_plain).encode() + b"\n")
        answers.flush()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    assert is_dataclass(value)
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _limit(which: int, value: int) -> None:
    """The soft limit: it is set anew for each document."""
    resource.setrlimit(which, (value, resource.getrlimit(which)[1]))


def _size() -> tuple[int, int]:
    """Bytes of address space and of memory in use; 0 where the system does not say."""
    try:
        mapped, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    except OSError:
        return 0, 0
    return int(mapped) * resource.getpagesize(), int(resident) * resource.getpagesize()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
