"""A group of articles in, the one that speaks for the story out, and why it does.  Pure.

The criteria are asked one after the other, and each only of those that the ones before it left.  The time of an article
counts in steps, so that one that comes a minute later does not change the headline of a draft.
"""

import math
import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from digest.model import Article, EditorAction, Point, outlet
from digest.stories.signals import Desk, Group

STEP_HOURS = 3  #: articles of the same step are as new as each other
COMPLETE = 600  #: characters of a text that is more than an opening

#: How those who lock articles away mark them, where they say so at all.
_MARKED = re.compile(
    r"\((?:s|f|m|z|bild|welt|faz)?\s?\+\)|\[(?:plus|premium|abo)\]|"
    r"^(?:premium|plus|abo|abonnés|subscribers only)\s*[:|]|"
    r"\((?:abo|premium|paywall|bezahlschranke|réservé aux abonnés|solo suscriptores|solo per abbonati)\)|"
    r"\|\s*(?:abo|premium)$|🔒",
    re.IGNORECASE,
)
_LOCKED_PATH = re.compile(
    r"//[^/]+/(?:[^?#]*/)?(?:premium|plus|abo|subscribers?(?:-only)?|abonnes|abonnenten|paywall|paid|bezahlartikel)/",
    re.IGNORECASE,
)
_LOCKED_TEXT = re.compile(
    r"subscribe to (?:continue|read)|subscribers? only|for subscribers|(?:nur|exklusiv) für abonnent|"
    r"réservé (?:à nos|aux) abonnés|(?:solo|exclusivo) para suscriptores|riservato agli abbonati|"
    r"exclusivo para assinantes|alleen voor abonnees",
    re.IGNORECASE,
)
_LOCKED_PARTS = ("subscri", "abonn", "suscriptores", "abbonati", "assinantes")  #: what all of that has one of


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One question.  Of two articles the one of lower cost speaks rather."""

    reason: str  #: what speaks for the one that is better by it
    lacks: str  #: what speaks against the other
    cost: Callable[[Article, Desk, AbstractSet[str]], float]  #: the last: addresses that no earlier edition told


def lead_of(group: Group, desk: Desk) -> tuple[Article, Point]:
    """The article that speaks for the story, and the line of the ledger with each reason that ruled another one out."""
    left, reasons = group.articles, list[str]()
    for criterion in CRITERIA:
        if len(left) == 1:
            break
        best = _best(left, criterion, desk, group.news)
        reasons += [criterion.reason] * (len(best) < len(left))
        left = best
    lead, others = min(left, key=_first), len(group.articles) - 1
    if others:
        sentence = f"{outlet(lead)} speaks for it: {', '.join(reasons) or 'nothing speaks for another one'}."
    else:
        sentence = f"{outlet(lead)} alone speaks for it."
    return lead, Point(signal="lead", value=others, points=0.0, sentence=sentence)


def _best(articles: Sequence[Article], criterion: Criterion, desk: Desk, news: AbstractSet[str]) -> tuple[Article, ...]:
    """Those of least cost."""
    costs = [criterion.cost(article, desk, news) for article in articles]
    least = min(costs)
    return tuple(article for article, cost in zip(articles, costs, strict=True) if cost == least)


def why_not(article: Article, lead: Article, desk: Desk) -> str:
    """What speaks against an article beside the lead of its story."""
    everything = {article.url, lead.url}
    for criterion in CRITERIA:
        if criterion.reason != _UNTOLD:
            mine, its = (criterion.cost(one, desk, everything) for one in (article, lead))
            if its < mine:
                return criterion.lacks
            if mine < its:  # better by this, and yet not the lead
                return "an earlier edition told it"
    return "nothing tells it from the other but its place in its source, its time and its address"


def is_paywalled(article: Article, desk: Desk) -> bool:
    """Whether its source, its address, its title or its summary says that one has to pay for it."""
    return (
        article.source in desk.options.paywalls
        or _MARKED.search(article.title) is not None
        or _LOCKED_PATH.search(article.url) is not None
        or _says_locked(article.summary)
    )


def _says_locked(text: str) -> bool:
    """The pattern has nothing to begin with, and would try each of its words at each character."""
    folded = text.casefold()
    return any(part in folded for part in _LOCKED_PARTS) and _LOCKED_TEXT.search(text) is not None


def _first(article: Article) -> tuple[float, datetime, str]:
    """Of those that no criterion tells apart."""
    return math.inf if article.position is None else article.position, article.published, article.url


def _foreign(article: Article, desk: Desk, _news: AbstractSet[str]) -> float:
    """An unknown language may be the right one."""
    wanted, own = (language.casefold().partition("-")[0] for language in (desk.options.language, article.language))
    return 0 if not wanted or own == wanted else 1 if not own else 2


def _incomplete(article: Article, _desk: Desk, _news: AbstractSet[str]) -> float:
    torn = article.body.rstrip().endswith(("…", "...", "[…]", "[...]"))
    return len(article.body) < COMPLETE or torn


def _age(article: Article, _desk: Desk, _news: AbstractSet[str]) -> float:
    return -math.floor(article.published.timestamp() / 3600 / STEP_HOURS)


_UNTOLD = "no earlier edition had it"

CRITERIA = (
    Criterion(
        reason="it may be printed",
        lacks="its source only counts as a signal",
        cost=lambda article, desk, _: not desk.may_print(article),
    ),
    Criterion(
        reason="an editor pinned it",
        lacks="an editor pinned the other",
        cost=lambda article, desk, _: desk.decisions.get(article.url) is not EditorAction.PIN,
    ),
    Criterion(
        reason=_UNTOLD,
        lacks="an earlier edition told it",
        cost=lambda article, _, news: article.url not in news,
    ),
    Criterion(
        reason="it is in the newsletter's language",
        lacks="it is not known to be in the newsletter's language",
        cost=_foreign,
    ),
    Criterion(
        reason="it has a text",
        lacks="it has no text",
        cost=lambda article, _, __: not (article.summary or article.body),
    ),
    Criterion(
        reason="it is not behind a paywall",
        lacks="it is behind a paywall",
        cost=lambda article, desk, _: is_paywalled(article, desk),
    ),
    Criterion(
        reason="its source weighs more",
        lacks="its source weighs less",
        cost=lambda article, desk, _: -desk.weight(article),
    ),
    Criterion(reason="its text is complete", lacks="its text is no more than a beginning", cost=_incomplete),
    Criterion(
        reason="it has an image",
        lacks="it has no image",
        cost=lambda article, _, __: article.image is None,
    ),
    Criterion(reason="it is newer", lacks="it is older", cost=_age),
)
