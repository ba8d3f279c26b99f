"""Senders that do not come with us, fetched from their registries by pip and npm into a folder that can be thrown away.

What cannot be fetched is named, with the reason, and left out.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / ".peers"
SECONDS = 240.0  #: for one of them


def python(package: str) -> Path | None:
    """The folder for PYTHONPATH that has it."""
    folder = FOLDER / package
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return _fetched(package, folder, (*pip, "--target", str(folder), package))


def node(package: str) -> Path | None:
    """The folder for NODE_PATH that has it."""
    if not (shutil.which("node") and shutil.which("npm")):
        return _left_out(package, "needs node and npm")
    folder = FOLDER / package
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    return found / "node_modules" if (found := _fetched(package, folder, (*npm, package))) else None


@cache
def _fetched(package: str, folder: Path, command: Sequence[str]) -> Path | None:
    whole = folder / ".fetched"
    if whole.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return _left_out(package, f"not fetched within {SECONDS:.0f} s")
    if done.returncode:
        return _left_out(package, (done.stderr.strip().splitlines() or ["could not be fetched"])[-1])
    whole.touch()
    return folder


def _left_out(package: str, why: str) -> None:
    print(f"left out: {package}: {why}", file=sys.stderr, flush=True)


def environment(name: str, folder: Path | None) -> dict[str, str]:
    """With a folder put first in a path of the environment."""
    found = [str(folder)] if folder else []
    return {**os.environ, name: os.pathsep.join([*found, *filter(None, [os.environ.get(name)])])}
