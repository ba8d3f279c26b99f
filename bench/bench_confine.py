"""What it costs to parse small pages in a process of their own: seconds for many of them here, there, and the ratio.

    python bench/bench_confine.py [--pages 1000]

One document after the other, the start of workers included.
"""

import argparse
import time
from datetime import UTC, datetime

from digest.intake import page
from digest.intake.confine import Parsers
from digest.intake.origin import Origin

ORIGIN = Origin(path="bench", now=datetime(2026, 11, 23, 7, tzinfo=UTC))
PARAGRAPH = "<p>The council met for three hours on Tuesday and agreed to repair the roof of the old hall by spring.</p>"


def small(number: int) -> bytes:
    head = f"<link rel=canonical href=https://example.org/{number}><title>The roof, part {number}</title>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{PARAGRAPH * 8}</body></html>".encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=1_000)
    pages = [small(number) for number in range(parser.parse_args().pages)]
    list(page.parse(pages[0], ORIGIN))  # what is imported at first use
    begun = time.perf_counter()
    for one in pages:
        list(page.parse(one, ORIGIN))
    here = time.perf_counter() - begun
    with Parsers() as parsers:
        begun = time.perf_counter()
        for one in pages:
            parsers.parse("page", one, ORIGIN)
        there = time.perf_counter() - begun
    print(f"{len(pages):,} pages: here {here:.2f} s, confined {there:.2f} s, ratio {there / here:.2f}")


if __name__ == "__main__":
    main()
