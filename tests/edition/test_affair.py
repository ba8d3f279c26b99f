"""How near two stories are."""

from hypothesis import given
from hypothesis import strategies as st

from build import article, story
from digest.edition.affair import Nearness, words

WORDS = st.lists(st.sampled_from(["Danube", "flood", "vote", "bank", "the", "of", "地震", "北京"]), max_size=6).map(
    " ".join
)


def told(titles):
    return [story(n, articles=(article(n, title=title),)) for n, title in enumerate(titles)]


def test_words_are_compared_without_case_plurals_and_short_ones_in_small_letters():
    assert list(words("The Floods of Ulm, and the US: a WAR")) == ["the", "flood", "ulm", "us", "war"]


def test_scripts_without_spaces_are_read_by_pairs():
    assert list(words("北京地震 2026")) == ["北京", "京地", "地震", "2026"]


def test_a_word_that_many_stories_have_tells_less():
    rare, common = (
        Nearness(told(["Danube flood", "Danube vote", *(f"{word} {n}" for n in range(20))]))
        for word in ("bank", "Danube")
    )
    first = told(["Danube flood"])[0]
    assert rare.to(first)["s0001"] > common.to(first)["s0001"] > 0


def test_what_is_less_near_than_asked_for_is_left_out():
    stories = told(["Danube flood vote bank trial quake", "Danube flood", "Danube flood vote bank trial"])
    assert set(Nearness(stories, least=0.5).to(stories[0])) == {"s0000", "s0002"}


@given(st.lists(WORDS, min_size=2, max_size=6))
def test_nearness_is_mutual_between_0_and_1_and_heeds_no_stranger(titles):
    stories = told(titles)
    near = Nearness(stories)
    for one in stories:
        for id_, value in near.to(one).items():
            assert 0 <= value <= 1 + 1e-9
            assert abs(near.to(next(other for other in stories if other.id == id_))[one.id] - value) < 1e-9
    strange = story(99, articles=(article(99, title="Glacier penguin"),))
    assert Nearness([*stories, strange]).to(stories[1]) == near.to(stories[1])
