"""A small IMAP server (RFC 3501, RFC 4315): one mailbox in memory, for one client at a time after the other.

with Imapd({1: b"Subject: …"}) as server:
    server.port, server.messages, server.deleted
"""

import contextlib
import re
import socketserver
import ssl
import threading
from typing import Self


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._say("* OK ready")
            while line := self.rfile.readline().decode().strip():
                tag, verb, rest = (*line.split(" ", 2), "", "")[:3]
                if verb.upper() == "LOGOUT":
                    self._say("* BYE")
                    self._say(f"{tag} OK done")
                    return
                self._say(f"{tag} {self._answer(verb.upper(), rest)}")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _answer(self, verb: str, rest: str) -> str:
        box = self.server.box
        box.commands.append(f"{verb} {rest}" if verb != "LOGIN" else verb)
        if verb == "CAPABILITY":
            self._say(f"* CAPABILITY IMAP4rev1{' UIDPLUS' if box.uidplus else ''}")
        elif verb == "LOGIN":
            return "OK in" if rest.endswith(f'"{box.password}"') else "NO who?"
        elif verb == "SELECT":
            self._say(f"* {len(box.messages)} EXISTS")
            self._say(f"* OK [UIDVALIDITY {box.validity}] valid")
        elif verb == "EXPUNGE":
            box.expunge(box.deleted.copy())
        elif verb == "UID":
            return self._uid(*rest.split(" ", 2))
        return "OK done"

    def _uid(self, verb: str, which: str, rest: str = "") -> str:
        box = self.server.box
        if verb == "SEARCH":
            first = int(re.search(r"\d+", rest)[0])
            found = [uid for uid in box.messages if uid >= first] or list(box.messages)[-1:]
            self._say(f"* SEARCH {' '.join(map(str, found))}")
            return "OK done"
        uid = int(which)
        if verb == "FETCH" and "SIZE" in rest:
            self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(box.messages[uid])})")
        elif verb == "FETCH":
            raw = box.messages[uid]
            self.wfile.write(b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(raw), raw))
        elif verb == "STORE":
            box.deleted.add(uid)
        elif verb == "EXPUNGE":
            box.expunge({uid})
        return "OK done"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    box: "Imapd"

    def get_request(self):
        sock, peer = super().get_request()
        sock.settimeout(10)
        if self.box.tls:
            sock = self.box.tls.wrap_socket(sock, server_side=True)
        return sock, peer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up in the middle of the handshake."""


class Imapd:
    def __init__(self, messages=None, *, tls: ssl.SSLContext | None = None, uidplus: bool = True) -> None:
        self.messages: dict[int, bytes] = dict(messages or {})
        self.deleted: set[int] = set()
        self.commands: list[str] = []
        self.tls, self.uidplus = tls, uidplus
        self.password, self.validity = "secret", 1

    def expunge(self, uids: set[int]) -> None:
        for uid in uids & self.deleted:
            self.deleted.discard(uid)
            del self.messages[uid]

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.box = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
