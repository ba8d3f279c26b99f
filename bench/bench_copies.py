"""How surely copies of a text are found among other articles, and how the time grows with their number.

    python bench/bench_copies.py [--data DIR] [--sizes 10000 30000 100000]

Copies are made by changing words, headlines, tails and boilerplate.  The texts are generated, or with --data the bodies
in `giveme5w1h.jsonl.gz` of that folder.  Times are of the processor, memory is the peak of the process so far.
"""

import argparse
import gzip
import json
import math
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest.model import Article
from digest.stories import copies, near

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(20_000)]
WEIGHTS = [1 / (number + 3) for number in range(len(WORDS))]
BARS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8)


def article(number: int, body: str, title: str = "") -> Article:
    return Article(
        url=f"https://example.org/{number:07}", title=title or f"Headline {number}", published=NOW, body=body
    )


def changed(share: float) -> Callable[[str, random.Random], str]:
    def change(body: str, dice: random.Random) -> str:
        return " ".join(dice.choice(WORDS) if dice.random() < share else word for word in body.split(" "))

    return change


def cut(share: float) -> Callable[[str, random.Random], str]:
    return lambda body, _: " ".join(body.split(" ")[: max(1, round(len(body.split(" ")) * (1 - share)))])


def framed(share: float) -> Callable[[str, random.Random], str]:
    def frame(body: str, dice: random.Random) -> str:
        words = dice.choices(WORDS, k=round(len(body.split(" ")) * share))
        half = len(words) // 2
        return " ".join([*words[:half], body, *words[half:]])

    return frame


KINDS = {
    "another headline": changed(0),
    "5 % of words changed": changed(0.05),
    "10 %": changed(0.1),
    "15 %": changed(0.15),
    "20 %": changed(0.2),
    "tail cut by 30 %": cut(0.3),
    "tail cut by 70 %": cut(0.7),
    "boilerplate of 20 % around": framed(0.2),
    "boilerplate of 50 % around": framed(0.5),
}


def texts(folder: Path | None, dice: random.Random) -> list[str]:
    if folder is None:
        return [" ".join(dice.choices(WORDS, WEIGHTS, k=dice.randrange(100, 500))) for _ in range(400)]
    with gzip.open(folder / "giveme5w1h.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [row["body"] for row in map(json.loads, lines) if len(row.get("body") or "") > 500]


def is_near(one: str, other: str) -> bool:
    """Whether intake, which is stricter, takes two texts of a source under one title for one."""
    sketches = [sketch for text in (one, other) if (sketch := near.sketch(text))]
    return len(sketches) == 2 and bool(near.likely(sketches[0], sketches[1:])) and near.is_same(one, other)


def surely(bodies: Sequence[str], dice: random.Random) -> None:
    """Recall by kind, and the pairs among the originals: in real texts some are true copies of a wire."""
    originals = [article(number, body) for number, body in enumerate(bodies)]
    labels = copies.sets(originals)
    print(f"{len(bodies)} texts: {len(labels) - len(set(labels))} of them taken as a copy of another one of them")
    for name, change in KINDS.items():
        made = [article(number + len(bodies), change(body, dice)) for number, body in enumerate(bodies)]
        found = copies.sets([*originals, *made])
        hits = sum(found[number] == found[number + len(bodies)] for number in range(len(bodies)))
        likely = [copies.likeness(one, other.body) for one, other in zip(bodies, made, strict=True)]
        curve = " ".join(f"{sum(one >= bar for one in likely) / len(likely):6.3f}" for bar in BARS)
        stored = [is_near(one, other.body) for one, other in zip(bodies, made, strict=True)]
        recall = f"{hits / len(bodies):.3f}   at intake {sum(stored) / len(stored):.3f}"
        print(f"  {name:<28} recall {recall}   whole texts alike by the bar: {curve}")
    pairs = [(dice.randrange(len(bodies)), dice.randrange(len(bodies))) for _ in range(20_000)]
    other = [copies.likeness(bodies[one], bodies[two]) for one, two in pairs if one != two]
    curve = " ".join(f"{sum(one >= bar for one in other) / len(other):6.4f}" for bar in BARS)
    wrong = sum(is_near(bodies[one], bodies[two]) for one, two in pairs if one != two) / len(other)
    print(f"  {'any two of the texts':<28}                at intake {wrong:.4f} {'':<13}by the bar: {curve}")
    print(f"  {'the bars':<28}                {'':<29}           " + " ".join(f"{bar:6.2f}" for bar in BARS))


def speed(sizes: Sequence[int]) -> None:
    first = 0.0
    for size in sizes:
        dice = random.Random(size)
        articles: list[Article] = []
        while len(articles) < size:  # a tenth are copies, a few texts stand in hundreds of places
            body = " ".join(dice.choices(WORDS, WEIGHTS, k=250))
            for _ in range(min(size - len(articles), int(dice.paretovariate(2.0)), 500)):
                articles.append(replace(article(0, changed(0.05)(body, dice)), url=f"https://e.org/{len(articles):07}"))
        started = time.process_time()
        found = len(set(copies.sets(articles)))
        seconds = time.process_time() - started
        cost = seconds / (size * math.log(size))
        first = first or cost
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{size:>7} articles: {seconds:7.2f} s, {found} texts; "
            f"to n log n: {cost / first:.2f} of the first; peak {peak} MB",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of labelled stories")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 30_000, 100_000])
    asked = parser.parse_args()
    dice = random.Random(1)
    surely(texts(asked.data, dice), dice)
    speed(asked.sizes)


if __name__ == "__main__":
    main()
