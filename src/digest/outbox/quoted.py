"""Text in, quoted-printable lines out (RFC 2045 6.7), with places that are never broken.  Pure."""

import re
from collections.abc import Iterator, Sequence

LINE = 76  #: characters, without CRLF

_LITERAL = re.compile(r"[ -<>-~]")  # printable ASCII but "="


def quoted_printable(text: str, *, atoms: Sequence[str] = ()) -> bytes:
    """`text` as quoted-printable with CRLF.

    Each of `atoms` stays on one line, so that it can be replaced by anything of the same length and letters.  No line
    begins with a dot or with "From ", so that nothing on the way has a reason to change it.
    """
    token = re.compile("|".join([*map(re.escape, atoms), "."]), re.DOTALL)
    lines = re.split(r"\r\n|\r|\n", text)
    return "\r\n".join("\r\n".join(_wrap(_pieces(line, token))) for line in lines).encode("ascii")


def _pieces(line: str, token: re.Pattern[str]) -> list[str]:
    """The encoded line in pieces that are not broken: characters and atoms.  No blank ends it."""
    pieces = [_piece(found) for found in token.findall(line)]
    if pieces and pieces[-1] in (" ", "\t"):
        pieces[-1] = _hex(pieces[-1])
    return pieces


def _piece(found: str) -> str:
    if len(found) > 1 or _LITERAL.match(found) or found == "\t":
        return found
    return _hex(found)


def _hex(char: str) -> str:
    # A lone surrogate has no UTF-8: it becomes the replacement character.
    return "".join(
        f"={byte:02X}" for byte in char.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    )


def _wrap(pieces: list[str]) -> Iterator[str]:
    """Lines of at most `LINE` characters; all but the last end in "=", which counts."""
    line = ""
    for place, piece in enumerate(pieces):
        last = place == len(pieces) - 1
        if line and len(line) + len(piece) > LINE - (not last):
            yield line + "="
            line = ""
        line += piece if line else _at_start(piece, pieces[place + 1 : place + 5])
    yield line


def _at_start(piece: str, following: Sequence[str]) -> str:
    """A first dot would be doubled on the way (RFC 5321 4.5.2), a first "From " be quoted by mbox."""
    if piece == "." or (piece == "F" and "".join(following) == "rom "):
        return _hex(piece)
    return piece
