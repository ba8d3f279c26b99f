"""An edition in, ever shorter ones out, for mail that would be longer than clients show.  Pure.

Gmail cuts a mail off at about 102 KB of HTML, the way out of the newsletter with it.  So the least valuable goes first:
thumbnails, then the second sentence of the blurbs, then the least important stories, which stay on the web page.  The
lead story keeps all it has.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from digest.counting import counted
from digest.edition.sentences import sentences, shorten
from digest.model import Edition

BLURB = 140  #: characters, of a blurb that has to be short


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step down."""

    left_out: tuple[str, ...]  #: on the way down to it, for the report
    edition: Edition


def steps(edition: Edition) -> Iterator[Step]:
    """Step after step, each with what the ones before it left out, down to the lead story alone."""
    told: tuple[str, ...] = ()
    thumbnails = sum(item.image is not None for item in edition.smaller)
    if thumbnails:
        told = (f"{counted(thumbnails, 'thumbnail')} left out",)
        edition = edition.changed(lambda item: replace(item, image=None))
        yield Step(left_out=told, edition=edition)
    long = sum(_short(item.blurb) != item.blurb for item in edition.smaller)
    if long:
        told = (*told, f"{counted(long, 'blurb')} shortened")
        edition = edition.changed(lambda item: replace(item, blurb=_short(item.blurb)))
        yield Step(left_out=told, edition=edition)
    leaving = sorted(edition.smaller, key=lambda item: item.rank, reverse=True)  # of equals the first in the edition
    for count in range(1, len(leaving) + 1):
        gone = {item.story for item in leaving[:count]}
        moved = f"{counted(count, 'story', 'stories')} on the web only"
        yield Step(left_out=(*told, moved), edition=_without(edition, gone))


def _without(edition: Edition, gone: Collection[str]) -> Edition:
    return edition.changed(lambda item: None if item.story in gone else item)


def _short(blurb: str) -> str:
    """Its first sentence, or as much of that as ends well."""
    first = next(iter(sentences(blurb)), blurb)
    return first if len(first) <= BLURB else shorten(first, BLURB)
