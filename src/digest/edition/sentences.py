"""A text in; its sentences, or a shorter text that ends well, out.  Pure, and for any language that is written with
some kind of full stop.
"""

import re
import unicodedata
from collections.abc import Iterator

#: Words a full stop belongs to, so that it ends no sentence ...
_ABBREVIATIONS = re.compile(
    r"mr|mrs|ms|dr|prof|gen|sen|rep|gov|lt|col|sgt|capt|cpl|maj|cmdr|adm|rev|hon|pres|st|sr|jr|vs|etc|inc|ltd|llc|co|corp|"
    r"bros|dept|univ|assn|approx|cf|al|mt|ft|ave|blvd|messrs|supt|det|insp|"  # English
    r"bzw|usw|str|evtl|ggf|inkl|exkl|vgl|zzgl|hr|fr|dipl|ing|geb|gest|bspw|sog|ca|ehem|stv|"  # German
    r"mm|mme|mmes|mlle|mgr|me|env|ex|chap|éd|"  # French
    r"sra|sras|sres|srta|dña|ud|uds|vd|vds|gral|excmo|lic|arq|"  # Spanish
    r"sig|sigg|dott|avv|on|egr|geom|ecc|"  # Italian
    r"exmo|exma|profa|dra|drs|eng|"  # Portuguese
    r"dhr|mevr|mw|mr|bijv|enz|resp|jhr|ds"  # Dutch
)
#: ... and those of which that is true only before a number.
_COUNTED = re.compile(
    r"no|nos|nr|abs|art|bd|ca|tel|pág|núm|fig|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez|approx"
)
_END = re.compile(r"(?P<latin>[.!?…؟।۔]+)[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』”’）]*")
_CLAUSE = re.compile(r"[,;:](?=\s)|\s[–—-](?=\s)|[，；：、،؛]")
_BRACKETS = (("(", ")"), ("[", "]"), ("「", "」"))
_QUOTES = ('"', "„“”", "«»")  # by parity: which of them opens differs from language to language


def plain(text: str) -> str:
    """On one line, without control characters and without marks that turn the direction of writing."""
    kept = "".join(one if unicodedata.category(one) != "Cc" else " " for one in text)
    return " ".join(re.sub("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]", "", kept).split())


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text on one line.  The last one may lack its end."""
    found: list[str] = []
    open_part = ""
    for piece in _pieces(text):
        open_part = f"{open_part}{piece}"
        if _balanced(open_part):
            found.append(open_part.strip())
            open_part = ""
    if open_part:  # a quotation mark that is never closed: do not trust the marks
        found += [piece.strip() for piece in _pieces(open_part)]
    return tuple(one for one in found if one)


def is_whole(sentence: str) -> bool:
    """Whether it ends as a sentence does, and not where a feed cut it."""
    matches = list(_END.finditer(sentence))
    return bool(matches) and matches[-1].end() == len(sentence) and not re.search(r"(\.\.|…)\W*$", sentence)


def shorten(text: str, limit: int, *, least: int = 0) -> str:
    """The text, or its beginning up to a clause (of at least `least` characters), or else up to a word."""
    if len(text) <= limit:
        return text
    return clause(text, limit, least=least) or _words(text, limit)


def clause(text: str, limit: int, *, least: int = 0) -> str:
    """The beginning of the text up to the last comma, colon or dash that fits; "" if there is none."""
    heads = [text[: match.start()].rstrip() for match in _CLAUSE.finditer(text[: limit + 2])]
    fitting = [head for head in heads if least <= len(head) <= limit and head and _balanced(head)]
    return fitting[-1] if fitting else ""


def _words(text: str, limit: int) -> str:
    """Whole words only, and not ending on one that waits for the next (the, of, und, de)."""
    if " " not in text[: limit + 1]:
        return text[:limit]
    words = text[: limit + 1].rsplit(" ", 1)[0].split(" ")
    while len(words) > 1 and len(words[-1]) <= 3 and words[-1].islower():
        words.pop()
    return " ".join(words).rstrip(",;:–—- ")


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        if _ends(text, match):
            yield text[start : match.end()]
            start = match.end()
    if text[start:].strip():
        yield text[start:]


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether this full stop ends a sentence: not an abbreviation's, an initial's or an ordinal's."""
    if match["latin"] is None:
        return not (match[0][-1] in "」』" and text.startswith(("と", "って"), match.end()))  # 「…。」と言った
    after = text[match.end() :].lstrip()
    if not after:
        return True
    if after[0].islower():
        return False
    if match["latin"] != ".":
        return True
    word = re.split(r"[\s(\[“\"„«]", text[: match.start()])[-1]
    initial = len(word) == 1 and word.isalpha()
    ordinal = word.isdigit() and len(word) <= 2
    dotted = re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", word) is not None  # U.S, z.B, e.g
    counted = after[0].isdigit() and _COUNTED.fullmatch(word.casefold())
    return not (initial or ordinal or dotted or counted or _ABBREVIATIONS.fullmatch(word.casefold()))


def _balanced(text: str) -> bool:
    closed = all(text.count(left) <= text.count(right) for left, right in _BRACKETS)
    return closed and all(sum(map(text.count, marks)) % 2 == 0 for marks in _QUOTES)
