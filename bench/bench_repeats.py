"""Is it the same story as in an earlier edition?  Precision and recall on labelled pairs of stories across days.

    python bench/bench_repeats.py --data DIR      DIR has the headlines that bench/repeats/pairs.jsonl was labelled on

Labels: bench/repeats/GUIDELINE.md.  The pairs are halved by hash, those of one affair together: the weights in
`stories/past.py` were fitted on the half called `fitted`, and `held out` is the other one.  Beside it stands the simple
rule: cosine of words from .5.  `ten folds`: the weights of nine tenths of all affairs judge the tenth, and the odds of
all are put in order: how much recall there is at which precision, and the odds from which that is.  Intervals: 95 % of
2,000 bootstrap samples of the pairs.  `--fit` prints the weights that the fitted half gives, and what the held-out half
gets by them.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from scipy import sparse

from digest.model import Article, PastStory
from digest.pipeline import background
from digest.stories import developed, grouping, past, vectors
from digest.stories.past import Signs
from digest.stories.risen import Around

HERE = Path(__file__).parent
HEADLINES = "pool_headlines_2025.jsonl.gz"
SAME = {"repeat", "developed"}
LANGUAGE = "en"
SAMPLES = 2000
RIDGE = 3.0
FOLDS = 10
PRECISIONS = (0.97, 0.95, 0.9, 0.86, 0.8)
AFFAIR = 0.25  #: cosine of the words of two pairs from which they are of one affair


@dataclass(frozen=True, kw_only=True)
class Pair:
    set: str
    fitted: bool
    fold: int
    weight: float
    first: str
    second: str
    other: str
    third: str  #: "" where the others agree
    label: str
    signs: Signs | None  #: None: less in common than is looked at
    real: bool  #: the new one has what was not told

    @property
    def same(self) -> bool:
        return self.label in SAME


def headlines(path: Path) -> dict[str, Article]:
    """Articles by the hash that stands in the labels."""
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            key = sha256("\x1f".join((row["source"], row["title"], row["published"])).encode()).hexdigest()[:16]
            found[key] = Article(
                url=f"https://example.org/{key}",
                title=row["title"],
                source=row["source"],
                published=datetime.fromisoformat(row["published"]).astimezone(UTC),
            )
    return found


class Pool:
    """The headlines by day, read once."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles: dict[date, list[Article]] = {}
        for article in articles:
            self.articles.setdefault(article.published.date(), []).append(article)
        self.texts = {day: grouping.texts_of(found, LANGUAGE)[0] for day, found in self.articles.items()}
        self.days = {day: vectors.day_of(day, texts) for day, texts in self.texts.items()}


class Window:
    """A day of the headlines, with what the product knows of the weeks before it."""

    def __init__(self, day: date, pool: Pool) -> None:
        ages = range(background.DAYS, 0, -1)
        before = [one for age in ages if (one := day - timedelta(days=age)) in pool.days]
        earlier = vectors.background_of(text for one in before for text in pool.texts[one])
        self.days = [pool.days[one] for one in before]
        self.articles = pool.articles[day]
        self.known = vectors.weighed_by(pool.texts[day], earlier)
        self.rows, self.terms = vectors.tfidf(pool.texts[day], self.known)

    def signs(self, told: PastStory, new: Sequence[Article]) -> Signs | None:
        urls = {article.url for article in new}
        member = sparse.csr_array([[float(article.url in urls) for article in self.articles]])
        rows, terms = past.rows_of([told], self.known, LANGUAGE, self.terms)
        means = vectors.widened(vectors.unit(sparse.csr_array(member @ self.rows)), len(terms))
        around = Around(terms=terms, today=self.rows, days=self.days)
        found = [signs for _, signs in past.compared([new], [told], means, rows, around)]
        return found[0] if found else None


def labelled(path: Path, articles: Mapping[str, Article]) -> Iterator[Pair]:
    """The pairs, in the order of the file, with what the product makes of them."""
    pool = Pool(articles.values())
    windows = cache(lambda day: Window(day, pool))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    sides = [[[articles[key] for key in row[side]] for side in ("old", "new")] for row in rows]
    for row, dice, (old, new) in zip(rows, _dice(rows, affairs(sides)), sides, strict=True):
        told = telling_of(old)
        yield Pair(
            signs=windows(new[0].published.date()).signs(told, new),
            real=developed.development(new, past.tellings([told])[0]).real,
            fitted=dice[0] % 2 == 0,
            fold=dice[1] % FOLDS,
            third=row.get("third", ""),
            **{name: row[name] for name in ("set", "weight", "first", "second", "other", "label")},
        )


