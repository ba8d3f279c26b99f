"""A draft in, its mail out: short enough to be shown whole, and of the sections that each reader chose."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from build import NOW, edition, item, reader
from digest.errors import Overtaken, Refused
from digest.model import Image, Section
from digest.pipeline.audience import plan, told
from digest.pipeline.printing import LONGEST, render_edition
from digest.pipeline.publishing import approve
from digest.store import deliveries, editions, newsletters, subscribers
from digest.worker.letters import Letters


def long_edition(stories):
    """Of stories in Arabic letters, each with all that makes a mail long."""
    picture = Image(url=f"https://example.org/{'a' * 400}.jpg", alt="ا" * 200, credit="م" * 80, width=640, height=480)
    blurb = " ".join(["أبقى البنك المركزي سعر الفائدة دون تغيير وصوّت عضوان لصالح خفضه"] * 7)
    items = [
        item(number, rank=number, headline=f"{number} {'بنك ' * 60}", blurb=blurb, image=picture)
        for number in range(1, stories + 1)
    ]
    return replace(edition(), lead=items[0], sections=(Section(name="Economy", items=tuple(items[1:])),))


def links_of(markup):
    return {unescape(url) for url in re.findall(r'<a [^>]*href="([^"]+)"', markup)}


def test_a_usual_edition_keeps_everything(settings):
    rendered = render_edition(settings, edition(36))
    assert rendered.left_out == ()
    assert "more stories on the web" not in rendered.html


def test_no_edition_is_cut_off(settings):
    rendered = render_edition(settings, long_edition(40))
    assert rendered.left_out == ("39 thumbnails left out",)
    assert len(rendered.html.encode()) <= LONGEST


def test_a_mail_that_would_be_cut_off_does_without_the_least_valuable(settings):
    rendered = render_edition(settings, long_edition(40), longest=40_000)
    assert len(rendered.html.encode()) <= 40_000
    thumbnails, blurbs, stories = rendered.left_out
    assert (thumbnails, blurbs) == ("39 thumbnails left out", "39 blurbs shortened")
    moved = int(stories.split()[0])
    assert stories == f"{moved} stories on the web only"
    for part in (rendered.html, rendered.text):
        assert f"{moved} more stories on the web" in part
    told = {url for url in links_of(rendered.html) if url.startswith("https://example.org/news/")}
    assert told == {f"https://example.org/news/{number}" for number in range(1, 41 - moved)}
    assert all(url in rendered.text for url in told)
    assert len({url for url in links_of(rendered.web) if url.startswith("https://example.org/news/")}) == 40


def test_each_step_is_taken_only_when_it_has_to_be(settings):
    full = long_edition(8)
    length = len(render_edition(settings, full).html.encode())
    assert render_edition(settings, full, longest=length).left_out == ()
    assert render_edition(settings, full, longest=length - 1).left_out == ("7 thumbnails left out",)


def test_one_story_less_is_told_as_one(settings):
    two = long_edition(2)
    lead = len(render_edition(settings, replace(two, sections=())).html.encode())
    rendered = render_edition(settings, two, longest=lead + 500)
    assert rendered.left_out[-1] == "1 story on the web only"
    assert "One more story on the web" in rendered.html


def test_a_lead_story_that_is_too_long_alone_is_refused(settings):
    with pytest.raises(Refused, match="with its lead story alone"):
        render_edition(settings, long_edition(3), longest=5_000)


def test_every_reader_gets_the_variant_that_was_asked_for(settings, database):
    world, economy = (item(n, rank=n, section=name) for n, name in enumerate(("World", "Economy"), start=1))
    content = replace(edition(), lead=world, sections=(Section(name="Economy", items=(economy,)),))
    chosen = {1: (), 2: ("World",), 3: ("economy",), 4: ("Economy", "World"), 5: ("Sport",), 6: ("Economy",)}
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        people = [reader(number, sections=sections) for number, sections in chosen.items()]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
        editions.save_draft(db, content, [], due_at=None)

    approved = approve(settings, database, content.key, now=NOW)

    assert approved.variants == {"default": 2, "World": 1, "Economy": 2}
    assert approved.report == "5 readers; 3 variants (at most 100); no mail for 1 reader of other sections"
    with database.begin() as db:
        claimed = deliveries.claim(db, now=NOW, limit=10, owner="one", lease=timedelta(minutes=5))
        assert deliveries.tally(db, approved.edition.id).audience == 5
        assert deliveries.by_variant(db, approved.edition.id) == approved.variants
    assert {one.address.partition("@")[0]: one.variant for one in claimed} == {
        "reader1": "default", "reader2": "World", "reader3": "Economy", "reader4": "default", "reader6": "Economy",
    }  # fmt: skip
    letters = Letters(settings, database)
    for one in claimed:
        message = letters.copy(one)
        assert (world.url.encode() in message) == (one.variant in {"default", "World"})
        assert (economy.url.encode() in message) == (one.variant in {"default", "Economy"})


def test_the_words_around_the_stories_are_in_the_readers_language(settings, database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        people = [reader(n, language=tag) for n, tag in enumerate(("", "de-AT", "ar", "xx"), start=1)]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
        status = editions.save_draft(db, edition(), [], due_at=None)
    assert approve(settings, database, status.key, now=NOW).variants == {"default": 2, "de": 1, "ar": 1}
    with database.read() as db:
        words = {"default": "Unsubscribe", "de": "Abbestellen", "ar": "إلغاء الاشتراك"}
        for variant, word in words.items():
            rendered = editions.rendered(db, status.id, variant)
            assert word in rendered.html
            assert word in rendered.text
            assert edition().lead.headline in rendered.html


def test_readers_of_too_rare_a_variant_are_counted(settings, sqlite_database):
    """In 7 sections 127 choices: those that are too rare get a few stories more, and nobody less."""
    sections = [f"Section {number}" for number in range(7)]
    lead, *rest = (item(number, section=name) for number, name in enumerate(sections))
    content = replace(edition(), lead=lead, sections=tuple(Section(name=one.section, items=(one,)) for one in rest))
    chosen = [tuple(name for place, name in enumerate(sections) if number >> place & 1) for number in range(128)]
    with sqlite_database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        people = [reader(number, sections=names) for number, names in enumerate(chosen)]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
        status = editions.save_draft(db, content, [], due_at=None)
        planned = plan(settings, db, status, now=NOW)
    assert len(planned.readers) == 100
    assert sum(planned.readers.values()) == 128
    assert planned.rarer == 27
    assert told(planned.readers, rarer=planned.rarer).endswith("27 readers of rarer ones get more than they asked for")


def test_the_web_page_has_all_sections_though_nobody_asked_for_all(settings, database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(1, sections=("Economy",))], newsletter="daily", consent="{}", now=NOW)
        status = editions.save_draft(db, replace(edition(), lead=item(9, section="World")), [], due_at=None)
    approve(settings, database, status.key, now=NOW)
    with database.read() as db:
        assert item(9).url in editions.rendered(db, status.id, "default").web
        assert item(9).url not in editions.rendered(db, status.id, "Economy").html
        assert editions.rendered(db, status.id, "Economy").web == "", "everyone is shown the same page"


@pytest.mark.parametrize("template", ["{{ nothing.here }}", "{% if %}", "<p>No doctype</p>"])
def test_templates_of_the_site_that_make_no_mail_are_told_in_one_line(settings, sqlite_database, tmp_path, template):
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "edition.html.j2").write_text(template, encoding="utf-8")
    own = settings.model_copy(update={"site": settings.site.model_copy(update={"templates": tmp_path})})
    with sqlite_database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        status = editions.save_draft(db, edition(), [], due_at=None)
    with pytest.raises(Refused, match="the templates make no mail"):
        approve(own, sqlite_database, status.key, now=NOW)
    with sqlite_database.read() as db:
        assert editions.get(db, status.key).state == "draft"


def test_a_draft_that_is_not_what_was_seen_is_not_approved(settings, database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        status = editions.save_draft(db, edition(), [], due_at=None)
    with pytest.raises(Overtaken):
        approve(settings, database, status.key, now=NOW, seen=edition(subject="What somebody saw"))
    later = replace(edition(), built_at=NOW - timedelta(hours=1))  # made at another time, with the same content
    assert approve(settings, database, status.key, now=NOW, seen=later).edition.approved_at == NOW
