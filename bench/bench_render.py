"""What the mail of an edition costs: a variant, forty variants, and the copies of 100,000 readers.

    python bench/bench_render.py

Processor time, the median of some rounds.  A variant is all that is done once for many readers: HTML with its style
inlined, text, and the message that copies are stamped from; the first also has the web page.  The reference is the same
HTML through the templates without inlining: that takes most of the time, so it is done once a variant and never for a
reader.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

from sendbench.mail import delivery

from digest import config, languages
from digest.edition import variants
from digest.edition.variants import Variant
from digest.model import Edition, Image, Item, Section
from digest.outbox.skeleton import Head, Skeleton, build
from digest.render import view
from digest.render.environment import environment
from digest.render.render import render

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
KEYS = ("k" * 40,)
SECTIONS = ("Economy", "Markets", "Politics", "Companies", "World", "Climate")
SITE = config.Site()
NEWSLETTER = config.Newsletter()
HEAD = Head(
    edition="daily/2026-11-23", edition_id=1, newsletter="daily", title="The Daily Digest",
    sender="The Example Times <daily@news.example.org>", contact="editor@example.org",
    base_url="https://news.example.org", domain="news.example.org", date=NOW,
)  # fmt: skip


def edition(stories: int) -> Edition:
    items = [_item(number) for number in range(1, stories + 1)]
    named = {name: tuple(one for one in items[1:] if one.section == name) for name in SECTIONS}
    return Edition(
        newsletter="daily", day=date(2026, 11, 23), title="The Daily Digest", language="en",
        subject=items[0].headline, preheader=items[1].headline, lead=items[0],
        sections=tuple(Section(name=name, items=found) for name, found in named.items() if found), built_at=NOW,
    )  # fmt: skip


def _item(number: int) -> Item:
    return Item(
        story=f"s{number}", rank=number, headline=f"Central bank holds rates for a third month, story {number}",
        url=f"https://example.org/2026/11/23/{number}", source="Harbour Wire", sources=3,
        blurb="The bank left its key rate unchanged at 2.5 per cent, as expected. Two members voted for a cut.",
        section=SECTIONS[number % len(SECTIONS)], language="en", published=NOW,
        image=Image(url=f"https://img.example.org/{number}.jpg", alt="A bank", credit="Ann", width=640, height=480),
    )  # fmt: skip


def many(count: int, whole: Edition) -> list[tuple[str, Edition]]:
    """So many variants, each with other sections."""
    chosen = [
        tuple(name for place, name in enumerate(SECTIONS) if number >> place & 1) for number in range(1, count + 1)
    ]
    return [("+".join(names), variants.cut(whole, Variant(name="", language="en", sections=names))) for names in chosen]


def seconds(work: Callable[[], object], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return median(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=100_000, help="whose copies are stamped (100,000)")
    readers = parser.parse_args().readers
    templates = environment()

    def one(part: Edition, name: str = "default") -> bytes:
        web = name == variants.DEFAULT
        rendered = render(part, site=SITE, newsletter=NEWSLETTER, variant=name, web=web, environment=templates)
        return build(rendered, HEAD)

    def plain(part: Edition) -> str:
        page = view.page(part, site=SITE, zone=config.zone(NEWSLETTER), voice=languages.spoken(templates))
        return templates.get_template("edition.html.j2").render(page=page, unsubscribe_url="u", preferences_url="p")

    whole = edition(12)
    one(whole)
    once = seconds(lambda: one(whole), 9)
    reference = seconds(lambda: plain(whole), 9)
    forty = seconds(lambda: [one(part, name) for name, part in many(40, edition(36))], 1)
    skeleton = Skeleton(one(whole))
    stamped = seconds(
        lambda: [len(skeleton.stamp(delivery(number), newsletter="daily", keys=KEYS)) for number in range(readers)], 1
    )
    print(f"one variant of 12 stories: {once * 1000:.0f} ms, {once / reference:.1f} times its templates alone")
    print(f"40 variants of 36 stories: {forty:.2f} s")
    print(f"{readers:,} copies stamped: {stamped:.1f} s, {stamped / readers * 1e6:.0f} µs each")
    print(f"one variant costs as much as {once / (stamped / readers):,.0f} copies")


if __name__ == "__main__":
    main()
