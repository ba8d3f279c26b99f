"""Builds the source archive and the wheel, installs each outside of the checkout, and runs what needs their files.

    python tests/try_packages.py

Two packages are tried: the wheel, and one built from the source archive.  It takes about a minute; the dependencies are
installed once, at the versions of the lock.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CARRIED = ("templates", "alembic", "samples", "config.example.toml")  #: what the program reads beside its code

LOOK = """
from digest import assets
assert assets.ROOT.name == "_assets", f"not the installed files: {assets.ROOT}"
for path in (assets.TEMPLATES / "email", assets.TEMPLATES / "web", assets.MIGRATIONS / "versions"):
    assert any(path.iterdir()), path
assert (assets.SAMPLES / "articles.jsonl").is_file()
assert assets.EXAMPLE_CONFIG.is_file()
from digest.languages import voice
assert voice("de").gettext("Unsubscribe") == "Abbestellen"
print("files found in", assets.ROOT)
"""


def main() -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="try-packages-") as folder:
        work = Path(folder)
        archive, wheel = build(work)
        second = wheel_of(archive, work)
        compare(wheel, second)
        python = environment(work / "tried")
        say("installing the dependencies")
        pip(python, "install", "--no-compile", "--constraint", str(ROOT / "requirements.lock"), str(wheel))
        for package, what in ((wheel, "the wheel"), (second, "the wheel from the source archive")):
            say(f"trying {what}")
            pip(python, "install", "--force-reinstall", "--no-deps", str(package))
            attempt(python, work)
    say(f"both packages work ({time.monotonic() - started:.0f} s)")


def build(work: Path) -> tuple[Path, Path]:
    """The source archive and the wheel of the checkout."""
    say("building the source archive and the wheel")
    python = environment(work / "builder")
    pip(python, "install", "hatchling>=1.27")
    run([python, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", work / "built"], cwd=ROOT)
    (archive,) = (work / "built").glob("*.tar.gz")
    (wheel,) = (work / "built").glob("*.whl")
    return archive, wheel


def wheel_of(archive: Path, work: Path) -> Path:
    say("building a wheel from the source archive")
    with tarfile.open(archive) as packed:
        packed.extractall(work / "unpacked", filter="data")
    (source,) = (work / "unpacked").iterdir()
    run(
        [work / "builder" / "bin" / "python", "-m", "hatchling", "build", "-t", "wheel", "-d", work / "again"],
        cwd=source,
    )
    (wheel,) = (work / "again").glob("*.whl")
    return wheel


def compare(wheel: Path, second: Path) -> None:
    """Both wheels hold the same files, all that the program reads, and nothing that a run left behind."""
    names = contents(wheel)
    if names != contents(second):
        sys.exit(f"the wheels differ in {sorted(names ^ contents(second))}")
    if lost := set(expected()) - names:
        sys.exit(f"the wheel lacks {sorted(lost)}")
    if litter := [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".db"))]:
        sys.exit(f"the wheel holds {sorted(litter)}")
    say(f"the wheel holds {len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB")


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def expected() -> Iterator[str]:
    """The place in the wheel of each module, of each catalogue and of each file beside the code."""
    for ending in ("*.py", "*.po"):
        for path in (ROOT / "src").rglob(ending):
            yield path.relative_to(ROOT / "src").as_posix()
    yield "digest/py.typed"
    for name in CARRIED:
        found = [ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*")
        for path in found:
            if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in path.parts):
                yield f"digest/_assets/{path.relative_to(ROOT).as_posix()}"


def attempt(python: Path, work: Path) -> None:
    """From an empty folder: what a newcomer does first."""
    folder = work / "empty"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    digest = python.with_name("digest")
    run([python, "-I", "-c", LOOK], cwd=folder)
    run([digest, "--help"], cwd=folder)
    run([digest, "init"], cwd=folder)
    run([digest, "database", "check"], cwd=folder)
    run([digest, "config"], cwd=folder)
    for name in ("config.toml", "digest.db"):
        if not (folder / name).is_file():
            sys.exit(f"`digest init` made no {name}")


# --- tools -----------------------------------------------------------------------------------------------------------


def environment(folder: Path) -> Path:
    """The Python of a fresh virtual environment."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def pip(python: Path, *arguments: str) -> None:
    run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], cwd=ROOT)


def run(command: list[Path | str], *, cwd: Path) -> None:
    """Run it without what this checkout put into the environment; on failure show all it said, and end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIGEST_", "PYTHON"))}
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True, check=False)
    if done.returncode:
        shown = " ".join(str(part) for part in command[1:4])
        sys.exit(f"{Path(command[0]).name} {shown} ended with {done.returncode}\n{done.stdout}{done.stderr}")


def say(text: str) -> None:
    print(f"  {text}", flush=True)  # noqa: T201 - a script that says what it does


if __name__ == "__main__":
    main()
