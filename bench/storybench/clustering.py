"""Labelled sets in, how well they are told apart into stories out, for our way and for textbook ways.

Ours is what the product does, with its defaults and the words of the folder's pools as background.  The textbook ways
read the same words (title twice, and the first 40 of the text), weighted by TF-IDF of the set alone; each has one fixed
cut.  Average link is also shown at the cut that is best for that very set, which nobody knows beforehand.

Labelled sets are curated: each story is large, and there are no loners.  Where the folder has pools, each set is also
measured "as a day": most of its stories told once or twice, among 300 articles of other days.

"Headlines alone" are titles without text, address, capitals and small words, as lists of headlines often come.
"""

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage

from digest.model import Article
from digest.stories import grouping, vectors
from digest.stories.rank import rank_stories
from digest.stories.signals import RankOptions
from digest.stories.vectors import Background
from storybench import scores
from storybench.data import Folder, Labelled, Pool
from storybench.scores import Grouping

EVER = 1e9  #: hours: the events of labelled sets go on for weeks
CUT = 0.3  #: cosine, of the textbook ways
CUTS = np.arange(0.04, 0.60, 0.04)
_SMALL = (
    "a about after all an and are as at be but by for from had has have he her his how in into is it its more new no "
    "not of off on or out over says she that the their they this to up was what when who why will with you your"
)
SMALL = frozenset(_SMALL.split())

Rows = sparse.csr_array
Way = Callable[["Rows"], Sequence[int]]


def report(folder: Folder) -> Mapping[str, Mapping[str, Grouping]]:
    """Prints a table for each set; the figures by their names, for charts."""
    found = {}
    background = folder.background
    for labelled in folder.labelled:
        found[labelled.name] = _table(labelled, background)
        print(f"  headlines alone: {_figures(_ours(_headlines(labelled), background)[0])}")
        alone = _loners(folder.pools)
        for seed in (1, 2, 3) if alone else ():
            day = _as_a_day(labelled, alone, seed)
            print(f"  as a day ({seed}): {len(day.articles)} articles: {_figures(_ours(day, background)[0])}")
    return found


def _table(labelled: Labelled, background: Background | None) -> dict[str, Grouping]:
    print(f"\n{labelled.name}: {len(labelled.articles)} articles, {len(set(labelled.truth))} stories")
    print(f"{'':<38}    P     R    F1   NMI pairs  seconds")
    found = {}
    found["ours"], seconds = _ours(labelled, background)
    print(f"{'ours':<38} {_figures(found['ours'])} {seconds:8.2f}")
    rows = _tfidf(labelled.articles)
    for name, way in WAYS.items():
        started = time.process_time()
        groups = way(rows)
        seconds = time.process_time() - started
        found[name] = scores.grouping(labelled.truth, groups)
        print(f"{name:<38} {_figures(found[name])} {seconds:8.2f}")
    best = max((scores.grouping(labelled.truth, cut) for cut in _average_cuts(rows)), key=lambda one: one.f1)
    found["average link, best cut"] = best
    print(f"{'average link, best cut':<38} {_figures(best)}")
    return found


def _figures(one: Grouping) -> str:
    return " ".join(f"{value:5.3f}" for value in (one.precision, one.recall, one.f1, one.nmi, one.pairs))


def _ours(labelled: Labelled, background: Background | None) -> tuple[Grouping, float]:
    started = time.process_time()
    now = max(article.published for article in labelled.articles)
    options = RankOptions(merge_hours=EVER)
    stories = rank_stories(labelled.articles, now=now, options=options, sources={}, background=background)
    seconds = time.process_time() - started
    story = {article.url: number for number, one in enumerate(stories) for article in one.articles}
    return scores.grouping(labelled.truth, [story[article.url] for article in labelled.articles]), seconds


def _tfidf(articles: Sequence[Article]) -> Rows:
    texts, _ = grouping.texts_of(articles)
    return vectors.tfidf(texts, vectors.background_of(texts))[0]


