"""HTML files in, pictures of them out, by whatever Chromium is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 60  #: for one picture
TALL = 9_000  #: pixels: a mail is shorter
DARK = "--blink-settings=preferredColorScheme=0"
#: By name: the file, the width in pixels, and further switches.
VIEWS: dict[str, tuple[str, int, Sequence[str]]] = {
    "edition.png": ("edition.html", 640, ()),
    "edition-phone.png": ("edition.html", 375, ()),
    "edition-dark.png": ("edition.html", 640, (DARK,)),
    "web.png": ("web.html", 1024, ()),
}


def browser() -> str | None:
    """The program; CHROME_PATH goes before what is on the PATH."""
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, NAMES)), None)


def take(folder: Path) -> Iterator[str]:
    """Pictures of the files in a folder, into it; the names of those that could be taken.  None without a browser."""
    program = browser()
    if program is None:
        return
    with tempfile.TemporaryDirectory(prefix="digest-pictures-") as profile:
        for name, (file, width, more) in VIEWS.items():
            words = [program, "--headless", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}", *more]
            if os.geteuid() == 0:
                words.append("--no-sandbox")  # it does not start as root otherwise
            words += [f"--screenshot={folder / name}", f"--window-size={width},{TALL}"]
            if _run([*words, (folder / file).resolve().as_uri()]):
                _crop(folder / name)
                yield name


def _run(words: Sequence[str]) -> bool:
    try:
        return subprocess.run(words, capture_output=True, timeout=SECONDS, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def _crop(path: Path) -> None:
    """Without the empty ground below."""
    from PIL import Image, ImageChops  # noqa: PLC0415 - start-up counts, and files without pictures do not need it

    picture = Image.open(path).convert("RGB")
    ground = Image.new("RGB", picture.size, picture.getpixel((1, picture.height - 1)))
    if box := ImageChops.difference(picture, ground).getbbox():
        picture.crop((0, 0, picture.width, min(picture.height, box[3] + 20))).save(path, optimize=True)
