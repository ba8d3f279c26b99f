"""An article in, at most two sentences of it out: extracted, never written.  Pure."""

import re
from collections.abc import Callable, Sequence

from digest.edition.sentences import clause, is_whole, shorten
from digest.edition.trimming import is_prose, told
from digest.model import Article

LIMIT = 240  #: characters
SENTENCES = 2
REACH = 4  #: sentences of a text's beginning that one is chosen from
LEAST = 60  #: a clause shorter than this says too little
REPEATS = 0.75  #: share of a sentence's words in the headline, from which it adds nothing

_QUOTED = re.compile(r"[\"“„«「']")  #: cut, a quotation would lose who said it

#: Words that begin a part of a sentence which cannot stand alone ...
_DEPENDENT = re.compile(
    r"(?:after|when|while|as|if|although|though|because|since|before|until|once|despite|following|given|with|amid|unlike|"
    r"nachdem|als|während|wenn|weil|obwohl|bevor|seit|falls|sobald|da|trotz|après|quand|lorsque|alors|comme|si|bien|avant|"
    r"malgré|depuis|después|cuando|mientras|aunque|porque|antes|tras|dopo|quando|mentre|se|anche|prima|benché|depois|"
    r"enquanto|embora|após|apesar|nadat|toen|terwijl|omdat|hoewel|voordat|sinds)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"(?:so|and|but|or|even|und|oder|et|ou|y|o|e|en|of)\b", re.IGNORECASE)  #: at a cut

#: ... and a sentence that leans on the one before it.
_LEANING = re.compile(
    r"[\"“„«]?(?:he|she|it|they|his|her|their|its|this|that|these|those|but|and|however|also|so|such|both|meanwhile|"
    r"er|sie|es|dies\w*|doch|aber|und|auch|sein\w*|ihr\w*|damit|dabei|il|elle|ils|elles|ce|cette|ces|mais|et|son|sa|ses|"
    r"él|ella|ellos|ellas|este|esta|esto|estos|pero|y|su|sus|lui|lei|loro|questo|questa|ma|e|suo|sua|ele|ela|eles|isso|"
    r"mas|seu|hij|zij|ze|het|dit|deze|maar|en|zijn|haar)\b",
    re.IGNORECASE,
)


def blurb(article: Article, *, limit: int = LIMIT) -> str:
    """At most two sentences from summary or body, at most `limit` characters; "" if they only repeat the headline.

    Whole sentences of either come first, such that add something to the headline; then the first sentence up to its
    last clause that fits, closed with a full stop; then a later sentence that stands alone, and at last whole words.
    """
    texts = [added for text in (article.summary, article.body) if (added := _added(text, article.title))]
    tries: Sequence[Callable[[Sequence[str], int], str]] = (_whole, _clause, _later, _line, _part)
    return next((found for attempt in tries for text in texts if (found := attempt(text, limit))), "")


def _added(text: str, headline: str) -> tuple[str, ...]:
    """The sentences of a text without those that only say the headline again."""
    found = told(text)
    return tuple(one for one in found if not _says_again(one, headline)) or tuple(
        one for one in found if _bare(one) not in {_bare(headline), ""}
    )


def _says_again(sentence: str, headline: str) -> bool:
    said, title = set(_bare(sentence).split()), set(_bare(headline).split())
    return len(said & title) >= REPEATS * len(said)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _whole(found: Sequence[str], limit: int) -> str:
    """The first sentences that fit; nothing when the very first one does not, or was cut by its feed."""
    kept = ""
    for sentence in found[:SENTENCES]:
        longer = f"{kept}{_gap(kept)}{sentence}"
        if len(longer) > limit or not is_whole(sentence) or (kept and _teases(sentence)):
            break
        kept = longer
    return kept


def _teases(sentence: str) -> bool:
    """`Its cargo?`: the answer would be missing."""
    return _is_question(sentence) and not is_prose(sentence)


def _clause(found: Sequence[str], limit: int) -> str:
    """The beginning of the first sentence, if it can stand alone."""
    first = found[0]
    if _QUOTED.match(first) or _DEPENDENT.match(first) or _is_question(first) or not _is_too_long(first, limit):
        return ""
    head = clause(first, limit - 1, least=min(LEAST, limit // 2))
    while head and _DANGLING.match(re.split(r"[,;:–—]\s+", head)[-1]):
        head = clause(first, len(head) - 1, least=min(LEAST, limit // 2))
    return f"{head}{'。' if _is_cjk(head) else '.'}" if head else ""


def _is_too_long(sentence: str, limit: int) -> bool:
    return len(sentence) > limit or _torn(sentence)


def _is_question(sentence: str) -> bool:
    return re.search(r"[?؟？][\"”’»」]*$", sentence) is not None


def _later(found: Sequence[str], limit: int) -> str:
    """The first of the next sentences that fits and does not lean on what was said before it."""
    return next(
        (one for one in found[1:REACH] if len(one) <= limit and is_prose(one) and not _LEANING.match(one)),
        "",
    )


def _line(found: Sequence[str], limit: int) -> str:
    """A line without a full stop, as headline writers like it."""
    return found[0] if len(found[0]) <= limit and not _torn(found[0]) else ""


def _part(found: Sequence[str], limit: int) -> str:
    return shorten(re.sub(r"\s*[\[(]?(?:…|\.\.+)[\])]?$", "", found[0]), limit)


def _torn(sentence: str) -> bool:
    return re.search(r"(?:…|\.\.)\W*$", sentence) is not None


def _gap(before: str) -> str:
    return "" if not before or _is_cjk(before) else " "


def _is_cjk(text: str) -> bool:
    return re.search(r"[\u3040-\u30ff\u3400-\u9fff]\W*$", text) is not None
