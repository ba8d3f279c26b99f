"""Signatures, verified by dkimpy: nothing signed can be changed, added to, or doubled."""

import re

import dkim as verifier
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from dkim.canonicalization import Relaxed
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ConfigError
from digest.outbox.dkim import Signer, dns_record, relaxed_body
from digest.outbox.verify import signatures_hold

MESSAGE = (
    b"From: The Times <daily@example.org>\r\nTo: reader@example.net\r\nSubject: folded\r\n  and   spaced \r\n"
    b"Date: Mon, 23 Nov 2026 07:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nReply-To: <e@example.org>\r\n"
    b"List-Unsubscribe: <https://example.org/u>,\r\n <mailto:u@example.org>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
    b"\r\nHello  there \r\n\r\nBye\t\r\n\r\n\r\n"
)


def pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.fixture(scope="session")
def keys():
    return {
        "rsa": pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        "ed": pem(ed25519.Ed25519PrivateKey.generate()),
    }


@pytest.fixture(scope="session")
def signer(keys):
    return Signer("example.org", list(keys.items()))


@pytest.fixture(scope="session")
def verdicts(keys):
    """For a message, what dkimpy says of each signature, top first."""

    def dns(name, timeout=5):
        return dns_record(keys[name.decode().split(".")[0]]).encode()

    def look(message):
        count = len(re.findall(rb"(?m)^DKIM-Signature:", message.partition(b"\r\n\r\n")[0]))
        verdicts = []
        for number in range(count):
            try:
                verdicts.append(verifier.DKIM(message).verify(idx=number, dnsfunc=dns))
            except verifier.DKIMException:
                verdicts.append(False)
        return verdicts

    return look


def test_both_signatures_verify(signer, verdicts):
    message = signer.sign(MESSAGE)
    assert message.endswith(MESSAGE)
    assert b"a=rsa-sha256; c=relaxed/relaxed" in message
    assert b"a=ed25519-sha256; c=relaxed/relaxed" in message
    assert verdicts(message) == [True, True]


@pytest.mark.parametrize("kind", ["rsa", "ed"])
def test_one_key_is_enough(keys, verdicts, kind):
    assert verdicts(Signer("example.org", [(kind, keys[kind])]).sign(MESSAGE)) == [True]


def test_a_copy_that_is_signed_again_is_the_same_bytes(signer):
    assert signer.sign(MESSAGE) == signer.sign(MESSAGE)
    assert b" t=1795417200;" in signer.sign(MESSAGE)


@pytest.mark.parametrize(
    "field",
    [
        *(b"From: evil@example.com", b"Subject: win", b"To: b@example.net", b"Date: Tue, 24 Nov 2026 07:00:00 +0000"),
        *(b"List-Unsubscribe: <https://evil.example>", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        *(b"Cc: b@example.net", b"In-Reply-To: <2@example.org>", b"References: <2@example.org>", b"Sender: e@e.org"),
        *(b"Reply-To: evil@example.com", b"Content-Type: text/html", b"Content-Transfer-Encoding: base64"),
        *(b"Message-ID: <2@example.org>", b"MIME-Version: 1.0", b"List-ID: <evil.example>"),
    ],
)
@pytest.mark.parametrize("place", ["top", "bottom"])
def test_a_field_that_was_added_breaks_both(signer, verdicts, field, place):
    signed = signer.sign(MESSAGE)
    head, _, body = signed.partition(b"\r\n\r\n")
    added = field + b"\r\n" + signed if place == "top" else head + b"\r\n" + field + b"\r\n\r\n" + body
    assert verdicts(added) == [False, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello", b"Hallo"),
        (b"Bye\t\r\n", b"Bye\t\r\nP.S.\r\n"),
        (b"Subject: folded", b"Subject: other"),
        (b"<1@", b"<2@"),
    ],
)
def test_a_change_breaks_both(signer, verdicts, old, new):
    assert verdicts(signer.sign(MESSAGE).replace(old, new)) == [False, False]


def test_white_space_that_mail_servers_change_breaks_nothing(signer, verdicts):
    signed = signer.sign(MESSAGE)
    changed = signed.replace(b"Hello  there ", b"Hello there").replace(b"folded\r\n  and", b"folded and")
    assert changed != signed
    assert verdicts(changed) == [True, True]


def test_a_field_that_comes_twice_is_covered_from_the_last(signer, verdicts):
    twice = MESSAGE.replace(b"Reply-To:", b"X-Note: one\r\nX-Note: two\r\nReply-To:")
    signed = signer.sign(twice)
    assert verdicts(signed) == [True, True]
    assert verdicts(signed.replace(b"X-Note: one", b"X-Note: 1")) == [False, False]


def test_a_subject_may_name_a_signature(signer, verdicts, keys):
    message = signer.sign(MESSAGE.replace(b"Subject: ", b"Subject: DKIM-Signature: ", 1))
    assert b"\r\nSubject: DKIM-Signature: " in message
    assert verdicts(message) == [True, True]
    assert signatures_hold(message, {name: dns_record(key) for name, key in keys.items()})


def test_the_lines_of_a_signature_are_short(signer):
    head = signer.sign(MESSAGE)[: -len(MESSAGE)]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert b"l=" not in head.replace(b"rel", b"")


@given(st.lists(st.sampled_from([b"\r\n", b" ", b"\t", b"a", b"\xff", b"=", b"b c"]), max_size=40).map(b"".join))
def test_a_body_is_canonical_as_dkimpy_has_it(body):
    """A last line without CRLF gets one, as it does on the wire: so a blank that ends it is no difference."""
    assert relaxed_body(body + b"\r\n") == Relaxed.canonicalize_body(body + b"\r\n")
    assert relaxed_body(body) == relaxed_body(body + b"\r\n")
    assert relaxed_body(b"") == Relaxed.canonicalize_body(b"") == b""


@settings(max_examples=40)
@given(body=st.binary(max_size=80), text=st.text(alphabet="ab \t:=;", max_size=60))
def test_odd_messages_verify(signer, verdicts, body, text):
    """Whatever the lines are, once they end in CRLF."""
    body = body.replace(b"\r", b"").replace(b"\n", b"\r\n") + b"\r\n"
    message = b"From: a@example.org\r\nDate: Mon, 23 Nov 2026 07:00:00 +0000\r\nSubject:"
    message += text.encode() + b"x\r\n\r\n" + body
    assert verdicts(signer.sign(message)) == [True, True]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: b"nonsense", "not a private key in PEM"),
        (lambda: pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "RSA of 1024 bits"),
        (lambda: pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
        (lambda: pem(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"x")), "has a passphrase"),
    ],
)
def test_a_key_that_cannot_sign_is_named_with_the_reason(make, said):
    with pytest.raises(ConfigError, match=f"key summer: .*{said}"):
        Signer("example.org", [("summer", make())])


def test_a_message_without_date_is_refused(signer):
    with pytest.raises(ValueError, match="without Date"):
        signer.sign(b"From: a@example.org\r\n\r\nx")
