"""An article's address and the ranked stories in, plain sentences out: why it is in the edition, or is not.  Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from digest.model import Article, Standing, Story, StoryState, outlet
from digest.stories import copies
from digest.stories import lead as leading
from digest.stories.change import change
from digest.stories.signals import Desk


def explain(
    url: str, stories: Sequence[Story], *, standings: Mapping[str, Standing], leads: str = "", limit: int, desk: Desk
) -> tuple[str, ...]:
    """Why an article is in the edition or not, and what would have changed it.

    Args:
        url: The canonical address of the article.
        stories: All of the window, ranked.
        standings: How each stands to the edition, by id, as `edition.select` gives it.
        leads: Why the lead story leads; begins with its headline.
        limit: How many stories the edition takes.
        desk: What they were ranked by.
    """
    found = [(story, article) for story in stories for article in story.articles if article.url == url]
    if not found:
        count = sum(len(story.articles) for story in stories)
        return (f"No article with this address is among the {count} of the window.",)
    story, article = found[0]
    return (
        *_place(story, article, len(stories), desk.now),
        *(f"{point.points:+.2f} {point.signal}: {point.sentence}" for point in story.ledger),
        *verdict(story, standings[story.id], leads, limit),
        *_share(story, article, desk),
        change(story, standings[story.id], desk.options).sentence,
    )


def _place(story: Story, article: Article, total: int, now: datetime) -> Iterator[str]:
    hours = max(0.0, (now - article.published).total_seconds() / 3600)
    others = len(story.articles) - 1
    with_whom = f"with {others} other article{'s' if others > 1 else ''}" if others else "alone"
    yield f"“{article.title}” was published {hours:.1f} hours ago and is {with_whom} in story {story.id}."
    yield f"The story ranks {story.rank} of {total} with {story.score:.2f} points."


def verdict(story: Story, standing: Standing, leads: str, limit: int) -> Iterator[str]:
    """Whether a story is in the edition, and what speaks for or against that; as `explain` has it."""
    if not standing.is_in:
        yield f"It is not in the edition of {limit} stories: {standing.sentence}"
        return
    yield "It is in the edition" + (", as an update." if story.state is StoryState.DEVELOPED else ".")
    if leads.startswith(f"“{story.lead.title}” leads:"):
        yield leads


def _share(story: Story, article: Article, desk: Desk) -> Iterator[str]:
    """What an article that does not lead its story has to do with the one that does."""
    if article.url == story.lead.url:
        return
    if twin := _twin(story, article):
        yield f"It carries the same text as the article of {outlet(twin)} ({twin.url}), and counts as its copy."
    yield (
        f"The story is told by “{story.lead.title}” of {outlet(story.lead)} ({story.lead.url}) "
        f"and not by this article: {leading.why_not(article, story.lead, desk)}."
    )


def _twin(story: Story, article: Article) -> Article | None:
    """The earliest article of the story with the same text, if it is another one."""
    numbers = copies.sets(story.articles)
    own = next(number for number, one in zip(numbers, story.articles, strict=True) if one.url == article.url)
    same = [one for number, one in zip(numbers, story.articles, strict=True) if number == own]
    first = min(same, key=lambda one: (one.published, one.url))
    return None if first.url == article.url else first
