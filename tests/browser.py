"""A real Chromium without a window."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REQUIRED = os.environ.get("DIGEST_REQUIRE_BROWSER") == "1"  #: a test without a browser fails instead of being skipped


class Browser:
    """Opens pages of this machine; the rest of the world does not exist for it."""

    def __init__(self, program: str, profile: Path) -> None:
        self.program = program
        self._command = [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={profile}",
        ]

    def dom(self, url: str) -> str:
        """The document as it is after its scripts ran."""
        return self._run("--dump-dom", url)

    def screenshot(self, url: str, path: Path, *, width: int, height: int, more: Sequence[str] = ()) -> None:
        """`more`: further switches of the browser."""
        self._run(*more, f"--screenshot={path}", f"--window-size={width},{height}", url)

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._command, *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


def find() -> str | None:
    """The program; CHROME_PATH goes before what is on the PATH."""
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
