"""How well and how fast articles become stories, beside the textbook recipe run on the same articles.

    python bench/bench_stories.py                 generated articles: works anywhere
    python bench/bench_stories.py --data DIR      labelled sets: every *.jsonl.gz in it whose rows have a `story`

The textbook: TF-IDF of the batch, average link, each at the cut that is best for that very set.  Ours has one cut
for all, so the ratio is a hard one.  BCubed F1: Bagga & Baldwin 1998.  Times are of the processor.

Labelled sets are curated: each story is large, and there are no loners.  Where the folder has unlabelled headlines too,
each set is also measured "as a day": most of its stories told once or twice, among 300 headlines of other days.
"""

import argparse
import gzip
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from scipy import sparse

from digest.model import Article
from digest.stories import cluster, vectors
from digest.stories.rank import RankOptions, rank_stories

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
CUTS = np.arange(0.04, 0.60, 0.04)
EVER = 1e9  #: hours: the labelled sets are curated, their events go on for weeks


def bcubed(truth: Sequence[str], found: Sequence[int]) -> float:
    """F1 of the mean precision and the mean recall of each article's company."""
    both, true, own = Counter(zip(truth, found, strict=True)), Counter(truth), Counter(found)
    precision = sum(count**2 / own[group] for (_, group), count in both.items()) / len(truth)
    recall = sum(count**2 / true[story] for (story, _), count in both.items()) / len(truth)
    return 2 * precision * recall / (precision + recall)


def labels(groups: Sequence[Sequence[int]]) -> list[int]:
    return [label for _, label in sorted((place, label) for label, group in enumerate(groups) for place in group)]


def ours(articles: Sequence[Article]) -> list[int]:
    rows = rows_of(articles)
    hours = [article.published.timestamp() / 3600 for article in articles]
    found = cluster.groups(vectors.smooth(rows), hours, window=EVER)
    return labels(found)


def textbook(articles: Sequence[Article], cut: float) -> list[int]:
    rows = rows_of(articles)
    plain = vectors.Mixed(rows=rows, shares=sparse.csr_array(sparse.eye_array(len(articles))))
    return labels(cluster.groups(plain, [0.0] * len(articles), cut=cut, window=EVER))


def rows_of(articles: Sequence[Article]) -> vectors.Rows:
    texts = [vectors.words_of(article) for article in articles]
    return vectors.tfidf(texts, vectors.combined(vectors.counts(texts), len(texts), None))[0]


def measure(name: str, articles: Sequence[Article], truth: Sequence[str]) -> None:
    started = time.process_time()
    score = bcubed(truth, ours(articles))
    seconds = time.process_time() - started
    started = time.process_time()
    reference = max(bcubed(truth, textbook(articles, cut)) for cut in CUTS)
    each = (time.process_time() - started) / len(CUTS)
    print(
        f"{name}: {len(articles)} articles, {len(set(truth))} stories: BCubed F1 {score:.3f} "
        f"(textbook at its best {reference:.3f}, ratio {score / reference:.2f}); {seconds:.2f} s "
        f"(ratio {seconds / each:.1f})"
    )


def speed(count: int) -> None:
    articles, _ = generated(count)
    started = time.process_time()
    stories = rank_stories(articles, now=NOW, options=RankOptions(), sources={})
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"ranking {count} generated articles: {seconds:.2f} s, {len(stories)} stories, peak so far {peak} MB")


def generated(count: int, seed: int = 1) -> tuple[list[Article], list[str]]:
    """Articles of an invented day: words by Zipf's law, a few words of each event's own, most of them told once."""
    dice = random.Random(seed)
    common = [f"word{number}" for number in range(20_000)]
    weights = [1 / (number + 3) for number in range(len(common))]
    articles, truth = [], []
    while len(articles) < count:
        event = f"event{len(truth)}"
        own = [f"{event}x{number}" for number in range(4)] + dice.choices(common[200:], k=8)
        for _ in range(min(count - len(articles), int(dice.paretovariate(1.1)), 40)):
            text = dice.sample(own, 7) + dice.choices(common, weights, k=30)
            dice.shuffle(text)
            articles.append(
                Article(
                    url=f"https://example.org/{len(articles)}",
                    title=" ".join(dice.sample(own, 4) + dice.choices(common, weights, k=5)),
                    summary=" ".join(text),
                    published=NOW - timedelta(hours=dice.uniform(0, 24)),
                    source=f"Paper {dice.randrange(11)}",
                )
            )
            truth.append(event)
    return articles, truth


def labelled(folder: Path) -> Iterator[tuple[str, list[Article], list[str]]]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        rows = [row for row in rows if row.get("story")]
        rows.sort(key=lambda row: row["id"])
        if rows:
            yield path.name.partition(".")[0], [_article(row) for row in rows], [row["story"] for row in rows]


def loners(folder: Path, count: int = 300) -> list[Article]:
    """Unlabelled headlines, at most two of a day, so that hardly any two tell the same."""
    days: dict[str, list[dict[str, str]]] = {}
    for path in sorted(folder.glob("pool_headlines*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                days.setdefault(row["published"][:10], []).append(row)
    dice = random.Random(1)
    found = [row for day in sorted(days) for row in dice.sample(days[day], min(2, len(days[day])))]
    return [_article(row | {"id": f"loner-{number}"}) for number, row in enumerate(found[:count])]


def as_a_day(
    articles: Sequence[Article], truth: Sequence[str], alone: Sequence[Article], seed: int
) -> tuple[list[Article], list[str]]:
    dice = random.Random(seed)
    stories: dict[str, list[Article]] = {}
    for article, story in zip(articles, truth, strict=True):
        stories.setdefault(story, []).append(article)
    kept = [
        (article, story)
        for story, own in stories.items()
        for article in dice.sample(own, min(len(own), int(dice.paretovariate(0.9)), 30))
    ]
    kept += [(article, article.url) for article in alone]
    kept.sort(key=lambda pair: pair[0].url)
    return [article for article, _ in kept], [story for _, story in kept]


def _article(row: dict[str, str]) -> Article:
    published = datetime.fromisoformat(row["published"])
    return Article(
        url=f"https://example.org/{row['id']}",
        title=row["title"],
        summary=row.get("lead") or "",
        body=row.get("body") or "",
        published=published if published.tzinfo else published.replace(tzinfo=UTC),
        source=row["source"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of labelled sets")
    data = parser.parse_args().data
    for name, articles, truth in labelled(data) if data else [("generated", *generated(1000))]:
        measure(name, articles, truth)
        if data and (alone := loners(data)):
            for seed in (1, 2, 3):
                measure(f"  as a day ({seed})", *as_a_day(articles, truth, alone, seed))
    for count in (727, 5000, 12_000):
        speed(count)


if __name__ == "__main__":
    main()
