"""The message of an edition: exact headers, safe bytes, the same copy each time."""

import quopri
import re
from datetime import timedelta
from email.parser import BytesParser
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import KEY, NOW, delivery
from digest import links
from digest.links import Purpose, Token
from digest.model import Rendered
from digest.outbox import skeleton
from digest.outbox.headers import AddressError
from digest.outbox.quoted import quoted_printable
from digest.outbox.skeleton import Head, Skeleton, build, check

BASE = "https://news.example.org"
LEAVE = links.unsubscribe_url(BASE, "daily", Token.UNSUBSCRIBE)
CHANGE = links.preferences_url(BASE, "daily", Token.PREFERENCES)


def head(**over):
    values = {
        "edition": "daily/2026-11-23",
        "edition_id": 42,
        "newsletter": "daily",
        "title": "The Daily Digest",
        "sender": "The Example Times <daily@news.example.org>",
        "reply_to": "editor@example.org",
        "contact": "editor@example.org",
        "base_url": BASE,
        "domain": "news.example.org",
        "date": NOW,
    }
    return Head(**values | over)


def rendered(**over):
    values = {
        "variant": "default",
        "subject": "Central bank holds rates",
        "preheader": "",
        "html": f'<p>Zinsen bleiben – "grün" = gut</p>\n<a href="{LEAVE}">Leave</a> <a href="{CHANGE}">Change</a>\n',
        "text": f"Zinsen bleiben – grün = gut\n\nLeave: {LEAVE}\nChange: {CHANGE}\n",
        "web": "",
    }
    return Rendered(**values | over)


def copy(number=1, *, raw=None, **over):
    return Skeleton(raw or build(rendered(), head())).stamp(delivery(number, **over), newsletter="daily", keys=(KEY,))


def parse(message):
    return BytesParser(policy=default).parsebytes(message)


def parts(message):
    """The decoded text of the two parts, by an independent reader."""
    plain, markup = parse(message).iter_parts()
    return [part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in (plain, markup)]


def test_the_header_is_exactly_this():
    message = copy().decode()
    token = links.sign((KEY,), Purpose.UNSUBSCRIBE, "daily", "0000000000000001")
    complaint = links.return_path((KEY,), "x@x", 1, "0000000000000001")[2:-2]
    assert message.partition("\r\n\r\n")[0].split("\r\n") == [
        'From: "The Example Times" <daily@news.example.org>',
        "To: reader1@example.net",
        "Subject: Central bank holds rates",
        "Date: Mon, 23 Nov 2026 07:00:00 +0000",
        "Message-ID: <daily.2026-11-23.0000000000000001@news.example.org>",
        "Reply-To: <editor@example.org>",
        'List-ID: "The Daily Digest" <daily.news.example.org>',
        f"List-Unsubscribe: <{BASE}/unsubscribe/daily/{token}>,",
        f" <mailto:unsubscribe@news.example.org?subject=unsubscribe%20daily%20{token}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        f"List-Help: <{BASE}/help>",
        f"List-Archive: <{BASE}/editions/daily>",
        "List-Post: NO",
        "List-Owner: <mailto:editor@example.org>",
        "Feedback-ID: daily20261123:daily:digest:newsexampleorg",
        "CFBL-Address: fbl@news.example.org; report=arf",
        f"CFBL-Feedback-ID: 42:{complaint}",
        "Precedence: bulk",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
        message.partition("\r\n\r\n")[0].rpartition("\r\n")[2],
    ]


def test_text_first_then_html_both_quoted_printable():
    message = parse(copy())
    kinds = [
        (p.get_content_type(), p.get_content_charset(), p["Content-Transfer-Encoding"]) for p in message.iter_parts()
    ]
    assert kinds == [("text/plain", "utf-8", "quoted-printable"), ("text/html", "utf-8", "quoted-printable")]
    assert message.defects == []


def test_the_bodies_are_the_edition_with_this_readers_links():
    text, markup = parts(copy(7))
    uid = "0000000000000007"
    leave = LEAVE.replace(Token.UNSUBSCRIBE, links.sign((KEY,), Purpose.UNSUBSCRIBE, "daily", uid))
    change = CHANGE.replace(Token.PREFERENCES, links.sign((KEY,), Purpose.PREFERENCES, "daily", uid))
    assert text == rendered().text.replace(LEAVE, leave).replace(CHANGE, change)
    assert markup == rendered().html.replace(LEAVE, leave).replace(CHANGE, change)


