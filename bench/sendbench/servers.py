"""The mail servers that senders are measured against: our cheap sink, and Postfix's smtp-sink."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sendbench import fetch

HERE = Path(__file__).parent
PLACES = ["/usr/sbin", "/usr/local/sbin"]  #: where Postfix's programs are looked for as well, the first first


def tool(name: str) -> str | None:
    """A program of Postfix, which is seldom in the path of an ordinary user."""
    return shutil.which(name, path=os.pathsep.join((*PLACES, os.environ.get("PATH", ""))))


def libraries(program: str) -> dict[str, str]:
    """The environment for one, which may lie unpacked somewhere, with its libraries beside it."""
    return fetch.environment("LD_LIBRARY_PATH", Path(program).parent.parent / "lib" / "postfix")


@cache
def _built() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sendbench-sink-"))
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("the cheap sink needs a C compiler (cc)")
    subprocess.run([compiler, "-O2", "-o", folder / "sink", HERE / "sink.c"], check=True)
    return folder / "sink"


@contextmanager
def cheap(delay: float = 0.0, *, slow: bool = False) -> Iterator[tuple[int, list[int]]]:
    """Its port; and a list that has, afterwards, how many messages it took.

    `delay`: milliseconds of each answer.  `slow`: one connection takes a byte a second.
    """
    taken: list[int] = []
    with subprocess.Popen([_built(), str(delay), "slow" if slow else ""], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), taken
        finally:
            process.terminate()
            taken.append(int(process.stdout.readline() or -1))


@contextmanager
def postfix() -> Iterator[tuple[int, list[int]]]:
    """smtp-sink; it counts nothing."""
    program = tool("smtp-sink")
    assert program is not None
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    user = ["-u", "nobody"] if os.getuid() == 0 else []  # root it refuses to be
    process = subprocess.Popen(
        [program, *user, f"127.0.0.1:{port}", "1000"], stderr=subprocess.DEVNULL, env=libraries(program)
    )
    try:
        _wait(port)
        yield port, []
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(100):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("smtp-sink does not listen")
