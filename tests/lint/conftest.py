"""A small mail in which no rule finds anything, and a way to change one thing of it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from digest.lint.finding import Finding
from digest.lint.mail import Feature, Own, read_message
from digest.lint.rules import lint

OWN = Own(
    unsubscribe=("https://news.example.org/unsubscribe/daily/",),
    preferences=("https://news.example.org/preferences/daily/",),
)
HTML = (Path(__file__).parent / "good.html").read_text(encoding="utf-8")
TEXT = """The Daily

Rates held
Two voted for a cut.
https://example.org/1

Unsubscribe:
https://news.example.org/unsubscribe/daily/abc
Preferences:
https://news.example.org/preferences/daily/abc
"""
HEADER = """From: "The Times" <daily@example.org>
To: reader@example.net
Subject: Rates held
Date: Mon, 23 Nov 2026 07:00:00 +0000
Message-ID: <daily.2026-11-23.1@example.org>
Reply-To: editor@example.org
List-ID: =?utf-8?q?T=C3=A4glich?= <daily.example.org>
List-Unsubscribe: <https://news.example.org/unsubscribe/daily/abc>,
 <mailto:unsubscribe@example.org>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
List-Help: <https://news.example.org/help>
List-Archive: <https://news.example.org/editions/daily>
List-Post: NO
List-Owner: <mailto:editor@example.org>
Feedback-ID: daily20261123:daily:digest:example
CFBL-Address: fbl@example.org; report=arf
CFBL-Feedback-ID: 1:abc
Precedence: bulk
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: OOF, AutoReply
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_b"
"""


def message(html: str = HTML, text: str = TEXT, header: str = HEADER) -> bytes:
    """A message of two parts, written plainly."""
    parts = "".join(
        f"--=_b\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n"
        for kind, body in (("plain", text), ("html", html))
    )
    return f"{header}\n{parts}--=_b--\n".encode().replace(b"\n", b"\r\n")


Look = Callable[..., list[Finding]]


@pytest.fixture
def look() -> Look:
    """`look(html=("old", "new"))`: what the rules find once something is replaced."""

    def change(
        support: Mapping[str, Feature] | None = None,
        wire: Callable[[bytes], bytes] = bytes,
        own: Own = OWN,
        **parts: tuple[str, str],
    ) -> list[Finding]:
        changed = {"html": HTML, "text": TEXT, "header": HEADER}
        for part, (old, new) in parts.items():
            assert old in changed[part], f"{old!r} is not in the {part}"
            changed[part] = changed[part].replace(old, new, 1)
        return list(lint(read_message(wire(message(**changed)), own=own, support=support)))

    return change
