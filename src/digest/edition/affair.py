"""Stories in, how near others are to one of them out: whether they tell of one affair.  Pure.

Nearness is the weight of the words that the titles of two stories share, as a part of the weight of the one that has
less.  Leads are not read: they share phrases of the house.  A word weighs less the more stories have it, and how many
stories there are plays no part: one that shares no word with two others does not change how near they are.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from digest.model import Story

ARTICLES = 5  #: of a story that are read: its lead and the newest others
LEAST = 6  #: words of full weight that are needed to tell: two names in common prove nothing

# Scripts that put no spaces between words are read by pairs of characters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|[^\W_{_UNSPACED}]+")


class Nearness:
    """The stories of a window, to be asked which are near one of them."""

    def __init__(self, stories: Sequence[Story], *, least: float = 0.0) -> None:
        """`least`: what is not as near as this is left out of the answers."""
        self._least = least
        self._words = {story.id: sorted(set(_titled(story))) for story in stories}
        self._carriers: dict[str, list[str]] = {}
        for id_, found in self._words.items():
            for word in found:
                self._carriers.setdefault(word, []).append(id_)
        self._weights = {word: 1 / (1 + math.log(max(1, len(ids) / 2))) for word, ids in self._carriers.items()}
        self._totals = {id_: math.fsum(map(self._weights.__getitem__, found)) for id_, found in self._words.items()}
        self._known: dict[str, Mapping[str, float]] = {}

    def to(self, story: Story) -> Mapping[str, float]:
        """0 to 1 by id, of each story that shares a word with this one."""
        if story.id not in self._known:
            self._known[story.id] = self._of(story.id)
        return self._known[story.id]

    def _of(self, one: str) -> dict[str, float]:
        shared: dict[str, float] = {}
        for word in self._words[one]:
            for other in self._carriers[word]:
                shared[other] = shared.get(other, 0.0) + self._weights[word]
        own = self._totals[one]
        near = {id_: weight / max(LEAST, min(own, self._totals[id_])) for id_, weight in shared.items()}
        return {id_: value for id_, value in near.items() if value >= self._least}


def _titled(story: Story) -> Iterator[str]:
    others = [article for article in story.articles if article is not story.lead]
    return chain.from_iterable(_words(article.title) for article in (story.lead, *others[: ARTICLES - 1]))


@lru_cache(maxsize=20_000)  # the stories of a window are looked at again with each decision of an editor
def _words(title: str) -> tuple[str, ...]:
    return tuple(words(title))


def words(text: str) -> Iterator[str]:
    """What two texts are compared by: words, without the short ones in small letters (the, of, und, de)."""
    for match in _WORD.finditer(text):
        word = match[0]
        if match["unspaced"]:
            yield from (word[place : place + 2] for place in range(max(1, len(word) - 1)))
        elif len(word) > 3 or not word.islower():
            yield _singular(word.casefold())


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
