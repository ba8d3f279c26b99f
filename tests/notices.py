"""Notices of bounces as mail servers lay them out; the sentences are ours, the order and the marks are theirs.

Each takes the reader's address and a server's answer.  None of them is a report with parts for programs: those are in
`bounces`.
"""

from textwrap import dedent

ORIGINAL = """\
Received: from mail.example.org (mail.example.org [192.0.2.10])
	by relay.example.org with ESMTPS id 4XyZ
	for <{address}>; Mon, 23 Nov 2026 07:00:00 +0000
From: The Example Times <daily@example.org>
To: {address}
Subject: Rates held
Message-ID: <1.0123456789abcdef@example.org>

The user unknown exhibition is on, and the spam museum is full.
"""

#: name: From, Subject, text; {answer} is what the other server said, {code} its first word, {host} the server.
LAYOUTS = {
    "exim": (
        "Mail Delivery System <Mailer-Daemon@mx.example.com>",
        "Mail delivery failed: returning message to sender",
        """\
        This message was made by the mail software itself.

        Your message did not get through to all of its recipients.  The error is permanent.  These failed:

          {address}
            host {host} [192.0.2.1]
            SMTP error from remote mail server after RCPT TO:<{address}>:
            {answer}

        ------ This is a copy of the message, including all the headers. ------
        """,
    ),
    "qmail": (
        "MAILER-DAEMON@mx.example.com",
        "failure notice",
        """\
        Hi. This is the qmail-send program at mx.example.com.
        Your message could not be brought to these addresses.
        I gave up; sorry it did not work out.

        <{address}>:
        192.0.2.1 does not like recipient.
        Remote host said: {answer}
        Giving up on 192.0.2.1.

        --- Below this line is a copy of the message.

        Return-Path: <bounces@example.org>
        """,
    ),
    "sendmail, old": (
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.com>",
        "Returned mail: see transcript for details",
        """\
           ----- The following addresses had permanent fatal errors -----
        <{address}>

           ----- Transcript of session follows -----
        ... while talking to {host}.:
        >>> RCPT To:<{address}>
        <<< {answer}
        554 5.0.0 Service unavailable

           ----- Original message follows -----
        """,
    ),
    "courier": (
        '"Courier mail server at mx.example.com" <postmaster@mx.example.com>',
        "NOTICE: mail delivery status.",
        """\
        THIS IS AN UNDELIVERABLE NOTICE.

        The message could not be handed over to:

        <{address}>:
             {host} [192.0.2.1]:
         >>> RCPT TO:<{address}>
         <<< {answer}

        If an English text follows, it is from the other server.
        ---------------------------------------------------------------------------
        """,
    ),
    "gmail": (
        "Mail Delivery Subsystem <mailer-daemon@gmail.example>",
        "Delivery Status Notification (Failure)",
        """\
        Delivery to the following recipient failed permanently:

             {address}

        Technical details of permanent failure:
        We tried to deliver the message, and the server for the recipient domain said no.  Ask the other provider about
        the cause.  The error that the other server returned was:
        {answer} (state 14).

        ----- Original message -----

        """,
    ),
    "yahoo": (
        "MAILER-DAEMON@yahoo.example",
        "Failure Notice",
        """\
        Sorry, the message could not be brought to the following address.

        <{address}>:
        Remote host said: {answer} [RCPT_TO]

        --- Below this line is a copy of the message.

        """,
    ),
    "office 365": (
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>",
        "Undeliverable: Rates held",
        """\
        Delivery has failed to these recipients or groups:

        {address}<mailto:{address}>

        Diagnostic information for administrators:

        Generating server: AB1PR01MB0001.prod.example.com

        {address}
        {host}
        Remote Server returned '{answer}'

        Original message headers:

        """,
    ),
    "exchange 2003": (
        "System Administrator <postmaster@example.com>",
        "Undeliverable: Rates held",
        """\
        Your message

          To:      {address}
          Subject: Rates held
          Sent:    Mon, 23 Nov 2026 07:00:00 +0000

        did not reach the following recipient(s):

        {address} on Mon, 23 Nov 2026 07:00:01 +0000
            There was a problem in talking to the recipient's server.
                <{host} #5.0.0 smtp;{answer}>

        """,
    ),
    "domino": (
        "Postmaster@mx.example.com",
        "DELIVERY FAILURE: Rates held",
        """\
        Your message

          Subject: Rates held

        was not delivered to:

          {address}

        because:

          {answer}

        """,
    ),
    "groupwise": (
        "Mailer-Daemon@mx.example.com",
        "Message status - undeliverable",
        """\
        The message that you sent was undeliverable to the following:
            {address} ({answer})

        Possibly truncated original message follows:

        """,
    ),
    "communigate": (
        "MAILER-DAEMON@mx.example.com",
        "Undeliverable mail: Rates held",
        """\
        Failed to deliver to '{address}'
        SMTP module(domain example.net) reports:
         host {host} says:
         {answer}

        """,
    ),
    "hmailserver": (
        "mailer-daemon@mx.example.com",
        "Message undeliverable: Rates held",
        """\
        Your message did not reach some or all of the intended recipients.

           Sent: Mon, 23 Nov 2026 07:00:00 +0000
           Subject: Rates held

        The following recipient(s) could not be reached:

        {address}
           Error Type: SMTP
           Remote server (192.0.2.1) issued an error.
           hMailServer sent: RCPT TO:<{address}>
           Remote server replied: {answer}

        hMailServer
        """,
    ),
    "mailenable": (
        "postmaster@mx.example.com",
        "Message Delivery Failure",
        """\
        MailEnable: Message could not be delivered to some recipients.
        The following recipient(s) could not be reached:

            Recipient: [SMTP:{address}]
            Reason:    Remote SMTP Server Returned: {answer}

        Message headers follow:

        """,
    ),
    "smartermail": (
        "System Administrator <postmaster@mx.example.com>",
        "Delivery Failure",
        """\
        Could not deliver message to the following recipient(s):

        Failed Recipient: {address}
        Reason: Remote host said: {answer}

           -- The header and top 20 lines of the message follows --

        """,
    ),
    "mdaemon": (
        "MDaemon at mx.example.com <MDaemon@mx.example.com>",
        "Permanent Delivery Failure",
        """\
        The following data may contain sections which represent BASE64 encoded
        file attachments.

        Failed address: {address}

        --- Session Transcript ---
         Mon 2026-11-23 07:00:00: Attempting SMTP connection to [192.0.2.1:25]
         Mon 2026-11-23 07:00:01: --> RCPT To:<{address}>
         Mon 2026-11-23 07:00:01: <-- {answer}
         Mon 2026-11-23 07:00:01: --> QUIT
        --- End Transcript ---
        """,
    ),
    "opensmtpd": (
        "Mailer Daemon <MAILER-DAEMON@mx.example.com>",
        "Delivery status notification: error",
        """\
            Hi!

            This is the MAILER-DAEMON, and nobody reads what you answer.

            An error has occurred while attempting to deliver a message for
            the following list of recipients:

        {address}: {answer}

            Below is a copy of the original message:

        """,
    ),
    "dragonfly": (
        "MAILER-DAEMON <>",
        "Mail delivery failed",
        """\
        This is the DragonFly Mail Agent v0.13 at mx.example.com.

        There was an error delivering your mail to <{address}>.

        {host} [192.0.2.1] did not like our RCPT TO:
        {answer}

        Message headers follow.

        """,
    ),
    "james": (
        "postmaster@mx.example.com",
        "[BOUNCE]",
        """\
        Hi. This is the James mail server at mx.example.com.
        A problem came up, and it will not go away; details are below.

        Failed recipient(s):
        {address}

        Error message:
        {answer}

        Message details:
          Subject: Rates held
          To: {address}

        """,
    ),
    "haraka": (
        "MAILER-DAEMON@mx.example.com",
        "failed mail delivery",
        """\
        Hi. This is the Haraka Mailer program at mx.example.com.
        Your message could not be delivered to the following recipients:

        <{address}>: {answer}

        Reporting server: mx.example.com
        Response to RCPT TO: {answer}

        """,
    ),
    "imail": (
        "<postmaster@mx.example.com>",
        "Undeliverable Mail",
        """\
        Delivery failed 20 attempts: {address}
        {answer}

        Original message follows.

        """,
    ),
}  # fmt: skip


def notice(layout, address, answer, host="mx.example.net"):
    """The bytes of a notice."""
    sender, subject, text = LAYOUTS[layout]
    body = dedent(text).format(address=address, answer=answer, host=host) + ORIGINAL.format(address=address)
    head = f"Return-Path: <>\nFrom: {sender}\nTo: bounces@example.org\nSubject: {subject}\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}".encode()
