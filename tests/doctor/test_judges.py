"""What the doctor makes of an answer, without asking anybody."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.doctor import Level, spf
from digest.doctor.names import Names
from digest.doctor.outside import judge_offers
from digest.doctor.storing import clocks, disk
from digest.doctor.walk import organisation, records
from nameserver import NameServer

GB = 1 << 30
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        ({"dsn": "", "size": "10240000"}, []),
        ({"dsn": "", "size": "0"}, []),  # no limit (RFC 1870 4)
        ({"dsn": "", "size": "1000"}, ["1,000 bytes"]),
        ({"size": ""}, ["no DSN"]),
        ({"dsn": "", "auth": "PLAIN"}, ["log-in"]),
    ],
)
def test_what_a_mail_server_offers(offers, said):
    found = list(judge_offers(offers, "mail.example.org:587", size=60_000, user=False))
    assert len(found) == len(said)
    assert all(words in one.text for one, words in zip(found, said, strict=True))


@pytest.mark.parametrize(("free", "level"), [(50 * GB, Level.GOOD), (GB // 2, Level.WARNING), (GB // 100, Level.BAD)])
def test_room_on_the_disk(free, level):
    assert disk(Path("data"), free).level is level


def test_two_clocks():
    assert clocks(NOW, NOW + timedelta(seconds=59), "theirs").level is Level.GOOD
    apart = clocks(NOW, NOW - timedelta(minutes=5), "theirs")
    assert apart.level is Level.WARNING
    assert "300 s" in apart.text


@pytest.mark.parametrize(
    ("published", "asked", "whose"),
    [
        ({"example.org": ""}, "news.example.org", "example.org"),
        ({"example.org": "", "news.example.org": ""}, "news.example.org", "example.org"),
        ({}, "news.example.org", "news.example.org"),
        ({"example.org": "", "news.example.org": "; psd=n"}, "a.news.example.org", "news.example.org"),
        ({"co.example": "; psd=y", "paper.co.example": ""}, "a.paper.co.example", "paper.co.example"),
        ({"example": "", "f.g.h.i.j.example": ""}, "a.b.c.d.e.f.g.h.i.j.example", "example"),
    ],
)
def test_the_walk_up_the_tree_ends_at_the_domain_that_speaks_for_all_below(published, asked, whose):
    with NameServer() as names:
        names.add(*(f'_dmarc.{name}. IN TXT "v=DMARC1; p=none{more}"' for name, more in published.items()))
        assert organisation(records(Names(names.resolver()), asked)) == whose
        assert len(names.asked) <= 8


@pytest.mark.parametrize(
    ("record", "address", "passing"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.9", True),
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.3.9", False),
        ("v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 -all", "192.0.2.9", False),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", True),
        ("v=spf1 a:host.example/24 -all", "192.0.2.77", True),
        ("v=spf1 a:host.example//64 -all", "2001:db8::77", True),
        ("v=spf1 a:host.example//64 -all", "2001:db8:1::77", False),
        ("v=spf1 mx -all", "192.0.2.1", True),
        ("v=spf1 include:other.example ~all", "198.51.100.1", True),
        ("v=spf1 redirect=other.example", "198.51.100.1", True),
        ("v=spf1 ?all redirect=other.example", "198.51.100.1", False),
        ("v=spf1 include:paper.example -all", "198.51.100.1", False),  # itself, for ever
    ],
)
def test_whom_an_spf_record_lets_send(record, address, passing):
    with NameServer() as names:
        names.add(
            f'paper.example. IN TXT "{record}"',
            "paper.example. IN MX 10 host.example.",
            "host.example. IN A 192.0.2.1",
            "host.example. IN AAAA 2001:db8::1",
            'other.example. IN TXT "v=spf1 ip4:198.51.100.0/24 -all"',
        )
        asked = Names(names.resolver())
        assert spf.passes(asked, "paper.example", record, ipaddress.ip_address(address)) is passing


def test_lookups_are_counted_with_those_of_included_records():
    with NameServer() as names:
        names.add('other.example. IN TXT "v=spf1 a:host.example exists:%{i}.example ip4:192.0.2.1 -all"')
        names.add("host.example. IN A 192.0.2.1")
        whole, _ = spf.bill(
            Names(names.resolver()), "paper.example", "v=spf1 include:other.example mx:none.example -all"
        )
    assert whole.lookups == 4
    assert whole.voids == ["none.example"]
