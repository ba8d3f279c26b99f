"""How well the body of an article is found on labelled pages: the chosen way, its variants, and rivals.

    python bench/bench_extract.py --data DIR [--misses N]

DIR holds `ground-truth.json` ({name: {"articleBody": text}}) and each page as `name.html.gz` or `name.html`: the format
of scrapinghub/article-extraction-benchmark, MIT.  Without --data there is nothing to measure, and it says so.

Token F1: precision and recall of the bag of words of a page, their harmonic mean, and the mean of that over the pages.
Shingle F1 is the same on runs of four words, so that order counts too (that set's own measure).  Rivals are no
dependencies of this project: those that are not installed are named and passed over.  Times are of the processor.

The option of the chosen way was picked on pages, too.  So the pages are halved at random, many times: the option that
is best on one half is scored on the other, beside the best there.
"""

import argparse
import gzip
import importlib
import json
import logging
import random
import re
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from types import ModuleType

from digest.intake import clean, page
from digest.intake.linked_data import linked_article

_WORD = re.compile(r"\w+")
Extract = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Way:
    name: str
    package: str  #: as it is installed, "" for none
    modules: tuple[str, ...]
    make: Callable[..., Extract]  #: gets the modules


def ours() -> Extract:
    """What `digest.intake.page` does, its fallbacks included."""

    def extract(html: str) -> str:
        tree = page._tree(html)  # noqa: SLF001 - the very code that is measured
        if tree is None:
            return ""
        linked = linked_article(page._scripts(tree))  # noqa: SLF001 - as above
        return page._body(tree, linked)  # noqa: SLF001 - as above

    return extract


def trafilatura(**options: bool) -> Callable[[ModuleType], Extract]:
    def make(module: ModuleType) -> Extract:
        return lambda html: module.extract(html, include_comments=False, **options) or ""

    return make


def readability(module: ModuleType) -> Extract:
    return lambda html: clean.html_text(module.Document(html).summary())


def newspaper(module: ModuleType) -> Extract:
    def extract(html: str) -> str:
        article = module.Article("https://example.org/a", fetch_images=False)
        article.download(input_html=html)
        article.parse()
        return article.text or ""

    return extract


def goose(module: ModuleType) -> Extract:
    reader = module.Goose({"enable_image_fetching": False})
    return lambda html: reader.extract(raw_html=html).cleaned_text or ""


def justext(module: ModuleType) -> Extract:
    stop = module.get_stoplist("English")

    def extract(html: str) -> str:
        return "\n\n".join(one.text for one in module.justext(html, stop) if not one.is_boilerplate)

    return extract


def boilerpy(module: ModuleType) -> Extract:
    extractor = module.ArticleExtractor()
    return lambda html: extractor.get_content(html) or ""


def html_text(module: ModuleType) -> Extract:
    return lambda html: module.extract_text(html) or ""


def resiliparse(module: ModuleType) -> Extract:
    return lambda html: module.extract_plain_text(html, main_content=True) or ""


WAYS = (
    Way(name="chosen: intake/page.py", package="", modules=(), make=ours),
    Way(name="trafilatura", package="trafilatura", modules=("trafilatura",), make=trafilatura()),
    Way(name="  precision", package="trafilatura", modules=("trafilatura",), make=trafilatura(favor_precision=True)),
    Way(name="  recall", package="trafilatura", modules=("trafilatura",), make=trafilatura(favor_recall=True)),
    Way(name="  no fallback", package="trafilatura", modules=("trafilatura",), make=trafilatura(fast=True)),
    Way(name="  no tables", package="trafilatura", modules=("trafilatura",), make=trafilatura(include_tables=False)),
    Way(name="  deduplicated", package="trafilatura", modules=("trafilatura",), make=trafilatura(deduplicate=True)),
    Way(name="readability", package="readability-lxml", modules=("readability",), make=readability),
    Way(name="newspaper4k", package="newspaper4k", modules=("newspaper",), make=newspaper),
    Way(name="goose3", package="goose3", modules=("goose3",), make=goose),
    Way(name="justext", package="justext", modules=("justext",), make=justext),
    Way(name="boilerpy3", package="boilerpy3", modules=("boilerpy3.extractors",), make=boilerpy),
    Way(name="resiliparse", package="resiliparse", modules=("resiliparse.extract.html2text",), make=resiliparse),
    Way(name="html-text (all)", package="html-text", modules=("html_text",), make=html_text),
)


