"""What became of an operation when it was replayed."""

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of an operation when it was replayed."""

    APPLIED = "applied"  #: It shows in the edition, or what later ones left of it.
    REPLACED = "replaced"  #: A later one decided the same thing, or its story was dropped.
    GONE = "gone"  #: Its story or article is not there any more.
    TOGETHER = "together"  #: Its story has become one with another, of which a later one decided otherwise.
    OUT = "out"  #: Its story is not in the edition.
    PLACELESS = "placeless"  #: The story is in, but the one that it was to stand before is not.
    UNPRINTABLE = "unprintable"  #: The article's source only counts as a signal.


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one operation, and why."""

    number: int  #: of the operation
    fate: Fate
    sentence: str = ""  #: for people; "" where all of it was applied
    story: str = ""  #: id of the story it is about now; "" for those of the edition, and where there is none

    @property
    def is_conflict(self) -> bool:
        return self.fate not in {Fate.APPLIED, Fate.REPLACED}
