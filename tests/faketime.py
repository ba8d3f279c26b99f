"""A clock for a process of its own, that jumps when it is told to: libfaketime, in front of the C library.

    clock = FakeClock(folder, at)
    daemon = installed.start("run")    # with `clock.environment` in its environment
    clock.jump(timedelta(hours=1))

Time goes on by itself between two jumps.  What measures how long something takes (the monotonic clock) is left alone,
as it is where the clock of a machine is set.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

NAME = "libfaketime.so.1"


def _library() -> Path | None:
    spec = find_spec("libfaketime")  # not imported: that loads what is to be in front of others only
    return Path(spec.origin).parent / "vendor" / "libfaketime" / "src" / NAME if spec and spec.origin else None


class FakeClock:
    """Starts at a moment; `folder` gets a file with how far it is off."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self._file = folder / "clock"
        self.set(at)

    def set(self, at: datetime) -> None:
        self._off = at - datetime.now(UTC)
        self._write()

    def jump(self, by: timedelta) -> None:
        self._off += by
        self._write()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._off

    def _write(self) -> None:
        """At once: nobody is to read half of it."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._off.total_seconds():+.3f}\n")
        new.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",  # or each module would look changed, and be compiled anew
        }

    def why_not(self) -> str:
        """Why no process here could have it; "" where one can."""
        library = _library()
        if library is None or not library.exists():
            return "no libfaketime: install the group `test` of pyproject.toml"
        ask = [sys.executable, "-S", "-c", "import time; print(time.time())"]
        said = subprocess.run(ask, env=os.environ | self.environment, capture_output=True, text=True, check=False)
        try:
            seen = datetime.fromtimestamp(float(said.stdout), UTC)
        except ValueError:
            return f"libfaketime ends programs here: {said.stderr.strip()[:200]}"
        works = abs(seen - self.now()) < timedelta(minutes=5)
        return "" if works else f"the library of libfaketime is not for this platform ({sys.platform})"
