"""Work and its argument in, what it yields out: made in a process of its own, while this one does its own part.

So one processor reads and checks while the other writes.  The far end reads no configuration and no database.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from typing import IO, Any, TypeVar

from digest.errors import DigestError
from digest.garbage import look_seldom

Argument = TypeVar("Argument")
Item = TypeVar("Item")


def yielded(
    work: Callable[[Argument], Iterable[Item]], argument: Argument, *, ahead: int = 1
) -> Generator[Item, None, None]:
    """What `work(argument)` yields; it is a function of a module.  Closing the iterator ends the process.

    So many items are made `ahead` of the one that is on its way.

    Raises:
        DigestError: the process has died.
    """
    # Nothing of the environment: settings may be in it.  Not of our terminal: Ctrl-C is ours to handle.
    far = subprocess.Popen(
        [sys.executable, "-c", "from digest.pipeline.apart import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    assert far.stdin
    assert far.stdout
    try:
        with far.stdin:
            pickle.dump((work, argument, ahead), far.stdin)
        while (answer := _next(far.stdout)) is not None:
            yield answer[0]
    finally:
        far.kill()
        far.stdout.close()
        far.wait()


def _next(answers: IO[bytes]) -> tuple[Any] | None:
    """The next item, alone in a tuple; None after the last."""
    try:
        answer: tuple[Any] | None = pickle.load(answers)  # noqa: S301 - from our own program
    except (EOFError, pickle.UnpicklingError):
        raise DigestError(
            "the process that reads the files has died; what was stored stays, and the same command goes on from there"
        ) from None
    return answer


# --- the far end -----------------------------------------------------------------------------------------------------


def serve() -> None:
    """Work on while an item is written.  Ends at once when nobody listens any more."""
    work, argument, ahead = pickle.load(sys.stdin.buffer)  # noqa: S301 - from who started us
    waiting = queue.Queue[bytes | None](maxsize=ahead)
    writer = threading.Thread(target=_write, args=(waiting, sys.stdout.buffer), daemon=True)
    writer.start()
    look_seldom()
    for item in work(argument):
        waiting.put(pickle.dumps((item,), pickle.HIGHEST_PROTOCOL))
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