def affairs(sides: Sequence[Sequence[Sequence[Article]]]) -> list[int]:
    """A number for each pair: pairs that hang together by like words have the same."""
    texts = [grouping.text_of_words("\n".join(one.title for side in pair for one in side), LANGUAGE) for pair in sides]
    rows, _ = vectors.tfidf(texts, vectors.background_of(texts))
    return sparse.csgraph.connected_components(sparse.csr_array(rows @ rows.T) >= AFFAIR)[1].tolist()


def _dice(rows: Sequence[Mapping[str, Sequence[str]]], affair: Sequence[int]) -> list[bytes]:
    """For each pair some bytes that hang on nothing but its affair."""
    names = [sha256("".join([*row["old"], *row["new"]]).encode()).digest() for row in rows]
    first: dict[int, bytes] = {}
    for number, name in zip(affair, names, strict=True):
        first[number] = min(name, first.get(number, name))
    return [sha256(first[number]).digest() for number in affair]


def telling_of(old: Sequence[Article]) -> PastStory:
    newest = max(one.published for one in old)
    return PastStory(
        id="told",
        day=newest.date(),
        headline=old[0].title,
        urls=tuple(one.url for one in old),
        sources=len({one.source for one in old}),
        text="\n".join(f"{one.title}. " for one in old),
        at=newest,
    )


# --- figures ---------------------------------------------------------------------------------------------------------

Rule = Callable[[Pair], bool]


def ours(pair: Pair) -> bool:
    return pair.signs is not None and past.likely(pair.signs) > 0


def simple(pair: Pair) -> bool:
    return pair.signs is not None and pair.signs.cosine >= 0.5


