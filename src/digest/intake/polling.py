"""What happened at a poll in, when to poll again and who hears of it out; and which dates to believe.  Pure.

A source that answers is due again after its interval.  One that fails waits twice as long each time, a day at most, and
as long as the server asks for.  The operator hears of it once: when it has failed five times in a row over six hours,
or for good (410 and the like), and again only after a success in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.intake.kinds import Kind
from digest.intake.origin import NO_ENTRIES
from digest.model import Article, Known, Memory, Rejection

LONGEST = timedelta(days=1)  #: between two polls of a source that fails
PATIENCE = 5  #: failures in a row …
PATIENCE_TIME = timedelta(hours=6)  #: … and for how long, before somebody hears of it

TOLD = 20  #: entries of an answer that could not be taken in, and are told of one by one

FLOOD = 5  #: known titles under new addresses, at one poll
FLOOD_SHARE = 0.5  #: of all new addresses of the poll
LOOK_BACK = timedelta(days=30)  #: how far back a title is known


def recall(memory: Memory, url: str) -> Memory:
    """What is remembered, where it is about this address; else nothing but the name and the count."""
    return memory if memory.url == url else Memory(source=memory.source, url=url, items=memory.items)


def is_due(memory: Memory, *, every: timedelta, now: datetime) -> bool:
    """Also where it would be due later than any wait is long: then the clock was wrong."""
    return memory.next_at is None or memory.next_at <= now or memory.next_at - now > max(every, LONGEST)


def succeeded(memory: Memory, *, every: timedelta, now: datetime, new: int = 0) -> Memory:
    """After an answer, changed or not."""
    return replace(
        memory,
        next_at=now + every,
        last_success_at=now,
        failing_since=None,
        failures=0,
        last_error="",
        told_at=None,
        items=memory.items + new,
    )


def failed(
    memory: Memory,
    reason: str,
    *,
    every: timedelta,
    now: datetime,
    retry_after: float | None = None,
    for_good: bool = False,
) -> Memory:
    """After no answer, or none that is of use.  `retry_after` in seconds, as the server says.

    After five failures the place it had moved to is forgotten: the configured address is asked again.
    """
    failures = memory.failures + 1
    since = memory.failing_since or now
    lasting = for_good or (failures >= PATIENCE and now - since >= PATIENCE_TIME)
    stays = failures < PATIENCE and not for_good
    return replace(
        memory,
        etag=memory.etag if stays else "",
        last_modified=memory.last_modified if stays else "",
        moved_to=memory.moved_to if stays else "",
        next_at=now + _wait(failures, every=every, retry_after=retry_after, for_good=for_good),
        last_failure_at=now,
        failing_since=since,
        failures=failures,
        last_error=reason,
        told_at=memory.told_at or (now if lasting else None),
    )


def is_news(before: Memory, after: Memory) -> bool:
    """Whether the operator is to hear of the failure: it has become a lasting one just now."""
    return before.told_at is None and after.told_at is not None


def postponed(memory: Memory, *, now: datetime, retry_after: float) -> Memory:
    """Not asked, as its host wants to be left alone for so many seconds.  No failure of this source."""
    return replace(memory, next_at=now + _bounded(retry_after))


def fault(found: Sequence[Article | Rejection], *, kind: Kind) -> str:
    """Why an answer was of no use at all, "" where it was: a feed without entries is a feed."""
    rejected = [one for one in found if isinstance(one, Rejection)]
    if len(rejected) < len(found):
        return ""
    whole = next((one.error for one in rejected if not one.where and one.error != NO_ENTRIES), "")
    if not whole and rejected and kind in {Kind.SITEMAP, Kind.INDEX}:
        # Most sitemaps have pages and no news: that is no fault of so many entries, but of who chose it.
        return f"no news in it ({rejected[0].error})"
    return whole


def told(rejected: Sequence[Rejection]) -> tuple[Rejection, ...]:
    """The first of them, and how many more there are: a list for people."""
    more = len(rejected) - TOLD
    rest = [Rejection(path=rejected[0].path, where="", error=f"and {more} more entries")] if more > 0 else []
    return (*rejected[:TOLD], *rest)


def _wait(failures: int, *, every: timedelta, retry_after: float | None, for_good: bool) -> timedelta:
    backoff = LONGEST if for_good else min(every * 2 ** min(failures - 1, 20), LONGEST)
    return max(every, backoff, _bounded(retry_after or 0))


def _bounded(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, 0), LONGEST.total_seconds()))


# --- dates -----------------------------------------------------------------------------------------------------------


def dated(incoming: Sequence[Article], stored: Sequence[Known]) -> list[Article]:
    """The articles of a poll, with the dates that can be believed: what was news once does not become news again.

    `stored` is what the source has published lately, and whatever is stored of the incoming addresses.

    - The same address with the same title keeps its first date: a feed that gives no dates, or always today's, does
      not make its articles younger at each poll.
    - A flood, that is five or more new addresses whose titles the source has had before, and at least half of all new
      ones, is the past under new addresses (a move of the site, new ids): each keeps the date of its older self.
      Fewer are let through: “Markets at a glance” comes each morning.
    """
    by_url = {one.url: one for one in stored}
    first = _first_dates(stored)
    new = [one for one in incoming if one.url not in by_url]
    again = {one.url for one in new if _key(one.title) in first}
    flood = len(again) >= FLOOD and len(again) >= FLOOD_SHARE * len(new)
    return [_dated(one, by_url, first if flood and one.url in again else {}) for one in incoming]


def _dated(article: Article, by_url: Mapping[str, Known], first: Mapping[str, datetime]) -> Article:
    known = by_url.get(article.url)
    same = known is not None and _key(known.title) == _key(article.title)
    believed = known.published if known and same else first.get(_key(article.title), article.published)
    return replace(article, published=min(article.published, believed))


def _first_dates(stored: Sequence[Known]) -> dict[str, datetime]:
    first: dict[str, datetime] = {}
    for one in stored:
        key = _key(one.title)
        first[key] = min(first.get(key, one.published), one.published)
    return first


def _key(title: str) -> str:
    return " ".join(title.casefold().split())
