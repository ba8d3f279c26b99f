"""Profiles: what the configuration takes is what ranking knows, and an owner's word goes before a profile's."""

from typing import get_args

import pytest

from build import NOW, article
from digest import config
from digest.stories import profiles
from digest.stories.rank import rank_stories
from digest.stories.signals import SUBJECT_PRIOR, WEIGHTS
from digest.stories.subjects import SUBJECTS, look_up, subject_of

NOTHING = {"window_hours": 24, "weights": {}, "sections": {}, "subjects": {}, "words": {}}


def test_the_configuration_takes_what_there_is():
    assert set(get_args(config.Profile)) == set(profiles.PROFILES)
    assert set(config.SIGNALS.split("|")) == set(WEIGHTS)
    assert set(config.SUBJECTS.split("|")) == set(SUBJECTS) == set(SUBJECT_PRIOR)


@pytest.mark.parametrize(
    ("profile", "first"),
    [("balanced", "War in Sudan: hospital shelled"), ("business", "Inflation falls, central bank cuts rates")],
)
def test_profiles_differ(profile, first):
    titles = ("War in Sudan: hospital shelled", "Inflation falls, central bank cuts rates", "Ten best recipes")
    articles = [article(n, title=title, section="", summary="", body="") for n, title in enumerate(titles)]
    options = profiles.options(profile, **NOTHING)
    ranked = [one.lead.title for one in rank_stories(articles, now=NOW, options=options, sources={})]
    assert ranked[0] == first
    assert ranked[-1] == titles[2]


def test_the_owner_goes_before_the_profile():
    own = profiles.options(
        "world",
        window_hours=24,
        weights={"coverage": 3.0},
        sections={"Economy": 2.0},
        subjects={"sport": 1.0},
        words={"Climat*": 4.0},
    )
    world = profiles.PROFILES["world"]
    assert (own.weight("coverage"), own.weight("size")) == (3.0, world.weight("size"))
    assert (own.sections["economy"], own.sections["world"]) == (2.0, world.sections["world"])
    assert (own.subjects["sport"], own.subjects["states"]) == (1.0, world.subjects["states"])
    assert look_up("climatic", own.words) == 4.0


def test_of_several_beginnings_the_longest_counts():
    table = {"in*": 1, "india*": 2, "indian": 3}
    assert [look_up(word, table) for word in ("indian", "indiana", "inn", "out")] == [3, 2, 1, None]


def test_words_have_a_subject_in_their_language():
    assert subject_of("ukrainian", "") == subject_of("ukrainische", "de") == "states"
    assert subject_of("tote", "de") == "force"
    assert subject_of("tote", "en") == subject_of("tote", "fi") == ""
