"""What a robots.txt allows this program to read."""

import time

import pytest

from digest.intake.robots import Robots

RULES = b"""
# a comment
User-agent: GPTBot
User-agent: Digest/1.0   # us
Disallow: /paid/
Allow: /paid/free
Disallow: /*.pdf$
Disallow: /a%20b

User-agent: *
Disallow: /
Sitemap: https://example.org/map.xml
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/news", True),
        ("", True),
        ("/paid/one", False),
        ("/paid/free/two", True),
        ("/x/report.pdf", False),
        ("/x/report.pdf?page=2", True),
        ("/a%20b", False),
    ],
)
def test_the_longest_pattern_decides(path, allowed):
    assert Robots.of(RULES, "digest").allows(f"https://example.org{path}") is allowed


def test_the_rules_for_everybody_are_for_who_is_not_named():
    assert not Robots.of(RULES, "other").allows("https://example.org/news")
    assert Robots.of(b"User-agent: digest\nDisallow:\n\nUser-agent: *\nDisallow: /", "digest").allows(
        "https://a.example/"
    )


@pytest.mark.parametrize("text", [b"", b"<html>no such page</html>", b"\xff\xfe\0", b"Disallow: /", b"User-agent: *"])
def test_what_says_nothing_forbids_nothing(text):
    assert Robots.of(text, "digest").allows("https://example.org/")


def test_a_hostile_one_costs_little():
    text = b"User-agent: *\n" + b"Disallow: /" + b"*a" * 1_000 + b"$\n"
    rules = Robots.of(text + b"Disallow: /*a*b*c\n" * 100_000, "digest")
    begun = time.process_time()
    assert rules.allows("https://example.org/" + "a" * 900)
    assert time.process_time() - begun < 1
