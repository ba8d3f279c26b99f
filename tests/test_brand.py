import re
from dataclasses import replace

import pytest
from pydantic import ValidationError

from build import edition
from digest import config
from digest.brand import PAPER, PAPER_DARK, STACKS, Brand
from digest.pipeline.printing import render_edition


def test_the_paper_is_that_of_the_mail(settings):
    html = render_edition(settings, edition()).html
    card = re.search(r'<table[^>]*class="card"[^>]*background-color:(#\w+)', html)
    assert card
    assert card[1] in {PAPER, "#fff"}
    assert f".card{{background-color:{PAPER_DARK}!important}}" in html


@pytest.mark.parametrize(
    ("over", "fault"),
    [
        ({"accent": "#e08080"}, "accent: #e08080 on #ffffff has a contrast of 2.8, and 4.5 is the least"),
        ({"accent_dark": "#8c1d18"}, "accent_dark: #8c1d18 on #1c1c1a has a contrast of"),
        ({"accent": "red"}, "not a colour such as #8c1d18"),
        ({"logo": "http://example.org/a.png"}, "not an https address"),
        ({"logo": 'https://example.org/a.png" onerror="x'}, "not an https address"),
        ({"headlines": "comic sans"}, "'georgia', 'times'"),
    ],
)
def test_what_could_not_be_read_or_shown_is_refused(over, fault):
    with pytest.raises(ValidationError, match=re.escape(fault)):
        Brand(**over)


def branded(settings, **over):
    site = settings.site.model_copy(update={"brand": Brand(**over)})
    return settings.model_copy(update={"site": site})


def test_colours_and_typefaces_are_in_every_part(settings):
    mine = branded(
        settings, accent="#00477a", accent_dark="#9cd0ff", headlines="palatino", text="verdana", small="tahoma"
    )
    whole = replace(edition(), note="Good morning.")
    rendered = render_edition(mine, whole)
    for part in (rendered.html, rendered.web):
        assert "#00477a" in part
        assert "#9cd0ff" in part
        assert "#8c1d18" not in part
        assert "Palatino" in part
        assert "Verdana" in part
    assert "Georgia, " not in rendered.html.replace(STACKS["palatino"], "").replace(
        STACKS["palatino"].replace("'", '"'), ""
    )


def test_a_logo_takes_the_place_of_the_name(settings):
    url = "https://news.example.org/logo.png"
    rendered = render_edition(branded(settings, logo=url, logo_width=200, logo_height=50), edition())
    for part in (rendered.html, rendered.web):
        assert re.search(rf'<img class="logo" src="{url}" alt="The Example Times" width="200" height="50"', part)
    assert url not in render_edition(settings, edition()).html


def test_a_brand_that_cannot_be_read_stops_the_program(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('[site.brand]\naccent = "#ffff00"\n', encoding="utf-8")
    with pytest.raises(config.ConfigError, match=r"site\.brand"):
        config.load(path)
