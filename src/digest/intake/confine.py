"""Bytes from outside in, articles and rejections out: parsed in a process that may use so much time and memory.

What the caps of the parsers do not foresee costs one worker process and one rejection, and nothing else.  A worker is
used again; it has no settings, no secrets in its environment, and answers in JSON, so that even a parser that was taken
over has nothing to say but articles.  `digest.intake.confined` is what runs there.
"""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from digest.intake.origin import Origin
from digest.model import Article, Rejection

MB = 2**20
USES = 500  #: documents, after which a worker is replaced: parsers leak
SECONDS = 15.0  #: of the processor, for one document
MEMORY = 150 * MB  #: resident, of a worker as a whole
MAX_ANSWER = 100 * MB  #: of JSON; what comes from a document of 20 MB is less
TOO_LONG = "not parsed: more than"  #: how the error begins of what was not done in time

_Found = Article | Rejection | str
KINDS = frozenset({"feed", "page", "sitemap", "announced", "index"})
_RESULTS = TypeAdapter(list[_Found])


class Parsers:
    """Workers that parse, as many as are asked at the same time.  A context manager: with it they end.

    Safe to call from several threads: each call has a worker of its own.  Limits of a call:

    - `seconds` of the processor; of the clock, twice as many.
    - `memory` in bytes, resident, of the worker as a whole.  Held to on Linux; other systems only count the time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def parse(
        self, kind: str, data: bytes, origin: Origin, *, seconds: float = SECONDS, memory: int = MEMORY
    ) -> list[Article | Rejection]:
        """What the parser of this kind makes of `data`, or one rejection where it went beyond a limit.

        Args:
            kind: ``feed``, ``page``, ``sitemap``, or ``announced``: the feeds that a page names.
            data: as fetched, decoded and bounded.
            origin: where it came from.
            seconds: as above.
            memory: as above.

        Raises:
            ValueError: there is no such kind.
        """
        worker = self._take(kind)
        results = worker.ask((kind, data, origin, seconds, memory), seconds=2 * seconds)
        return _told(self._settled(worker, results, origin, seconds))

    async def parse_soon(
        self, kind: str, data: bytes, origin: Origin, *, seconds: float = SECONDS, memory: int = MEMORY
    ) -> list[Article | Rejection]:
        """As `parse`, while the event loop goes on.  Who is cancelled leaves no worker behind."""
        return _told(await self._soon(kind, data, origin, seconds, memory))

    async def children(self, data: bytes, origin: Origin, *, seconds: float = SECONDS) -> list[str]:
        """The addresses that an index of sitemaps names, as `sitemap.children` has them; none beyond a limit."""
        found = await self._soon("index", data, origin, seconds, MEMORY)
        return [one for one in found if isinstance(one, str)]

    async def _soon(self, kind: str, data: bytes, origin: Origin, seconds: float, memory: int) -> list[_Found]:
        worker = self._take(kind)
        try:
            results = await asyncio.to_thread(worker.ask, (kind, data, origin, seconds, memory), seconds=2 * seconds)
        except BaseException:
            worker.kill()
            raise
        return self._settled(worker, results, origin, seconds)

    def _take(self, kind: str) -> "_Worker":
        if kind not in KINDS:
            raise ValueError(f"no parser of the kind {kind}")
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Worker()

    def _settled(self, worker: "_Worker", results: list[_Found] | None, origin: Origin, seconds: float) -> list[_Found]:
        if results is not None and worker.uses < USES:
            with self._lock:
                self._idle.append(worker)
            return results
        why = worker.end()
        if results is not None:
            return results
        over = why in {signal.SIGXCPU, signal.SIGKILL}
        return [
            origin.rejection("", f"{TOO_LONG} {seconds:g} s" if over else f"not parsed: the parser ended with {why}")
        ]


def took_too_long(results: Iterable[Article | Rejection]) -> bool:
    """Whether a document was given up for the time that it took."""
    return any(isinstance(one, Rejection) and one.error.startswith(TOO_LONG) for one in results)


def _told(found: Iterable[_Found]) -> list[Article | Rejection]:
    return [one for one in found if not isinstance(one, str)]


class _Worker:
    """The near end: one process, one question at a time."""

    def __init__(self) -> None:
        self.uses = 0
        # Nothing of the environment: settings may be in it.  Not of our terminal: Ctrl-C is ours to handle.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "digest.intake.confined"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout

    def ask(self, question: object, *, seconds: float) -> list[_Found] | None:
        """None when it died, or had to."""
        self.uses += 1
        alarm = threading.Timer(seconds, self._process.kill)
        alarm.start()
        try:
            pickle.dump(question, self._in)
            self._in.flush()
            return _RESULTS.validate_json(self._out.readline(MAX_ANSWER))
        except (OSError, ValueError):
            return None
        finally:
            alarm.cancel()

    def kill(self) -> None:
        """End it in the middle of a question, which another thread waits for."""
        self._process.kill()
        self.end()

    def end(self) -> int:
        """Ends it; the number of the signal it died of, or its exit code."""
        for pipe in (self._in, self._out):
            try:
                pipe.close()
            except OSError:  # what it had not read is of no use any more
                continue
        try:
            return abs(self._process.wait(timeout=5))
        except subprocess.TimeoutExpired:
            self._process.kill()
            return abs(self._process.wait())
