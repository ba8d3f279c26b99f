"""What mail servers say, in; the cause out.  Words before codes, as the same code is given for many things."""

import re
import unicodedata
from functools import lru_cache

from digest.feedback.tongues import tells
from digest.feedback.words import WORDS
from digest.model import Cause, Severity

LONGEST = 3000  #: characters of a text that are looked at: the reason comes early

SEVERITY = {
    Cause.UNKNOWN_USER: Severity.HARD,
    Cause.UNKNOWN_HOST: Severity.HARD,
    Cause.MOVED: Severity.HARD,
    Cause.NO_MAIL: Severity.HARD,
    Cause.FULL: Severity.SOFT,
    Cause.DISABLED: Severity.SOFT,
    Cause.FILTERED: Severity.SOFT,
    Cause.UNAVAILABLE: Severity.SOFT,
    Cause.EXPIRED: Severity.SOFT,
    Cause.NETWORK: Severity.SOFT,
    Cause.SYSTEM: Severity.SOFT,
    Cause.UNDEFINED: Severity.SOFT,
}  #: all others are of policy

_ADDRESS = re.compile(r"<?[\"\w.+=!#$%&'*/?^`{|}~-]+@[\w.\[\]-]+>?(?:\.{3})?")
#: Each line of a reply but the last begins so (RFC 5321, 4.2.1), in the middle of what it says.
_CONTINUED = re.compile(r"(?<!\d)[245]\d\d-(?:[245]\.\d{1,3}\.\d{1,3})?(?=\s)")
_LAST = re.compile(r"(?<=\w\s)[245]\d\d\s(?:[245]\.\d{1,3}\.\d{1,3}\s)?")
_SPACE = re.compile(r"[\s\"'’`()<>«»“”]+")


_SENTENCE = re.compile(r"[.!?] |[。！？]")
#: A sentence of what may be the matter says nothing of what is: those who write one tell several causes at once.
_GUESS = re.compile(
    r"\b(?:may|might|possibl[ey]|probably|perhaps) (?:have |also )?(?:not|be|been|no longer)\b|may not|might not"
    r"|more likely|usually"
    r"|moglicherweise|vielleicht|il se peut|peut-etre|podria|puede que|quizas|talvez|puo darsi|mogelijk"
    r"|возможно|可能|かもしれ"
)


#: Servers write with accents and without, as their programs could.
_ACCENTS = {
    number: base
    for number in range(0xC0, 0x250)
    if (base := unicodedata.normalize("NFD", chr(number))[0]).isascii() and base.isalpha()
} | str.maketrans("łøıёæ", "loiеa")


def plain(text: str) -> str:
    """In lower case, an address as ``@``, without quotation marks and accents, one space between words."""
    return _SPACE.sub(" ", _ADDRESS.sub(" @ ", _in_one(text[:LONGEST]).lower().translate(_ACCENTS)))


def _in_one(text: str) -> str:
    """A reply of several lines, without the codes that stand between the words of its sentences."""
    whole = _CONTINUED.sub(" ", text)
    return _LAST.sub(" ", whole) if whole != text else text


@lru_cache(maxsize=64)  # the same text is asked about as a sign, as an answer, and as the text around one
def by_words(text: str) -> Cause:
    """The cause that a text tells; NONE where it tells none."""
    said = _certain(text)
    return next((cause for cause, words in WORDS if words.search(said) or tells(cause, said)), Cause.NONE)


def is_translated(cause: Cause, text: str) -> bool:
    """Whether a text tells the cause in another language than English, and in no English words."""
    said = _certain(text)
    return tells(cause, said) and not any(words.search(said) for one, words in WORDS if one is cause)


def _certain(text: str) -> str:
    """The sentences that say what is, without those of what may be."""
    return " . ".join(one for one in _SENTENCE.split(plain(text)) if not _GUESS.search(one))


def by_status(status: str) -> Cause:
    """The cause that an enhanced status code stands for (RFC 3463 and its registry); NONE where it is too general."""
    exact = _CODES.get(status[2:])
    if exact is None:
        return Cause.NONE
    return Cause.FILTERED if exact in _FOR_GOOD and status.startswith("4.") else exact


def by_reply(reply: str) -> Cause:
    """The cause that a reply code stands for by itself (RFC 5321, RFC 7504)."""
    return {"521": Cause.NO_MAIL, "556": Cause.NO_MAIL, "552": Cause.FULL, "551": Cause.MOVED}.get(reply, Cause.NONE)


_FOR_GOOD = {Cause.UNKNOWN_USER, Cause.UNKNOWN_HOST, Cause.MOVED, Cause.NO_MAIL}

_CODES = {
    **dict.fromkeys(("1.1", "1.0", "1.3", "1.4"), Cause.UNKNOWN_USER),
    **dict.fromkeys(("1.2", "4.4"), Cause.UNKNOWN_HOST),
    "1.6": Cause.MOVED,
    "1.10": Cause.NO_MAIL,
    **dict.fromkeys(("1.7", "1.8", "7.27"), Cause.SENDER),
    "2.1": Cause.DISABLED,
    **dict.fromkeys(("2.2", "3.1"), Cause.FULL),
    **dict.fromkeys(("2.3", "3.4"), Cause.TOO_BIG),
    **dict.fromkeys(("2.0", "2.4"), Cause.FILTERED),
    **dict.fromkeys(("3.0", "3.2", "3.3", "3.5", "4.3", "5.4"), Cause.SYSTEM),
    **dict.fromkeys(("4.1", "4.2", "4.6", "4.0", "4.5"), Cause.NETWORK),
    "4.7": Cause.EXPIRED,
    **dict.fromkeys(("5.3", "7.28"), Cause.RATE),
    **dict.fromkeys(("6.0", "6.1", "6.2", "6.3", "6.5", "6.6", "6.7", "6.9", "5.2"), Cause.CONTENT),
    **dict.fromkeys(("7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "7.7", "7.13", "7.14", "7.17"), Cause.POLICY),
    **dict.fromkeys(("7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.8", "7.9"), Cause.AUTHENTICATION),
}
