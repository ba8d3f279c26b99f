"""An operation in, what is wrong with it in itself out.  Pure."""

from digest.edition.sentences import plain
from digest.model import (
    Aim,
    ChooseImage,
    ChooseLead,
    Merge,
    Move,
    OfEdition,
    OfStory,
    Operation,
    Reword,
    SetNote,
    SetPreheader,
    SetSection,
    SetSponsor,
    SetSubject,
    Split,
    Sponsor,
)

HEADLINE = 200  #: characters
BLURB = 600
LINE = 200  #: of a subject and a preheader
SECTION = 60
NOTE = 5_000


def fault(operation: Operation) -> str:
    """In one line; "" where it can be recorded.  Whether it fits the edition is for `replay` to say."""
    return _of_part(operation) if isinstance(operation, OfEdition) else _of_story(operation)


def _of_story(operation: OfStory) -> str:
    match operation:
        case Move(story=story, place=place, before=before):
            return _of_place(story, place, before)
        case Merge(story=story, other=other):
            return "a story cannot be put together with itself" if story.story == other.story else ""
        case Split(story=story, article=article):
            return _of_article(story, article) or ("it has no other article" if len(story.urls) == 1 else "")
        case ChooseLead(story=story, article=article):
            return _of_article(story, article)
    return _of_look(operation)


def _of_look(operation: OfStory) -> str:
    """Of the words, the picture and the heading of a story."""
    match operation:
        case Reword(headline=headline, blurb=blurb):
            return _of_words(headline, blurb)
        case ChooseImage(image=image):
            return _of_address("the picture", image.url) if image else ""
        case SetSection(section=section):
            return _of_length("a section", section, SECTION)
    return ""


def _of_part(operation: OfEdition) -> str:
    match operation:
        case SetNote(text=text):
            return _of_length("a note", text, NOTE)
        case SetSponsor(sponsor=sponsor):
            return _of_sponsor(sponsor) if sponsor else ""
        case SetSubject(text=text) | SetPreheader(text=text):
            return _of_line(operation.kind, text)


def _of_place(story: Aim, place: int, before: Aim | None) -> str:
    if before and before.story == story.story:
        return "a story cannot stand before itself"
    return "" if (place >= 1) != (before is not None) else "say one: a place from 1 on, or before which story"


def _of_article(story: Aim, article: str) -> str:
    if article in story.urls:
        return ""
    return f"{article} is not the address of an article of “{story.headline}”; `digest stories --json` has all of them"


def _of_words(headline: str | None, blurb: str | None) -> str:
    if headline is None and blurb is None:
        return "say a headline, a blurb or both"
    if headline is not None and not plain(headline):
        return "a headline cannot be empty"
    return _of_length("a headline", headline or "", HEADLINE) or _of_length("a blurb", blurb or "", BLURB)


def _of_line(name: str, text: str) -> str:
    return _of_length(f"a {name}", text, LINE) if plain(text) else f"a {name} cannot be empty; `undo` takes it back"


def _of_sponsor(sponsor: Sponsor) -> str:
    if not plain(sponsor.name) or not plain(sponsor.text):
        return "a sponsor needs a name and a text"
    too_long = _of_length("a sponsor's name", sponsor.name, SECTION) or _of_length("its text", sponsor.text, BLURB)
    return too_long or (_of_address("the sponsor", sponsor.url) if sponsor.url else "")


def _of_address(name: str, url: str) -> str:
    return "" if url.startswith(("https://", "http://")) else f"the address of {name} has to begin with https://"


def _of_length(name: str, text: str, most: int) -> str:
    return f"{name} has at most {most} characters, and not {len(text)}" if len(text) > most else ""
