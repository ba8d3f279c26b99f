"""The stories of an edition in their order in, one of them in another place out.  Pure.

The first is the lead story, the others stand section by section.  A story takes the section of the one before which it
is put, so no heading comes twice.
"""

from collections.abc import Sequence
from dataclasses import replace

from digest.edition.filling import section_of
from digest.model import Story


def filed(story: Story, section: str) -> Story:
    """The story under this heading, whichever of its articles speaks for it; "" for none."""
    articles = tuple(replace(one, section=section) for one in story.articles)
    return replace(story, lead=replace(story.lead, section=section), articles=articles)


def moved(order: Sequence[Story], story: Story, place: int) -> tuple[Story, ...]:
    """With `story`, one of them, in this place (1: the lead story), or as near to it as there are places.

    The story that led stands first in its section then; where the lead story moves down, the second one leads.
    """
    others = [one for one in order if one.id != story.id]
    if not others:
        return tuple(order)
    if place == 1:
        led = others[0] if others[0].id == order[0].id else None
        return (story, *(_below(led, others[1:]) if led else others))
    index = min(place - 1, len(others))
    beside = others[min(index, len(others) - 1)]
    told = filed(story, section_of(beside)) if len(others) > 1 else story
    return (*others[:index], told, *others[index:])


def _below(led: Story, rest: Sequence[Story]) -> tuple[Story, ...]:
    """A story that led, before the others of its section; where there are none, before all."""
    section = section_of(led).casefold()
    index = next((n for n, one in enumerate(rest) if section_of(one).casefold() == section), 0)
    return (*rest[:index], led, *rest[index:])