def rates(said: np.ndarray, true: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    hit = float((weight * (said & true)).sum())
    return hit / max(1e-12, float((weight * said).sum())), hit / max(1e-12, float((weight * true).sum()))


def interval(said: np.ndarray, true: np.ndarray, weight: np.ndarray) -> np.ndarray:
    dice = np.random.default_rng(1)
    places = dice.integers(0, len(true), (SAMPLES, len(true)))
    return np.percentile([rates(said[some], true[some], weight[some]) for some in places], (2.5, 97.5), axis=0)


def measure(name: str, pairs: Sequence[Pair], rule: Rule, *, weighted: bool = False) -> None:
    said = np.array([rule(pair) for pair in pairs])
    true = np.array([pair.same for pair in pairs])
    weight = np.array([pair.weight if weighted else 1.0 for pair in pairs])
    figures = zip(("precision", "recall"), rates(said, true, weight), interval(said, true, weight).T, strict=True)
    told = ", ".join(f"{what} {value:.3f} ({low:.2f} to {high:.2f})" for what, value, (low, high) in figures)
    print(f"{name}: {len(pairs)} pairs, {true.sum()} the same: {told}")


def kappa(one: Sequence[object], other: Sequence[object]) -> float:
    """Cohen 1960: agreement beyond what chance gives."""
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    ones, others = Counter(one), Counter(other)
    chance = sum(ones[label] * others[label] for label in ones) / len(one) ** 2
    return (agreed - chance) / (1 - chance)


def fitted(pairs: Sequence[Pair]) -> np.ndarray:
    """Weights by ridge logistic regression, in the order of `past.likely`."""
    seen = [pair for pair in pairs if pair.signs]
    columns = np.array([_numbers(pair.signs) for pair in seen if pair.signs])
    true = np.array([float(pair.same) for pair in seen])
    weights = np.zeros(columns.shape[1])
    penalty = np.diag([0.0, *[RIDGE * float(column.std()) ** 2 for column in columns.T[1:]]])
    for _ in range(50):
        odds = 1 / (1 + np.exp(-columns @ weights))
        slope = columns.T @ (odds - true) + penalty @ weights
        weights -= np.linalg.solve((columns.T * (odds * (1 - odds))) @ columns + penalty, slope)
    return weights


def _numbers(signs: Signs) -> tuple[float, ...]:
    days = float(np.log(max(1, signs.days)))
    words = signs.cosine, signs.new_held, signs.old_held
    return 1.0, *words, days, float(signs.serial), signs.risen, min(past.FEW, signs.phrases), signs.before


def folded(pairs: Sequence[Pair]) -> np.ndarray:
    """The odds of each pair, by the weights of those in other folds."""
    odds = np.zeros(len(pairs))
    for fold in range(FOLDS):
        weights = fitted([pair for pair in pairs if pair.fold != fold])
        for place, pair in enumerate(pairs):
            if pair.fold == fold:
                odds[place] = odds_of(pair, weights)
    return odds


def odds_of(pair: Pair, weights: np.ndarray) -> float:
    return float(weights @ _numbers(pair.signs)) if pair.signs else -np.inf


def curve(name: str, pairs: Sequence[Pair], odds: np.ndarray) -> None:
    """The most recall at each precision."""
    order = np.argsort(-odds, kind="stable")
    hits = np.cumsum([pairs[place].same for place in order])
    told = []
    for wanted in PRECISIONS:
        enough = np.flatnonzero(hits >= wanted * np.arange(1, len(order) + 1))
        if len(enough):
            last = int(enough[-1])
            told.append(f"{hits[last] / hits[-1]:.2f} at {wanted:.2f} (odds from {odds[order[last]]:.1f})")
    print(f"{name}: {len(pairs)} pairs, recall at precision: {', '.join(told)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help=f"folder with {HEADLINES}")
    parser.add_argument("--fit", action="store_true", help="print the weights that the fitted half gives")
    options = parser.parse_args()
    if options.data is None or not (options.data / HEADLINES).exists():
        print(f"nothing to measure: --data has to name a folder with {HEADLINES}")
        return
    pairs = list(labelled(HERE / "repeats" / "pairs.jsonl", headlines(options.data / HEADLINES)))
    agreement(pairs)
    for name in ("told", "any"):
        own = [pair for pair in pairs if pair.set == name]
        for label, half in (("fitted", True), ("held out", False)):
            measure(f"{name}, {label}, ours", [pair for pair in own if pair.fitted is half], ours)
            measure(f"{name}, {label}, cosine .5", [pair for pair in own if pair.fitted is half], simple)
        for label, rule in (("ours", ours), ("cosine .5", simple)):
            measure(f"{name}, weighted to the pool, {label}", own, rule, weighted=True)
        outcome(name, own)
    odds = folded(pairs)
    for name in ("told", "any"):
        some = [place for place, pair in enumerate(pairs) if pair.set == name]
        curve(f"{name}, ten folds", [pairs[place] for place in some], odds[some])
    if options.fit:
        weights = fitted([pair for pair in pairs if pair.fitted])
        print("fitted half:", *(f"{weight:.2f}" for weight in weights))
        for name in ("told", "any"):
            own = [pair for pair in pairs if pair.set == name and not pair.fitted]
            curve(f"{name}, held out", own, np.array([odds_of(pair, weights) for pair in own]))


def agreement(pairs: Sequence[Pair]) -> None:
    """How steadily the guideline is followed, and how one reader does where the other is right."""
    judged = [pair for pair in pairs if pair.third]
    ones, twos = (sum((getattr(pair, which) in SAME) == pair.same for pair in judged) for which in ("first", "other"))
    print(f"judged again, as the readers differ: {len(judged)} pairs, {ones} as by the first, {twos} as by the other")
    for name, one, two in (("one reader, twice", "first", "second"), ("two readers", "first", "other")):
        ones, twos = ([getattr(pair, which) for pair in pairs] for which in (one, two))
        same = kappa([label in SAME for label in ones], [label in SAME for label in twos])
        differ = sum((a in SAME) != (b in SAME) for a, b in zip(ones, twos, strict=True))
        print(f"{name}: kappa {same:.3f} on same or not ({differ} differ), {kappa(ones, twos):.3f} on all four labels")
    for name in ("told", "any"):
        own = [pair for pair in pairs if pair.set == name]
        said = np.array([pair.other in SAME for pair in own])
        true = np.array([pair.first in SAME for pair in own])
        precision, recall = rates(said, true, np.ones(len(own)))
        print(f"{name}, the other reader, where the first is right: precision {precision:.3f}, recall {recall:.3f}")


def outcome(name: str, pairs: Sequence[Pair]) -> None:
    """What an edition would make of the new stories, by what they are."""
    seen = Counter((pair.label, _fate(pair)) for pair in pairs)
    for label in ("repeat", "developed", "affair", "unrelated"):
        fates = ", ".join(f"{seen[label, fate]} {fate}" for fate in ("left out", "as an update", "as new"))
        print(f"{name}, labelled {label}: {fates}")


def _fate(pair: Pair) -> str:
    if not ours(pair):
        return "as new"
    sure = pair.signs is not None and past.likely(pair.signs) >= past.SURE
    return "left out" if sure and not pair.real else "as an update"


if __name__ == "__main__":
    main()
