"""Header lines: nothing from outside becomes a second line, and nothing a program reads becomes encoded."""

from email.header import decode_header, make_header
from email.parser import BytesParser
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.outbox import headers

#: What has split a header somewhere: line ends of all kinds, folded ones, and encoded words that hold one.
VECTORS = [
    "a\r\nBcc: evil@example.com",
    "a\rBcc: evil@example.com",
    "a\nBcc: evil@example.com",
    "a\n\nbody",
    "a\r\n\r\nbody",
    "a\x0bBcc: evil@example.com",
    "a\x0cBcc: evil@example.com",
    "a\x1c\x1d\x1eBcc: evil@example.com",
    "a\x85Bcc: evil@example.com",
    "a\u2028Bcc: evil@example.com",
    "a\u2029Bcc: evil@example.com",
    "a\x00Bcc: evil@example.com",
    "=?utf-8?q?=0ABcc:?= evil@example.com",
    "=?utf-8?q?=0D=0ABcc=3A_evil=40example.com?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
    "Hi\r\n",
    "\ud800\r\nBcc: evil@example.com",
    "a\r\n Bcc: evil@example.com",
    '"\r\nBcc: evil@example.com',
]
FIELDS = {
    "Subject": lambda text: headers.text_field("Subject", text),
    "From": lambda text: headers.named_field("From", text, "a@example.org"),
    "List-ID": lambda text: headers.list_id_field(text, "daily.example.org"),
}


def one_field(raw, name):
    """The parsed value of a header that has to be one field, in lines that may be sent."""
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    lines = raw[:-2].split(b"\r\n")
    assert all(line.startswith(b" ") and line.strip() for line in lines[1:])
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 998
    assert all(len(word) <= 75 for word in raw.split() if word.startswith(b"=?"))
    parsed = BytesParser(policy=default).parsebytes(raw + b"\r\nbody")
    assert parsed.keys() == [name]
    return parsed[name]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", VECTORS)
def test_no_vector_adds_a_field(field, text):
    one_field(FIELDS[field](text), field)


@pytest.mark.parametrize("field", FIELDS)
@given(text=st.text(max_size=400) | st.text(alphabet='=?utf-8qb_AZ \r\n\u2028\x85é<>"\\,', max_size=120))
def test_any_text_stays_one_field(field, text):
    one_field(FIELDS[field](text), field)


@given(st.text(max_size=400))
def test_a_subject_reads_back_as_what_was_safe_of_it(text):
    raw = headers.text_field("Subject", text)
    value = raw.decode().partition(":")[2].replace("\r\n", "").strip()
    assert str(make_header(decode_header(value))) == headers.header_safe(text)


@given(st.text(max_size=200))
def test_a_display_name_reads_back(text):
    raw = headers.named_field("From", text, "a@example.org")
    (address,) = one_field(raw, "From").addresses
    assert address.addr_spec == "a@example.org"
    name, _ = parseaddr(raw.decode().partition(":")[2].replace("\r\n", ""))
    # Not `address.display_name`: Python puts spaces between encoded words there, against RFC 2047 section 6.2.
    assert str(make_header(decode_header(name))) == headers.header_safe(text)


@given(st.text(max_size=500))
def test_safe_text_is_one_short_line(text):
    safe = headers.header_safe(text)
    assert len(safe) <= headers.VALUE_LIMIT
    assert safe.encode().decode().splitlines() == ([safe] if safe else [])
    assert headers.header_safe(safe) == safe


def test_plain_text_is_left_readable():
    assert headers.text_field("Subject", "Rates held (again)") == b"Subject: Rates held (again)\r\n"
    assert headers.text_field("Subject", "A café opens") == b"Subject: =?utf-8?q?A_caf=C3=A9_opens?=\r\n"


