"""The fields of a form in, the operation that an editor means out.  And back: an operation in plain words.  Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.errors import NotFound, Refused
from digest.model import (
    Aim,
    ChooseImage,
    ChooseLead,
    Drop,
    Image,
    Item,
    Merge,
    Move,
    Operation,
    Pin,
    Reword,
    SetNote,
    SetPreheader,
    SetSection,
    SetSponsor,
    SetSubject,
    Split,
    Sponsor,
    Story,
)
from digest.pipeline.building import Draft
from digest.pipeline.operating import aim_of

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Meant:
    """What a form says."""

    do: str
    stories: tuple[str, ...]  #: ids
    fields: Fields

    def text(self, name: str) -> str:
        """The last value, its lines ended as everywhere else."""
        return (self.fields.get(name) or [""])[-1].replace("\r\n", "\n").strip()


def meant(fields: Fields) -> Meant:
    """A button says what to do, and may name a story: ``pin s1``; or it is named for it, its value the object."""
    do, _, story = (fields.get("do") or [""])[-1].partition(" ")
    named = next((name for name in ("lead", "split", "undo") if not do and fields.get(name)), "")
    stories = (story,) if story else tuple(dict.fromkeys(fields.get("story", ())))
    return Meant(do=do or named, stories=stories, fields=fields)


def operation(draft: Draft, said: Meant) -> Operation:
    """The operation that a form means.

    Raises:
        NotFound: it names a story or a picture that is not there.
        Refused: it would change nothing, or means nothing.
    """
    match said.do:
        case "merge":
            return _merge(draft, said)
        case "subject":
            return SetSubject(text=said.text("subject"))
        case "preheader":
            return SetPreheader(text=said.text("preheader"))
        case "note":
            return SetNote(text=said.text("note"))
        case "sponsor":
            return SetSponsor(sponsor=_sponsor(said))
    if len(said.stories) != 1:
        raise Refused("choose a story first")
    return _of_story(draft, said, _story(draft, said.stories[0]))


def _of_story(draft: Draft, said: Meant, story: Story) -> Operation:  # noqa: PLR0911 - a line for each kind
    aim = aim_of(story)
    match said.do:
        case "pin":
            return Pin(story=aim)
        case "drop":
            return Drop(story=aim)
        case "up" | "down" | "move":
            return _move(draft, said, aim)
        case "lead":
            return ChooseLead(story=aim, article=said.text("lead"))
        case "split":
            return Split(story=aim, article=said.text("split"))
        case "reword":
            return _reword(draft, said, aim)
        case "image":
            return ChooseImage(story=aim, image=_image(draft, story, said.text("image")))
        case "section":
            return SetSection(story=aim, section=said.text("section"))
    raise Refused("this form means nothing to the desk")


def _move(draft: Draft, said: Meant, aim: Aim) -> Move:
    ids = [item.story for item in draft.edition.items]
    if aim.story not in ids:
        raise Refused("it is not in the edition: pin it first")
    if said.do != "move":
        return Move(story=aim, place=max(1, ids.index(aim.story) + (0 if said.do == "up" else 2)))
    before = said.text("before")
    if before == ids[0]:
        return Move(story=aim, place=1)
    return Move(story=aim, before=aim_of(_story(draft, before)))


def _merge(draft: Draft, said: Meant) -> Merge:
    """The one that stands higher keeps its place and words."""
    if len(said.stories) != 2:
        raise Refused("tick the two stories that are one")
    order = [*(item.story for item in draft.edition.items), *(one.id for one in draft.replayed.stories)]
    first, second = sorted(said.stories, key=lambda id_: order.index(id_) if id_ in order else len(order))
    return Merge(story=aim_of(_story(draft, first)), other=aim_of(_story(draft, second)))


def _reword(draft: Draft, said: Meant, aim: Aim) -> Reword:
    item = _item(draft, aim.story)
    headline, blurb = said.text("headline"), said.text("blurb")
    if (headline, blurb) == (item.headline, item.blurb):
        raise Refused("these are the words that it has")
    return Reword(
        story=aim,
        headline=headline if headline != item.headline else None,
        blurb=blurb if blurb != item.blurb else None,
    )


def _image(draft: Draft, story: Story, url: str) -> Image | None:
    if not url:
        return None
    there = [_item(draft, story.id).image, *(article.image for article in story.articles)]
    found = next((one for one in there if one and one.url == url), None)
    if found is None:
        raise NotFound("no article of the story has this picture any more")
    return found


def _sponsor(said: Meant) -> Sponsor | None:
    name = said.text("name")
    return Sponsor(name=name, text=said.text("text"), url=said.text("url")) if name else None


def _story(draft: Draft, id_: str) -> Story:
    found = next((one for one in draft.replayed.stories if one.id == id_), None)
    if found is None:
        raise NotFound("this story is not there any more")
    return found


def _item(draft: Draft, id_: str) -> Item:
    found = next((one for one in draft.edition.items if one.story == id_), None)
    if found is None:
        raise Refused("it is not in the edition: pin it first")
    return found


def told(operation: Operation) -> str:  # noqa: C901, PLR0911, PLR0912 - a line for each kind
    """In one sentence, without who and when."""
    match operation:
        case Pin(story=story):
            return f"Pinned “{story.headline}”"
        case Drop(story=story):
            return f"Dropped “{story.headline}”"
        case Move(story=story, before=before, place=place):
            return f"Moved “{story.headline}” {f'before “{before.headline}”' if before else f'to place {place}'}"
        case Merge(story=story, other=other):
            return f"Merged “{other.headline}” into “{story.headline}”"
        case Split(story=story, article=article):
            return f"Split {article} off “{story.headline}”"
        case ChooseLead(story=story, article=article):
            return f"Let {article} speak for “{story.headline}”"
        case Reword(story=story, headline=headline):
            return f"Reworded “{story.headline}”" + (f": “{headline}”" if headline else "")
        case ChooseImage(story=story, image=image):
            return f"{'Chose a picture for' if image else 'Took the picture from'} “{story.headline}”"
        case SetSection(story=story, section=section):
            return f"Filed “{story.headline}” under {section or 'no section'}"
        case SetSubject(text=text):
            return f"Subject: “{text}”"
        case SetPreheader(text=text):
            return f"Preheader: “{text}”"
        case SetNote(text=text):
            return "Wrote a note" if text else "Took the note out"
        case SetSponsor(sponsor=sponsor):
            return f"Sponsor: {sponsor.name}" if sponsor else "Took the sponsor out"
