"""Bytes of a mail server in, its replies out, in order (RFC 5321 4.2).  Pure."""

import re
from collections import deque
from dataclasses import dataclass

LONGEST = 65_536  #: bytes of one reply; a server that says more is not understood
TEXT_LIMIT = 300  #: characters kept of an answer

_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")
_SOMEBODY = re.compile(r"[^\s<>@,;:\"'()]+@(?=[^\s<>@,;\"'()]+)")


@dataclass(frozen=True, slots=True)
class Reply:
    code: int | None  #: None: it was not a reply
    text: str


class Replies:
    """What has come and was not asked for yet."""

    def __init__(self) -> None:
        self._buffer = b""
        self._lines: list[bytes] = []
        self._size = 0
        self._whole: deque[Reply] = deque()

    def __len__(self) -> int:
        return len(self._whole)

    def feed(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._take(line.rstrip(b"\r"))
        if self._size + len(self._buffer) > LONGEST:
            self._buffer = b""
            self._end(None, "the answer is too long")

    def pop(self) -> Reply:
        return self._whole.popleft()

    def _take(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None:
            self._end(None, one_line(f"not an answer: {line.decode('latin-1')}"))
            return
        self._lines.append(found[3] or b"")
        self._size += len(line)
        if found[2] != b"-":
            text = b"\n".join(self._lines).decode("utf-8", "replace")
            self._end(int(found[1]), one_line(text))

    def _end(self, code: int | None, text: str) -> None:
        self._whole.append(Reply(code, text))
        self._lines, self._size = [], 0


def one_line(text: str) -> str:
    """An answer as it may be kept and shown: one line, no local parts, at most `TEXT_LIMIT` characters."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    if "@" in text:
        text = _SOMEBODY.sub("***@", text)
    return " ".join(text.split())[:TEXT_LIMIT]
