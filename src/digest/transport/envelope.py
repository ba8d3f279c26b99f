"""Who a message is from and for in, the commands that say so out.  Pure."""

import re
from collections.abc import Container
from dataclasses import dataclass

#: One address on a command line: what could end it, or add a parameter, is not in it.
_PATH = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.\[\]:-]+")
_PATH_UTF8 = re.compile(r"[!-;=?-~\u00a1-\U0010ffff]+@[A-Za-z0-9.\[\]:-]+")
_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")  # RFC 3461 4


@dataclass(frozen=True, kw_only=True)
class Envelope:
    sender: str  #: "": the null sender
    recipient: str
    id: str = ""  #: what a delivery report calls the message (ENVID of RFC 3461); visible ASCII

    def __post_init__(self) -> None:
        if (self.sender and not _PATH.fullmatch(self.sender)) or not _PATH_UTF8.fullmatch(self.recipient):
            raise ValueError("an envelope address must be visible characters, without spaces or angle brackets")

    @property
    def needs_utf8(self) -> bool:
        """Whether the server has to offer SMTPUTF8 (RFC 6531)."""
        return not self.recipient.isascii()

    def mail(self, offers: Container[str]) -> bytes:
        """The MAIL command.  `offers`: what the server said it can do, in small letters."""
        words = [f"MAIL FROM:<{self.sender}>"]
        if self.needs_utf8:
            words += ["BODY=8BITMIME", "SMTPUTF8"]
        if "dsn" in offers and self.id:
            words += ["RET=HDRS", f"ENVID={_xtext(self.id)}"]
        return f"{' '.join(words)}\r\n".encode("ascii")

    def rcpt(self, offers: Container[str]) -> bytes:
        """The RCPT command.  A report is asked for when the message cannot be delivered, and not before."""
        words = [f"RCPT TO:<{self.recipient}>"]
        if "dsn" in offers and self.id:
            words.append("NOTIFY=FAILURE")
            if not self.needs_utf8:
                words.append(f"ORCPT=rfc822;{_xtext(self.recipient)}")
        return f"{' '.join(words)}\r\n".encode()


def _xtext(text: str) -> str:
    return _NOT_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text)
