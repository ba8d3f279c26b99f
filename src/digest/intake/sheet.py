"""The bytes of a table (CSV, in whatever encoding and with whatever separator) in; its header and its rows out.

A row that cannot be read is an error with its line, and the next one is read: neither a byte in another encoding nor a
missing quotation mark costs the rest of the file.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

CELL_LIMIT = 100_000  #: characters
HEADER_LIMIT = 500  #: columns
SEPARATORS = (",", ";", "\t", "|")

#: What a byte that is no character of the encoding becomes ("surrogateescape"), and half a character of UTF-16.
_NO_CHARACTER = re.compile("[\ud800-\udfff]")
_BYTES = "\udc80", "\udcff"

Row = tuple[int, Sequence[str] | str]  #: the line it begins in; its cells, or what is wrong with it


class SheetError(ValueError):
    """A whole table cannot be used; says why."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    header: Sequence[str]
    rows: Iterator[Row]  #: read as they are asked for


class _Lines:
    """The lines of a text; those of the present row are read again where a quotation mark is missing."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.before = 0  #: lines before the present row

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._text)
        self.taken.append(line)
        return line

    def begin_row(self) -> None:
        self.before += len(self.taken)
        self.taken.clear()

    def keep_first(self) -> None:
        """The present row is its first line alone; the others are read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


@contextmanager
def read_sheet(file: BinaryIO, *, encoding: str, is_header: Callable[[Sequence[str]], bool]) -> Iterator[Sheet]:
    """Reads the first line; the rows follow when they are asked for.

    `encoding` "" is UTF-8, or UTF-16 where the first bytes say so.  Of the usual separators the first wins with which
    `is_header` knows the first line.

    Raises:
        SheetError: the first line cannot be read.
    """
    name = encoding or _encoding(file)
    errors = "surrogatepass" if name.startswith("utf-16") else "surrogateescape"
    text = io.TextIOWrapper(file, encoding=name, errors=errors, newline="")
    try:
        yield _sheet(_Lines(text), name, is_header)
    except UnicodeDecodeError:  # of the first line: that of a row is told with it
        raise SheetError("the file is not in this encoding") from None
    finally:
        text.detach()  # else it would close the file, which is not its own


def _sheet(lines: _Lines, encoding: str, is_header: Callable[[Sequence[str]], bool]) -> Sheet:
    csv.field_size_limit(CELL_LIMIT)
    first = next(lines, "").rstrip("\r\n")
    separator = first[4:] if first[:4].lower() == "sep=" and len(first) == 5 else ""
    if separator:  # Excel's own way to say it
        first = next(lines, "").rstrip("\r\n")
    if fault := _fault([first], [], encoding):
        raise SheetError(f"line 1: {fault}")
    header, separator = _header(first, separator, is_header)
    return Sheet(header=header, rows=_rows(lines, header, separator, encoding))


def _encoding(file: BinaryIO) -> str:
    """By the mark of byte order, or by every other byte being nothing, as in UTF-16 without one."""
    head = _peek(file)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    if len(head) >= 4 and head[1] == head[3] == 0:
        return "utf-16-le"
    if len(head) >= 4 and head[0] == head[2] == 0:
        return "utf-16-be"
    return "utf-8-sig"


def _peek(file: BinaryIO) -> bytes:
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    return head


def _header(line: str, separator: str, is_header: Callable[[Sequence[str]], bool]) -> tuple[Sequence[str], str]:
    tried = [(_cells(line, one), one) for one in ([separator] if separator else SEPARATORS)]
    known = [(cells, one) for cells, one in tried if is_header(cells)]
    cells, found = (known or tried)[0]
    if len(cells) > HEADER_LIMIT:
        raise SheetError(f"line 1: more than {HEADER_LIMIT} columns")
    return cells, found


def _cells(line: str, separator: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _rows(lines: _Lines, header: Sequence[str], separator: str, encoding: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=separator)
    while True:
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield lines.before + 1, _unclosed(lines)
            continue
        except UnicodeDecodeError:
            yield lines.before + len(lines.taken) + 1, "the file ends in the middle of a character"
            return
        if len(lines.taken) > 1 and sum(line.count('"') for line in lines.taken) % 2:
            yield lines.before + 1, _unclosed(lines)
        elif row := _row(cells, header, encoding):
            yield lines.before + 1, row


def _unclosed(lines: _Lines) -> str:
    lines.keep_first()
    return f"a quotation mark is missing, or a cell is longer than {CELL_LIMIT:,} characters"


def _row(cells: list[str], header: Sequence[str], encoding: str) -> Sequence[str] | str:
    """Empty where the line is."""
    text = "".join(cells)
    if not text or text.isspace():
        return ""
    if "\0" in text or (not text.isascii() and _NO_CHARACTER.search(text)):
        return _fault(cells, header, encoding)
    if len(cells) > len(header) and any(cells[len(header) :]):
        return (
            f"{len(cells)} cells, and {len(header)} columns: is a cell with a separator in it not in quotation marks?"
        )
    return cells


def _fault(cells: Sequence[str], header: Sequence[str], encoding: str) -> str:
    for place, cell in enumerate(cells):
        if "\0" in cell:
            return f"a NUL character{_column(place, header)}"
        if found := _NO_CHARACTER.search(cell):
            return _no_character(found[0], f"{_column(place, header)}, character {found.start() + 1}", encoding)
    return ""


def _no_character(one: str, where: str, encoding: str) -> str:
    if not _BYTES[0] <= one <= _BYTES[1] or encoding.startswith("utf-16"):
        return f"half a character{where}"
    byte = ord(one) - 0xDC00
    name = encoding.removesuffix("-sig").upper()
    said = f"byte 0x{byte:02x}{where}, is not {name}"
    meant = bytes([byte]).decode("cp1252", "ignore")
    if name != "UTF-8" or not meant:
        return said
    return f"{said}; in Windows-1252 it is “{meant}”: save the file as UTF-8, or name its encoding (--encoding)"


def _column(place: int, header: Sequence[str]) -> str:
    return f" in column {place + 1} ({header[place]})" if place < len(header) else ""
