"""Messages as they come back: written for these tests, in the forms that are in use."""

from textwrap import dedent

REPORT = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=part"

--=part
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.com. Your message could not be delivered.

<{address}>: {said}

--=part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--=part
Content-Type: message/rfc822

From: The Example Times <daily@example.org>
To: {address}
Subject: Rates held
Message-ID: {message_id}

The text of the edition.

--=part--
"""

COMPLAINT = """\
From: Feedback <feedback@provider.example>
To: fbl@example.org
Subject: FW: Rates held
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=part"

--=part
Content-Type: text/plain

This is an abuse report of a message that was received from your server.

--=part
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: {address}

--=part
Content-Type: message/rfc822

From: The Example Times <daily@example.org>
To: {address}
Message-ID: {message_id}
CFBL-Feedback-ID: 1:{token}

The text.

--=part--
"""


def report(
    address="reader1@example.net",
    *,
    to="bounces@example.org",
    said="550 5.1.1 User unknown",
    status="5.1.1",
    action="failed",
    message_id="<other@example.org>",
):
    """A delivery report (RFC 3464)."""
    text = REPORT.format(address=address, to=to, said=said, status=status, action=action, message_id=message_id)
    return text.replace("\n", "\r\n").encode()


def complaint(address="reader1@example.net", *, kind="abuse", message_id="<other@example.org>", token=""):
    """A feedback report (RFC 5965)."""
    return COMPLAINT.format(address=address, kind=kind, message_id=message_id, token=token).encode()


def plain(subject, body, *, sender="MAILER-DAEMON@mx.example.com", to="bounces@example.org", **fields):
    """A message of text alone; `auto_submitted="no"` is the field Auto-Submitted."""
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    head = f"From: {sender}\nTo: {to}\nSubject: {subject}\n{more}Content-Type: text/plain; charset=utf-8\n\n"
    return (head + dedent(body)).encode()
