"""Marked articles and what is known of their addresses in, what to write down out.  Pure.

An article keeps the address that it was first stored under, and the source and date it came with then.  Under its own
address it is replaced by whatever it says now.  Under a further one (another spelling, or the same text elsewhere at
its source) its words are taken at the first meeting where there is more of them, and later where they have changed and
are not much less.  What each address said last is remembered, so that the same again changes nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.model import Alias, Article, Known, Marked, Seen

DAYS = timedelta(days=3)  #: between the dates of two addresses of one text; the market report of next week is another
ENOUGH = 0.8  #: of the stored text's length, below which a changed text is taken for a teaser and not for a correction

TITLE = 0.6  #: share of common words, of all in both titles

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to write down."""

    new: tuple[Marked, ...]
    changed: tuple[Marked, ...]
    further: tuple[Alias, ...]


@dataclass
class _Ledger:
    """What the plan has come to so far, by the articles' own addresses."""

    stored: dict[str, Marked]
    new: dict[str, Marked] = field(default_factory=dict)
    changed: dict[str, Marked] = field(default_factory=dict)
    further: dict[str, Alias] = field(default_factory=dict)

    def now(self, url: str) -> Marked:
        return self.new.get(url) or self.changed.get(url) or self.stored[url]

    def put(self, url: str, item: Marked) -> None:
        (self.new if url in self.new else self.changed)[url] = item


def in_order(items: Iterable[Marked]) -> list[Marked]:
    """The first published first: of several it is the article, and the others are further addresses."""
    return sorted(items, key=lambda one: (one.article.published, one.article.url))


def same_texts(items: Iterable[Marked], stored: Iterable[Known]) -> dict[str, str]:
    """Which addresses carry word for word the title and text of another article of their source, and of which.

    `items` are unknown so far, and `in_order`; `stored` are the articles that may match.
    """
    known: dict[int | None, list[tuple[datetime, str]]] = {}
    for one in stored:
        known.setdefault(one.text, []).append((one.published, one.url))
    found = {}
    for item in items:
        if item.text is None:
            continue
        article = item.article
        others = known.setdefault(item.text, [])
        if near := [other for other in others if abs(other[0] - article.published) <= DAYS]:
            found[article.url] = min(near)[1]
        else:
            others.append((article.published, article.url))
    return found


def is_same_title(one: str, other: str) -> bool:
    """Whether two titles may be of one article: most words in common, and all numbers."""
    ours, theirs = (set(_WORD.findall(title.casefold())) for title in (one, other))
    numbers, others = ({word for word in words if word.isdigit()} for words in (ours, theirs))
    return numbers == others and len(ours & theirs) >= TITLE * len(ours | theirs)


def strangers(items: Iterable[Marked], seen: Mapping[str, Seen], twins: Mapping[str, str]) -> set[str]:
    """The stored articles whose words the plan has to know: something new came under a further address of theirs."""
    urls = {one.article.url: one for one in items}
    further = {
        known.url
        for url, known in seen.items()
        if url in urls and url != known.url and known.fingerprint != urls[url].fingerprint
    }
    return further | {url for url in twins.values() if url not in urls or url in seen}


def plan(
    items: Sequence[Marked],
    seen: Mapping[str, Seen],
    twins: Mapping[str, str],
    stored: Mapping[str, Marked],
) -> Plan:
    """What becomes of the items.

    Args:
        items: each address once.
        seen: what is known of those addresses that are known.
        twins: of those that are not, which carry the text of which article.
        stored: the articles that `strangers` names.
    """
    ledger = _Ledger(stored=dict(stored))
    items = in_order(items)
    for item in items:
        url = item.article.url
        known = seen.get(url)
        if known is None and url not in twins:
            ledger.new[url] = item
    for item in items:
        url = item.article.url
        known = seen.get(url)
        if known is None and url in twins:
            _further(ledger, item, Seen(url=twins[url], fingerprint=None))
        elif known and known.fingerprint != item.fingerprint:
            if known.url == url:
                ledger.put(url, item)
            else:
                _further(ledger, item, known)
    return Plan(
        new=tuple(ledger.new.values()), changed=tuple(ledger.changed.values()), further=tuple(ledger.further.values())
    )


def _further(ledger: _Ledger, item: Marked, seen: Seen) -> None:
    """Something came under a further address."""
    known = ledger.now(seen.url)
    ledger.further[item.article.url] = Alias(
        url=item.article.url, key=item.key, article=seen.url, fingerprint=item.fingerprint
    )
    dropped = known.text is not None and not known.article.body  # its body was kept long enough
    taken = _is_more if seen.fingerprint is None else _is_no_teaser
    if not dropped and taken(item.article, known.article):
        ledger.put(seen.url, replace(known, article=_with_words(known.article, item.article), text=item.text))


def _with_words(article: Article, words: Article) -> Article:
    """The article as it is known, with what it says by now."""
    return replace(
        words,
        url=article.url,
        published=article.published,
        source=article.source,
        section=article.section or words.section,
        image=words.image or article.image,
        position=article.position,
    )


def _is_more(one: Article, other: Article) -> bool:
    return _weight(one) > _weight(other)


def _weight(article: Article) -> tuple[int, int, bool]:
    return len(article.body), len(article.summary), article.image is not None


def _is_no_teaser(one: Article, other: Article) -> bool:
    return len(one.body) >= ENOUGH * len(other.body)
