"""Selected stories in, the content of an edition out.  Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby

from digest import config
from digest.edition.blurb import blurb
from digest.edition.filling import section_of
from digest.edition.replay import Edits
from digest.edition.select import Selection
from digest.edition.sentences import plain, shorten
from digest.model import (
    Article,
    Cadence,
    ChooseImage,
    Edition,
    Image,
    Item,
    Markets,
    Reword,
    Section,
    Story,
    StoryState,
)

SUBJECT = 70  #: characters; phones show about 40, desktops 70
OF_THE_WEEK = 14  #: of them that "The week: " takes, in the language of ours that has most
PREHEADER = 90  #: characters
LEAST = 35  #: a subject or headline is not cut at a clause before this
BETWEEN = " · "  #: two headlines in one subject
NARROWEST = 200  #: pixels; smaller images are icons


def compose(
    selection: Selection,
    *,
    newsletter: str,
    settings: config.Newsletter,
    site: config.Site,
    day: date,
    cadence: Cadence = Cadence.DAILY,
    wave: int | None = None,
    week: tuple[date, date] | None = None,
    now: datetime,
    markets: Markets | None = None,
    edits: Edits | None = None,
) -> Edition:
    """The edition of a day: the lead story, then the sections in the order of the selection.

    The subject is the lead's headline, the preheader those of the next two stories by rank.  An empty edition has the
    newsletter's title as its subject.  What editors wrote goes before all of that.
    """
    chosen, edits = selection.chosen, edits or Edits()
    items = {story.id: _edited(item_of(story), edits.items.get(story.id, ())) for story in chosen}
    ranked = [items[one.id].headline for one in (*chosen[:1], *sorted(chosen[1:], key=lambda story: story.rank))]
    subject, preheader = titles(ranked or [plain(settings.title)], cadence)
    return Edition(
        newsletter=newsletter,
        day=day,
        cadence=cadence,
        wave=wave,
        week=week,
        title=settings.title,
        language=settings.language or site.language,
        subject=subject if edits.subject is None else plain(edits.subject),
        preheader=preheader if edits.preheader is None else plain(edits.preheader),
        lead=items[chosen[0].id] if chosen else None,
        sections=_sections(chosen[1:], items, settings.sections),
        note=edits.note.strip(),
        markets=markets,
        sponsor=edits.sponsor,
        built_at=now,
    )


def titles(headlines: Sequence[str], cadence: Cadence = Cadence.DAILY) -> tuple[str, str]:
    """Subject and preheader of an edition with these headlines, the lead's first, then by rank.

    A mail of the week says so before its subject, in the reader's language.
    """
    room = SUBJECT - OF_THE_WEEK * (cadence is Cadence.WEEKLY)
    return shorten(headlines[0], room, least=LEAST), _preheader(headlines[1:3])


def retitled(edition: Edition) -> Edition:
    """With subject and preheader made from the headlines that it has; it has stories."""
    ranked = [edition.items[0], *sorted(edition.items[1:], key=lambda item: item.rank)]
    subject, preheader = titles([item.headline for item in ranked], edition.cadence)
    return replace(edition, subject=subject, preheader=preheader)


def proposals(edition: Edition) -> tuple[str, ...]:
    """Up to three subjects from the first stories: the lead's headline alone, and with each of the two that follow."""
    if edition.lead is None:
        return ()
    room = SUBJECT - OF_THE_WEEK * (edition.cadence is Cadence.WEEKLY)
    lead, others = edition.lead.headline, [item.headline for item in edition.smaller]
    found = [shorten(lead, room, least=LEAST), *(_both(lead, other, room) for other in others[:2])]
    return tuple(dict.fromkeys(found))


def _both(one: str, other: str, room: int) -> str:
    """Two headlines in the room of one, each as far as it ends well."""
    half = (room - len(BETWEEN)) // 2
    first = shorten(one, max(half, room - len(BETWEEN) - len(other)))
    return f"{first}{BETWEEN}{shorten(other, room - len(BETWEEN) - len(first))}"


def _sections(stories: Sequence[Story], items: Mapping[str, Item], configured: Sequence[str]) -> tuple[Section, ...]:
    """One section a run of stories, its name as the newsletter spells it, or else its first story."""
    spelt = {name.casefold(): name for name in configured}
    runs = [list(run) for _, run in groupby(stories, key=lambda story: section_of(story).casefold())]
    return tuple(
        Section(
            name=spelt.get(section_of(run[0]).casefold(), section_of(run[0])),
            items=tuple(items[story.id] for story in run),
        )
        for run in runs
    )


def item_of(story: Story) -> Item:
    lead = story.lead
    return Item(
        story=story.id,
        headline=_headline(lead),
        url=lead.url,
        blurb=blurb(lead),
        source=lead.source,
        sources=story.sources,
        section=section_of(story),
        language=lead.language,
        published=lead.published,
        image=_image(lead.image),
        update=story.state is StoryState.DEVELOPED,
        rank=story.rank,
    )


def _edited(item: Item, edits: Sequence[Reword | ChooseImage]) -> Item:
    """With the words and the picture that editors gave it, the latest last."""
    for one in edits:
        if isinstance(one, ChooseImage):
            item = replace(item, image=_image(one.image))
        else:
            headline = item.headline if one.headline is None else plain(one.headline)
            item = replace(item, headline=headline, blurb=item.blurb if one.blurb is None else plain(one.blurb))
    return item


def _headline(article: Article) -> str:
    """The title, without the name of its source that some feeds append."""
    title = plain(article.title)
    for mark in (" - ", " | ", " – ", " — "):
        if article.source:
            title = title.removesuffix(f"{mark}{article.source}")
    return title


def _image(image: Image | None) -> Image | None:
    fits = image and image.url.startswith(("https://", "http://")) and (image.width is None or image.width >= NARROWEST)
    return image if fits else None


def _preheader(headlines: Sequence[str]) -> str:
    """Both headlines if they fit, else as much as ends well."""
    both = " · ".join(headlines)
    if len(both) <= PREHEADER or not headlines:
        return both
    first = shorten(headlines[0], PREHEADER, least=LEAST)
    room = PREHEADER - len(first) - len(" · ")
    second = shorten(headlines[1], room, least=LEAST) if len(headlines) > 1 and room >= LEAST else ""
    return f"{first} · {second}" if second else first
