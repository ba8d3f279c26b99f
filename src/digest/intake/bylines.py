"""A line near an article's title in, whose picture or text it names out.  Pure.

caption  ``Title. Source: …)``, ``(Photo: …)``, ``[AP Photo/…]``, ``Im Hafen. Foto: …``, ``港口的渡轮。图片来源：…``
authors  ``By Jane Doe and John Roe | Nov. 21``, ``Von …``, ``Par …``, ``作者：…``
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from digest.intake import vocabulary
from digest.intake.furniture import any_of

MAX_CAPTION = 600  #: characters
MAX_BYLINE = 150  #: characters
MAX_CREDIT = 16  #: words: what is longer is a sentence that only begins like a credit
MAX_NAME = 5  #: words

_CREDIT = re.compile(
    # a label at the start, in a bracket or behind a sentence: "… in Oslo. Source: Jane Doe via AP)"
    r"(?:^|[(\[（【]|(?<=[.!?\"”’»])\s|(?<=[。！？]))\s*"
    rf"(?:{any_of(vocabulary.CREDIT_LABELS)}\s*[:：]|©|(?:photo(?:graph)?|image|picture)s? (?:by|courtesy of))"
    r"\s*(?P<labelled>[^()\[\]（）【】]{2,200})[)\]）】]?$"
    # or a bracket at the end that can be nothing else: "… in Oslo. (Jane Doe/Pool Photo via AP)"
    r"|[(\[](?P<bracketed>[^()\[\]]{0,80}\b(?:photos?|fotos?|images?|getty|reuters|afp|ap|dpa|efe|ansa|lusa|anp|xinhua)"
    r"\b[^()\[\]]{0,150})[)\]]\.?$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:by:?\s+(?P<plain>[^\d|]{3,100}?)"
    r"|(?:von|par|por|di|door|بقلم|كتبت?|作者|文|记者|記者|執筆)\s*[:：]?\s*(?P<names>[^\d|]{2,100}?))"
    r"\s*(?:[|•·–,]\s*(?:.*\d.*)?)?",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:[,、،&]|\b(?:and|und|et|y|e|en)\b)\s*")
_PARTICLES = frozenset({
    "de", "da", "do", "dos", "del", "della", "di", "van", "von", "der", "den", "ter", "la", "le", "el", "al", "bin",
    "ben", "zu",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Caption:
    text: str  #: without the credit
    credit: str


def caption(block: str) -> Caption | None:
    """What the block says of a picture, or None where it is none."""
    match = _CREDIT.search(block) if len(block) <= MAX_CAPTION else None
    if match is None or (match["bracketed"] and len(block) > MAX_CAPTION // 2):
        return None  # a long paragraph may end in a bracket that names an agency
    credit = (match["labelled"] or match["bracketed"] or "").strip(" .;,。")
    if len(credit.split()) > MAX_CREDIT:
        return None
    return Caption(text=block[: match.start()].strip(), credit=credit)


def authors(block: str) -> list[str]:
    """The names in a byline, none where the block is no byline."""
    match = _BY.fullmatch(block) if len(block) <= MAX_BYLINE else None
    if match is None:
        return []
    names = [name for name in _AND.split(match["plain"] or match["names"]) if name]
    return names if match["plain"] or all(map(_is_name, names)) else []


def first_authors(blocks: Iterable[str]) -> list[str]:
    """Those of the first block that is a byline."""
    return next(filter(None, map(authors, blocks)), [])


def _is_name(text: str) -> bool:
    """Whether each word has a capital, where its script has any: "Von Armin Lund zu …" is the start of a title."""
    words = text.split()
    small = (word for word in words if word[0].islower())
    return len(words) <= MAX_NAME and words[0] not in _PARTICLES and all(word in _PARTICLES for word in small)
