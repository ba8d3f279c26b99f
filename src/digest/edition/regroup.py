"""Ranked stories and an editor's joining and parting in, other stories out.  Pure.

A story keeps its points when an editor joins or parts it: they are what the ranking gave, and an editor's word is no
coverage.  An article on its own stands behind all others, until it is pinned.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from digest.model import Aim, Article, Decided, Fate, Merge, Point, Split, Story, StoryState, Verdict, outlet

MayPrint = Callable[[Article], bool]


class Pool:
    """The stories of a window, to be found by what an editor aimed at, and regrouped."""

    def __init__(self, stories: Iterable[Story], may_print: MayPrint) -> None:
        self.may_print = may_print
        self._stories = {one.id: one for one in stories}
        self._of = {article.url: one.id for one in self._stories.values() for article in one.articles}

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(self._stories.values())

    def get(self, id_: str) -> Story:
        return self._stories[id_]

    def find(self, aim: Aim) -> Story | None:
        """The story of that id while it has one of the articles, else that of its lead article, else of most of them.

        None where nothing of it is left.
        """
        same = self._stories.get(aim.story)
        if same and any(self._of.get(url) == same.id for url in aim.urls):
            return same
        there = [self._of[url] for url in aim.urls if url in self._of]
        if not there or aim.urls[0] in self._of:
            return self._stories[there[0]] if there else same
        counts = Counter(there)
        return min((self._stories[id_] for id_ in counts), key=lambda one: (-counts[one.id], one.rank, one.id))

    def article(self, url: str) -> tuple[Story, Article] | None:
        """An article and the story that it is in."""
        if url not in self._of:
            return None
        story = self._stories[self._of[url]]
        return story, next(one for one in story.articles if one.url == url)

    def put(self, story: Story) -> None:
        self._stories[story.id] = story
        self._of |= dict.fromkeys((one.url for one in story.articles), story.id)

    def join(self, story: Story, other: Story) -> None:
        """The articles of the other go to the story."""
        del self._stories[other.id]
        sentence = f"An editor put “{other.lead.title}” together with it."
        point = Point(signal="merged", value=len(other.articles), points=0.0, sentence=sentence)
        best = max(story, other, key=lambda one: (_is_dropped(one), one.score))
        lead = story.lead if self.may_print(story.lead) or not self.may_print(other.lead) else other.lead
        told = self._told(story, (*story.articles, *other.articles), lead, (*best.ledger, point))
        self.put(replace(told, rank=min(story.rank, other.rank), score=best.score, state=_state(story, other)))

    def part(self, story: Story, article: Article) -> None:
        """The article leaves the story, which has others."""
        rest = tuple(one for one in story.articles if one.url != article.url)
        lead = story.lead if story.lead.url != article.url else min(rest, key=self._speaks)
        sentence = f"An editor parted it from “{lead.title}”; it stands behind all others until it is pinned."
        point = Point(signal="parted", value=1, points=0.0, sentence=sentence)
        self.put(self._told(story, rest, lead, story.ledger))
        last = max(one.rank for one in self._stories.values())
        least = min(one.score for one in self._stories.values())
        alone = replace(story, id=alone_id(article.url), rank=last + 1, score=least, state=StoryState.NEW)
        self.put(self._told(alone, (article,), article, (point,)))

    def _speaks(self, article: Article) -> tuple[bool, bool, float, str]:
        """Who speaks for a story whose lead article has left it: the least."""
        has_text = bool(article.summary or article.body)
        return not self.may_print(article), not has_text, -article.published.timestamp(), article.url

    def _told(self, story: Story, articles: Sequence[Article], lead: Article, ledger: Sequence[Point]) -> Story:
        kept = tuple(point for point in ledger if point.signal != "unpublishable")
        if not self.may_print(lead):
            sentence = "Only signal sources report it, and their articles are not printed."
            kept = (*kept, Point(signal="unpublishable", value=1, points=0.0, sentence=sentence))
        return replace(
            story,
            lead=lead,
            articles=tuple(sorted(articles, key=lambda one: (-one.published.timestamp(), one.url))),
            ledger=kept,
            sources=len({outlet(one) for one in articles}),
        )


def regroup(pool: Pool, decided: Iterable[Decided]) -> list[Verdict]:
    """Join and part the stories of a pool as editors decided, in that order; what became of each decision."""
    return [
        _merge(pool, one.number, one.operation)
        if isinstance(one.operation, Merge)
        else _split(pool, one.number, one.operation)
        for one in decided
        if isinstance(one.operation, Merge | Split)
    ]


def alone_id(url: str) -> str:
    """The id of the story that an article is when an editor parted it from another."""
    return f"p{sha256(url.encode()).hexdigest()[:10]}"


def _merge(pool: Pool, number: int, merge: Merge) -> Verdict:
    story, other = pool.find(merge.story), pool.find(merge.other)
    lost = [aim.headline for aim, found in ((merge.story, story), (merge.other, other)) if found is None]
    if story is None or other is None:
        left = story or other
        named = " and ".join(f"“{headline}”" for headline in lost)
        sentence = f"{named} {'are' if len(lost) > 1 else 'is'} not there any more, to be put together."
        return Verdict(number=number, fate=Fate.GONE, sentence=sentence, story=left.id if left else "")
    if story.id != other.id:
        pool.join(story, other)
    return Verdict(number=number, fate=Fate.APPLIED, story=story.id)


def _split(pool: Pool, number: int, split: Split) -> Verdict:
    """What is asked for is that the article is no part of the story: so it is also when either is gone."""
    story, found = pool.find(split.story), pool.article(split.article)
    if story and found and found[0].id == story.id and len(story.articles) > 1:
        pool.part(story, found[1])
    return Verdict(number=number, fate=Fate.APPLIED, story=story.id if story else "")


def _is_dropped(story: Story) -> bool:
    return sum(point.points for point in story.ledger if point.signal == "editor") < 0


def _state(story: Story, other: Story) -> StoryState:
    """Of both together: something new with a repeat has it develop."""
    if story.state is not StoryState.REPEAT or other.state is StoryState.REPEAT:
        return story.state
    return StoryState.DEVELOPED
