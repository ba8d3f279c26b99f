"""Articles of an invented day, for where there is no data: easy ones, but as many as one likes."""

import random
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from digest.model import Article
from storybench.data import Labelled

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def generated(count: int, seed: int = 1) -> Labelled:
    """Words by Zipf's law, a few words of each event's own, most events told once."""
    dice = random.Random(seed)
    common = [f"word{number}" for number in range(20_000)]
    weights = list(accumulate(1 / (number + 3) for number in range(len(common))))
    articles, truth = list[Article](), list[str]()
    while len(articles) < count:
        event = f"event{len(truth)}"
        own = [f"{event}x{number}" for number in range(4)] + dice.choices(common[200:], k=8)
        for _ in range(min(count - len(articles), int(dice.paretovariate(1.1)), 40)):
            text = dice.sample(own, 7) + dice.choices(common, cum_weights=weights, k=30)
            dice.shuffle(text)
            title = " ".join(dice.sample(own, 4) + dice.choices(common, cum_weights=weights, k=5))
            published = NOW - timedelta(hours=dice.uniform(0, 24))
            articles.append(_article(len(articles), title, " ".join(text), published, f"Paper {dice.randrange(11)}"))
            truth.append(event)
    return Labelled(name="generated", articles=articles, truth=truth)


def _article(number: int, title: str, summary: str, published: datetime, source: str) -> Article:
    url = f"https://example.org/{number}"
    return Article(url=url, title=title, summary=summary, published=published, source=source)
