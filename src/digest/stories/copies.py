"""Articles in, which of them carry the same text out.  Pure, and the same on every machine.

A text becomes the set of its runs of words (of characters, in scripts without spaces), the set a MinHash signature
(Broder 1997), and signatures that agree in a band are candidates (Indyk & Motwani 1998).  Each candidate is then
compared with one article of its band by the sets themselves, so that no chance of hashing makes a copy.  Time grows
with n log n (the sorting of bands), and memory with n; figures in bench/README.md.

An article is compared by its whole text, by the opening of it and by its summary, so that a cut tail or a teaser is
found too; by its title only where it has no text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from digest.model import Article
from digest.stories.words import UNSPACED

ALIKE = 0.4  #: share of common runs (Jaccard) from which two texts are one: from the curve in bench/README.md
SHORT_ALIKE = 0.7  #: the same for openings, summaries and titles: little text proves little
OPENING = 60  #: words of a text's beginning that are compared on their own
LEAST = 12  #: words that make a text
MAX_WORDS = 2_000  #: of a text that are read
BANDS, ROWS = 24, 2  #: two texts with Jaccard J are candidates with 1 - (1 - J^2)^24: .98 at .4, .999 at .5

Hashes = NDArray[np.uint64]

_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")

_ASCII_WORD = re.compile(r"\w+", re.ASCII)  # the same for ASCII, in half the time

_PRIME = np.uint64(0x9E3779B97F4A7C15)


def sets(articles: Sequence[Article]) -> list[int]:
    """A number for each article: the same for those that carry the same text, in whatever order they come."""
    count = len(articles)
    owners, kinds, texts = list[int](), list[bool](), list[Hashes]()
    for number in sorted(range(count), key=lambda place: articles[place].url):
        for text, short in _views(articles[number]):
            owners.append(number)
            kinds.append(short)
            texts.append(text)
    pairs = {(owners[one], owners[other]) for one, other in _alike(texts, kinds) if owners[one] != owners[other]}
    ones, others = [one for one, _ in pairs], [other for _, other in pairs]
    graph = sparse.csr_array((np.ones(len(pairs), dtype=np.int8), (ones, others)), shape=(count, count))
    return [int(label) for label in connected_components(graph, directed=False)[1]]


def likeness(one: str, other: str) -> float:
    """Jaccard of the runs of words of two texts, 0 to 1."""
    return _jaccard(runs(words(one)), runs(words(other)))


def _views(article: Article) -> Iterator[tuple[Hashes, bool]]:
    """What an article is compared by, and whether that is short."""
    body, summary = words(article.body), words(article.summary)
    if len(summary) >= LEAST:
        yield runs(summary[:OPENING]), True
    if len(body) >= LEAST:
        yield runs(body[:OPENING]), True
    if len(body) > OPENING:
        yield runs(body), False
    if max(len(body), len(summary)) < LEAST and (title := words(article.title)):
        yield runs([*title, *summary, *body]), True


def words(text: str) -> list[str]:
    """The words of a text, up to `MAX_WORDS`; in scripts without spaces each character is one."""
    text = text[: MAX_WORDS * 12].casefold()
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)[:MAX_WORDS]


def runs(found: Sequence[str]) -> Hashes:
    """Hashes of all pairs of neighbours, sorted, each once; a single word is a run.

    A character without spaces around it says less than a word: there, three make a run.
    """
    codes = np.fromiter(map(_code, found), dtype=np.uint64, count=len(found))
    if len(codes) < 2:
        return codes
    mixed = codes[:-1] * _PRIME + codes[1:]
    mixed[:-1] *= _PRIME
    if not all(map(str.isascii, found)):
        single = np.fromiter((len(word) == 1 and word > "\u0e00" for word in found), dtype=bool, count=len(found))
        mixed[:-1] += np.where(single[:-2] & single[1:-1], codes[2:], np.uint64(0))
    mixed ^= mixed >> np.uint64(29)
    mixed.sort()  # by hand: `np.unique` takes ten times as long for a few hundred
    return mixed[np.concatenate(([True], mixed[1:] != mixed[:-1]))]


@lru_cache(maxsize=50_000)  # a language's common words come again and again
def _code(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))


def _jaccard(one: Hashes, other: Hashes) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(1, len(one) + len(other) - common)


def signatures(texts: Sequence[Hashes]) -> Hashes:
    """The least hash of each text under each of the hash functions (multiply, add, keep the high half)."""
    factors = (np.arange(1, BANDS * ROWS + 1, dtype=np.uint64) * _PRIME) | np.uint64(1)
    factors = (factors ^ (factors >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9) | np.uint64(1)
    shifts = factors[::-1] * np.uint64(0x94D049BB133111EB)
    found = np.empty((len(texts), BANDS * ROWS), dtype=np.uint64)
    for number, text in enumerate(texts):
        found[number] = ((text[:, None] * factors + shifts) >> np.uint64(32)).min(axis=0)
    return found


def _alike(texts: Sequence[Hashes], short: Sequence[bool]) -> Iterable[tuple[int, int]]:
    signed = signatures(texts)
    known: dict[tuple[int, int], bool] = {}
    for pair in chain.from_iterable(_candidates(signed, band) for band in range(BANDS)):
        if pair not in known:
            one, other = pair
            bar = SHORT_ALIKE if short[one] or short[other] else ALIKE
            known[pair] = _jaccard(texts[one], texts[other]) >= bar
    return [pair for pair, same in known.items() if same]


def _candidates(signatures: Hashes, band: int) -> Iterator[tuple[int, int]]:
    """Texts that agree in a band: neighbours in its sorted bucket, so that a large one costs no square.

    Within a bucket they stand in order of another hash, so that the most alike are neighbours.
    """
    values = signatures[:, band * ROWS] * _PRIME + signatures[:, band * ROWS + 1]
    order = np.lexsort((signatures[:, (band + 1) * ROWS % signatures.shape[1]], values))
    edges = np.flatnonzero(values[order][1:] == values[order][:-1])
    for place in edges.tolist():
        one, other = int(order[place]), int(order[place + 1])
        yield (one, other) if one < other else (other, one)
