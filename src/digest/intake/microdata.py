"""The microdata of a page's markup in (``itemprop``), what it says of its article out.  Pure.

The names are those of https://schema.org/NewsArticle, as in JSON-LD.  Only what belongs to the article itself counts:
an ``itemprop`` within another ``itemscope`` is that one's, such as the name of the author.
"""

from collections.abc import Iterator

from lxml import etree

from digest.intake import clean
from digest.intake.linked_data import LinkedArticle, LinkedImage, is_article_type
from digest.intake.origin import MAX_AUTHORS

MAX_ITEMS = 2_000  #: elements with an ``itemprop`` that are looked at
_ADDRESSES = {"img": "src", "source": "src", "object": "data"}  # else: href


def marked_article(tree: etree._Element) -> LinkedArticle:
    """The first article of the markup that has a headline; an empty one where there is none."""
    for scope in tree.iterfind(".//*[@itemscope]"):
        if is_article_type(scope.get("itemtype", "").strip()):
            found = _properties(scope)
            if _text(found, "headline") or _text(found, "name"):
                return _read(found)
    return LinkedArticle()


def _read(found: dict[str, list[etree._Element]]) -> LinkedArticle:
    return LinkedArticle(
        url=_text(found, "url") or _text(found, "mainEntityOfPage"),
        headline=clean.line(_text(found, "headline") or _text(found, "name"), clean.MAX_TITLE),
        published=_text(found, "datePublished") or _text(found, "dateCreated"),
        modified=_text(found, "dateModified"),
        section=clean.line(_text(found, "articleSection"), clean.MAX_NAME),
        language=_text(found, "inLanguage"),
        description=clean.line(_text(found, "description"), clean.MAX_SUMMARY),
        publisher=clean.line(_text(found, "publisher"), clean.MAX_NAME),
        authors=tuple(
            name for name in map(_value, found.get("author", [])[:MAX_AUTHORS]) if name and "://" not in name
        ),
        image=next(map(_image, found.get("image", [])), LinkedImage()),
    )


def _properties(scope: etree._Element) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for node in _own(scope):
        for name in node.get("itemprop", "").split():
            found.setdefault(name, []).append(node)
    return found


def _own(scope: etree._Element) -> Iterator[etree._Element]:
    """The elements with an ``itemprop`` that are not within another item."""
    walk, seen = etree.iterwalk(scope, events=("start",)), 0
    for _, node in walk:
        if node is scope:
            continue
        if "itemprop" in node.attrib:
            seen += 1
            yield node
        if "itemscope" in node.attrib:
            walk.skip_subtree()
        if seen >= MAX_ITEMS:
            return


def _text(found: dict[str, list[etree._Element]], name: str) -> str:
    return next(filter(None, map(_value, found.get(name, []))), "")


def _value(node: etree._Element) -> str:
    """What the element says: of an item its name, of a date its machine form, else its address or its text."""
    if "itemscope" in node.attrib:
        return _text(_properties(node), "name")
    said = node.get("content") or (node.get("datetime") if node.tag == "time" else None)
    if said is None and node.tag in {"link", "meta"}:
        said = node.get("href", "")
    return clean.line(said if said is not None else "".join(node.itertext()), clean.MAX_SUMMARY)


def _image(node: etree._Element) -> LinkedImage:
    if "itemscope" not in node.attrib:
        return LinkedImage(url=_address(node))
    found = _properties(node)
    return LinkedImage(
        url=next(filter(None, map(_address, [*found.get("url", []), *found.get("contentUrl", [])])), ""),
        caption=_text(found, "caption"),
        credit=_text(found, "creditText") or _text(found, "author") or _text(found, "copyrightHolder"),
        width=_text(found, "width"),
        height=_text(found, "height"),
    )


def _address(node: etree._Element) -> str:
    return node.get("content") or node.get(_ADDRESSES.get(str(node.tag), "href"), "") or ""
