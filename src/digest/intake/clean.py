"""Text or HTML from outside in, plain text that is safe to keep out.  Pure, and linear in what it is given.

Every text of an Article has been through `line` or `paragraphs`: no control characters, no invisible ones that reorder
or hide text, no surrogates, no run of spaces, no more than its share of length.  Markup is not made safe here but
removed (`html_text`).
"""

import re
import unicodedata
from collections.abc import Iterator

from lxml import etree

MAX_NAME = 120  #: characters of a section, a source, an author
MAX_TITLE = 300
MAX_SUMMARY = 2_000
MAX_BODY = 200_000
MAX_OPENING = 120
MAX_HTML = 256 * 1024  #: characters of markup that are looked at
MAX_TAGS = 20_000  #: ``<`` that are looked at
MAX_TAG = 8 * 1024  #: characters of one tag: libxml2 is quadratic in the attributes of a tag

_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACED = re.compile("[\x1c-\x1f\u2800\u3164\uffa0]")  # blank when shown, though not all are spaces by their category
# Categories Cc, Cf, Cs and the non-characters, but for: newline and tab; the joiners (below); the Arabic, Syriac and
# Kaithi signs that are Cf and yet visible (U+0600-0605, 06DD, 070F, 0890, 0891, 08E2, 110BD, 110CD).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\ufdd0-\ufdef\ud800-\udfff\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SHORT = 100  #: characters
_VISIBLE_ASCII = bytes(range(0x20, 0x7F))
_ODD = "\u2800\u3164\uffa0"  # of `_SPACED`, those that `str.isprintable` lets through
# ZWNJ and ZWJ shape Persian, the Indic scripts and emoji; after ASCII or a space, or doubled, they only hide.
_STRAY_JOINER = re.compile("(?<![^\x00-\x7f\\s\u200c\u200d])[\u200c\u200d]+|(?<=[\u200c\u200d])[\u200c\u200d]+")

