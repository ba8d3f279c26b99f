"""An edition beside yesterday's."""

from build import item
from digest.edition.comparing import compare


def test_what_is_new_gone_and_elsewhere():
    yesterday = [item(1), item(2), item(3), item(4)]
    today = [item(3), item(2), item(9), item(8, url=item(4).url)]
    found = compare(today, yesterday)
    assert [one.story for one in found.new] == ["s0009"]
    assert [one.story for one in found.gone] == ["s0001"]
    assert [(one.item.story, one.before, one.place) for one in found.kept] == [
        ("s0003", 3, 1), ("s0002", 2, 2), ("s0008", 4, 4),
    ]  # fmt: skip
    assert [one.item.story for one in found.moved] == ["s0003"]


def test_all_is_new_beside_nothing():
    found = compare([item(1)], [])
    assert (len(found.new), found.kept, found.gone) == (1, (), ())
