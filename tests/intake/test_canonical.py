from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.intake.canonical import MAX_URL, canonical_url, image_url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("http://example.org:80/a/", "http://example.org/a/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("  https://example.org/a#part ", "https://example.org/a"),
        (
            "https://example.org/a?utm_source=x&b=2&UTM_Medium=y&a=1&fbclid=z&gclid=1&mc_cid=2",
            "https://example.org/a?b=2&a=1",
        ),
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("https://bücher.example/straße x", "https://xn--bcher-kva.example/stra%C3%9Fe%20x"),
        ("https://example.org./a%2fb", "https://example.org/a%2fb"),
        ("http://[::1]:80/a", "http://[::1]/a"),
    ],
)
def test_one_form(url, canonical):
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "empty"),
        ("/only/a/path", "not an absolute"),
        ("javascript:alert(1)", "not an absolute"),
        ("file:///etc/passwd", "not an absolute"),
        ("https://user:secret@example.org/", "credentials"),
        ("https://good.example\\@bad.example/", "credentials"),
        ("https://example.org/a\nb", "control character"),
        ("https://example.org/\u202egpj.exe", "control character"),
        ("https:///a", "no host"),
        ("https://a..b/", "host name"),
        ("https://exa mple.org/", "host name"),
        ("https://example.org:99999/", "(?i)port"),
        ("https://example.org/" + "a" * MAX_URL, "longer than"),
    ],
)
def test_what_is_refused_and_why(url, reason):
    with pytest.raises(ValueError, match=reason):
        canonical_url(url)


def test_no_reason_tells_a_password():
    with pytest.raises(ValueError, match="credentials") as caught:
        canonical_url("https://user:hunter2@example.org/")
    assert "hunter2" not in str(caught.value)


def test_a_relative_address_is_resolved_against_the_base():
    assert canonical_url("../b?x=1", base="https://example.org/a/c/d") == "https://example.org/a/b?x=1"


@pytest.mark.parametrize(
    "url", ["java\x01script:alert(1)", "data:image/png;base64,AAAA", "\u2028javascript:x", "//", "x.jpg"]
)
def test_a_picture_needs_an_address_of_the_web(url):
    assert image_url(url) == ""


def test_a_picture_keeps_its_parameters():
    assert image_url("ht\ttps://img.example/a b.jpg?utm_x=1#f") == "https://img.example/a%20b.jpg?utm_x=1"


hosts = st.sampled_from(
    ["example.org", "BÜCHER.example", "[::1]", "a_b.example:8080", "xn--bcher-kva.example", "例え.jp"]
)
texts = st.text(max_size=30)


@settings(deadline=None)
@given(st.sampled_from(["http", "HTTPS"]), hosts, texts, texts)
def test_canonical_is_idempotent(scheme, host, path, query):
    try:
        once = canonical_url(f"{scheme}://{host}/{path}?{query}")
    except ValueError:
        return
    assert canonical_url(once) == once
    assert once.isascii()


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=20))
def test_nothing_but_value_errors(url, base):
    with suppress(ValueError):
        assert canonical_url(url, base=base).startswith(("http://", "https://"))
    image_url(url, base=base)


plain = st.from_regex(
    r"https?://[a-z0-9.-]{1,20}[/?#:]?[A-Za-z0-9_.~%/:@!$&'()*+,;=?#-]{0,30}(\?|&utm_source=x|%75tm_term=1)?",
    fullmatch=True,
)


@settings(deadline=None, max_examples=500)
@given(plain)
def test_the_short_way_of_plain_addresses_leads_to_the_same(url):
    """A space before it is stripped, and keeps it from the short way."""
    assert told(canonical_url, url) == told(canonical_url, " " + url)
    assert image_url(url) == image_url(" " + url)


def told(function, url):
    try:
        return function(url)
    except ValueError as error:
        return str(error)
