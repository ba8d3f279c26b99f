"""An approved edition and the stories of a later moment in, the edition with what came late out.  Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from digest.edition.compose import item_of, retitled
from digest.model import Edition, Item, Section, Story


def late_stories(
    chosen: Sequence[Story], told: Collection[str], *, since: datetime, points: float
) -> tuple[Story, ...]:
    """Those that a selection of now has, with so many points, and of which the edition tells nothing.

    Args:
        chosen: Of the selection of now, in its order.
        told: The ids and addresses of what the edition has.
        since: Up to when the edition tells; a late story has an article from after that.
        points: The threshold of the newsletter; a pin does not help over it.
    """
    return tuple(
        story
        for story in chosen
        if story.score - _pinned(story) >= points
        and not any(key in told for key in (story.id, *(article.url for article in story.articles)))
        and any(article.published > since for article in story.articles)
    )


def with_late(edition: Edition, late: Sequence[Story], *, leads: bool, retitle: bool = True) -> Edition:
    """The edition with stories that came late, each at the head of its section.

    Args:
        edition: As it was approved.
        late: In their order.
        leads: Whether the first of them is the lead story now.
        retitle: Whether subject and preheader follow the new lead story; not where an editor wrote them.
    """
    items = [item_of(story) for story in late]
    for item in reversed(items[1:] if leads else items):
        edition = _headed(edition, item)
    if not leads or not items:
        return edition
    edition = replace(_headed(edition, edition.lead) if edition.lead else edition, lead=items[0])
    return retitled(edition) if retitle else edition


def _headed(edition: Edition, item: Item) -> Edition:
    """With this story first in its section, which comes first where it is new."""
    name = item.section.casefold()
    if not any(one.name.casefold() == name for one in edition.sections):
        return replace(edition, sections=(Section(name=item.section, items=(item,)), *edition.sections))
    sections = (
        replace(one, items=(item, *one.items)) if one.name.casefold() == name else one for one in edition.sections
    )
    return replace(edition, sections=tuple(sections))


def _pinned(story: Story) -> float:
    return sum(point.points for point in story.ledger if point.signal == "editor")
