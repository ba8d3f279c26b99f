"""An edition in, ever shorter ones out, for mail that would be longer than clients show.  Pure.

Gmail cuts a mail off at about 102 KB of HTML, the way out of the newsletter with it.  So the least valuable goes first:
thumbnails, then the second sentence of the blurbs, then the least important stories, which stay on the web page.  The
lead story keeps all it has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from digest.edition.sentences import sentences, shorten
from digest.model import Edition, Item, Section

BLURB = 140  #: characters, of a blurb that has to be short


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step down."""

    left_out: tuple[str, ...]  #: on the way down to it, for the report
    edition: Edition


def steps(edition: Edition) -> Iterator[Step]:
    """Step after step, each with what the ones before it left out, down to the lead story alone."""
    told: tuple[str, ...] = ()
    thumbnails = sum(item.image is not None for item in _small(edition))
    if thumbnails:
        told = (f"{_many(thumbnails, 'thumbnail')} left out",)
        edition = _each(edition, lambda item: replace(item, image=None))
        yield Step(left_out=told, edition=edition)
    long = sum(_short(item.blurb) != item.blurb for item in _small(edition))
    if long:
        told = (*told, f"{_many(long, 'blurb')} shortened")
        edition = _each(edition, lambda item: replace(item, blurb=_short(item.blurb)))
        yield Step(left_out=told, edition=edition)
    leaving = sorted(_small(edition), key=lambda item: item.rank, reverse=True)  # of equals the first in the edition
    for count in range(1, len(leaving) + 1):
        gone = {item.story for item in leaving[:count]}
        moved = f"{_many(count, 'story', 'stories')} on the web only"
        yield Step(left_out=(*told, moved), edition=_without(edition, gone))


def _small(edition: Edition) -> list[Item]:
    return [item for section in edition.sections for item in section.items]


def _each(edition: Edition, change: Callable[[Item], Item]) -> Edition:
    sections = (replace(one, items=tuple(map(change, one.items))) for one in edition.sections)
    return replace(edition, sections=tuple(sections))


def _without(edition: Edition, gone: set[str]) -> Edition:
    kept = (
        Section(name=one.name, items=tuple(item for item in one.items if item.story not in gone))
        for one in edition.sections
    )
    return replace(edition, sections=tuple(section for section in kept if section.items))


def _short(blurb: str) -> str:
    """Its first sentence, or as much of that as ends well."""
    first = next(iter(sentences(blurb)), blurb)
    return first if len(first) <= BLURB else shorten(first, BLURB)


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"
