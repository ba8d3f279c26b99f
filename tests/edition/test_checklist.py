"""What an editor is to look at: what is missing, told twice, too long or too old."""

from dataclasses import replace
from datetime import timedelta

import pytest

from build import NOW, edition, item
from digest.edition.checklist import LONG_HEADLINE, checklist
from digest.model import Image, Markets, Quote, Section

APART = ("Bank holds its rate", "Storm closes northern ports", "Minister Solbakk resigns", "Telescope finds water")


def made(*items, **over):
    return replace(edition(), lead=items[0], sections=(Section(name="Economy", items=items[1:]),), **over)


def fine(number, **over):
    return item(number, **{"headline": APART[number - 1]} | over)


def said(content):
    return [(one.story, one.sentence) for one in checklist(content, now=NOW)]


def test_an_edition_in_order_is_not_talked_about():
    assert said(made(*(fine(n) for n in range(1, 5)))) == []


@pytest.mark.parametrize(("over", "says"), [
    ({"source": ""}, "names no source"),
    ({"blurb": ""}, "no summary"),
    ({"image": Image(url="https://x.example/a.jpg", alt="A view")}, "no credit"),
    ({"image": Image(url="https://x.example/a.jpg", credit="Me")}, "no description"),
    ({"headline": "word " * (LONG_HEADLINE // 5) + "x"}, f"{LONG_HEADLINE + 1} characters"),
    ({"url": "https://example.org/news/1"}, "same page"),
    ({"headline": "Bank holds its rate again"}, "may be the same story"),
])  # fmt: skip
def test_what_is_wrong_with_a_story_is_said_of_it(over, says):
    ((story, sentence),) = said(made(fine(1), fine(2, **over)))
    assert story == "s0002"
    assert says in sentence


@pytest.mark.parametrize(("now", "hours", "stale"), [
    (NOW, 20, False),  # a Monday at seven: since Sunday nothing was traded
    (NOW, 63, False),  # since Friday at four
    (NOW, 85, True),  # since Thursday
    (NOW + timedelta(days=2), 30, True),  # in the middle of a week
    (NOW + timedelta(days=2), 20, False),
])  # fmt: skip
def test_prices_age_while_there_is_trading(now, hours, stale):
    markets = Markets(as_of=now - timedelta(hours=hours), quotes=(Quote(name="A", last="1", change=0.0),))
    found = checklist(made(fine(1), markets=markets), now=now)
    assert bool(found) is stale
    if stale:
        assert found[0].story == ""
