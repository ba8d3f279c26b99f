"""What may be connected to, and what may not."""

from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.intake.guard import Allowed, host_name, refused, target

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:0:7f00:1:0:0:80ff:fffe",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
ODD = [
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0",
    "0x7f000001",
    "127.0.0.0x1",
    "1.2.3.4.5",
    "127.0.0.1。",
    "①②⑦.1",
    "%31.0.0.1",
    "a.0x",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address):
    assert refused(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_not(address):
    assert refused(ip_address(address)) == ""


@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_refused(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        mapped = getattr(address, "ipv4_mapped", None)
        assert refused(address) or mapped


@pytest.mark.parametrize("host", ODD)
def test_an_odd_spelling_is_never_another_address(host):
    """Refused, or else turned into the plain form, which `refused` then judges."""
    with suppress(ValueError):
        assert refused(ip_address(host_name(host)))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "//example.com/",
        "example.com",
        "",
        "http://",
        "http://user:pass@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com:99999/",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://example.com/\r\nX: y",
        "http://a" + "a" * 9_000,
    ],
)
def test_addresses_that_are_never_asked(url):
    with pytest.raises(ValueError):
        target(url)


def test_a_target_is_in_ascii_with_its_query():
    found = target("HTTPS://Bücher.Example.:443/ä b?q=ü&utm_source=x#part")
    assert found.url == "https://xn--bcher-kva.example/%C3%A4%20b?q=%C3%BC&utm_source=x"
    assert target("http://[2606:4700::1111]:8080").authority == "[2606:4700::1111]:8080"


@pytest.mark.parametrize(
    ("entry", "url", "expected"),
    [
        ("feeds.intranet.example", "http://FEEDS.intranet.example./x", True),
        ("feeds.intranet.example", "http://feeds.intranet.example:8080/x", False),
        ("feeds.intranet.example:8080", "http://feeds.intranet.example:8080/x", True),
        ("feeds.intranet.example:*", "http://feeds.intranet.example:8081/x", True),
        ("[::1]:8080", "http://[0:0::1]:8080/", True),
        ("10.0.0.1", "http://10.0.0.2/", False),
    ],
)
def test_the_allow_list_names_hosts(entry, url, expected):
    assert Allowed.of([entry]).names(target(url)) is expected


def test_the_allow_list_holds_networks():
    allowed = Allowed.of(["10.0.0.0/8", "fd00::/8", "127.0.0.0/8:8080", "[::1/128]:*"])
    held = [("10.1.2.3", 80), ("::ffff:10.1.2.3", 443), ("fd00::1", 80), ("127.0.0.1", 8080), ("::1", 9)]
    assert all(allowed.holds(ip_address(address), port) for address, port in held)
    others = [("10.1.2.3", 8080), ("11.0.0.1", 80), ("127.0.0.1", 80), ("2002:a00:1::", 80)]
    assert not any(allowed.holds(ip_address(address), port) for address, port in others)


@pytest.mark.parametrize("entry", ["", "10.0.0.1/8", "http://example.com", "a b", "example.com:x", "127.1"])
def test_an_entry_that_is_none_is_an_error(entry):
    with pytest.raises(ValueError):
        Allowed.of([entry])
