"""The shipped templates keep every rule of `digest lint`: no errors, no warnings, whatever the edition has."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from build import KEY, NOW, edition, item
from digest.brand import Brand
from digest.config import Newsletter, Settings, Site
from digest.lint.finding import Finding, Severity
from digest.model import Edition, Section
from digest.pipeline.drafts import written
from digest.pipeline.linting import lint_message
from digest.pipeline.sampling import sample_edition
from goldens import goldens
from goldens import settings as golden_settings


def faults(shown: Edition, base_url: str = "https://news.example.org") -> list[Finding]:
    site = Site(name="The Example Times", base_url=base_url, secrets=(SecretStr(KEY),))
    settings = Settings(site=site, newsletters={"daily": Newsletter(timezone="Europe/Berlin")})
    found = lint_message(settings, "daily", written(settings, shown, now=NOW))
    return [one for one in found if one.severity is not Severity.NOTE]


def test_an_edition_with_everything(full):
    assert faults(full) == []


def test_the_demo_on_this_machine():
    base_url = "http://127.0.0.1:8601"
    shown = sample_edition(Settings(site=Site(base_url=base_url)), now=NOW)
    local = replace(shown.lead.image, url=f"{base_url}/images/1.png")
    assert faults(replace(shown, lead=replace(shown.lead, image=local)), base_url) == []


def test_the_sample_edition_has_pictures_sections_and_a_market_table():
    shown = sample_edition(Settings(), now=NOW)
    assert len(shown.items) == Newsletter().stories
    assert shown.lead.image
    assert len(shown.sections) > 1
    assert shown.markets.quotes
    assert faults(shown) == []


ARABIC = item(2, headline="الأمم المتحدة تدعو إلى هدنة", blurb="دعا الأمين العام إلى هدنة.", language="ar")


@pytest.mark.parametrize(
    "shown",
    [
        edition(1),
        edition(12),
        edition(lead=item(headline="Rechtsschutzversicherungsgesellschaften " * 4)),
        edition(language="ar", title="الموجز", lead=ARABIC, sections=(Section(name="عالم", items=(ARABIC,)),)),
        edition(sections=(Section(name="", items=(item(2), item(3, update=True))),)),
        edition(lead=item(url="javascript:x", source="")),
        edition(note="One.\n\nTwo."),
    ],
    ids=["one", "twelve", "long", "arabic", "unnamed", "unlinked", "note"],
)
def test_odd_editions(shown):
    assert faults(shown) == []


@pytest.mark.parametrize("name", goldens())
@pytest.mark.parametrize("logo", ["", "https://news.example.org/logo.png"], ids=["", "logo"])
def test_both_parts_of_a_golden_edition_have_an_even_number_of_addresses(name, logo):
    site = golden_settings().site.model_copy(update={"brand": Brand(logo=logo)})
    branded = golden_settings().model_copy(update={"site": site})
    found = lint_message(branded, "daily", written(branded, goldens()[name], now=NOW))
    assert [one.wrong for one in found if one.rule == "links-even"] == []
