"""Bytes from outside in, articles and rejections out: parsed in a process that may use so much time and memory.

What the caps of the parsers do not foresee costs one worker process and one rejection, and nothing else.  A worker is
used again; it has no settings, no secrets in its environment, and answers in JSON, so that even a parser that was taken
over has nothing to say but articles.
"""

import atexit
import math
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter

from digest.intake import feed, page, sitemap
from digest.intake.origin import Origin
from digest.model import Article, Rejection

MB = 2**20
USES = 500  #: documents, after which a worker is replaced: parsers leak

_PARSERS: dict[str, Callable[[bytes, Origin], Iterator[Article | Rejection]]] = {
    "feed": feed.parse,
    "page": page.parse,
    "sitemap": sitemap.parse,
}
_RESULTS = TypeAdapter(list[Article | Rejection])


def parse_confined(
    kind: str, data: bytes, origin: Origin, *, seconds: float = 15, memory: int = 150 * MB
) -> list[Article | Rejection]:
    """What the parser of this kind makes of `data`, or one rejection where it went beyond a limit.

    Safe to call from several threads: each call has a worker of its own.

    Args:
        kind: ``feed``, ``page`` or ``sitemap``.
        data: as fetched, decoded and bounded.
        origin: where it came from.
        seconds: of the processor; of the clock, twice as many.
        memory: bytes, resident, of the worker as a whole.  Held to on Linux; other systems only count the time.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in _PARSERS:
        raise ValueError(f"no parser of the kind {kind}")
    worker = _POOL.take()
    results = worker.ask((kind, data, origin, seconds, memory), seconds=2 * seconds)
    if results is not None:
        _POOL.give_back(worker)
        return results
    why = worker.end()
    limit = f"more than {seconds:g} s" if why in {signal.SIGXCPU, signal.SIGKILL} else f"the parser ended with {why}"
    return [origin.rejection("", f"not parsed: {limit}")]


def close() -> None:
    """End the workers that wait for work."""
    _POOL.close()


class _Worker:
    """The near end: one process, one question at a time."""

    def __init__(self) -> None:
        self.uses = 0
        # Nothing of the environment: settings may be in it.  Not of our terminal: Ctrl-C is ours to handle.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "digest.intake.confine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout

    def ask(self, question: object, *, seconds: float) -> list[Article | Rejection] | None:
        """None when it died, or had to."""
        self.uses += 1
        alarm = threading.Timer(seconds, self._process.kill)
        alarm.start()
        try:
            pickle.dump(question, self._in)
            self._in.flush()
            return _RESULTS.validate_json(self._out.readline())
        except (OSError, ValueError):
            return None
        finally:
            alarm.cancel()

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


class _Pool:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []

    def take(self) -> _Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Worker()

    def give_back(self, worker: _Worker) -> None:
        if worker.uses >= USES:
            worker.end()
            return
        with self._lock:
            self._idle.append(worker)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()


_POOL = _Pool()
atexit.register(close)


# --- the far end -----------------------------------------------------------------------------------------------------


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests.  Limits end the process; who asked sees that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    mapped, resident = _size()
    while True:
        try:
            kind, data, origin, seconds, memory = pickle.load(requests)  # noqa: S301 - from who started us
        except EOFError:
            return
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        _limit(resource.RLIMIT_CPU, math.ceil(used + seconds))
        if mapped:
            _limit(resource.RLIMIT_AS, mapped - resident + memory)
        try:
            results = list(_PARSERS[kind](data, origin))
        except MemoryError:
            results = [origin.rejection("", f"not parsed: more than {memory // MB} MB of memory")]
        except Exception as error:  # noqa: BLE001 - as everywhere at this edge: one document, one rejection
            results = [origin.rejection("", f"not parsed: {type(error).__name__}")]
        del data
        _limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)
        answers.write(_RESULTS.dump_json(results) + b"\n")
        answers.flush()


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
    _serve(sys.stdin.buffer, sys.stdout.buffer)
