"""The bytes of markup in, the reason not to parse them out, or "".  Pure; one pass, whatever is in there.

Parsers of XML and of tag soup take time and memory that grow with the square of the nesting, or of what is not closed.
No real feed comes near these caps: a feed of 5,000 entries has 200,000 tags, 12 deep.
"""

import re

MAX_SIZE = 10 * 1024 * 1024  #: bytes
MAX_SITEMAP = 20 * 1024 * 1024  #: bytes: the protocol allows 50 MB, for a hundred times the articles of two days
MAX_TAGS = 250_000
MAX_DEPTH = 256
MAX_WORDS = 2_000  #: of one tag: attributes, or words in them
#: Never closed in HTML, or not always: where a feed has them unescaped, they must not count as nested in each other.
_LOOSE = frozenset({b"br", b"img", b"hr", b"input", b"meta", b"p", b"li", b"td", b"tr", b"wbr", b"source"})
_SKIPPED = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?", b"?>"))
_NAME = re.compile(rb"/?([^\s<>/]{1,100})")
_EDGE = re.compile(b"[<>]")


def fault(data: bytes, *, size: int = MAX_SIZE, tags: int = MAX_TAGS) -> str:
    """Why this is not to be parsed, in one line; "" where nothing speaks against it."""
    if len(data) > size:
        return f"longer than {size // 2**20} MB"
    plain = data.replace(b"\0", b"")  # UTF-16 and UTF-32: the tags are ASCII all the same
    if plain.count(b"<") > tags:
        return f"more than {tags:,} tags"
    return _nesting(plain)


def _nesting(data: bytes) -> str:
    depth = place = 0
    while (place := data.find(b"<", place)) >= 0:
        after = _skipped(data, place)
        if after:
            place = after
            continue
        edge = _EDGE.search(data, place + 1)
        end = edge.start() if edge else len(data)
        if end - place > MAX_WORDS and len(data[place:end].split(None, MAX_WORDS)) > MAX_WORDS:
            return f"a tag of more than {MAX_WORDS:,} words"
        name = _NAME.match(data, place + 1)
        if name and name[1].lower() not in _LOOSE and data[place + 1 : place + 2] != b"!":
            if data[place + 1 : place + 2] == b"/":
                depth = max(0, depth - 1)
            elif data[end - 1 : end] != b"/":
                depth += 1
        if depth > MAX_DEPTH:
            return f"tags nested more than {MAX_DEPTH} deep"
        place = end
    return ""


def _skipped(data: bytes, place: int) -> int:
    """Where the comment, CDATA or instruction that begins here ends; 0 where none begins here."""
    for start, end in _SKIPPED:
        if data.startswith(start, place):
            found = data.find(end, place + len(start))
            return len(data) if found < 0 else found + len(end)
    return 0
