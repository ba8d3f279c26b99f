"""A block of a scraped page in, whether it is menu, button or promotion rather than article out.  Pure.

By words (`vocabulary`), and by shape: a line of several short names between bars, a line of buttons for sharing, a
line without a letter.
"""

import re

from digest.intake import vocabulary

MAX_MENU = 40  #: characters of a menu entry
MAX_PROMOTION = 300  #: characters: a longer paragraph that begins like a promotion is not taken to be one
MAX_RIGHTS = 120  #: characters of a block that says whose the text is
MAX_ENTRY = 25  #: characters of an entry in a line of them


def any_of(parts: tuple[str, ...]) -> str:
    """One regular expression out of many."""
    return "(?:" + "|".join(parts) + ")"


BULLET = re.compile(r"[•·▪‣◦*–-]\s+")
SECTION = re.compile(r"\|\s*(?P<name>[^|]{2,40})")  # |   Politics
TRAIL = re.compile(  # Home > Politics > …, You are here: Home > …; of any language where it has three steps
    rf"(?:(?:[^:>]{{2,25}}:\s*)?{any_of(vocabulary.HOME)}\s*[>›»/|]+"
    r"|[^>›»/|]{2,20}\s[>›»](?=\s[^>›»]{2,40}\s[>›»]\s))"
    r"\s*(?P<name>[^>›»/|]{2,40}?)\s*(?:[>›»/|].*)?",
    re.IGNORECASE,
)

_MENU = re.compile(any_of(vocabulary.MENU), re.IGNORECASE)
_ELSEWHERE = re.compile(any_of(vocabulary.ELSEWHERE) + r"\s*[:：]?", re.IGNORECASE)
_DISCUSSION = re.compile(any_of(vocabulary.DISCUSSION), re.IGNORECASE)
_PROMOTION = re.compile(any_of(vocabulary.BEGINNINGS), re.IGNORECASE)
_COOKIES = re.compile(any_of(vocabulary.COOKIES), re.IGNORECASE)
_CONSENT = re.compile(any_of(vocabulary.CONSENT), re.IGNORECASE)
_RIGHTS = re.compile(any_of(vocabulary.RIGHTS), re.IGNORECASE)
_BETWEEN = re.compile(r"\s+[|•·>›»/]\s+")
_LETTER = re.compile(r"[^\W\d_]")


def is_promotion(block: str) -> bool:
    bare = without_bullet(block)
    if len(bare) < MAX_RIGHTS and _RIGHTS.search(bare):
        return True
    if len(bare) >= MAX_PROMOTION:
        return False
    return bool(_PROMOTION.match(bare) or (_COOKIES.match(bare) and _CONSENT.search(bare)))


def is_furniture(block: str) -> bool:
    """Whether no reader of the article would miss this block."""
    bare = without_bullet(block)
    if not _LETTER.search(bare) or is_promotion(block) or _is_line_of_buttons(bare):
        return True
    if len(bare) > MAX_MENU:
        return False
    return bool(_MENU.fullmatch(bare) or SECTION.fullmatch(block) or TRAIL.fullmatch(bare)) or leads_elsewhere(bare)


def leads_elsewhere(block: str) -> bool:
    """Whether this is a heading over other articles, or over what readers say."""
    bare = without_bullet(block)
    return (len(bare) <= MAX_MENU and bool(_ELSEWHERE.fullmatch(bare))) or is_discussion(bare)


def is_discussion(block: str) -> bool:
    bare = without_bullet(block)
    return len(bare) <= MAX_MENU and bool(_DISCUSSION.fullmatch(bare))


def without_bullet(block: str) -> str:
    return BULLET.sub("", block, count=1)


def _is_line_of_buttons(block: str) -> bool:
    entries = _BETWEEN.split(block) if len(block) <= MAX_PROMOTION else []
    if len(entries) > 2 and all(len(entry) <= MAX_ENTRY for entry in entries) and block[-1] not in ".!?":
        return True
    words = re.findall(r"\w+", block.casefold()) if len(block) <= MAX_RIGHTS else []
    return bool(words) and all(word in vocabulary.SHARING for word in words)
