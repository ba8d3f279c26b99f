"""How often relevance, as it is decided here, agrees with a reader of pairs of a story and an entry.

200 pairs were drawn around and across the threshold, where it is hardest: from strata of likeness, half of each pool.
70 more were drawn at random, one a day, from those that were said to be relevant by likeness alone.  The question was:
does this story, by at least half of its titles, report the event of this entry, or the same news an hour earlier or
later?  The same affair alone is a no.  One reader judged, not knowing the likeness.
`judged_relevance.jsonl` has hashes of source, title and day instead of the texts.

The bars of `relevance.py` were chosen with these judgements in view, so other pairs may agree a little less.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from digest.model import Article
from storybench import relevance
from storybench.data import Folder, Pick
from storybench.relevance import Relevance

JUDGED = Path(__file__).resolve().parents[1] / "judged_relevance.jsonl"


def report(folder: Folder, picks: Sequence[Pick]) -> None:
    """Prints nothing where the folder has none of the texts that were judged."""
    judged = _judged(folder, picks)
    for drawn, name in (("around", "drawn around the threshold"), ("said", "drawn from those said to be alike")):
        if part := [pair for how, *pair in judged if how == drawn]:
            _print(name, part)


def _judged(folder: Folder, picks: Sequence[Pick]) -> list[tuple[str, bool, bool]]:
    """How each pair was drawn, what the bench says and what the reader said, if its texts are in the folder."""
    entries = {pick.id: pick for pick in picks}
    known = _articles(folder)
    judge = Relevance(folder, picks)
    found = []
    for row in map(json.loads, JUDGED.read_text(encoding="utf-8").splitlines()):
        articles = [known[key] for key in row["titles"] if key in known]
        if articles and row["entry"] in entries:
            likeness = judge.likeness(articles, entries[row["entry"]])
            found.append((row["drawn"], likeness >= relevance.THRESHOLD, row["tells"]))
    return found


def _articles(folder: Folder) -> Mapping[str, Article]:
    articles = (one for pool in folder.pools for found in pool.days.values() for one in found)
    return {one.url.rpartition("/")[2]: one for one in articles}


def _print(name: str, pairs: Sequence[Sequence[bool]]) -> None:
    right = sum(said and told for said, told in pairs)
    said, told = sum(said for said, _ in pairs), sum(told for _, told in pairs)
    print(
        f"relevance against a reader, {len(pairs)} pairs ({name}): of those said to be relevant "
        f"{right / max(1, said):.3f} are, of the relevant {right / max(1, told):.3f} are found, "
        f"{sum(one == other for one, other in pairs) / len(pairs):.3f} the same"
    )
