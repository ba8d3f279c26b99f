"""Where mail goes, by what DNS says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.outbox.destination import destination, organisation

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z])?", fullmatch=True)
suffixes = st.sampled_from(
    ["com", "co.uk", "example", "com.br", "gov.au", "microsoft", "ck", "kawasaki.jp", "github.io"]
)


@pytest.mark.parametrize(
    ("servers", "place"),
    [
        ([(20, "alt1.aspmx.l.google.com"), (10, "ASPMX.L.GOOGLE.COM.")], "google.com"),
        ([(0, "firm-example.mail.protection.outlook.com")], "outlook.com"),
        ([(10, "firm-example.p-v1.mx.microsoft")], "mx.microsoft"),
        ([(10, "mx.mail.example.co.uk"), (20, "aspmx.l.google.com")], "example.co.uk"),
        ([(10, "b.second.example"), (10, "a.first.example")], "first.example"),
        ([(10, "mx.shop.myhoster.github.io")], "github.io"),
        ([(10, "192.0.2.25")], "192.0.2.25"),
        ([(10, "localhost")], "localhost"),
        ([(10, "co.uk")], "co.uk"),
        ([(0, "")], "firm.example"),
        ([(0, ".")], "firm.example"),
        ([(0, ""), (10, "mx.hoster.example")], "hoster.example"),
        ([], "firm.example"),
    ],
)
def test_the_organisation_of_the_best_mail_server(servers, place):
    assert destination("firm.example", servers) == place
    assert destination("firm.example", servers[::-1]) == place, "the order of an answer is chance"


@given(below=st.lists(labels, max_size=4), names=st.lists(labels, min_size=2, max_size=4), suffix=suffixes)
def test_all_hosts_below_an_organisation_are_its_own(below, names, suffix):
    host = ".".join([*names, suffix])
    place = organisation(host)
    assert f".{host}".endswith(f".{place}")
    assert "." in place
    assert organisation(".".join([*below, place])) == place


@given(st.text(max_size=60))
def test_whatever_stands_in_dns_is_some_destination(host):
    found = organisation(host)
    assert host.lower().strip(".").endswith(found)