_DROPPED = frozenset({
    "script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math", "head",
    "title", "button", "select", "textarea", "input", "form", "audio", "video", "canvas", "figcaption", "nav",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_FIRST_SENTENCE = re.compile(rf".{{10,{MAX_OPENING}}}?[.!?…](?=\s|$)|.{{5,{MAX_OPENING}}}?[。！？]")
_LONG_TAG = re.compile(rf"<[^<>]{{{MAX_TAG},}}>?")
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&#?\w{2,8};")
_UNWRAPPED = 100  #: characters: a line longer than this was not broken by an editor's right margin


def line(text: str, limit: int = MAX_NAME) -> str:
    """One line of plain text, at most `limit` characters, in Unicode's composed form (NFC)."""
    if not text:
        return ""
    if len(text) <= limit and _is_plain(text) and "  " not in text and text == text.strip():
        return text if text.isascii() else _cut(unicodedata.normalize("NFC", text), limit)  # as nearly all are
    folded = _cut(fold(text[: 4 * limit + 1_000]), limit)
    return _cut(unicodedata.normalize("NFC", folded), limit)


def opening(text: str) -> str:
    """The first sentence of plain text, at most `MAX_OPENING` characters, as a title for what has none."""
    first = fold(text[: 10 * MAX_OPENING].strip().partition("\n\n")[0])
    sentence = _FIRST_SENTENCE.match(first)
    if sentence:
        return sentence[0].removesuffix(".")
    return first if len(first) <= MAX_OPENING else first[:MAX_OPENING].rpartition(" ")[0].rstrip(" ,;:–-") + "…"


def fold(text: str) -> str:
    """The visible text on one line, of any length."""
    return " ".join(_visible(text).split())


def paragraphs(text: str, limit: int = MAX_BODY) -> str:
    """Plain text, its paragraphs separated by a blank line, at most `limit` characters.

    A text without blank lines, but with lines longer than any right margin, has a paragraph on each line.
    """
    if not text:
        return ""
    text = text[: 4 * limit + 1_000]
    if _is_tidy(text):
        return _cut(text, limit)  # as nearly all are: what follows would change nothing
    lines = [_tidy(one) for one in _visible(text).split("\n")]
    if "" not in lines[1:-1] and max(map(len, lines)) > _UNWRAPPED:
        blocks = lines
    else:
        blocks = [" ".join(block) for block in _runs(lines)]
    return _cut("\n\n".join(filter(None, blocks)), limit)


def html_text(html: str, limit: int = MAX_BODY) -> str:
    """The text of untrusted HTML as paragraphs; scripts, styles, forms and captions are left out.

    What is beyond `MAX_HTML` characters or `MAX_TAGS` tags is cut off.
    """
    if not _MARKUP.search(html):
        return paragraphs(html, limit)
    tree = parse_html(html)
    return "" if tree is None else paragraphs("".join(_pieces(tree)), limit)


def html_line(html: str, limit: int = MAX_TITLE) -> str:
    """The text of untrusted HTML on one line."""
    return line(html_text(html, 4 * limit), limit)


def parse_html(html: str) -> etree._Element | None:
    """The tree of untrusted HTML within the caps, or None where there is nothing in it.  Never goes outside."""
    markup = without_invisible(capped(html, size=MAX_HTML, tags=MAX_TAGS)).encode()
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(b"<html><body>" + markup, parser=parser)
    except etree.LxmlError:
        return None


def capped(html: str, *, size: int, tags: int) -> str:
    """The first `size` characters and `tags` tags of some markup, without any tag of absurd length."""
    html = _LONG_TAG.sub(" ", html[:size])
    pieces = html.split("<", tags + 1)
    return "<".join(pieces[: tags + 1])


def without_invisible(text: str) -> str:
    """`text` without control, format and other characters that no reader sees, and no parser should."""
    return _INVISIBLE.sub("", text)


def _visible(text: str) -> str:
    # Nearly all text is plain: faster told at once than by looking for each kind of strange character.
    if _is_plain(text.replace("\n", " ").replace("\t", " ")):
        return text
    text = _SPACED.sub(" ", _NEWLINE.sub("\n", text))
    return _STRAY_JOINER.sub("", without_invisible(text))


def _is_tidy(text: str) -> bool:
    """Whether each paragraph is on one line, of visible characters and single spaces between them."""
    return (
        "  " not in text
        and _is_plain(text.replace("\n", " "))
        and all(one and "\n" not in one and one[0] != " " != one[-1] for one in text.split("\n\n"))
    )


def _is_plain(text: str) -> bool:
    """Whether all is visible, with no space but the plain one.  Cheap: every text that comes in is asked."""
    if text.isascii():
        if len(text) < _SHORT:
            return text.isprintable()
        return not text.encode().translate(None, _VISIBLE_ASCII)  # four times as fast, once it has begun
    return text.isprintable() and not any(odd in text for odd in _ODD) and _has_no_pairs(text)


def _has_no_pairs(text: str) -> bool:
    """Whether all is within the first 65,536 characters: beyond are some that are printable, and yet unseen."""
    return len(text.encode("utf-16-le")) == 2 * len(text)


def _tidy(text: str) -> str:
    """Without runs of spaces; most lines have none, and telling that is cheaper than splitting them."""
    if text.isascii() and "  " not in text and "\t" not in text:
        return text.strip()
    return " ".join(text.split())


def _runs(lines: list[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for one in [*lines, ""]:
        if one:
            block.append(one)
        elif block:
            yield block
            block = []


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _pieces(tree: etree._Element) -> Iterator[str]:
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walk:
        tag = str(node.tag)
        if event == "start":
            yield _break(tag)
            if tag in _DROPPED:
                walk.skip_subtree()
            else:
                yield _folded(node.text, keep=tag == "pre")
        else:
            yield "\n\n" if tag in _BLOCKS else ""
            yield _folded(node.tail)


def _break(tag: str) -> str:
    if tag in _BLOCKS:
        return "\n\n"
    return {"br": "\n", "td": " ", "th": " "}.get(tag, "")


def _folded(text: str | None, *, keep: bool = False) -> str:
    """Text of a node: a line break in HTML source is a space."""
    return text or "" if keep else re.sub(r"\s+", " ", text or "")