def test_a_copy_is_the_same_bytes_each_time_and_another_readers_is_not():
    assert build(rendered(), head()) == build(rendered(), head())
    assert copy(1) == copy(1, attempts=2, in_doubt=1, fence=9)
    assert copy(1) != copy(2)
    assert len(copy(1)) == len(copy(2))


def test_no_line_of_a_copy_is_long_and_no_dot_begins_one():
    lines = copy(raw=build(rendered(text="." * 400 + f"\nFrom me\n{LEAVE}"), head())).split(b"\r\n")
    body = lines[lines.index(b"") :]
    assert max(map(len, body)) <= 76
    assert not any(line.startswith((b".", b"From ")) for line in body)


@pytest.mark.parametrize("marker", [*Token, "DIGESTxADDRESSx", "DIGESTxUIDx", "DIGESTxCOMPLAINTx"])
def test_a_marker_in_an_article_gives_nothing_away(marker):
    """An article's link with a marker in it would send the reader's token, or address, to a stranger."""
    evil = f"https://evil.example/?t={marker}&u={BASE}/unsubscribe/daily/{marker}"
    page = rendered()
    raw = build(
        rendered(
            subject=f"About {marker}",
            html=page.html + f'<a href="{evil}">{marker}</a>',
            text=page.text + f"{evil} {marker}",
        ),
        head(),
    )
    message = copy(raw=raw)
    secrets = [links.sign((KEY,), one, "daily", f"{1:016x}") for one in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)]
    text, markup = parts(message)
    assert [text.count(one) for one in (*secrets, "reader1@example.net")] == [1, 1, 0]
    assert [markup.count(one) for one in (*secrets, "reader1@example.net")] == [1, 1, 0]
    assert parse(message)["Subject"] == f"About {marker.replace('DIGESTx', 'DIGEST-')}"


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_body_without_a_way_to_leave_is_refused(part):
    with pytest.raises(ValueError, match="no unsubscribe link"):
        build(rendered(**{part: "nothing here"}), head())


@given(st.text(max_size=200))
def test_any_subject_leaves_the_header_as_it_is(subject):
    message = copy(raw=build(rendered(subject=subject), head()))
    assert tuple(parse(message).keys()) == skeleton.LIST_FIELDS


@given(st.text(max_size=300))
def test_any_body_comes_back_as_it_was(text):
    message = copy(raw=build(rendered(text=f"{text}|\n{LEAVE}"), head()))
    wanted = re.sub(r"\r\n|\r", "\n", text).replace("DIGESTx", "DIGEST-") + "|"
    assert parts(message)[0].rpartition("\n")[0] == wanted


@pytest.mark.parametrize(
    ("newsletter", "domain", "wanted"),
    [
        ("daily", "example.org", "daily20261123:daily:digest:exampleorg"),
        ("digest", "example.org", "digest20261123:digest:edition:exampleorg"),
        (
            "exampleorg",
            "example.org",
            r"exampleorg20261123:exampleorg:digest:exampleo-[0-9a-f]{6}",
        ),
        ("daily", "a.io", r"daily20261123:daily:digest:aio-[0-9a-f]{6}"),
        ("daily", "a-very-long.domain.example.org", r"daily20261123:daily:digest:averylon-[0-9a-f]{6}"),
    ],
)
def test_feedback_id_has_four_different_parts(newsletter, domain, wanted):
    page = rendered(**{k: getattr(rendered(), k).replace("/daily/", f"/{newsletter}/") for k in ("html", "text")})
    raw = build(page, head(newsletter=newsletter, edition=f"{newsletter}/2026-11-23", domain=domain))
    value = parse(copy(raw=raw))["Feedback-ID"]
    assert re.fullmatch(wanted, value)
    assert len(set(value.split(":"))) == 4
    assert 5 <= len(value.split(":")[3]) <= 15


def test_an_international_domain_goes_out_as_a_label():
    assert parse(copy(address="leser@bücher.example"))["To"] == "leser@xn--bcher-kva.example"


def test_an_address_beyond_ascii_is_written_as_it_is():
    message = copy(address="jürgen@bücher.example")
    assert "\r\nTo: jürgen@xn--bcher-kva.example\r\n".encode() in message
    check(message)


def test_an_address_that_cannot_be_written_fails_alone():
    with pytest.raises(AddressError):
        copy(address="jür gen@example.org")


def test_a_plain_http_base_is_kept_for_the_demo():
    base = "http://127.0.0.1:8600"
    page = rendered(**{k: getattr(rendered(), k).replace(BASE, base) for k in ("html", "text")})
    assert f"<{base}/unsubscribe/daily/".encode() in copy(raw=build(page, head(base_url=base)))


