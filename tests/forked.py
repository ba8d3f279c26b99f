"""Processes of their own that start at once: forked from one that has imported the program already.

To import it takes longer than most commands take to run, and the tests start hundreds.  What a test wants to see of a
process from its first moment on (signals, descriptors, a clean interpreter) is started by `subprocess` instead.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["digest.cli.app", "digest.daemon", "digest.pipeline.publishing", "digest.worker.drain"])


def run(target: Callable[..., object], *arguments: Any, timeout: float = 100) -> int:
    """The exit code of a process that does this; killed when it takes more seconds."""
    process = CONTEXT.Process(target=target, args=arguments)
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
    code = process.exitcode
    process.close()
    return code


def command(words: tuple[str, ...], folder: Path, environment: Mapping[str, str], out: Path, err: Path) -> None:
    """`digest` with these words, in a process that `run` made."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((out, 1), (err, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.argv = ["digest", *words]
    from digest.cli import main  # not before: who only wants `run` need not wait for it

    main()
