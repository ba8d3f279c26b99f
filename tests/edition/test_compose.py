"""From a selection to the content of an edition."""

from dataclasses import replace
from datetime import date

import pytest

from build import NOW, article, story
from digest import config, languages
from digest.edition.compose import compose
from digest.edition.filling import Rules
from digest.edition.replay import Edits
from digest.edition.select import select
from digest.edition.variants import Variant, cut
from digest.model import Cadence, Image, Sponsor, StoryState

DAY = date(2026, 11, 23)
HEADLINE = "Parliament votes for the budget after a night of talks, and the opposition calls it a scandal"


def made(stories, *, sections=(), **over):
    settings = config.Newsletter(title="The Digest", sections=sections)
    leads = [replace(one.lead, title=f"Story{one.rank}") for one in stories]  # told of no common affair
    told = [replace(one, lead=lead, articles=(lead,)) for one, lead in zip(stories, leads, strict=True)]
    picked = {one.id: one for one in stories}
    selection = select(told, Rules(limit=12, sections=sections))
    selection = replace(selection, chosen=tuple(picked[one.id] for one in selection.chosen))
    arguments = {"newsletter": "daily", "settings": settings, "site": config.Site(), "day": DAY, "now": NOW}
    return compose(selection, **arguments | over)


def one(number, section="", **over):
    return story(number, articles=(article(number, section=section, **over),))


def test_the_lead_stands_before_the_sections_and_every_story_is_in():
    edition = made([one(1, "World"), one(2, "sport"), one(3, "WORLD"), one(4, "Arts")], sections=("Sport", "World"))
    assert edition.lead.story == "s0001"
    assert [section.name for section in edition.sections] == ["Sport", "World", "Arts"]
    assert [item.story for item in edition.items] == ["s0001", "s0002", "s0003", "s0004"]
    assert edition.key == "daily/2026-11-23"


def test_an_empty_edition_still_has_a_subject():
    edition = made([])
    assert (edition.subject, edition.preheader, edition.lead, edition.sections) == ("The Digest", "", None, ())


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("Bank holds rates", "Bank holds rates"),
        ("Bank holds rates - Example Wire", "Bank holds rates"),
        ("Bank\r\nBcc: all@example.org", "Bank Bcc: all@example.org"),
        (HEADLINE, "Parliament votes for the budget after a night of talks"),
    ],
)
def test_the_subject_is_the_lead_headline_on_one_short_line(title, subject):
    assert made([one(1, title=title)]).subject == subject


def test_the_preheader_tells_the_second_and_third_story_by_rank():
    stories = [one(1, "A"), one(2, "Z", title="Second"), one(3, "B", title="Third"), one(4, "B", title="Fourth")]
    assert made(stories, sections=("B", "Z")).preheader == "Second · Third"


@pytest.mark.parametrize("titles", [(HEADLINE, HEADLINE), ("Second", HEADLINE), (HEADLINE, "Third"), (HEADLINE,)])
def test_the_preheader_is_short_and_not_empty(titles):
    edition = made([one(1), *(one(number, title=title) for number, title in enumerate(titles, start=2))])
    assert 0 < len(edition.preheader) <= 90


@pytest.mark.parametrize("language", sorted(languages.available()))
def test_the_subject_of_a_week_is_short_in_every_language(language):
    """With what goes before it, and of a variant too."""
    edition = made([one(1, "World", title=HEADLINE), one(2, "Arts", title=HEADLINE)], cadence=Cadence.WEEKLY)
    part = cut(edition, Variant(name="Arts", language=language, sections=("Arts",)))
    voice = languages.voice(language)
    for subject in (edition.subject, part.subject):
        assert 35 < len(voice.gettext("The week: %(headline)s", headline=subject)) <= 70


def test_an_item_carries_what_the_lead_article_says():
    lead = article(1, section="World", language="de")
    item = made([story(1, articles=(lead,), sources=7, state=StoryState.DEVELOPED)]).lead
    assert (item.url, item.source, item.sources) == (lead.url, "Example Wire", 7)
    assert (item.section, item.language, item.published) == ("World", "de", lead.published)
    assert item.blurb == "The bank left its key rate unchanged. Two members voted for a cut."
    assert item.update


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (Image(url="https://example.org/a.jpg", width=640), True),
        (Image(url="https://example.org/a.jpg"), True),
        (Image(url="https://example.org/icon.png", width=32), False),
        (Image(url="data:image/png;base64,AAAA", width=640), False),
        (Image(url=""), False),
        (None, False),
    ],
)
def test_images(image, shown):
    assert made([one(1, image=image)]).lead.image == (image if shown else None)


def test_note_sponsor_and_language():
    sponsor = Sponsor(name="A", text="B", url="https://example.org/")
    edition = made([one(1)], edits=Edits(note="  Good morning. ", sponsor=sponsor), site=config.Site(language="fr"))
    assert (edition.note, edition.sponsor, edition.language, edition.built_at) == ("Good morning.", sponsor, "fr", NOW)