def test_the_date_is_written_in_utc():
    east = NOW.astimezone(tz=None) + timedelta(0)
    assert build(rendered(), head(date=east)) == build(rendered(), head())


def test_a_sample_needs_no_reader_and_no_keys():
    message = parse(Skeleton(build(rendered(), head())).sample(newsletter="daily", keys=()))
    assert message["To"] == "reader@example.org"


def test_a_confirmation_mail_is_no_list_mail():
    message = skeleton.confirmation(
        subject="Confirm: The Daily Digest",
        text="Confirm: https://news.example.org/confirm/daily/t\n",
        html="<p>Confirm</p>",
        head=head(edition="", edition_id=0),
        address="leser@bücher.example",
        message_id="<confirm.1.1@news.example.org>",
    )
    parsed = parse(message)
    assert tuple(parsed.keys()) == skeleton.CONFIRMATION_FIELDS
    assert parsed["To"] == "leser@xn--bcher-kva.example"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda message: message.replace(b"Subject:", b"Subject: a\r\nSubject:"),
        lambda message: message.replace(b"Precedence: bulk\r\n", b""),
        lambda message: message.replace(b"Subject: ", b"Subject: a\nBcc: b "),
        lambda message: message.replace(b"Subject: ", b"Subject: a\r"),
        lambda message: message.replace(b"Subject: ", "Subject: é".encode()),
        lambda message: message.replace(b"0000000000000001", b"DIGESTxUIDx"),
        lambda message: message + b"bare\n",
        lambda message: message + b"x" * 999,
        lambda message: message + b"\0",
        lambda message: message.replace(b"Subject: ", b"Subject: a\r\n\r\nb"),
    ],
)
def test_the_last_look_refuses_what_is_not_a_safe_message(spoil):
    message = copy()
    skeleton.check(message)
    with pytest.raises(ValueError, match=r"the header|a bare CR|a marker|a line of"):
        skeleton.check(spoil(message))


# --- quoted-printable ------------------------------------------------------------------------------------------------


@given(st.text(max_size=400) | st.text(alphabet=".=F \trom\né" + "x", max_size=300))
def test_quoted_printable_reads_back_in_short_lines(text):
    raw = quoted_printable(text)
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith((b".", b"From ")) or line.endswith((b" ", b"\t")) for line in lines)
    unix = re.sub(r"\r\n|\r", "\n", text)
    assert quopri.decodestring(raw.replace(b"\r\n", b"\n")).decode() == unix


@given(st.lists(st.sampled_from(["a", "é", " ", *Token]), max_size=60))
def test_an_atom_is_never_broken(pieces):
    text = "".join(pieces)
    raw = quoted_printable(text, atoms=tuple(Token)).decode()
    assert [raw.count(one) for one in Token] == [text.count(one) for one in Token]


def test_a_lone_surrogate_becomes_a_replacement_character():
    assert quopri.decodestring(quoted_printable("a\ud800b")).decode() == "a\ufffdb"


# --- a copy, read again -----------------------------------------------------------------------------------------------


def is_copy(message, number=1, *, raw=None):
    skeleton = Skeleton(raw or build(rendered(), head()))
    return skeleton.is_copy(message, delivery(number), newsletter="daily", keys=("newer" * 8, KEY))


def test_a_copy_is_known_as_the_readers_own():
    """Also by a key that signs no more."""
    assert is_copy(copy(1), 1)
    assert not is_copy(copy(2), 1)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b"Central bank", b"Capital bank"),
        (b"gr=C3=BCn", b"gr=C3=BCner"),
        (b"reader1@", b"reader2@"),
        (b"0000000000000001@news", b"0000000000000002@news"),
        (b"/unsubscribe/daily/", b"/unsubscribe/daily/A"),
        (b"\r\n\r\n", b"\r\nX-More: 1\r\n\r\n"),
        (b"CFBL-Feedback-ID: 42:", b"CFBL-Feedback-ID: 42:a"),
    ],
)
def test_a_message_that_differs_anywhere_is_no_copy(said, instead):
    message = copy()
    assert said in message
    assert not is_copy(message.replace(said, instead, 1))


def test_no_part_of_a_copy_is_one():
    message = copy()
    assert not any(is_copy(message[:length]) for length in range(0, len(message), 50))
    assert not is_copy(message + b"\r\n")


def test_a_token_that_opens_something_else_is_not_theirs():
    leave, change = (
        links.sign((KEY,), one, "daily", delivery(1).uid) for one in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)
    )
    assert not is_copy(copy().replace(change.encode(), leave.encode()))
