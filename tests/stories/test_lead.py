"""Which article speaks for a story, and why not another one."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import NOW, article
from digest.model import EditorAction, Image, Role, Source
from digest.stories import lead
from digest.stories.signals import Desk, Group, RankOptions

TEXT = "The bank left its key rate unchanged on Monday, as most had thought it would. " * 10
IMAGE = Image(url="https://example.org/a.jpg")
SOURCES = {
    "Own": Source(name="Own", weight=3.0),
    "Wire": Source(name="Wire", role=Role.SIGNAL),
    "Locked": Source(name="Locked"),
}
OPTIONS = RankOptions(language="en-GB", paywalls=frozenset({"Locked"}))


def desk(**over):
    return Desk(**{"now": NOW, "options": OPTIONS, "sources": SOURCES, "decisions": {}} | over)


def group(*articles, news=None):
    urls = frozenset(one.url for one in articles)
    return Group(copies=tuple((one,) for one in articles), words=(), heat=0.0, news=urls if news is None else news)


def plain(number, **over):
    return article(number, **{"published": NOW - timedelta(hours=1), "body": TEXT, "source": f"Paper {number}"} | over)


#: What is better, in the order in which it is asked: each goes before all of the later ones together.
BETTER = [
    ({}, {"source": "Wire"}, "its source only counts as a signal"),
    ({"language": "en"}, {"language": "de"}, "it is not known to be in the newsletter's language"),
    ({}, {"summary": "", "body": ""}, "it has no text"),
    ({}, {"source": "Locked"}, "it is behind a paywall"),
    ({"source": "Own"}, {}, "its source weighs less"),
    ({}, {"body": "The bank left…"}, "its text is no more than a beginning"),
    ({"image": IMAGE}, {}, "it has no image"),
    ({}, {"published": NOW - timedelta(hours=9)}, "it is older"),
]


@pytest.mark.parametrize(("better", "worse", "lacks"), BETTER)
def test_each_criterion_decides_and_says_so(better, worse, lacks):
    one, other = plain(2, **better), plain(1, **worse)
    assert lead.lead_of(group(one, other), desk())[0] is one
    assert lead.why_not(other, one, desk()) == lacks


#: Neighbours in that order, but for those that are both about the source: an article has one.
NEIGHBOURS = [
    (one, other)
    for one, other in pairwise(BETTER)
    if not ("source" in one[0] | one[1] and "source" in other[0] | other[1])
]


@pytest.mark.parametrize(("first", "second"), NEIGHBOURS)
def test_an_earlier_criterion_goes_before_a_later_one(first, second):
    (better, worse, _), (later, spoilt, _) = first, second
    one, other = plain(2, **spoilt | better), plain(1, **later | worse)
    assert lead.lead_of(group(one, other), desk())[0] is one


def test_an_editors_pin_and_what_no_edition_told_go_before_quality():
    poor, rich = plain(1, summary="", body=""), plain(2, image=IMAGE)
    assert lead.lead_of(group(poor, rich), desk(decisions={poor.url: EditorAction.PIN}))[0] is poor
    assert lead.lead_of(group(poor, rich, news=frozenset({poor.url})), desk())[0] is poor
    assert lead.why_not(rich, poor, desk()) == "an earlier edition told it"


def test_a_newcomer_of_the_same_hours_does_not_take_the_headline():
    first, later = plain(1), plain(2, published=NOW - timedelta(minutes=20))
    assert lead.lead_of(group(first, later), desk())[0] is first
    assert lead.why_not(later, first, desk()).startswith("nothing tells it from the other")


def test_a_language_that_is_not_known_is_better_than_a_wrong_one():
    unknown, wrong = plain(2, language=""), plain(1, language="fr")
    assert lead.lead_of(group(unknown, wrong), desk())[0] is unknown
    assert lead.lead_of(group(unknown, wrong), desk(options=RankOptions()))[0] is wrong


@pytest.mark.parametrize(
    "marks",
    [
        {"title": "Bank holds rates (S+)"},
        {"title": "Premium: Bank holds rates"},
        {"title": "La banque maintient ses taux (Réservé aux abonnés)"},
        {"url": "https://example.org/premium/bank"},
        {"url": "https://example.org/economy/plus/bank"},
        {"summary": "The bank left its rate. Subscribe to continue reading."},
        {"source": "Locked"},
    ],
)
def test_marks_of_a_paywall(marks):
    assert lead.is_paywalled(plain(1, **marks), desk())


@pytest.mark.parametrize(
    "marks",
    [
        {"title": "A plus for the bank: premium cards"},
        {"url": "https://plus.example.org/bank"},
        {"url": "https://example.org/plus-size"},
        {"summary": "Subscribers of the gas company pay more."},
    ],
)
def test_no_marks_of_a_paywall(marks):
    assert not lead.is_paywalled(plain(1, **marks), desk())


def test_the_ledger_says_what_ruled_the_others_out():
    one = plain(1, image=IMAGE)
    chosen, found = lead.lead_of(group(one, plain(2), plain(3, source="Wire")), desk())
    assert chosen is one
    assert (found.signal, found.value, found.points) == ("lead", 2, 0.0)
    assert found.sentence == "Paper 1 speaks for it: it may be printed, it has an image."
    assert lead.lead_of(group(one), desk())[1].sentence == "Paper 1 alone speaks for it."


ARTICLES = st.lists(
    st.builds(
        dict,
        source=st.sampled_from(["Own", "Wire", "Locked", "Other"]),
        language=st.sampled_from(["en", "de", ""]),
        summary=st.sampled_from(["", "Short."]),
        body=st.sampled_from(["", TEXT]),
        image=st.sampled_from([None, IMAGE]),
        published=st.integers(0, 20).map(lambda hours: NOW - timedelta(hours=hours)),
    ),
    min_size=1,
    max_size=6,
)


@given(ARTICLES, st.randoms(use_true_random=False))
def test_the_order_of_the_articles_changes_nothing_and_a_worse_one_neither(rows, random):
    articles = [plain(number, **row) for number, row in enumerate(rows)]
    chosen, _ = lead.lead_of(group(*articles), desk())
    assert lead.lead_of(group(*random.sample(articles, len(articles))), desk())[0] is chosen
    worse = replace(chosen, url="https://example.org/zzz", image=None, published=NOW - timedelta(hours=40))
    assert lead.lead_of(group(*articles, worse), desk())[0] is chosen
    assert desk().may_print(chosen) or not any(map(desk().may_print, articles))