def test_links_are_never_encoded_and_break_after_a_comma_only():
    long = "https://news.example.org/unsubscribe/daily/" + "t" * 200
    raw = headers.uri_field("List-Unsubscribe", [long, "mailto:unsubscribe@example.org?subject=x%20" + "t" * 200])
    first, second = raw.decode().rstrip().split("\r\n")
    assert first == f"List-Unsubscribe: <{long}>,"
    assert second.startswith(" <mailto:unsubscribe@example.org?subject=x%20ttt")
    assert b"=?" not in raw


@pytest.mark.parametrize("uri", ["https://example.org/a b", "https://example.org/>", "https://e.org/\r\nX: y", "ü"])
def test_a_link_that_is_none_is_refused(uri):
    with pytest.raises(ValueError, match="visible ASCII"):
        headers.uri_field("List-Help", [uri])


def test_an_ascii_title_of_a_list_is_not_encoded():
    assert headers.list_id_field('The <b>"Daily"</b> =?x?=', "daily.example.org").startswith(
        b'List-ID: "The b Daily /b '
    )
    assert b"=?utf-8?" in headers.list_id_field("Täglich", "daily.example.org")


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("reader@example.net", "reader@example.net"),
        ("o'hara+news@Example.NET", "o'hara+news@Example.NET"),
        ("leser@bücher.example", "leser@xn--bcher-kva.example"),
        ("leser@Straße.example", "leser@xn--strae-oqa.example"),
    ],
)
def test_addresses_go_out_in_ascii(address, wire):
    assert headers.wire_address(address) == wire


@pytest.mark.parametrize(
    "address",
    [
        *("jürgen@example.org", "a b@example.org", '"a b"@example.org', "a@b\r\nBcc: c@d", "a@", "@b", "nobody", ""),
        *("a@[127.0.0.1]", "a..b@example.org", "a,b@example.org", "a<b@example.org", "a@-b.example"),
        *("x" * 65 + "@b.org", "a@b_c.org", "a@\u2028.example", "a@" + "ü" * 80 + ".example"),
    ],
)
def test_an_address_that_cannot_be_written_is_refused_without_naming_it(address):
    with pytest.raises(headers.AddressError) as caught:
        headers.wire_address(address)
    assert not address or len(address) < 4 or address not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("jürgen@example.org", "jürgen@example.org"),
        ("用户@例え.jp", "用户@xn--r8jz45g.jp"),
        ("reader@bücher.example", "reader@xn--bcher-kva.example"),
        ("plain@example.org", "plain@example.org"),
    ],
)
def test_a_recipient_may_be_beyond_ascii(address, wire):
    assert headers.recipient_address(address) == wire
    assert headers.address_field("To", address) == f"To: {wire}\r\n".encode()


@pytest.mark.parametrize(
    "address",
    ["jür gen@example.org", "jü\u2028@example.org", "jü\r\nBcc: x@y.z", "ü" * 33 + "@b.org", "ü<b@example.org", "ü@"],
)
def test_a_recipient_that_cannot_be_written_is_refused(address):
    with pytest.raises(headers.AddressError):
        headers.recipient_address(address)


@pytest.mark.parametrize(
    ("mailbox", "name", "address"),
    [
        ("The Example Times <daily@example.org>", "The Example Times", "daily@example.org"),
        ("daily@example.org", "", "daily@example.org"),
        ('"Times, The" <daily@example.org>', "Times, The", "daily@example.org"),
        ("Zeitung für alle <post@bücher.example>", "Zeitung für alle", "post@xn--bcher-kva.example"),
    ],
)
def test_a_configured_mailbox(mailbox, name, address):
    (parsed,) = one_field(headers.mailbox_field("From", mailbox), "From").addresses
    assert (parsed.display_name, parsed.addr_spec) == (name, address)


def test_a_long_name_leaves_the_address_whole():
    raw = headers.named_field("From", "Wörter " * 30, "a-rather-long-local-part@a-rather-long-domain.example.org")
    assert b" <a-rather-long-local-part@a-rather-long-domain.example.org>" in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 76


def test_mailto_escapes_what_would_end_the_address():
    assert headers.mailto("a?b&c@example.org", "x y&z") == "mailto:a%3Fb%26c@example.org?subject=x%20y%26z"