def _tree(rows: Rows, method: str) -> NDArray[np.float64]:
    distances = np.clip(1 - (rows @ rows.T).toarray(), 0.0, 1.0)
    return linkage(distances[np.triu_indices(len(distances), 1)], method)


def _average_cuts(rows: Rows) -> list[Sequence[int]]:
    tree = _tree(rows, "average")
    return [fcluster(tree, 1 - cut, "distance").tolist() for cut in CUTS]


def _linked(method: str) -> Way:
    return lambda rows: fcluster(_tree(rows, method), 1 - CUT, "distance").tolist()


def _online(rows: Rows) -> Sequence[int]:
    """Each article joins the nearest mean so far, if that is near enough (Allan et al. 1998)."""
    sums = np.zeros(rows.shape, dtype=np.float32, order="F")
    lengths = np.zeros(rows.shape[0])
    labels, count = list[int](), 0
    for number in range(rows.shape[0]):
        own = slice(rows.indptr[number], rows.indptr[number + 1])
        columns, values = rows.indices[own], rows.data[own]
        products = sums[:count, columns] @ values
        likeness = products / np.maximum(lengths[:count], 1e-9)
        best = int(likeness.argmax()) if count else -1
        if best < 0 or likeness[best] < CUT:
            best, count = count, count + 1
            products = np.zeros(count)
        lengths[best] = np.sqrt(lengths[best] ** 2 + 2 * products[best] + values @ values)
        sums[best, columns] += values
        labels.append(best)
    return labels


def _hdbscan(rows: Rows) -> Sequence[int]:
    """On 100 dimensions of an SVD; what it calls noise are stories of one article."""
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 - of the bench's own group
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415
    from sklearn.preprocessing import normalize  # noqa: PLC0415

    size = min(100, *(side - 1 for side in rows.shape))
    found = TruncatedSVD(size, random_state=1).fit_transform(sparse.csr_matrix(rows))
    labels = HDBSCAN(min_cluster_size=2, copy=True).fit_predict(normalize(found))
    return [label if label >= 0 else -1 - number for number, label in enumerate(labels.tolist())]


def _loners(pools: Sequence[Pool], count: int = 300) -> list[Article]:
    """Articles of pools, at most two of a day, so that hardly any two tell the same."""
    dice = random.Random(1)
    found = [
        article for pool in pools for day in pool.days.values() for article in dice.sample(list(day), min(2, len(day)))
    ]
    return dice.sample(found, min(count, len(found)))


def _headlines(labelled: Labelled) -> Labelled:
    articles = [
        replace(one, title=_without_small(one.title), url=f"https://example.org/{number:06}", summary="", body="")
        for number, one in enumerate(labelled.articles)
    ]
    return Labelled(name=labelled.name, articles=articles, truth=labelled.truth)


def _without_small(title: str) -> str:
    return " ".join(word for word in re.findall(r"\w+", title.casefold()) if word not in SMALL)


def _as_a_day(labelled: Labelled, alone: Sequence[Article], seed: int) -> Labelled:
    dice = random.Random(seed)
    stories: dict[str, list[Article]] = {}
    for article, story in zip(labelled.articles, labelled.truth, strict=True):
        stories.setdefault(story, []).append(article)
    kept = [
        (article, story)
        for story, own in stories.items()
        for article in dice.sample(own, min(len(own), int(dice.paretovariate(0.9)), 30))
    ]
    kept += [(article, article.url) for article in alone]
    return Labelled(
        name=labelled.name,
        articles=[article for article, _ in kept],
        truth=[story for _, story in kept],
    )


WAYS: Mapping[str, Way] = {
    f"TF-IDF of the set, average link at {CUT}": _linked("average"),
    f"… single link at {CUT}": _linked("single"),
    f"… online centroid at {CUT}": _online,
    "… HDBSCAN on an SVD": _hdbscan,
}
