"""What blurbs look like: how many are whole sentences of their text, how long they are, how many repeat the headline.

    python bench/bench_blurbs.py --data DIR [--show N] [--seed S]

DIR holds `.jsonl` or `.jsonl.gz` files of articles with `title` and `body`; other files are passed over.  Each body is
cut without its lead, as for a source that has no summaries: that is where datelines, captions and bylines are.  --show
prints some of the blurbs, to be read by eye: whether a sentence tells the story is nothing that a program can say.
Without --data the sample articles are taken, of which every body is clean.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from digest.assets import SAMPLES
from digest.edition.blurb import LIMIT, blurb
from digest.edition.sentences import is_whole, plain, sentences
from digest.model import Article

REPEATS = 0.8  #: share of a headline's words in the blurb's first sentence, from which it says nothing else
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def articles(folder: Path) -> Iterator[Article]:
    """Those with a body, in the order of the files' names."""
    for path in sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")]):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                row = json.loads(line)
                if row.get("title") and row.get("body"):
                    url = row.get("url") or f"https://example.org/{path.name}/{number}"
                    yield Article(url=url, title=row["title"], published=MOMENT, body=row["body"])


def is_cut_whole(found: str, text: str) -> bool:
    """Whether each sentence of a blurb is in the text, and the last one ends as a sentence does."""
    flat = plain(text)
    return is_whole(found) and all(sentence in flat for sentence in sentences(found))


def repeats(found: str, title: str) -> bool:
    """Whether the first sentence has nearly all of the headline's words and hardly more than those."""
    said, headline = words(next(iter(sentences(found)), "")), words(title)
    return len(said & headline) >= REPEATS * len(headline) and len(said) <= 1.5 * len(headline)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SAMPLES)
    parser.add_argument("--show", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = list(articles(options.data))
    if not found:
        parser.error(f"{options.data} has no .jsonl files of articles with title and body")
    begun = time.process_time()
    told = [(article, blurb(article)) for article in found]
    spent = time.process_time() - begun
    cut = [(article, text) for article, text in told if text]
    whole = sum(is_cut_whole(text, article.body) for article, text in cut)
    again = sum(repeats(text, article.title) for article, text in cut)
    print(f"articles with a body          {len(told)}")
    print(f"with a blurb                  {len(cut) / len(told):.1%}")
    print(f"whole sentences of the text   {whole / len(cut):.1%}")
    print(f"two sentences                 {sum(len(sentences(text)) == 2 for _, text in cut) / len(cut):.1%}")
    print(f"repeat the headline           {again / len(cut):.1%}")
    print(f"mean length                   {fmean(len(text) for _, text in cut):.0f} of at most {LIMIT} characters")
    print(f"processor time                {spent / len(told) * 1e3:.2f} ms an article")
    for article, text in random.Random(options.seed).sample(told, min(options.show, len(told))):
        print(f"\n{article.title}\n  > {text}")


if __name__ == "__main__":
    main()
