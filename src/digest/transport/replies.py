"""Bytes of a mail server in, its replies out, in order (RFC 5321 4.2).  Pure."""

import re
from collections import deque
from collections.abc import Sequence

LONGEST = 65_536  #: bytes of one reply; a server that says more is not understood
TEXT_LIMIT = 300  #: characters kept of an answer

_CODES = {str(code).encode(): code for code in range(200, 600)}
_LAST_LINES = {f"{code} ".encode(): code for code in range(200, 600)}
_MARKS = (b" ", b"-", b"")
_SOMEBODY = re.compile(r"[^\s<>@,;:\"'()]+@(?=[^\s<>@,;\"'()]+)")


class Reply:
    """What the server said to one command.  The text is made when it is asked for: of most replies it never is."""

    __slots__ = ("_said", "code")

    def __init__(self, code: int | None, said: bytes) -> None:
        self.code = code  #: None: it was not a reply
        self._said = said

    @property
    def text(self) -> str:
        return one_line(self._said.decode("utf-8", "replace").strip())


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
            code = _LAST_LINES.get(line[:4])
            if code and not self._lines:  # nearly every reply is one line
                self._whole.append(Reply(code, line[4:]))
            else:
                self._take(line.rstrip(b"\r"))
        if self._size + len(self._buffer) > LONGEST:
            self._buffer = b""
            self._end(None, b"the answer is too long")

    def pop(self) -> Reply:
        return self._whole.popleft()

    def take(self, codes: Sequence[int]) -> bool:
        """Whether what is there are replies with these codes, and no others; then they are gone."""
        if [one.code for one in self._whole] != [*codes]:
            return False
        self._whole.clear()
        return True

    def _take(self, line: bytes) -> None:
        code, mark = line[:3], line[3:4]
        if code not in _CODES or mark not in _MARKS:
            self._end(None, b"not an answer: " + line)
        elif mark == b"-":
            self._lines.append(line[4:])
            self._size += len(line)
        else:
            self._end(_CODES[code], *self._lines, line[4:])

    def _end(self, code: int | None, *lines: bytes) -> None:
        self._whole.append(Reply(code, b"\n".join(lines)))
        self._lines, self._size = [], 0


def one_line(text: str) -> str:
    """An answer as it may be kept and shown: one line, no local parts, at most `TEXT_LIMIT` characters."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    if "@" in text:
        text = _SOMEBODY.sub("***@", text)
    return " ".join(text.split())[:TEXT_LIMIT]
