"""Articles in, what became of each out: every page once, and every text of a source once."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from digest.errors import NotFound
from digest.intake.arrivals import DAYS, in_order, is_same_title, plan, same_texts, strangers
from digest.intake.identity import collapse
from digest.model import Article, Known, Marked
from digest.pipeline.marks import mark, page_key
from digest.store import arrivals, articles
from digest.store.database import Database
from digest.stories import near

COMPARED = 200  #: newest articles of a source with whose sketch that of one that comes in is compared
TRIED = 10  #: the most alike of them, which are compared themselves
KEYED = 1_000  #: keys that are written in one transaction


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of the articles that were put: the three add up to their number."""

    new: tuple[str, ...] = ()  #: URLs
    updated: tuple[str, ...] = ()  #: URLs of those that say something else than their older selves
    duplicate: int = 0  #: nothing changed, or another of the same page or text took the place


class Effort:
    """How many texts are still to be compared nearly: a day's news always are, an archive of millions never."""

    def __init__(self, texts: int = 5_000) -> None:
        self.left = texts

    def spent(self) -> bool:
        self.left -= 1
        return self.left < 0


def put(db: Connection, items: Sequence[Article | Marked], *, now: datetime, effort: Effort | None = None) -> Stored:
    """Store articles.  One that comes under another address than before is no second article.

    Word for word the same title and text of a source, published within `DAYS`, are always found.  Nearly the same ones
    are looked for among what was published in the last `DAYS`, as long as there is `effort` left for it.
    """
    marked = collapse(one if isinstance(one, Marked) else mark(one) for one in items)
    arrivals.alone(db)
    seen = arrivals.seen(db, marked)
    fresh = in_order(one for one in marked if one.article.url not in seen)
    twins = same_texts(fresh, arrivals.with_text(db, {one.text for one in fresh if one.text is not None}))
    sketched = _sketched([one for one in fresh if one.article.url not in twins], effort or Effort(), now)
    twins |= _near(db, sketched)
    marked = [sketched.get(one.article.url, one) for one in marked]
    decided = plan(marked, seen, twins, arrivals.stored(db, strangers(marked, seen, twins)))
    arrivals.write(db, new=decided.new, changed=decided.changed, further=decided.further, now=now)
    return Stored(
        new=tuple(sorted(one.article.url for one in decided.new)),
        updated=tuple(sorted(one.article.url for one in decided.changed)),
        duplicate=len(items) - len(decided.new) - len(decided.changed),
    )


def find(db: Connection, url: str) -> Article:
    """The article that has this address, in whatever spelling.

    Raises:
        NotFound: there is none.
    """
    article = articles.get(db, known_as(db, url))
    if article is None:
        raise NotFound(f"no article {url} is stored; `digest articles list` shows what is")
    return article


def known_as(db: Connection, url: str) -> str:
    """The address under which the article is stored that has this one; where there is none, this one."""
    return arrivals.named(db, url, page_key(url)) or url


def fill_keys(database: Database) -> int:
    """Give a key to what was stored before there were any; how many.  Stopped, the next call goes on from there."""
    filled = 0
    while True:
        with database.begin() as db:
            arrivals.alone(db)
            urls = [url for some in arrivals.without_key(db, KEYED) for url in some]
            arrivals.set_keys(db, {url: page_key(url) for url in urls})
        if not urls:
            return filled
        filled += len(urls)


def _sketched(fresh: Iterable[Marked], effort: Effort, now: datetime) -> dict[str, Marked]:
    """By address, those of the last days that have text enough, with the sketch of it."""
    found = {}
    for item in fresh:
        if now - item.article.published > DAYS or len(item.article.body) < near.LONG or effort.spent():
            continue
        if sketch := near.sketch(item.article.body):
            found[item.article.url] = replace(item, sketch=sketch)
    return found


def _near(db: Connection, sketched: Mapping[str, Marked]) -> dict[str, str]:
    """Which of them carry nearly the text of another article of their source, and of which."""
    by_source = defaultdict[str, list[Marked]](list)
    for item in sketched.values():
        by_source[item.article.source].append(item)
    found: dict[str, str] = {}
    for source, items in by_source.items():
        found |= _near_within(db, source, items)
    return found


def _near_within(db: Connection, source: str, items: Sequence[Marked]) -> dict[str, str]:
    moments = [one.article.published for one in items]
    stored = arrivals.recent(db, source, start=min(moments) - DAYS, end=max(moments) + DAYS, limit=COMPARED)
    known = deque(stored[::-1], maxlen=COMPARED)  # the oldest go first
    bodies = {one.article.url: one.article.body for one in items}
    found: dict[str, str] = {}
    for item in items:
        article = item.article
        twin = next((one for one in _likely(item, known) if near.is_same(article.body, _body(db, one, bodies))), None)
        if twin:
            found[article.url] = twin.url
        else:
            known.append(Known(url=article.url, title=article.title, published=article.published, sketch=item.sketch))
    return found


def _likely(item: Marked, known: Collection[Known]) -> Iterator[Known]:
    """Those worth a comparison, the most alike first."""
    article = item.article
    within = [one for one in known if abs(one.published - article.published) <= DAYS]
    for place in near.likely(item.sketch, [one.sketch for one in within])[:TRIED]:
        one = within[place]
        if is_same_title(one.title, article.title):
            yield one


def _body(db: Connection, one: Known, bodies: dict[str, str]) -> str:
    if one.url not in bodies:
        article = articles.get(db, one.url)
        bodies[one.url] = article.body if article else ""
    return bodies[one.url]
