"""What a message that came back is, and what it says."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bounces import complaint, plain, report
from digest.feedback.reading import read
from digest.model import Cause, Kind, Severity

ORIGINAL = """
--- Below this line is a copy of the message.

Return-Path: <bounces@example.org>
From: daily@example.org
To: ada@example.net
Subject: Rates held
"""


@pytest.mark.parametrize(
    ("status", "said", "cause", "severity"),
    [
        ("5.1.1", "550 5.1.1 <ada@example.net>: Recipient address rejected: User unknown", "unknown user", "hard"),
        ("5.0.0", "550 No such user here", "unknown user", "hard"),
        ("5.1.1", "550 5.1.1 mailbox unavailable", "unknown user", "hard"),
        ("5.4.4", "Host or domain name not found. Name service error for name=x.invalid", "unknown host", "hard"),
        ("5.1.10", "550 5.1.10 recipient domain has a null MX", "takes no mail", "hard"),
        ("5.0.0", "521 example.net does no such thing, ever", "takes no mail", "hard"),
        ("5.4.3", "Unrouteable mail domain", "network", "soft"),
        ("5.1.6", "551 5.1.6 The user has moved", "moved", "hard"),
        ("5.2.2", "552 5.2.2 The mailbox is over quota", "mailbox full", "soft"),
        ("5.2.1", "550 5.2.1 The mailbox is disabled", "disabled", "soft"),
        ("5.2.1", "550 5.2.1 User unknown", "filtered", "soft"),
        ("4.4.7", "Delivery time expired", "expired", "soft"),
        ("4.4.1", "connect to mx.example.net[192.0.2.1]:25: Connection timed out", "expired", "soft"),
        ("5.7.1", "550 5.7.1 Message rejected as spam", "spam", "policy"),
        ("5.7.1", "554 5.7.1 host [192.0.2.1] blocked using zen.spamhaus.org", "blocked", "policy"),
        ("5.1.1", "550 5.1.1 blocked by our blocklist", "blocked", "policy"),
        ("5.7.26", "550 5.7.26 This mail is unauthenticated", "authentication", "policy"),
        ("5.1.8", "553 5.1.8 Domain of sender address does not resolve", "sender rejected", "policy"),
        ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", "too big", "policy"),
        ("4.7.0", "421 4.7.0 Too many connections, slow down", "rate", "policy"),
        ("5.7.1", "554 5.7.1 <ada@example.net>: Recipient address rejected: no such user", "unknown user", "hard"),
        ("5.7.1", "553 sorry, this recipient is not in my validrcptto list (#5.7.1)", "unknown user", "hard"),
        ("5.0.0", "550 Requested mail action not taken: mailbox unavailable", "unknown user", "hard"),
        ("5.0.0", "550 The recipient cannot be verified", "unknown user", "hard"),
        ("5.0.0", "The domain name in the address is not correct", "unknown host", "hard"),
        ("5.0.0", "User mailbox exceeds allowed size: ada@example.net", "mailbox full", "soft"),
        ("5.0.0", "550 Return path does not exist", "sender rejected", "policy"),
        ("5.7.1", "550 5.7.1 sender user unknown", "sender rejected", "policy"),
        ("4.4.3", "CNAME lookup failed temporarily. (#4.4.3)", "network", "soft"),
        ("5.0.0", "550 ada@example.net is not in our system: address not registered", "unknown user", "hard"),
        ("5.0.0", "550 The mailbox for ada has been deleted", "unknown user", "hard"),
        ("5.0.0", "550 [ada@example.net] does not exist in our table", "unknown user", "hard"),
        ("5.0.0", "550 non-existent domain", "unknown host", "hard"),
        ("5.0.0", "550 This e-mail address is no longer in service", "unknown user", "hard"),
        ("5.0.0", "550 Sorry, I do not recognise that address", "unknown user", "hard"),
        ("5.0.0", "550 no DNS entry for that domain", "unknown host", "hard"),
        ("5.0.0", "550 The return address is unknown", "sender rejected", "policy"),
        ("5.0.0", "501 Invalid address in MAIL FROM", "sender rejected", "policy"),
        ("5.6.2", "550 5.6.2 The header To has an invalid address", "content", "policy"),
        ("5.0.0", "550 The sender's mailbox does not exist", "sender rejected", "policy"),
        ("5.1.8", "550 5.1.8 Address does not exist", "sender rejected", "policy"),
        ("5.0.0", "550 HELO example.org does not exist", "authentication", "policy"),
        ("5.7.1", "554 5.7.1 You have sent to unknown users too often", "blocked", "policy"),
        ("5.7.1", "550 5.7.1 This looks like junk; if the user does not exist, tell us", "spam", "policy"),
        ("4.1.1", "450 4.1.1 temporary failure: user unknown for now", "system", "soft"),
        ("4.0.0", "DNS query timed out, domain not found yet", "network", "soft"),
        ("4.0.0", "delivery temporarily suspended: mx.example.net refused to talk to me: 421", "blocked", "policy"),
        ("5.5.0", "550 Some messages from 192.0.2.9 were not sent, as too many were unwanted", "blocked", "policy"),
        ("4.7.1", "450 4.7.1 Access denied. IP name lookup failed", "authentication", "policy"),
        ("5.5.0", "550 domain [example.org] mismatches client ip 192.0.2.9", "authentication", "policy"),
        ("5.0.0", "550 Unroutable sender address", "sender rejected", "policy"),
        ("5.7.0", "550 5.7.0 <ada@example.net>: Recipient address rejected: No relaying", "relaying", "policy"),
    ],
)  # fmt: skip
def test_words_go_before_codes_unless_they_are_vague(status, said, cause, severity):
    (failure,) = read(report("ada@example.net", status=status, said=said)).failures
    assert (failure.cause, failure.severity) == (cause, severity)
    assert failure.address == "ada@example.net"


@pytest.mark.parametrize(
    "said",
    ["550 plugin not found", "554 attachment type not found", "550 the link in your message does not exist"],
)
def test_not_found_is_said_of_other_things_than_readers(said):
    assert read(report("ada@example.net", status="5.0.0", said=said)).worst.severity is not Severity.HARD


def test_a_reply_of_several_lines_is_read_in_one():
    said = "550-5.1.1 The account that you\n 550-5.1.1 asked for does\n 550 5.1.1 not exist"
    one = read(report("ada@example.net", status="5.0.0", said=said)).worst
    assert (one.cause, one.status, one.certain) == (Cause.UNKNOWN_USER, "5.1.1", True)


def test_a_report_says_status_address_and_answer():
    one = read(report("ada@example.net")).failures[0]
    assert (one.status, one.said, one.certain) == ("5.1.1", "550 5.1.1 User unknown", True)


def test_each_recipient_of_a_report_is_told_of():
    two = report("ada@example.net").replace(
        b"Reporting-MTA: dns; mx.example.com\r\n",
        b"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; bob@example.net\r\nAction: failed\r\n"
        b"Status: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n",
    )
    found = {one.address: one.severity for one in read(two).failures}
    assert found == {"bob@example.net": "soft", "ada@example.net": "hard"}


def wrapped(sender):
    head = f"From: {sender}\nTo: bounces@example.org\nSubject: Undelivered mail\nMIME-Version: 1.0\n"
    parts = 'Content-Type: multipart/mixed; boundary="=outer"\n\n--=outer\n\nThis came, and could not be passed on.\n\n'
    inner = b"--=outer\nContent-Type: message/rfc822\n\n" + report("ada@example.net") + b"\n--=outer--\n"
    return (head + parts).encode() + inner


def test_a_report_that_a_gateway_returned_is_read():
    (failure,) = read(wrapped("MAILER-DAEMON@gateway.example.com")).failures
    assert (failure.address, failure.severity, failure.status) == ("ada@example.net", "hard", "5.1.1")


def test_a_report_that_a_person_passes_on_counts_against_nobody():
    found = read(wrapped("Bob <bob@example.org>").replace(b"Subject: ", b"Subject: Fwd: ", 1))
    assert (found.kind, found.failures) == (Kind.ORDINARY, ())


def test_a_delay_is_no_failure_yet():
    one = read(report(action="delayed", status="4.4.1", said="451 4.4.1 connection timed out")).failures[0]
    assert one.severity is Severity.DELAY


def test_a_report_of_success_is_no_bounce():
    assert read(report(action="delivered", status="2.0.0", said="250 ok")).kind is Kind.DELIVERED


@pytest.mark.parametrize(
    ("subject", "body", "severity"),
    [
        ("failure notice", "<ada@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n", "hard"),
        ("Undeliverable", "ada@example.net\n  after RCPT TO:<ada@example.net>:\n  550 Unknown user\n", "hard"),
        ("Unzustellbar", "ada@example.net: Empfänger unbekannt (5.1.1)\n", "hard"),
        ("Échec de remise", "ada@example.net : destinataire inconnu, 5.1.1\n", "hard"),
        ("メールエラー通知", "送信先のメールボックスが一杯のため、送信できませんでした。 ada@example.net\n", "soft"),
        ("Returned mail", "<ada@example.net> The group may not exist, or you may not post there. 550\n", "soft"),
        ("Delivery failure", "ada@example.net\n  550 User unknown, said after the end of DATA\n", "soft"),
    ],
)  # fmt: skip
def test_prose_in_several_languages_and_layouts(subject, body, severity):
    found = read(plain(subject, body + ORIGINAL))
    assert (found.kind, found.worst.severity, found.worst.address) == (Kind.BOUNCE, severity, "ada@example.net")


def test_what_the_returned_message_says_is_not_the_reason():
    body = "ada@example.net\n  552 5.2.2 mailbox full\n" + ORIGINAL + "\nUser unknown is a film about spam.\n"
    assert read(plain("failure notice", body)).worst.cause is Cause.FULL


@pytest.mark.parametrize("kind", ["abuse", "fraud", "other", "virus"])
def test_complaints(kind):
    found = read(complaint("ada@example.net", kind=kind))
    assert (found.kind, found.complaint, found.addresses) == (Kind.COMPLAINT, kind, ("ada@example.net",))


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("staff@provider.example", "complaint about message from 192.0.2.9"),
        ("17@reports.spamcop.net", "[SpamCop (192.0.2.9) id:17]Rates held"),
        ("Feedbackloop <feedbackloop@provider.example>", "FW: Rates held"),
        ("abuse@provider.example", "Rates held"),
        ("support@provider.example", "A reader marked as spam: Rates held"),
    ],
)
def test_complaints_without_a_feedback_report(sender, subject):
    found = read(plain(subject, "Somebody did not want this.\n" + ORIGINAL, sender=sender))
    assert (found.kind, found.addresses) == (Kind.COMPLAINT, ("ada@example.net",))


def test_a_complaint_of_outlook_names_the_reader_in_the_header_that_it_adds():
    original = ORIGINAL.replace("To: ada@", "X-HmXmrOriginalRecipient: ada@outlook.example\nTo: news@")
    found = read(plain("complaint about message from 192.0.2.9", original, sender="staff@provider.example"))
    assert found.addresses == ("ada@outlook.example", "news@example.net")


def test_the_notifications_of_amazon_ses():
    bounce = (
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"ada@example.net","status":"5.1.1",'
        '"action":"failed","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}'
    )
    spam = '{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"ada@example.net"}]}}'
    found = read(plain("AWS Notification Message", bounce, sender="no-reply@sns.example.com"))
    assert (found.kind, found.worst.severity, found.worst.address) == (Kind.BOUNCE, "hard", "ada@example.net")
    found = read(plain("AWS Notification Message", spam, sender="no-reply@sns.example.com"))
    assert (found.kind, found.addresses) == (Kind.COMPLAINT, ("ada@example.net",))


@pytest.mark.parametrize(
    ("subject", "fields"),
    [
        ("Out of office: Rates held", {}),
        ("Abwesenheit", {"Auto_Submitted": "auto-replied"}),
        ("Rates held", {"Auto_Submitted": "auto-replied (vacation)"}),
        ("Réponse automatique", {"X_Autoreply": "yes"}),
        ("自動返信", {"Precedence": "auto_reply"}),
        ("Automatisch antwoord: Rates held", {}),
        ("Resposta automática: Rates held", {}),
        ("Autosvar: Rates held", {}),
        ("Automatyczna odpowiedź: Rates held", {}),
        ("自动回复: Rates held", {}),
        ("رد تلقائي: Rates held", {}),
        ("I no longer work here", {"Auto_Submitted": "auto-replied"}),
    ],
)
def test_vacation_replies(subject, fields):
    found = read(
        plain(subject, "I am away until Monday. My mailbox is full of sand.", sender="ada@example.net", **fields)
    )
    assert (found.kind, found.failures) == (Kind.VACATION, ())


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Lunch?", "Shall we meet at noon? The user unknown exhibition is on."),
        ("Re: your message", "Thank you, the quota article was good.\n> Subject: Rates held\n"),
        ("A question about delivery", "When do you deliver the paper? 550 readers want to know."),
        ("Re: failure notice", "Why that?\n\n> <ada@example.net>:\n> 550 5.1.1 user unknown\n" + ORIGINAL),
        ("WG: Unzustellbar", "Was nun?\n\nFrom: MAILER-DAEMON@mx.example.com\n550 5.1.1 User unknown\n" + ORIGINAL),
        ("Meeting about bounces", "The bounce rate: 550 readers are not found any more, delivery failed."),
        ("Delivery problem with your parcel", "It was returned to sender, as your address was not found."),
        ("Read: Rates held", "Your message was read on Monday."),
    ],
)
def test_ordinary_mail(subject, body):
    assert read(plain(subject, body, sender="Ada <ada@example.net>")).kind is Kind.ORDINARY


def test_a_challenge():
    body = "Please confirm that you are a human to deliver your message."
    assert read(plain("Re: Rates held", body, sender="ada@example.net")).kind is Kind.CHALLENGE


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("unsubscribe", ""),
        ("Re: Rates held", "Unsubscribe\n\n> The text of the edition\n"),
        ("Re: Rates held", "  please unsubscribe me.\n"),
        ("AW: Rates held", "Bitte abmelden!\n"),
        ("désabonnement", ""),
        ("退订", ""),
    ],
)
def test_wishes_to_leave(subject, body):
    assert read(plain(subject, body, sender="ada@example.net")).kind is Kind.UNSUBSCRIBE


def test_apple_mail_marks_its_unsubscribe_as_automatic():
    token = "A" * 32
    raw = plain(
        f"unsubscribe daily {token}", "Apple Mail sent this.", sender="a@example.net", Auto_Submitted="auto-replied"
    )
    found = read(raw)
    assert (found.kind, found.leaving) == (Kind.UNSUBSCRIBE, (("daily", token),))


def test_a_word_about_unsubscribing_is_no_wish():
    body = "I read your article on how to unsubscribe from things, and liked it."
    assert read(plain("Your article", body, sender="ada@example.net")).kind is Kind.ORDINARY


SAMPLES = [
    report(),
    complaint(),
    plain("failure notice", "ada@example.net: 550 no such user\n" + ORIGINAL),
    plain("unsubscribe daily x", "", sender="ada@example.net"),
]


def damaged(raw, dice):
    """As storage and gateways leave messages."""
    place = dice.randrange(len(raw))
    return dice.choice(
        [
            raw[:place],
            raw[:place] + b"\x00\xff\xfe" + raw[place:],
            raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
            raw.replace(b"us-ascii", b"x-nothing").replace(b"utf-8", b"utf-7"),
            raw.replace(b"=part", b"", 1),
            raw[:place] + raw[place : place + 200] * 30 + raw[place:],
            raw.replace(b"Content-Type: ", b"Content-Transfer-Encoding: base64\nContent-Type: "),
            bytes(byte ^ (dice.random() < 0.02) for byte in raw),
        ]
    )


@pytest.mark.parametrize("raw", SAMPLES, ids=range(len(SAMPLES)))
def test_damaged_messages_raise_nothing(raw):
    dice = random.Random(7)
    for _ in range(20):
        assert read(damaged(raw, dice)).kind in Kind


@given(st.binary(max_size=3000))
def test_any_bytes_raise_nothing(raw):
    assert read(raw).kind in Kind


def test_nesting_without_end_raises_nothing():
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    assert read(deep).kind in Kind


HEAD = b"From: MAILER-DAEMON@mx.example.com\nSubject: failure notice\n"
TEXT = HEAD + b"Content-Type: text/plain\n\n"


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: text/html\n\n" + b"<style " * 30_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<" * 200_000,
        TEXT + b"a@" * 100_000,
        TEXT + b"From: x\n" * 25_000,
        TEXT + b"550 user may not " * 12_000,
        TEXT + b"Final-Recipient: rfc822; a@example.net\nStatus: 5.0.0\n\n" * 3_000,
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 25_000,
        b"To: " + b"((((" * 40_000,
    ],
    ids=range(8),
)
def test_what_is_made_to_take_long_does_not(raw):
    begun = time.process_time()
    read(raw)
    assert time.process_time() - begun < 3
