from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import article
from digest.intake.canonical import canonical_url
from digest.intake.identity import collapse, identity_key, text_hash
from digest.model import Marked

PAGE = "https://example.org/news/flood"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/news/flood",
        "https://www.example.org/news/flood/",
        "https://m.example.org/news/flood",
        "https://mobile.example.org/news/flood",
        "https://touch.example.org/news/flood",
        "https://amp.example.org/news/flood",
        "https://example.org/amp/news/flood",
        "https://example.org/news/flood/amp/",
        "https://example.org/news/flood?amp=1",
        "https://example.org/news/flood?amp",
        "https://example.org/news/flood?outputType=amp",
        "https://example.org/news/flood.amp",
        "https://example.org/news/flood/index.html",
        "https://example.org/news/flood/index.amp.html",
        "https://example.org/news/flood;jsessionid=1A2B",
        "https://example.org/news/flood?PHPSESSID=1a2b&utm_source=x&pk_campaign=y&mtm_kwd=z&srsltid=q",
        "https://cdn.ampproject.org/c/s/example.org/news/flood",
        "https://example-org.cdn.ampproject.org/v/s/www.example.org/amp/news/flood?amp_js_v=0.1&usqp=mq331",
        "https://www.google.com/amp/s/amp.example.org/news/flood",
        "https://m.google.com/amp/s/example.org/news/flood",
        "https://www.google.co.uk/amp/example.org/news/flood",
    ],
)
def test_spellings_of_one_page_have_one_key(url):
    assert identity_key(url) == PAGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a?page=2", "https://example.org/a"),
        ("https://example.org/Ab", "https://example.org/ab"),
        ("https://en.example.org/a", "https://de.example.org/a"),
        ("https://news.example.org/a", "https://example.org/a"),
        ("https://m.org/a", "https://org/a"),  # a whole domain called m
        ("https://example.org/amplifier", "https://example.org/lifier"),
        ("https://example.org/a/revamp", "https://example.org/a/rev"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://www.google.com/search/amp", "https://www.google.com/amp/s/search"),
    ],
)
def test_different_pages_have_different_keys(one, other):
    assert identity_key(one) != identity_key(other)


def test_parameters_in_another_order_are_the_same_page():
    assert identity_key("https://example.org/a?b=2&a=1") == identity_key("https://example.org/a?a=1&b=2")


def test_a_mobile_wiki_is_its_wiki():
    assert identity_key("https://en.m.wikipedia.org/wiki/Passau") == "https://en.wikipedia.org/wiki/Passau"


hosts = st.lists(st.sampled_from(["www", "m", "amp", "touch", "example", "org", "co", "uk"]), min_size=1, max_size=6)
pieces = st.lists(
    st.sampled_from(["amp", "index.html", ".amp.html", "a", "s", "c", "x.org", "", "%2f", ";sid=1"]), max_size=6
)
queries = st.lists(st.sampled_from(["amp=1", "utm_x=1", "a=2", "b", "M=1", "sessionid=3", ""]), max_size=4)


@settings(deadline=None)
@given(st.sampled_from(["http", "https"]), hosts, pieces, queries, st.sampled_from(["", "cdn.ampproject.org/c/s/"]))
def test_a_key_is_its_own_key(scheme, host, path, query, wrap):
    url = f"{scheme}://{wrap}{'.'.join(host)}/{'/'.join(path)}?{'&'.join(query)}"
    key = identity_key(url)
    assert identity_key(key) == key
    assert identity_key(canonical_url(url)) == key


def marked(*args, **over):
    one = article(*args, **over)
    return Marked(article=one, key=identity_key(one.url), fingerprint="", text=text_hash(one))


def test_a_page_under_several_spellings_is_one_article_with_an_address_that_works():
    teaser = marked(1, url="https://m.example.org/a", body="")
    whole = marked(1, url="https://www.example.org/a/", body="All of it. " * 20)
    assert collapse([teaser, whole, marked(2)]) == [whole, marked(2)]


def test_one_address_twice_is_what_it_said_last():
    older, newer = marked(1, title="Before"), marked(1, title="After")
    assert collapse([older, newer]) == [newer]


SPELLINGS = [
    marked(number, url=f"{scheme}://{host}example.org/{page}", body="x" * (number % 3))
    for number, (scheme, host, page) in enumerate(product(("http", "https"), ("", "m.", "www."), ("a", "a/amp", "b")))
]


@settings(deadline=None)
@given(st.permutations(SPELLINGS))
def test_the_order_of_the_input_changes_nothing(articles):
    assert collapse(articles) == collapse(SPELLINGS)
    assert len(collapse(articles)) == 2


@pytest.mark.parametrize(
    ("over", "same"),
    [
        ({"body": "WORD. " * 50}, True),
        ({"summary": "Another"}, True),
        ({"body": "Word. " * 49 + "Other."}, False),
        ({"title": "Another"}, False),  # pages that cannot be read to the end all have the same text
        ({"source": "Another"}, False),  # a syndicated text: ranking tells of it
    ],
)
def test_a_text_is_known_by_its_words(over, same):
    values = {"body": "Word. " * 50}
    assert (text_hash(article(**values)) == text_hash(article(**values | {"url": "https://x.org/"} | over))) is same


def test_little_text_is_known_by_nothing():
    assert text_hash(article(title="Markets at a glance", summary="", body="Here they are.")) is None