@dataclass(frozen=True, kw_only=True)
class Score:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score(found: Sequence[object], true: Sequence[object]) -> Score:
    common = (Counter(found) & Counter(true)).total()
    if not found or not true:
        return Score(precision=float(not found), recall=float(not true))
    return Score(precision=common / len(found), recall=common / len(true))


def tokens(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def shingles(words: Sequence[str], size: int = 4) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1))] if words else []


def labelled(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Name, HTML and true body of each page."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for name in sorted(truth):
        packed, plain = folder / f"{name}.html.gz", folder / f"{name}.html"
        data = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
        yield name, page.decoded(data), truth[name]["articleBody"]


def installed(way: Way) -> Extract | str:
    """The extractor, or why there is none."""
    try:
        return way.make(*map(importlib.import_module, way.modules))
    except ImportError as error:
        return f"{way.package} is not installed ({error.name or error})"


def run(extract: Extract, html: str) -> str:
    try:
        return extract(html)
    except Exception:  # noqa: BLE001 - a rival that fails on a page has found nothing
        return ""


def label(way: Way) -> str:
    try:
        return f"{way.name} {version(way.package)}" if way.package and not way.name.startswith(" ") else way.name
    except PackageNotFoundError:
        return way.name


def measure(way: Way, extract: Extract, pages: Sequence[tuple[str, str, str]]) -> list[float]:
    """Prints a line; the token F1 of each page."""
    started = time.process_time()
    found = [tokens(run(extract, html)) for _, html, _ in pages]
    seconds = (time.process_time() - started) / len(pages)
    words = [score(got, tokens(body)) for got, (_, _, body) in zip(found, pages, strict=True)]
    runs = [score(shingles(got), shingles(tokens(body))) for got, (_, _, body) in zip(found, pages, strict=True)]
    print(
        f"{label(way):<26} {fmean(one.f1 for one in words):>8.4f} {fmean(one.precision for one in words):>9.4f} "
        f"{fmean(one.recall for one in words):>8.4f} {fmean(one.f1 for one in runs):>10.4f} "
        f"{sum(one.f1 < 0.5 for one in words):>6} {seconds * 1000:>8.0f}",
        flush=True,
    )
    return [one.f1 for one in words]


def halved(scores: Mapping[str, Sequence[float]], times: int) -> None:
    """Prints how an option picked on one half of the pages does on the other.

    Args:
        scores: token F1 of each page, by way.
        times: how often to halve.
    """
    chance, chosen, *rest = random.Random(7), *scores
    options = [name for name in rest if name.startswith(("trafilatura", " "))]
    pages = len(scores[chosen])
    picked: Counter[str] = Counter()
    lost, behind = [], []
    for _ in range(times):
        one = set(chance.sample(range(pages), pages // 2))
        other = [page for page in range(pages) if page not in one]
        means = {
            name: (fmean(some[page] for page in one), fmean(some[page] for page in other))
            for name, some in scores.items()
        }
        best = max(options, key=lambda name: means[name][0])
        picked[best.strip()] += 1
        lost.append(max(means[name][1] for name in options) - means[best][1])
        behind.append(max(mean for _, mean in means.values()) - means[chosen][1])
    print(
        f"{times} halvings: picked on one half " + ", ".join(f"{name} {count}" for name, count in picked.most_common())
    )
    print(f"  on the other half behind its best option: {fmean(lost):.4f} in the mean, {max(lost):.4f} at worst")
    within = sum(one <= 0.01 for one in behind) / times
    print(f"  chosen way behind the best of all ways: {fmean(behind):.4f} in the mean, within .01 in {within:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of labelled pages")
    parser.add_argument("--misses", type=int, default=0, help="name the worst pages of the chosen way")
    parser.add_argument("--halvings", type=int, default=1_000, help="how often the pages are halved")
    asked = parser.parse_args()
    if asked.data is None:
        print("bench_extract: nothing to measure without --data DIR (a folder of labelled pages)")
        return
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    pages = list(labelled(asked.data))
    print(f"{len(pages)} pages")
    print(f"{'':<26} {'token F1':>8} {'precision':>9} {'recall':>8} {'shingle F1':>10} {'F1<.5':>6} {'ms/page':>8}")
    scores: dict[str, list[float]] = {}
    for way in WAYS:
        extract = installed(way)
        if isinstance(extract, str):
            print(f"{way.name:<26} skipped: {extract}")
            continue
        scores[way.name] = measure(way, extract, pages)
    halved(scores, asked.halvings)
    ranked = sorted(zip(scores[WAYS[0].name], pages, strict=True))
    for f1, (name, *_) in ranked[: asked.misses]:
        print(f"  {f1:.3f} {name}")


if __name__ == "__main__":
    main()
