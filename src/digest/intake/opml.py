"""An OPML file of feeds in, sources or rejections out; and sources in, an OPML file out.  Pure.

http://opml.org/spec2.opml: an outline with an ``xmlUrl`` is a feed, one without is a folder.  The folder right above a
feed is its section.  Nothing is opened: no document type, no entity, no network.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from lxml import etree

from digest.intake import clean, prescan
from digest.intake.canonical import canonical_url
from digest.intake.origin import Origin
from digest.model import Rejection, Source

MAX_FEEDS = 10_000


def parse(data: bytes, origin: Origin) -> Iterator[Source | Rejection]:
    """One source or rejection for each feed, or one rejection for what is no OPML.  Names are unique."""
    root = _root(data)
    if isinstance(root, str):
        yield origin.rejection("", root)
        return
    names: set[str] = set()
    feeds = [one for one in root.iter("outline") if one.get("xmlUrl") is not None]
    if not feeds:
        yield origin.rejection("", "no feeds: no outline has an xmlUrl")
    for number, outline in enumerate(feeds[:MAX_FEEDS], start=1):
        try:
            found = _source(outline, names)
        except ValueError as error:
            yield origin.rejection(f"feed {number}", f"xmlUrl: {error}")
            continue
        names.add(found.name)
        yield found
    if len(feeds) > MAX_FEEDS:
        yield origin.rejection(f"feed {MAX_FEEDS + 1}", f"more than {MAX_FEEDS} feeds: the rest was left out")


def build(sources: Sequence[Source], *, title: str) -> bytes:
    """The sources that have an address, each section a folder."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = clean.line(title)
    body = etree.SubElement(root, "body")
    listed = sorted((one for one in sources if one.url), key=lambda one: (one.section, one.name))
    for section, members in groupby(listed, key=lambda one: one.section):
        parent = etree.SubElement(body, "outline", text=clean.line(section)) if section else body
        for one in members:
            name = clean.line(one.name)
            etree.SubElement(parent, "outline", type="rss", text=name, title=name, xmlUrl=one.url)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _root(data: bytes) -> etree._Element | str:
    """The root element, or why there is none."""
    if fault := prescan.fault(data):
        return fault
    if b"<!DOCTYPE" in data[: 64 * 1024].replace(b"\0", b"").upper():
        return "OPML has no document type"
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser=parser)
    except etree.XMLSyntaxError as error:
        return f"not XML: {(error.msg or 'damaged')[:200]}"
    return root if root.tag == "opml" else "not OPML"


def _source(outline: etree._Element, names: set[str]) -> Source:
    url = outline.get("xmlUrl", "").strip()
    known = canonical_url(url)  # refuses what is no http(s) address; what is fetched stays as it was written
    wanted = clean.line(outline.get("title") or outline.get("text") or "") or known.split("/")[2]
    name, number = wanted, 1
    while name in names:
        number += 1
        name = f"{wanted} ({number})"
    folder = outline.getparent()
    section = (folder.get("text") or folder.get("title") or "") if folder is not None else ""
    return Source(name=name, url=url, section=clean.line(section))
