from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import edition, item
from digest.edition.variants import Variant, cut, exact, variants
from digest.model import Section, Wish

ITEMS = {
    number: item(number, rank=number, section=section, headline=f"Headline {number}")
    for number, section in enumerate(("World", "Economy", "World", "Culture", ""), start=1)
}
FULL = replace(
    edition(),
    lead=ITEMS[1],
    sections=(
        Section(name="", items=(ITEMS[5],)),
        Section(name="Economy", items=(ITEMS[2],)),
        Section(name="World", items=(ITEMS[3],)),
        Section(name="Culture", items=(ITEMS[4],)),
    ),
)
WITHOUT_LOOSE = replace(FULL, sections=FULL.sections[1:])


def wish(*sections, language=""):
    return Wish(language=language, sections=sections)


def told(one):
    return [story.rank for story in one.items]


def of(*sections, language="en", name=None):
    return Variant(name=name or "+".join(sections) or "default", language=language, sections=sections)


@pytest.mark.parametrize(
    ("asked", "variant"),
    [
        (wish(), of()),
        (wish("World", "Economy", "Culture", "Sport"), of()),
        (wish("economy"), of("Economy")),
        (wish("Sport", "Economy", "World"), of("World", "Economy")),
        (wish("Economy", "World"), of("World", "Economy")),
        (wish("Economy", language="de"), of("Economy", language="de", name="de: Economy")),
        (wish(language="de-AT"), of(language="de", name="de")),
        (wish(language="xx"), of()),
        (wish(language="en-GB"), of()),
    ],
)
def test_wishes_that_come_to_the_same_are_one_variant(asked, variant):
    assert variants(FULL, {asked: 1}, languages=("en", "de")) == {asked: variant}


def test_a_reader_of_other_sections_gets_what_has_none_or_nothing():
    assert told(cut(FULL, variants(FULL, {wish("Sport"): 1})[wish("Sport")])) == [5]
    assert variants(WITHOUT_LOOSE, {wish("Sport"): 1}) == {wish("Sport"): None}


@pytest.mark.parametrize(
    ("sections", "ranks"),
    [((), [1, 5, 2, 3, 4]), (("World",), [1, 5, 3]), (("Economy", "Culture"), [2, 5, 4]), (("Culture",), [4, 5])],
)
def test_a_section_that_was_not_chosen_is_not_in_the_variant(sections, ranks):
    assert told(cut(FULL, of(*sections))) == ranks


def test_without_its_lead_story_a_variant_is_called_by_its_own():
    one = cut(FULL, of("Economy"))
    assert (one.subject, one.preheader) == ("Headline 2", "Headline 5")
    assert cut(FULL, of("World")).subject == FULL.subject


def test_the_language_is_that_of_the_words_around_the_stories():
    one = cut(FULL, of(language="de", name="de"))
    assert one.language == "de"
    assert one.items == FULL.items


def test_the_number_of_variants_is_bounded_and_the_rarest_go():
    asked = {wish(): 1, wish("World"): 5, wish("Economy"): 3, wish("Culture"): 2, wish("Sport", "Culture"): 2}
    found = variants(FULL, asked, most=3)
    assert {one: variant.name for one, variant in found.items()} == {
        wish(): "default",
        wish("World"): "World",
        wish("Economy"): "default",
        wish("Culture"): "Culture",
        wish("Sport", "Culture"): "Culture",
    }


def test_who_asked_for_a_rare_variant_gets_the_smallest_that_has_all_of_it():
    asked = {
        wish("World"): 1,
        wish("World", language="de"): 1,
        wish("World", "Economy"): 5,
        wish("World", "Culture"): 5,
        wish("Economy", "Culture"): 5,
        wish("Culture", language="de"): 5,
        wish(language="de"): 5,
        wish("Culture", language="ar"): 1,
    }
    found = variants(FULL, asked, languages=("en", "de", "ar"), most=6)
    assert found[wish("World")].name == "World+Culture"  # as long as with Economy, and before it
    assert found[wish("World", language="de")].name == "de"
    assert found[wish("Culture", language="ar")].name == "default"


WISHES = st.dictionaries(
    st.builds(
        wish,
        st.sampled_from(("World", "economy", "Sport")),
        st.sampled_from(("Culture", "World", "Economy")),
        language=st.sampled_from(("", "de", "xx")),
    )
    | st.builds(wish, language=st.sampled_from(("", "de"))),
    st.integers(1, 9),
)


@given(asked=WISHES, most=st.integers(1, 6))
def test_within_the_bound_nobody_misses_a_story(asked, most):
    found = variants(FULL, asked, languages=("en", "de"), most=most)
    assert len({one.name for one in found.values()} | {"default"}) <= most
    for one, own in exact(FULL, asked, languages=("en", "de")).items():
        assert set(told(cut(FULL, own))) <= set(told(cut(FULL, found[one])))


def test_long_names_stay_apart():
    sections = tuple(Section(name=f"{n} {'x' * 60}", items=(item(n, section=f"{n} {'x' * 60}"),)) for n in range(4))
    many = replace(FULL, lead=None, sections=sections)
    names = [section.name for section in sections]
    found = variants(many, {wish(*names[:2]): 1, wish(*names[1:3]): 1})
    assert len({one.name for one in found.values()}) == 2
    assert all(len(one.name) <= 80 for one in found.values())
