"""`digest` as a process of its own, in a folder of its own, as an operator starts it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import forked

ROOT = Path(__file__).resolve().parents[1]


class Installation:
    """A folder with `config.toml` and a database; `environment` overrides settings."""

    def __init__(self, folder: Path, **environment: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("DIGEST_")}
        self.folder, self.environment = folder, clean | environment
        self("init", ".")

    def __call__(self, *words: str, code: int = 0) -> str:
        """What a command printed; it has to end with `code`."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            ended = forked.run(forked.command, words, self.folder, self.environment, out, err)
            assert ended == code, f"{words} ended with {ended}: {err.read_text()[-2000:]}"
            return out.read_text()

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def start(self, *words: str, **over: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command(words),
            **self._where() | {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | over,
        )

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-W", "ignore", "-m", "digest", *words]

    def _where(self) -> dict[str, Any]:
        return {"cwd": self.folder, "env": self.environment}


def stop(process: subprocess.Popen[str], *, within: float) -> int:
    """End it politely; fails when it takes longer."""
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"did not stop within {within} s") from None
    return process.returncode


def wait_for(what: Callable[[], bool], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
