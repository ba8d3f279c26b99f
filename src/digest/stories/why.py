"""An article's address and the ranked stories in, plain sentences out: why it is in the edition, or is not.  Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from digest.model import Article, Story, StoryState

MOST_SOURCES = 50  #: more than this nobody can wish for


def explain(
    url: str,
    stories: Sequence[Story],
    *,
    chosen: Sequence[str],
    left_out: Mapping[str, str],
    limit: int,
    now: datetime,
) -> tuple[str, ...]:
    """Why an article is in the edition or not, and what would have changed it.

    Args:
        url: The canonical address of the article.
        stories: All of the window, ranked.
        chosen: Ids of those in the edition.
        left_out: A sentence for each id that is not, as `edition.select` gives it.
        limit: How many stories the edition takes.
        now: The moment the ranking was made at.
    """
    found = [(story, article) for story in stories for article in story.articles if article.url == url]
    if not found:
        count = sum(len(story.articles) for story in stories)
        return (f"No article with this address is among the {count} of the window.",)
    story, article = found[0]
    return (
        *_place(story, article, len(stories), now),
        *(f"{point.points:+.2f} {point.signal}: {point.sentence}" for point in story.ledger),
        *_verdict(story, article, stories, chosen=chosen, left_out=left_out, limit=limit),
    )


def _place(story: Story, article: Article, total: int, now: datetime) -> Iterator[str]:
    hours = max(0.0, (now - article.published).total_seconds() / 3600)
    others = len(story.articles) - 1
    with_whom = f"with {others} other article{'s' if others > 1 else ''}" if others else "alone"
    yield f"“{article.title}” was published {hours:.1f} hours ago and is {with_whom} in story {story.id}."
    yield f"The story ranks {story.rank} of {total} with {story.score:.2f} points."


def _verdict(
    story: Story,
    article: Article,
    stories: Sequence[Story],
    *,
    chosen: Sequence[str],
    left_out: Mapping[str, str],
    limit: int,
) -> Iterator[str]:
    if story.id in chosen:
        yield "It is in the edition" + (", as an update." if story.state is StoryState.DEVELOPED else ".")
        if article.url != story.lead.url:
            yield f"What is printed is “{story.lead.title}” ({story.lead.url})."
        return
    yield f"It is not in the edition of {limit} stories: {left_out.get(story.id, 'it was not chosen.')}"
    yield _remedy(story, [one for one in stories if one.id in chosen])


def _remedy(story: Story, rivals: Sequence[Story]) -> str:
    """What would have brought the story in."""
    signals = {point.signal: point for point in story.ledger}
    if "unpublishable" in signals:
        return "An article on it from a source that may be printed would make it a candidate."
    if "editor" in signals and signals["editor"].points < 0:
        return "Withdrawing the editor's decision would make it a candidate."
    if story.state is StoryState.REPEAT:
        return "A newer article on it, or an editor's pin, would make it a candidate."
    # Ahead of some that are in, and yet out: then its section was full, and it has to pass one of its own section.
    if any(rival.score < story.score for rival in rivals):
        rivals = [rival for rival in rivals if rival.lead.section.casefold() == story.lead.section.casefold()]
    if not rivals:
        return "An editor's pin would bring it in."
    gap = min(rival.score for rival in rivals) - story.score
    return f"{_points(gap)} more would have brought it in{_for_instance(story, gap)}, or an editor's pin."


def _points(gap: float) -> str:
    return "A hair" if gap < 0.05 else f"{gap:.1f} points"


def _for_instance(story: Story, gap: float) -> str:
    """How many sources more, each with an article of its own, are worth the gap."""
    growing = [
        (point.points / math.log1p(point.value), point.value)
        for point in story.ledger
        if point.signal in {"coverage", "size"} and point.value > 0
    ]
    for more in range(1, MOST_SOURCES + 1):
        gain = sum(weight * (math.log1p(value + more) - math.log1p(value)) for weight, value in growing)
        if gain > gap:
            return ", for instance one more source" if more == 1 else f", for instance {more} more sources"
    return ""
