"""HTML in, a tree whose elements know their line and column out.

lxml's own parser mends what it reads and forgets columns; mail programs see what was written, and so do the rules.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

import lxml.html
from lxml.html import HtmlElement

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
#: A start tag that ends an element which is still open; the second set is where to stop looking for it.
_ENDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "a": (frozenset({"a"}), frozenset({"table", "td", "th"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "td": (frozenset({"td", "th"}), frozenset({"table"})),
    "th": (frozenset({"td", "th"}), frozenset({"table"})),
    **dict.fromkeys(
        ("p", "div", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
        (frozenset({"p"}), frozenset({"td", "th", "div", "body"})),
    ),
}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Markup:
    """HTML as it was written, and the tree of it."""

    source: str
    root: HtmlElement  #: of our own, above whatever the source begins with
    starts: Mapping[HtmlElement, tuple[int, int]]  #: line and column of each start tag, from 1
    texts: Mapping[HtmlElement, tuple[int, int]]  #: of the first text in each element

    def all(self, *tags: str) -> Iterator[HtmlElement]:
        """The elements of these names, or every one, in the order of the source."""
        return (one for one in self.starts if not tags or one.tag in tags)

    @property
    def body(self) -> HtmlElement | None:
        return next(self.all("body"), None)


def parse(html: str) -> Markup:
    """The tree of `html`, whatever it is; what is not closed is closed at the end."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return Markup(source=html, root=builder.root, starts=builder.starts, texts=builder.texts)


def tag(element: HtmlElement) -> str:
    return str(element.tag)


def said(element: HtmlElement) -> str:
    """The text of an element on one line, without the marks that only allow a break."""
    return " ".join(unbroken("".join(element.itertext())).split())


def unbroken(text: str) -> str:
    return text.replace("\N{SOFT HYPHEN}", "").replace("\N{ZERO WIDTH SPACE}", "")


def own_text(element: HtmlElement) -> str:
    """What stands in the element itself and in none of its children."""
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _element("document", {})
        self.starts: dict[HtmlElement, tuple[int, int]] = {}
        self.texts: dict[HtmlElement, tuple[int, int]] = {}
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ENDS:
            self._close(*_ENDS[tag])
        one = _element(tag, {name: value or "" for name, value in reversed(attrs)})  # of two the first counts
        self._open[-1].append(one)
        self.starts[one] = self._here()
        if tag not in VOID:
            self._open.append(one)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # the slash means nothing in HTML

    def handle_endtag(self, tag: str) -> None:
        self._close(frozenset({_name(tag)}), frozenset())

    def handle_data(self, data: str) -> None:
        text, inner = _NOT_XML.sub("\ufffd", data), self._open[-1]
        self.texts.setdefault(inner, self._here())
        if len(inner):
            inner[-1].tail = (inner[-1].tail or "") + text
        else:
            inner.text = (inner.text or "") + text

    def _close(self, tags: frozenset[str], until: frozenset[str]) -> None:
        """Close the innermost open element of these names, and what is in it; none beyond one of `until`."""
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag in until:
                return
            if self._open[place].tag in tags:
                del self._open[place:]
                return

    def _here(self) -> tuple[int, int]:
        line, offset = self.getpos()
        return line, offset + 1


def _element(tag: str, attributes: Mapping[str, str]) -> HtmlElement:
    made = lxml.html.Element(_name(tag))
    for name, value in attributes.items():
        made.set(_name(name), _NOT_XML.sub("\ufffd", value))
    return made


def _name(written: str) -> str:
    """A name that XML allows too."""
    name = re.sub(r"[^a-z0-9_.-]", "_", written)
    return name if re.match("[a-z_]", name) else f"_{name}"
