"""What was found: about what, how bad, in a line; and the record, setting or command that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

TXT_PIECE = 255  #: bytes that one string of a TXT record holds (RFC 1035 3.3.14)


class Level(IntEnum):
    GOOD = 0
    WARNING = 1  #: Mail goes out; something should be seen to.
    BAD = 2  #: Mail would not go out, or not arrive.


@dataclass(frozen=True, kw_only=True)
class Finding:
    about: str
    level: Level
    text: str
    mend: str = ""  #: a line for the zone file, a line for config.toml, or a command; "" where none can be told


def good(about: str, said: str) -> Finding:
    return Finding(about=about, level=Level.GOOD, text=said)


def warning(about: str, said: str, *, mend: str = "") -> Finding:
    return Finding(about=about, level=Level.WARNING, text=said, mend=mend)


def bad(about: str, said: str, *, mend: str = "") -> Finding:
    return Finding(about=about, level=Level.BAD, text=said, mend=mend)


def txt(name: str, value: str) -> str:
    """A TXT record as a zone file has it: cut where it is too long for one string."""
    pieces: Sequence[str] = [value[start : start + TXT_PIECE] for start in range(0, len(value), TXT_PIECE)] or [""]
    return f"{name}. IN TXT " + " ".join(f'"{piece}"' for piece in pieces)
