"""How well articles become stories, and stories a ranking, beside textbook ways on the same articles; what it costs.

python bench/bench_stories.py                 generated articles: works anywhere
python bench/bench_stories.py --data DIR      labelled sets, pools and picks of a folder (storybench/data.py)
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from storybench import agreement, charts, clustering, cost, data, ranking
from storybench.data import Folder
from storybench.generated import generated


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of labelled sets, pools and picks")
    parser.add_argument("--only", choices=("clustering", "ranking", "cost"), help="one part")
    parser.add_argument("--days", type=int, metavar="N", help="so many days of each pool, evenly spread")
    parser.add_argument("--charts", type=Path, metavar="DIR", help="also draw charts into this folder")
    args = parser.parse_args(words)
    folder = data.read(args.data) if args.data else Folder(labelled=[generated(1000)], pools=[], picks={})
    if args.only in (None, "clustering"):
        charts.grouping(clustering.report(folder), args.charts)
    if args.only in (None, "ranking"):
        for picks in folder.picks.values():
            agreement.report(folder, picks)
        charts.ranking(ranking.report(folder, limit=args.days), args.charts)
    if args.only in (None, "cost"):
        cost.report(folder)


if __name__ == "__main__":
    main()
