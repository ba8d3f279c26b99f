"""Files of mail in, messages out: single files, folders, Maildirs and mboxes.  They stay as they are unless asked."""

import contextlib
import mailbox
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

MAX_MESSAGE = 20 * 1024 * 1024  #: bytes; what is larger is no bounce

_SUBFOLDERS = ("new", "cur")


@dataclass(frozen=True, kw_only=True)
class Found:
    """One message, or why it could not be read."""

    path: str  #: with a number behind it, in an mbox
    raw: bytes = b""
    error: str = ""
    size: int = 0  #: bytes of progress
    remove: Callable[[], None] | None = None  #: where it can be taken away


def read(paths: Sequence[Path]) -> Iterator[Found]:
    """The messages of files and of all files in folders, in sorted order; what is hidden (``.name``) is left out."""
    for given in paths:
        for path in _walk(given):
            try:
                yield from _messages(path)
            except OSError as error:
                yield Found(path=str(path), error=(error.strerror or "cannot be read").lower())


def size(paths: Sequence[Path]) -> int:
    """Bytes in files and in all files in folders."""
    return sum(path.stat().st_size for given in paths for path in _walk(given) if path.is_file())


def maildir(folder: Path, *, without: Collection[str] = ()) -> Iterator[Found]:
    """The messages of a Maildir, the oldest first, but for these names; each can be removed.

    Raises:
        OSError: it is no Maildir.
    """
    names = [path for part in _SUBFOLDERS for path in (folder / part).iterdir() if not path.name.startswith(".")]
    for path in sorted(names, key=lambda one: one.name):
        if path.name in without:
            continue
        try:
            yield Found(path=str(path), raw=_bytes(path), remove=partial(path.unlink, missing_ok=True))
        except OSError:
            continue  # somebody else took it, or it is being written


def _walk(given: Path) -> Iterator[Path]:
    if not given.is_dir():
        yield given
        return
    for folder, folders, names in os.walk(given):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is_tmp(Path(folder), name))
        yield from (Path(folder) / name for name in sorted(names) if not name.startswith("."))


def _is_tmp(folder: Path, name: str) -> bool:
    """Of a Maildir: what is still being written."""
    return name == "tmp" and (folder / "new").is_dir()


def _messages(path: Path) -> Iterator[Found]:
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if not is_mbox:
        yield Found(path=str(path), raw=_bytes(path), size=path.stat().st_size)
        return
    with contextlib.closing(mailbox.mbox(path, create=False)) as box:
        for number, key in enumerate(box.keys(), start=1):
            raw = box.get_bytes(key)[:MAX_MESSAGE]
            yield Found(path=f"{path}, message {number}", raw=raw, size=len(raw))


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_MESSAGE)
