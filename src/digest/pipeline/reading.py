"""Files in, batches of marked articles and rejections out: read in a process of its own where there is much to read.

So one processor reads, checks and marks while the other writes.  The far end reads no configuration and no database.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from digest.errors import DigestError
from digest.garbage import look_seldom
from digest.intake import files
from digest.model import Article, Marked, Rejection, Source
from digest.pipeline.marks import mark

BATCH = 5_000  #: articles that are stored in one transaction
BATCH_TEXT = 6_000_000  #: characters of body, after which a transaction is full: memory must not grow with the file
MUCH = 16 * 2**20  #: bytes of files, from which a second process is worth its start
AHEAD = 1  #: batches that are read before they are asked for


@dataclass(frozen=True, kw_only=True)
class Batch:
    articles: tuple[Marked, ...]
    rejected: tuple[Rejection, ...]
    size: int = 0  #: bytes of files that were read for it


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What to read, and what `intake.files.read` has to know for it."""

    paths: Sequence[Path]
    source: Source | None
    now: datetime
    known: Mapping[str, Source]


def read(reading: Reading, *, much: int = MUCH) -> Generator[Batch, None, None]:
    """All that is in the files.  Closing the iterator ends the reading.

    Raises:
        DigestError: the process that reads has died.
    """
    if (os.cpu_count() or 1) > 1 and files.size(reading.paths) >= much:
        return _read_apart(reading)
    return _batches(reading)


def _batches(reading: Reading) -> Generator[Batch, None, None]:
    size = 0

    def count(step: int) -> None:
        nonlocal size
        size += step

    found = files.read(reading.paths, source=reading.source, now=reading.now, known=reading.known, progress=count)
    for batch in batched(found):
        yield replace(batch, size=size)
        size = 0


def batched(found: Iterable[Article | Rejection]) -> Generator[Batch, None, None]:
    """What was found, marked, in batches of one transaction each; the last may be empty."""
    articles: list[Article] = []
    rejected: list[Rejection] = []
    text = 0
    for one in found:
        if isinstance(one, Article):
            articles.append(one)
            text += len(one.body)
        else:
            rejected.append(one)
        if len(articles) + len(rejected) >= BATCH or text >= BATCH_TEXT:
            yield _batch(articles, rejected)
            articles, rejected, text = [], [], 0
    yield _batch(articles, rejected)


def _batch(articles: Iterable[Article], rejected: Iterable[Rejection]) -> Batch:
    # Marked one after the other, and not between parsing: a processor that stays with one job is a fifth faster.
    return Batch(articles=tuple(map(mark, articles)), rejected=tuple(rejected))


def _read_apart(reading: Reading) -> Generator[Batch, None, None]:
    # Nothing of the environment: settings may be in it.  Not of our terminal: Ctrl-C is ours to handle.
    far = subprocess.Popen(
        [sys.executable, "-c", "from digest.pipeline.reading import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    assert far.stdin
    assert far.stdout
    try:
        with far.stdin:
            pickle.dump(reading, far.stdin)
        while (batch := _next(far.stdout)) is not None:
            yield batch
    finally:
        far.kill()
        far.stdout.close()
        far.wait()


def _next(answers: IO[bytes]) -> Batch | None:
    try:
        batch: Batch | None = pickle.load(answers)  # noqa: S301 - from our own program
    except (EOFError, pickle.UnpicklingError):
        raise DigestError(
            "the process that reads the files has died; what was stored stays, and the same command goes on from there"
        ) from None
    return batch


# --- the far end -----------------------------------------------------------------------------------------------------


def serve() -> None:
    """Read on while an answer is written.  Ends at once when nobody listens any more."""
    waiting = queue.Queue[bytes | None](maxsize=AHEAD)
    writer = threading.Thread(target=_write, args=(waiting, sys.stdout.buffer), daemon=True)
    reading = pickle.load(sys.stdin.buffer)  # noqa: S301 - from who started us
    writer.start()
    look_seldom()
    for batch in _batches(reading):
        waiting.put(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))
    waiting.put(pickle.dumps(None))
    waiting.put(None)
    writer.join()


def _write(waiting: "queue.Queue[bytes | None]", answers: IO[bytes]) -> None:
    try:
        while (answer := waiting.get()) is not None:
            answers.write(answer)
            answers.flush()
    except BrokenPipeError:
        os._exit(0)
