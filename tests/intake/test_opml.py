"""OPML: feeds become sources, folders sections; nothing hostile gets further than one rejection."""

import pytest

from build import NOW
from digest.intake import opml
from digest.intake.origin import Origin
from digest.model import Rejection, Source

ORIGIN = Origin(path="feeds.opml", now=NOW)


def parse(body: str, before: str = "") -> list:
    return list(opml.parse(f'{before}<opml version="1.0"><body>{body}</body></opml>'.encode(), ORIGIN))


def test_feeds_become_sources_and_folders_sections():
    found = parse(
        '<outline text="Markets"><outline type="rss" text="Wire" title="The Wire" xmlUrl="https://example.org/f?utm_source=a"/>'
        '</outline><outline text="The Wire" xmlUrl="http://example.com/"/><outline xmlUrl="https://example.net/f"/>'
    )
    assert found == [
        Source(name="The Wire", url="https://example.org/f?utm_source=a", section="Markets"),
        Source(name="The Wire (2)", url="http://example.com/"),
        Source(name="example.net", url="https://example.net/f"),
    ]


def test_what_is_no_web_address_is_rejected_with_its_place():
    bad, good = parse('<outline text="A" xmlUrl="file:///etc/passwd"/><outline text="B" xmlUrl="https://b.example/"/>')
    assert (bad.where, bad.error) == ("feed 1", "xmlUrl: not an absolute http(s) address")
    assert good.name == "B"


@pytest.mark.parametrize(
    ("body", "before"),
    [
        ('<outline text="&x;" xmlUrl="https://a.example/"/>', '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        ('<outline text="a">' * 300, ""),
        ("<outline", ""),
        ("", ""),
    ],
    ids=["entity", "nested", "damaged", "empty"],
)
def test_what_is_hostile_or_damaged_is_one_rejection(body, before):
    (one,) = parse(body, before)
    assert isinstance(one, Rejection)


def test_what_is_exported_comes_back():
    sources = [
        Source(name="A & <B>", url="https://a.example/f?a=1&b=2", section="World"),
        Source(name="C", url="https://c.example/"),
        Source(name="A folder"),
    ]
    back = list(opml.parse(opml.build(sources, title="Ours"), ORIGIN))
    assert sorted(back, key=lambda one: one.name) == sources[:2]
