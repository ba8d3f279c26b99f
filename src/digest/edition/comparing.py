"""Two editions in, what is new, gone or elsewhere out.  Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from digest.model import Item


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A story that both have."""

    item: Item  #: as it is now
    place: int  #: 1 is the lead story
    before: int  #: its place in the other


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """An edition beside an earlier one."""

    new: tuple[Item, ...]  #: in the order of this one
    kept: tuple[Kept, ...]  #: likewise; what has moved has another place
    gone: tuple[Item, ...]  #: in the order of the earlier one

    @property
    def moved(self) -> tuple[Kept, ...]:
        return tuple(one for one in self.kept if one.place != one.before)


def compare(items: Sequence[Item], earlier: Sequence[Item]) -> Comparison:
    """Stories are known again by id or by the address of the article that speaks for them."""
    places = {key: place for place, item in enumerate(earlier, start=1) for key in _keys(item)}
    before = [next((places[key] for key in _keys(item) if key in places), 0) for item in items]
    told = zip(items, before, range(1, len(items) + 1), strict=True)
    return Comparison(
        new=tuple(item for item, place in zip(items, before, strict=True) if not place),
        kept=tuple(Kept(item=item, place=now, before=place) for item, place, now in told if place),
        gone=_without(earlier, set(before)),
    )


def _keys(item: Item) -> tuple[str, str]:
    return item.story, item.url


def _without(earlier: Sequence[Item], places: Collection[int]) -> tuple[Item, ...]:
    return tuple(item for place, item in enumerate(earlier, start=1) if place not in places)
