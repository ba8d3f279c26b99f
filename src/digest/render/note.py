"""An editor's note in Markdown in, its blocks of plain text with emphasis and links out.  Pure.

Only paragraphs, lists, emphasis and links are read.  HTML, pictures, headings and code are not switched on, so their
signs stay what they are: text, which the templates escape.  Nothing that the parser makes is handed on as markup.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

READ = ("list", "emphasis", "link", "escape", "newline", "entity")
BREAKS = ("softbreak", "hardbreak")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A run of text in one style."""

    text: str
    url: str = ""  #: as written; "" where it is no link
    strong: bool = False
    emphasis: bool = False


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph, or a point of a list."""

    mark: str = ""  #: "•" or "1." before a point
    spans: tuple[Span, ...]

    def __str__(self) -> str:
        """Without links and emphasis."""
        return " ".join(filter(None, (self.mark, "".join(span.text for span in self.spans).strip())))

    @property
    def urls(self) -> tuple[str, ...]:
        """Of its links, in their order."""
        return tuple(span.url for span in self.spans if span.url)


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a note; points of lists within lists stand as those of one."""
    mark, marks = "", list[str]()
    for token in _parser().parse(text):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            marks.append("•" if token.type == "bullet_list_open" else "1.")
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            marks.pop()
        elif token.type == "list_item_open":
            mark = "•" if marks[-1] == "•" else f"{token.info or 1}."
        elif token.type == "inline":
            yield Block(mark=mark, spans=_joined(_spans(token.children or ())))
            mark = ""


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero").enable(list(READ))


def _spans(tokens: Sequence[Token]) -> Iterator[Span]:
    style = Span(text="")
    for token in tokens:
        if token.type == "link_open":
            style = replace(style, url=str(token.attrGet("href") or ""))
        elif token.type == "link_close":
            style = replace(style, url="")
        elif token.tag == "em":
            style = replace(style, emphasis=token.nesting == 1)
        elif token.tag == "strong":
            style = replace(style, strong=token.nesting == 1)
        elif said := " " if token.type in BREAKS else token.content:
            yield replace(style, text=said)


def _joined(spans: Iterator[Span]) -> tuple[Span, ...]:
    """Neighbours of one style as one."""
    found: list[Span] = []
    for span in spans:
        if found and replace(found[-1], text="") == replace(span, text=""):
            found[-1] = replace(span, text=found[-1].text + span.text)
        else:
            found.append(span)
    return tuple(found)
