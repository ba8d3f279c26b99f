"""A block of a scraped page in, whether it is menu, button or promotion rather than article out.  Pure.

English words, as scrapers find them around an article; what a page of another language has of this is told by its
shape alone (`scraped`).
"""

import re

MAX_MENU = 40  #: characters of a menu entry
MAX_PROMOTION = 300  #: characters: a longer paragraph that begins like a promotion is not taken to be one

BULLET = re.compile(r"[•·▪‣◦*–-]\s+")
SECTION = re.compile(r"\|\s*(?P<name>[^|]{2,40})")  # |   Politics
TRAIL = re.compile(
    r"home\s*[>›»/|]+\s*(?P<name>[^>›»/|]{2,40}?)\s*(?:[>›»/|].*)?", re.IGNORECASE
)  # Home > Politics > …

#: The whole of a menu entry or button.
_MENU_ENTRIES = (
    r"(?:main |site |toggle )?(?:menu|navigation)", r"search(?: \.\.\.)?", "close", "open", "home", "back to top",
    r"skip to (?:main )?content", r"(?:log|sign) ?(?:in|out|up)", "register", r"subscribe(?: now)?",
    r"(?:my )?account", "advertisement", "ad", "sponsored", "tweet", "e-?mail", "print", "copy link", "save",
    r"share(?: this(?: \w+)?)?", r"comments?(?: \(?\d+\)?)?", "facebook", "twitter", "x", "whatsapp", "linkedin",
    "reddit", "telegram", r"(?:read )?more", r"more (?:from|in) .*", "next", "previous", r"loading\.*",
    r"follow us(?: on .*)?", r"most (?:popular|read)", "top stories", r"trending(?: now| stories)?",
    r"related(?: (?:articles|content|news|posts|stories|topics))?", r"latest(?: news)?",
    r"recommended(?: (?:for you|reading|stories))?", r"editor'?s'? picks?", r"(?:tags|topics)(?::.*)?",
    r"contact(?: us)?", r"about(?: us)?", r"terms (?:of|and|&) .*", r"privacy(?: (?:notice|policy|settings))?",
    r"cookies?(?: (?:notice|policy|preferences|settings))?", "rss", "newsletters?", "market data",
)  # fmt: skip

#: How a sign-up, share, cookie or rights box begins.
_BEGINNINGS = (
    r"welcome to (?:the )?\S+(?: \S+){0,2}[.!]?$", r"sign up\b", r"subscribe\b", r"register (?:now|for free|to)\b",
    r"get (?:the|our|your) .*(?:newsletter|inbox|app)\b", "follow (?:us|@)", "download (?:the|our) ",
    r"already (?:a )?subscribe", r"(?:we|this (?:web)?site) uses? cookies", r"(?:enter )?your e-?mail",
    r"by (?:clicking|continuing|signing up|subscribing)", r"thanks? (?:you )?for (?:signing|subscribing)",
    r"copyright (?:©|\(c\)|\d{4})", "©", r"\(c\) ?\d", "all rights reserved", "share this", "click here",
    r"(?:read|see) (?:more|also)\s*:", r"related\s*:", r"(?:article|story) continues (?:below|after)",
    r"this article (?:first|originally)", r"support (?:our|independent) journalism",
    r"join (?:our|the) (?:newsletter|mailing)",
)  # fmt: skip


_MENU = re.compile("|".join(_MENU_ENTRIES), re.IGNORECASE)
_PROMOTION = re.compile("|".join(_BEGINNINGS), re.IGNORECASE)


def is_promotion(block: str) -> bool:
    return len(block) < MAX_PROMOTION and bool(_PROMOTION.match(without_bullet(block)))


def is_furniture(block: str) -> bool:
    """Whether no reader of the article would miss this block."""
    bare = without_bullet(block)
    if len(bare) > MAX_MENU:
        return is_promotion(block)
    return bool(_MENU.fullmatch(bare) or SECTION.fullmatch(block) or TRAIL.fullmatch(bare)) or is_promotion(block)


def without_bullet(block: str) -> str:
    return BULLET.sub("", block, count=1)
