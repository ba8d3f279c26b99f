"""A mailbox in; its messages out, one by one, and those that are done with removed.  TLS is verified.  Blocks."""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from digest.config import Imap
from digest.errors import DigestError

TIMEOUT = 30.0  #: seconds for each answer
MAX_MESSAGE = 20 * 1024 * 1024  #: bytes; what is larger is no bounce, and stays


@dataclass(frozen=True, kw_only=True)
class Place:
    """Up to where a mailbox has been read."""

    validity: str = ""  #: UIDVALIDITY: with another one all numbers are new (RFC 3501 2.3.1.1)
    uid: int = 0


class ImapMailbox:
    """Use as a context manager.

    Raises:
        DigestError: it cannot be read; says what the server said.
    """

    def __init__(self, settings: Imap, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls = tls or ssl.create_default_context()
        self.validity = ""

    def __enter__(self) -> Self:
        try:
            self._server = self._connect()
            with contextlib.ExitStack() as stack:
                stack.callback(self._server.shutdown)
                self._open()
                stack.pop_all()
        except (OSError, imaplib.IMAP4.error) as error:
            raise DigestError(f"feedback.imap: {type(error).__name__}: the mailbox cannot be read") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._server.logout()
        except (OSError, imaplib.IMAP4.error):
            self._server.shutdown()

    def after(self, place: Place) -> Iterator[tuple[int, bytes]]:
        """(UID, message) of what came after a place, the oldest first.  Nothing is marked as read."""
        last = place.uid if place.validity == self.validity else 0
        found = self._said(self._server.uid("SEARCH", f"UID {last + 1}:*"))
        for uid in sorted(int(one) for one in (found[0] or b"").split()):
            if uid > last:  # "n:*" names the last one in any case
                yield uid, self._message(uid)

    def remove(self, uid: int) -> None:
        """For good, where the server can remove single messages (RFC 4315); else it is marked, and all marked go."""
        self._said(self._server.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._server.capabilities:
            self._said(self._server.uid("EXPUNGE", str(uid)))
        else:
            self._said(self._server.expunge())

    def _open(self) -> None:
        if self._settings.security == "starttls":
            self._server.starttls(self._tls)
        self._said(self._server.login(self._settings.username, self._settings.password.get_secret_value()))
        self._said(self._server.select(f'"{self._settings.folder}"'))
        _, found = self._server.response("UIDVALIDITY")  # which can be asked for once
        self.validity = (found[0] or b"").decode("ascii", "replace")

    def _connect(self) -> imaplib.IMAP4:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            return imaplib.IMAP4_SSL(host, port, ssl_context=self._tls, timeout=TIMEOUT)
        return imaplib.IMAP4(host, port, timeout=TIMEOUT)

    def _message(self, uid: int) -> bytes:
        """b"" of one that is too large, or went meanwhile."""
        size = b" ".join(part for part in self._said(self._server.uid("FETCH", str(uid), "(RFC822.SIZE)")) if part)
        found = re.search(rb"RFC822\.SIZE (\d+)", size)
        if found is None or int(found[1]) > MAX_MESSAGE:
            return b""
        parts = self._said(self._server.uid("FETCH", str(uid), "(BODY.PEEK[])"))
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")

    @staticmethod
    def _said(answer: tuple[str, list[Any]]) -> list[Any]:
        kind, data = answer
        if kind != "OK":
            raise imaplib.IMAP4.error(kind)
        return data
