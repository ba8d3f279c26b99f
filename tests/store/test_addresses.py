"""Which addresses are taken, and which spellings are one address."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.store.addresses import _ascii_domain, _checked_closely, _encoded, check, checked_domain, hash_of, normalise
from digest.store.lookalikes import looks_like, shown


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("reader@example.net", "reader@example.net"),
        ("reader@mail7.example.net", "reader@mail7.example.net"),
        ("  Reader+news@Example.ORG\n", "Reader+news@example.org"),
        ("o'neil.b-c_d@example.com", "o'neil.b-c_d@example.com"),
        ("reader@bücher.example.net", "reader@xn--bcher-kva.example.net"),
        ("l" * 64 + "@example.net", "l" * 64 + "@example.net"),
        ("reader@日本語テスト.example.net", "reader@xn--zckzah9945czlbtz6h.example.net"),
    ],
)
def test_good_addresses(given_, kept):
    assert check(given_) == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "reader",
        "@example.net",
        "reader@",
        "a@b@example.net",
        "reader@localhost",
        "reader@[127.0.0.1]",
        '"a b"@example.net',
        "a b@example.net",
        "a\r\nBcc: x@example.net",
        "a\0@example.net",
        "a\u200b@example.net",
        "a\u202e@example.net",
        "a@exa\u00admple.net",
        "l" * 65 + "@example.net",
        "readers@" + "d" * 60 + "." + "d" * 60 + "." + "d" * 60 + "." + "d" * 60 + ".net",
        "=?utf-8?q?a=40b?=c@example.net",
        "a%b@example.net",
        "a!b@example.net",
        "a..b@example.net",
        ".a@example.net",
        "reader@gm\u0430il.example.net",  # a Cyrillic letter among Latin ones
        "\u0430dmin@example.net",  # needs SMTPUTF8
        "reader@-a.example.net",
    ],
)
def test_bad_addresses_are_refused_without_being_repeated(address):
    with pytest.raises(ValueError) as caught:
        check(address)
    assert not address or address not in str(caught.value)


def test_foreign_local_parts_only_where_they_can_be_sent_to():
    assert check("jürgen@example.net", smtputf8=True) == "jürgen@example.net"
    with pytest.raises(ValueError):
        check("jürgen@example.net")
    with pytest.raises(ValueError, match="several alphabets"):
        check("\u0430dmin@example.net", smtputf8=True)


def test_spellings_of_one_mailbox_have_one_key():
    spellings = ["Jürgen@Bücher.example", "ju\u0308rgen@bücher.example", " JÜRGEN@xn--bcher-kva.example "]
    assert len({normalise(one) for one in spellings}) == 1
    assert len({hash_of(one) for one in spellings}) == 1
    assert hash_of("a+b@example.net") != hash_of("a@example.net")


def test_what_may_be_two_people_has_two_keys():
    apart = ["straße@x.example", "strasse@x.example", "a.b@x.example", "ab@x.example", "a+b@x.example", "a@x.example"]
    apart += ["ﬁ@x.example", "fi@x.example", "ſ@x.example", "s@x.example", "ı@x.example", "i@x.example"]
    assert len({normalise(one) for one in apart}) == len(apart)


LOCALS = st.text(st.sampled_from("abABßsſıiéeﬁf.+-"), min_size=1, max_size=6)


@given(LOCALS, LOCALS)
def test_two_addresses_have_one_key_only_where_their_capitals_alone_differ(one, other):
    same = normalise(f"{one}@example.net") == normalise(f"{other}@example.net")
    assert same == (one == other or one.lower() == other.lower())


@given(st.text(st.characters(codec="ascii"), max_size=12), st.sampled_from(["example.net", "bücher.example"]))
def test_the_short_way_lets_in_what_the_long_one_does(local, domain):
    """Of plain letters the local part is not looked at any closer: it must come to the same."""
    local = local.lstrip()  # `check` trims
    try:
        valid = validate_email(f"{local}@{domain}", check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        expected = None
    else:
        expected = None if set("%!") & set(local) or "=?" in local else valid.ascii_email
    try:
        found = check(f"{local}@{domain}")
    except ValueError:
        found = None
    assert found == expected


LABELS = st.one_of(
    st.text(st.sampled_from("abxnAZ019-_ßéK\u0430\u200d。% "), max_size=6),
    st.text(st.sampled_from("ab-"), min_size=60, max_size=66),
    st.sampled_from(["net", "test", "arpa", "localhost", "example", "xn--bcher-kva", "ab--c", "1", ""]),
)


@settings(max_examples=500)
@given(st.lists(LABELS, min_size=1, max_size=5).map(".".join))
@example("x" * 63 + ".net")
@example("x" * 64 + ".net")
@example("x" * 63 + "." + "x" * 63 + "." + "x" * 63 + "." + "x" * 60)
@example("x" * 63 + "." + "x" * 63 + "." + "x" * 63 + "." + "x" * 61)
def test_of_a_plain_domain_the_short_way_says_what_the_long_one_does(domain):
    def told(check_):
        try:
            return check_(domain)
        except ValueError as error:
            return str(error), "refused"

    assert told(checked_domain) == told(_checked_closely)
    assert _ascii_domain(domain) == _encoded(domain)


@pytest.mark.parametrize(
    ("domain", "like"),
    [
        ("xn--80ak6aa92e.com", "apple.com"),  # аррӏе, all in Cyrillic
        ("gmàil.com", "gmail.com"),
        ("xn--gml-hoa7a.com", ""),
        ("bücher.example", ""),
        ("яндекс.рф", ""),
        ("пример.com", ""),
        ("example.net", ""),
        ("xn--", ""),
    ],
)
def test_domains_that_pass_for_others_are_known(domain, like):
    assert looks_like(domain) == like


def test_a_domain_is_shown_as_its_owner_writes_it():
    assert shown("a@xn--bcher-kva.example") == "a@bücher.example"
    assert shown("a@example.net") == "a@example.net"
    assert shown("a@xn--") == "a@xn--"


@given(st.text(max_size=80))
def test_a_key_of_anything_is_its_own_key(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=40), st.sampled_from(["example.net", "Example.ORG", "bücher.example.net"]))
def test_what_is_kept_is_short_clean_and_checks_again(local, domain):
    try:
        kept = check(f"{local}@{domain}")
    except ValueError:
        return
    assert kept.isascii()
    assert kept.isprintable()
    assert " " not in kept
    assert len(kept.rpartition("@")[0]) <= 64
    assert check(kept) == kept
