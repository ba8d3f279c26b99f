"""An article in, at most two sentences of it out: extracted, never written.  Pure."""

import re

from digest.edition.sentences import clause, is_whole, plain, sentences, shorten
from digest.model import Article

LIMIT = 240  #: characters
SENTENCES = 2
LEAST = 60  #: a clause shorter than this says too little

_AGENCIES = (
    "reuters|ap|afp|dpa|dpa-afx|upi|efe|ansa|apa|sda|ats|tass|xinhua|bloomberg|cnn|pa|pti|ani|ians|kyodo|yonhap|"
    "associated press|europa press|belga|lusa|cp|aap"
)
_AGENCY_LINE = re.compile(rf"^[^.!?()]{{0,60}}\((?:{_AGENCIES})\)\s*(?:--|[-–—:])\s*", re.IGNORECASE)
_PLACE_LINE = re.compile(r"^(?P<place>[^,–—()!?:]{4,40})(?:,[^–—()!?:]{1,30})?\s+(?:--|[–—-])\s+(?=(?P<next>\S))")
_CAPTION = re.compile(
    r"^\W*(?:(?:file )?photo|image|picture|caption|credit|foto|bild|symbolbild|archivbild|crédits?|imagen|video|watch)"
    r"(?: (?:by|credit|caption|courtesy|source|von|de))?\s*[:/|]|"
    r"^in this .{0,60}\bphoto\b|"
    r"(?:getty images|shutterstock|\(photo by [^)]*\)|/(?:afp|ap|dpa|reuters))[\s)\]]*$",
    re.IGNORECASE,
)
_INVITATION = re.compile(
    r"^\W*(?:read (?:more|also|next|the full)|continue reading|click here|see also|related(?: \w+)?:|sign up (?:for|to)"
    r"|subscribe (?:to|now|today)|lesen sie|mehr (?:dazu|lesen)|weiterlesen|lire (?:aussi|la suite)|leer más"
    r"|lea también|leggi anche|lees meer|the post .* appeared first on|copyright|all rights reserved)\b|^©",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"(?:(?<=[.!?…\])])|^)\s*[\[(]?(?:…|\.\.\.)?[\])]?\s*(?:read more|continue reading|weiterlesen|mehr lesen|"
    r"lire la suite|leer más|the post .{0,200} appeared first on .{0,80})\s*[\])]?(?:\.\.\.|…|[.»›>→])*\s*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"\s*\((?:photo|foto|image|bild|credit|crédit)\b[^)]*\)", re.IGNORECASE)


def blurb(article: Article, *, limit: int = LIMIT) -> str:
    """At most two sentences from summary or body, at most `limit` characters; "" if they only repeat the headline.

    Whole sentences of either come first; then the first sentence up to its last clause that fits, closed with a full
    stop; then whole words.
    """
    texts = [told for text in (article.summary, article.body) if (told := _told(text, article.title))]
    tries = (_whole, _clause, _part)
    return next((found for attempt in tries for text in texts if (found := attempt(text, limit))), "")


def _told(text: str, headline: str) -> tuple[str, ...]:
    """The sentences of a text, without furniture and without the headline."""
    found = [sentence for line in text.splitlines() for sentence in _sentences(line)]
    said = [_bare(headline), ""]
    return tuple(one for one in found if _bare(one) not in said and not _INVITATION.search(one))


def _sentences(line: str) -> tuple[str, ...]:
    line = _CREDIT.sub("", plain(line))
    if _CAPTION.search(line) or _INVITATION.search(line):
        return ()
    line = _TRAILER.sub("", line)
    return sentences(_without_dateline(line))


def _without_dateline(line: str) -> str:
    """Without ``LONDON, Nov 23 (Reuters) -`` or ``BEIJING --``."""
    line = _AGENCY_LINE.sub("", line, count=1)
    match = _PLACE_LINE.match(line)
    return line[match.end() :] if match and match["place"].isupper() and not match["next"].islower() else line


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _whole(told: tuple[str, ...], limit: int) -> str:
    """The first sentences that fit; nothing when the very first one does not, or was cut by its feed."""
    kept = ""
    for sentence in told[:SENTENCES]:
        longer = f"{kept}{_gap(kept)}{sentence}"
        if len(longer) > limit or not is_whole(sentence):
            break
        kept = longer
    return kept


def _clause(told: tuple[str, ...], limit: int) -> str:
    if told[0] and not is_whole(told[0]) and len(told[0]) <= limit and not _torn(told[0]):
        return told[0]  # a summary without a full stop, as headline writers like it
    head = clause(told[0], limit - 1, least=min(LEAST, limit // 2))
    return f"{head}{'。' if _is_cjk(head) else '.'}" if head else ""


def _part(told: tuple[str, ...], limit: int) -> str:
    return shorten(re.sub(r"\s*[\[(]?(?:…|\.\.+)[\])]?$", "", told[0]), limit)


def _torn(sentence: str) -> bool:
    return re.search(r"(?:…|\.\.)\W*$", sentence) is not None


def _gap(before: str) -> str:
    return "" if not before or _is_cjk(before) else " "


def _is_cjk(text: str) -> bool:
    return re.search(r"[\u3040-\u30ff\u3400-\u9fff]\W*$", text) is not None
