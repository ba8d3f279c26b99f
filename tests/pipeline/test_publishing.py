"""A draft in, its mail out: short enough to be shown whole."""

import re
from dataclasses import replace
from html import unescape

import pytest

from build import edition, item
from digest.errors import Refused
from digest.model import Image, Section
from digest.pipeline.publishing import LONGEST, render_edition


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
