"""Ranked stories in, those of the edition in the order a reader meets them, and why each other one is out.  Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.model import Story, StoryState, shared_section

REPEAT = "an earlier edition told it, and nothing new has been reported since."
DROPPED = "an editor dropped it."
SIGNAL_ONLY = "only signal sources report it, and their articles are not printed."


@dataclass(frozen=True, kw_only=True)
class Selection:
    chosen: tuple[Story, ...]  #: the lead story first, then section by section, each by rank
    left_out: Mapping[str, str]  #: a sentence by story id


def select(
    stories: Sequence[Story], *, limit: int, sections: Sequence[str] = (), per_section: int | None = None
) -> Selection:
    """The best stories, at most `limit`.

    Pinned ones come first.  A section gets no more than `per_section` of the places (half of them, if that is None)
    while others have something left; stories without a section are not counted.

    Args:
        stories: All of the window; their ranks decide.
        limit: How many the edition takes.
        sections: The order of sections; others follow in the order of their best story.
        per_section: The most of one section.
    """
    ranked = sorted(stories, key=lambda story: (not is_pinned(story), story.rank))
    left_out = {story.id: reason for story in ranked if (reason := _unfit(story))}
    candidates = [story for story in ranked if story.id not in left_out]
    most = per_section if per_section is not None else max(1, -(-limit // 2))
    chosen, skipped = _fill(candidates, limit, most)
    for story in candidates:
        if story not in chosen:
            left_out[story.id] = (
                f"its section, {section_of(story)}, has its share of {most} with better ones."
                if story in skipped
                else f"its rank, {story.rank}, is not among the best {limit}."
            )
    return Selection(chosen=_arranged(chosen, sections), left_out=left_out)


def _unfit(story: Story) -> str:
    if _points(story, "editor") < 0:
        return DROPPED
    if any(point.signal == "unpublishable" for point in story.ledger):
        return SIGNAL_ONLY
    return REPEAT if story.state is StoryState.REPEAT and not is_pinned(story) else ""


def _fill(candidates: Sequence[Story], limit: int, most: int) -> tuple[list[Story], list[Story]]:
    """The chosen ones, and those that only their section kept out."""
    chosen, skipped = list[Story](), list[Story]()
    taken = Counter[str]()
    for story in candidates:
        if len(chosen) == limit:
            break
        section = section_of(story).casefold()
        if section and taken[section] >= most and not is_pinned(story):
            skipped.append(story)
            continue
        taken[section] += 1
        chosen.append(story)
    spare = limit - len(chosen)
    return chosen + skipped[:spare], skipped[spare:]


def _arranged(chosen: Sequence[Story], sections: Sequence[str]) -> tuple[Story, ...]:
    ranked = sorted(chosen, key=lambda story: (not is_pinned(story), story.rank))
    fixed = {name.casefold(): place for place, name in enumerate(sections)}
    # Without a heading of their own, stories of no section stand right below the lead story.
    order = {"": -1} | fixed
    for story in ranked[1:]:
        order.setdefault(section_of(story).casefold(), len(order))
    return (*ranked[:1], *sorted(ranked[1:], key=lambda story: order[section_of(story).casefold()]))


def section_of(story: Story) -> str:
    return shared_section(story.lead, story.articles)


def is_pinned(story: Story) -> bool:
    return _points(story, "editor") > 0


def _points(story: Story, signal: str) -> float:
    return sum(point.points for point in story.ledger if point.signal == signal)
