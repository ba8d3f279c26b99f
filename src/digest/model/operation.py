"""What an editor decides about one edition: a closed set of operations.

An operation is aimed at a story by what survives when everything is ranked anew: its id and the addresses of its
articles.  So it can be applied again when late articles have come.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from digest.model.article import Image
from digest.model.edition import Sponsor


@dataclass(frozen=True, kw_only=True)
class Aim:
    """A story as it was when an editor decided about it."""

    story: str  #: Story.id
    urls: tuple[str, ...]  #: of its articles, the lead's first
    headline: str = ""  #: for people


@dataclass(frozen=True, kw_only=True)
class Pin:
    """It goes in, before all that is not pinned."""

    kind: Literal["pin"] = "pin"
    story: Aim


@dataclass(frozen=True, kw_only=True)
class Drop:
    """It stays out."""

    kind: Literal["drop"] = "drop"
    story: Aim


@dataclass(frozen=True, kw_only=True)
class Move:
    """It is in, and stands in a place or before another story, whose section it takes; in the first place it leads."""

    kind: Literal["move"] = "move"
    story: Aim
    place: int = 0  #: 1 is the lead story; 0: see `before`
    before: Aim | None = None


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Two stories are one: the articles of the other go to this one."""

    kind: Literal["merge"] = "merge"
    story: Aim
    other: Aim


@dataclass(frozen=True, kw_only=True)
class Split:
    """An article is no part of a story, and one of its own."""

    kind: Literal["split"] = "split"
    story: Aim
    article: str  #: its address


@dataclass(frozen=True, kw_only=True)
class ChooseLead:
    """This article speaks for the story."""

    kind: Literal["lead"] = "lead"
    story: Aim
    article: str  #: its address


@dataclass(frozen=True, kw_only=True)
class Reword:
    """Other words; None leaves what there is."""

    kind: Literal["reword"] = "reword"
    story: Aim
    headline: str | None = None
    blurb: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChooseImage:
    """This picture; None for no picture."""

    kind: Literal["image"] = "image"
    story: Aim
    image: Image | None = None


@dataclass(frozen=True, kw_only=True)
class SetSection:
    """It stands under this heading; "" for none."""

    kind: Literal["section"] = "section"
    story: Aim
    section: str


@dataclass(frozen=True, kw_only=True)
class SetSubject:
    kind: Literal["subject"] = "subject"
    text: str


@dataclass(frozen=True, kw_only=True)
class SetPreheader:
    kind: Literal["preheader"] = "preheader"
    text: str


@dataclass(frozen=True, kw_only=True)
class SetNote:
    kind: Literal["note"] = "note"
    text: str  #: Markdown; "" for no note


@dataclass(frozen=True, kw_only=True)
class SetSponsor:
    kind: Literal["sponsor"] = "sponsor"
    sponsor: Sponsor | None


OfStory = Pin | Drop | Move | Merge | Split | ChooseLead | Reword | ChooseImage | SetSection
OfEdition = SetSubject | SetPreheader | SetNote | SetSponsor
Operation = OfStory | OfEdition


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An operation as the record of an edition has it.  Nothing of it changes but that it is undone, once."""

    number: int  #: the revision of the edition that it made: 1, 2, …
    operation: Operation
    who: str
    at: datetime
    undone: int | None = None  #: the revision that undoing it made
    undone_by: str = ""
    undone_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.undone is None


def touches(operation: Operation) -> frozenset[str]:
    """What an operation is about: ids of stories and addresses of articles, or a part of the edition."""
    aims = aims_of(operation)
    return frozenset(key for aim in aims for key in (aim.story, *aim.urls)) or frozenset({f"the {operation.kind}"})


def aims_of(operation: Operation) -> tuple[Aim, ...]:
    """The stories that an operation decides about."""
    if isinstance(operation, OfEdition):
        return ()
    return (operation.story, operation.other) if isinstance(operation, Merge) else (operation.story,)
