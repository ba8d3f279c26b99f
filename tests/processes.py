"""`digest` as a process of its own, in a folder of its own, as an operator starts it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Installation:
    """A folder with `config.toml` and a database; `environment` overrides settings."""

    def __init__(self, folder: Path, **environment: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("DIGEST_")}
        self.folder, self.environment = folder, clean | environment
        self("init", ".")

    def __call__(self, *words: str, code: int = 0) -> str:
        """What a command printed; it has to end with `code`."""
        done = subprocess.run(self._command(words), **self._where(), capture_output=True, text=True, check=False)
        assert done.returncode == code, f"{words} ended with {done.returncode}: {done.stderr[-2000:]}"
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def start(self, *words: str, **over: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command(words),
            **self._where(),
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | over,
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
