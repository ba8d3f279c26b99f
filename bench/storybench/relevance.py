"""Titles of a story and what Wikipedia's Current Events told in, whether the story was picked out.  No model.

A story is relevant if an entry tells its event: an entry of its own day, or of the day before, as what happens in the
evening, or elsewhere, is in the papers on the next day.  (In both pools the entries of the day before match about as
many stories as those of the day itself, and those of the day after half as many.)

An entry and a title are compared by weighted words, cut to five letters, so that "Ukrainian" meets "Ukraine".  Weights
are inverse document frequencies over all pools and entries, so numbers and names weigh much.  Entries are longer than
titles, and so their length counts less: the product of the two, over length of title ^ 1.2 x length of entry ^ .5.
Words of the entry's topic, which is often a whole war, count half.  What agrees must weigh enough, three ordinary
words or two rare names, and more than a third of a story's titles must reach the threshold: so a large story is not
picked for one stray title, nor a short title for two words.

Both bars are from judgements of a person; how well they agree is printed (`agreement.py`).
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from digest.model import Article
from digest.stories.subjects import title_words
from storybench.data import Folder, Pick

LETTERS = 5
OFTEN = 0.05  #: share of all texts from which a word says nothing
TOPIC = 0.5
THRESHOLD = 0.6
EVIDENCE = 15.0  #: nats that the shared words have together

Words = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Text:
    words: Words
    length: float


class Relevance:
    """Entries by day, and the weights of words."""

    def __init__(self, folder: Folder, picks: Sequence[Pick]) -> None:
        titles = [one.title for pool in folder.pools for found in pool.days.values() for one in found]
        texts = [*titles, *(pick.text for pick in picks)]
        counts = Counter(word for text in texts for word in _cut(text))
        total = len(texts)
        self._weights = {
            word: math.log((1 + total) / (1 + count)) for word, count in counts.items() if count <= OFTEN * total
        }
        self._days: dict[date, list[tuple[Pick, Text]]] = {}
        for pick in picks:
            self._days.setdefault(pick.day, []).append((pick, self._entry(pick)))

    def days(self) -> Iterable[date]:
        return self._days

    def picked(self, articles: Sequence[Article], day: date, *, same_day: bool = False) -> bool:
        """Whether an entry of that day, or of the day before, tells it."""
        days = (day,) if same_day else (day, day - timedelta(days=1))
        titles = [self._title(article.title) for article in articles]
        return any(_of_titles(titles, entry) >= THRESHOLD for one in days for _, entry in self._days.get(one, ()))

    def likeness(self, articles: Sequence[Article], pick: Pick) -> float:
        """What more than a third of the titles reach against an entry."""
        return _of_titles([self._title(article.title) for article in articles], self._entry(pick))

    def _title(self, text: str) -> Text:
        return _text({word: self._weights[word] for word in _cut(text) if word in self._weights})

    def _entry(self, pick: Pick) -> Text:
        topic = {word: TOPIC * self._weights.get(word, 0.0) for word in _cut(pick.topic)}
        own = {word: self._weights[word] for word in _cut(pick.text) if word in self._weights}
        return _text({word: weight for word, weight in (topic | own).items() if weight})


def _cut(text: str) -> set[str]:
    return {word[:LETTERS] for word in title_words(text)}


def _text(words: Words) -> Text:
    return Text(words=words, length=math.sqrt(math.fsum(weight**2 for weight in words.values())))


def _of_titles(titles: Sequence[Text], entry: Text) -> float:
    return sorted((_likeness(title, entry) for title in titles), reverse=True)[len(titles) // 3]


def _likeness(title: Text, entry: Text) -> float:
    shared = title.words.keys() & entry.words.keys()
    if math.fsum(entry.words[word] for word in shared) < EVIDENCE:
        return 0.0
    product = math.fsum(title.words[word] * entry.words[word] for word in shared)
    return product / (title.length**1.2 * entry.length**0.5)
