"""CSS in, its blocks and declarations out, as far as the rules need to know them; nothing is mended."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_DECLARATION = re.compile(r"(?:\"[^\"]*\"|'[^']*'|\([^)]*\)|[^;\"'(]|[\"'(])+")


@dataclass(frozen=True, kw_only=True)
class Declaration:
    name: str
    value: str
    important: bool


@dataclass(frozen=True, kw_only=True)
class Block:
    """What stands before a brace, and what stands inside."""

    head: str  #: selectors, or an @ rule
    body: str
    offset: int  #: of the head, in the text that was given
    inner: int  #: of the body

    def blocks(self) -> Iterator["Block"]:
        """The blocks inside of this one."""
        return blocks(self.body, self.inner)


def blocks(css: str, offset: int = 0) -> Iterator[Block]:
    """The blocks of `css`, without those inside of them.  One that is not closed reaches to the end."""
    plain = COMMENT.sub(lambda found: " " * len(found[0]), css)
    start, opened, depth = 0, 0, 0
    for brace in re.finditer(r"[{}]", f"{plain}{'}' * plain.count('{')}"):
        if brace[0] == "{":
            opened = opened if depth else brace.start()
            depth += 1
        elif depth == 1:
            yield _block(plain, start, opened, brace.start(), offset)
            start, depth = brace.end(), 0
        elif depth:
            depth -= 1
        else:
            start = brace.end()


def _block(css: str, start: int, opened: int, closed: int, offset: int) -> Block:
    before = css[start:opened]
    head = before[before.rfind(";") + 1 :]  # an @import may stand before
    at = opened - len(head.lstrip())
    return Block(head=head.strip(), body=css[opened + 1 : closed], offset=offset + at, inner=offset + opened + 1)


@lru_cache(maxsize=1024)
def declarations(css: str) -> tuple[Declaration, ...]:
    """As in a style attribute.  Remembered: inlining writes the same ones again and again."""
    return tuple(_declarations(css))


def _declarations(css: str) -> Iterator[Declaration]:
    for found in _DECLARATION.finditer(COMMENT.sub(" ", css)):
        name, colon, value = found[0].partition(":")
        plain = re.sub(r"\s*!\s*important\s*$", "", value, flags=re.IGNORECASE)
        if colon and plain.strip():
            yield Declaration(name=name.strip().lower(), value=plain.strip(), important=plain != value)
