"""An edition with everything in it, rendered once."""

from datetime import timedelta

import pytest

from build import NOW, edition, item
from digest import config
from digest.model import Edition, Image, Markets, Quote, Rendered, Section, Sponsor
from digest.render.render import render

SECTIONS = ("Politics", "Economy", "World")


def picture(number: int, **over: object) -> Image:
    values = {
        "url": f"https://img.example.org/{number}.jpg",
        "alt": f"Scene {number}",
        "credit": f"Photographer {number}",
    }
    return Image(**values | {"width": 1200, "height": 675} | over)


@pytest.fixture(scope="session")
def site() -> config.Site:
    return config.Site(name="The Example Times", base_url="https://news.example.org", postal_address="1 Example Street")


@pytest.fixture(scope="session")
def newsletter() -> config.Newsletter:
    return config.Newsletter(timezone="Europe/Berlin")


@pytest.fixture(scope="session")
def full() -> Edition:
    """Twelve stories in three sections with pictures, German and Arabic ones among them; note, markets, sponsor."""
    items = [
        item(n, section=SECTIONS[n % 3], image=picture(n) if n % 4 else None, sources=n, update=n == 5)
        for n in range(1, 13)
    ]
    items[2] = item(
        3, headline="Länder fordern Rechtsschutzversicherungsgesellschaften", language="de", image=picture(3)
    )
    items[6] = item(7, headline="الأمم المتحدة تدعو إلى هدنة", blurb="دعا الأمين العام إلى هدنة.", language="ar")
    sections = tuple(Section(name=name, items=tuple(items[1:][place::3])) for place, name in enumerate(SECTIONS))
    quotes = (
        Quote(name="Example 100", last="7,412.50", change=0.42),
        Quote(name="Brent crude", last="74.20", change=-1.25),
        Quote(name="Euro / US dollar", last="1.0842", change=-0.004),
    )
    return edition(
        lead=items[0],
        sections=sections,
        note="Good morning.\n\nThe next edition comes on Wednesday.",
        markets=Markets(as_of=NOW - timedelta(minutes=30), quotes=quotes),
        sponsor=Sponsor(name="Example Bank", text="No fee until 2028.", url="https://bank.example.com/open?a=1&b=2"),
    )


@pytest.fixture(scope="session")
def rendered(full: Edition, site: config.Site, newsletter: config.Newsletter) -> Rendered:
    return render(full, site=site, newsletter=newsletter)
