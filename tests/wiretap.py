"""A mail server that gets TLS wrong to order, and remembers every byte that somebody on the way could read.

with Wiretap(Fault.EXPIRED, contexts, at_once=False) as server:
    ...
    assert b"AUTH" not in server.seen
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """`at_once`: what the same comes to where TLS begins with the first byte."""

    NONE = "none"
    EXPIRED = "expired"
    OTHER_NAME = "other name"
    STRANGER = "stranger"  #: signed by itself
    OLD = "old"  #: TLS 1.1 is the best it has
    STRIPPED = "stripped"  #: does not offer STARTTLS; at once: speaks in the clear
    REFUSED = "refused"  #: 454; at once: closes
    GARBAGE = "garbage"  #: says 220, then no TLS; at once: no TLS
    INJECTED = "injected"  #: somebody adds answers to the 220; at once: in front of the handshake
    SILENT = "silent"  #: says 220, then nothing; at once: nothing


OWN_CERTIFICATE = (Fault.EXPIRED, Fault.OTHER_NAME, Fault.STRANGER, Fault.OLD)
INJECTED = b"250-injected.example\r\n250 AUTH PLAIN\r\n235 2.7.0 welcome\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n"


class Wiretap:
    """Use as a context manager.

    Args:
        contexts: A TLS context for `NONE`, and for each fault of `OWN_CERTIFICATE`.
        at_once: TLS from the first byte, without STARTTLS.
    """

    def __init__(self, fault: Fault, contexts: Mapping[Fault, ssl.SSLContext], *, at_once: bool) -> None:
        self.fault, self.at_once = fault, at_once
        self.context = contexts[fault if fault in OWN_CERTIFICATE else Fault.NONE]
        self.seen = bytearray()  #: what came over the wire, as it came
        self.clear: list[str] = []  #: the commands that came in the clear
        self.protected: list[str] = []  #: those that came within TLS
        self.ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *exc: object) -> None:
        self.ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _start(self, work: Callable[..., None], *told: object) -> None:
        self._threads.append(threading.Thread(target=work, args=told, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self._start(self._serve, self._listener.accept()[0])

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError, EOFError):
            sock.settimeout(10)
            _Talk(self, sock).run()


class _Talk:
    def __init__(self, server: Wiretap, sock: socket.socket) -> None:
        self.server, self.sock = server, sock
        self.tls: ssl.SSLObject | None = None
        self.buffer = b""

    def run(self) -> None:
        fault, at_once = self.server.fault, self.server.at_once
        if at_once:
            self._secure()
        self.say(b"220 tap.example ESMTP")
        while line := self.line():
            verb = line.split(" ")[0].upper()
            (self.server.protected if self.tls else self.server.clear).append(line)
            if verb == "EHLO":
                offers = b"" if self.tls or fault is Fault.STRIPPED else b"250-STARTTLS\r\n"
                self.say(b"250-tap.example\r\n" + offers + b"250 AUTH PLAIN")
            elif verb == "STARTTLS" and fault is Fault.REFUSED:
                self.say(b"454 4.7.0 no TLS today")
            elif verb == "STARTTLS":
                self._starttls()
            else:
                self._answer(verb)

    def _answer(self, verb: str) -> None:
        told = {"AUTH": b"235 2.7.0 welcome", "DATA": b"354 go on", "QUIT": b"221 bye"}
        self.say(told.get(verb, b"250 ok"))
        if verb == "DATA":
            while self.line() != ".":
                pass
            self.say(b"250 taken")

    def _starttls(self) -> None:
        injected = INJECTED if self.server.fault is Fault.INJECTED else b""
        self.sock.sendall(b"220 2.0.0 go ahead\r\n" + injected)
        self._secure()

    def _secure(self) -> None:
        fault, at_once = self.server.fault, self.server.at_once
        if fault is Fault.SILENT:
            self.server.ended.wait(10)
            raise EOFError
        if fault is Fault.GARBAGE:
            self.sock.sendall(b"\xff\x00 no such thing\r\n" * 20)
            self._drain()
        if at_once and fault is Fault.REFUSED:
            raise EOFError
        if at_once and fault is Fault.STRIPPED:
            self.say(b"220 tap.example ESMTP\r\n250-tap.example\r\n250 AUTH PLAIN")
            self._drain()
        if at_once and fault is Fault.INJECTED:
            self.sock.sendall(INJECTED)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.server.context.wrap_bio(self._in, self._out, server_side=True)
        self._until(tls.do_handshake)
        self.tls = tls

    def _drain(self) -> None:
        while True:
            self._raw()

    def _raw(self) -> bytes:
        data = self.sock.recv(65_536)
        self.server.seen += data
        if not data:
            raise EOFError
        return data

    def _until(self, work):
        """Feed TLS with what comes, until it has done this."""
        while True:
            try:
                return work()
            except ssl.SSLWantReadError:
                self.sock.sendall(self._out.read())
                self._in.write(self._raw())
            finally:
                self.sock.sendall(self._out.read())

    def say(self, text: bytes) -> None:
        tls = self.tls
        if tls is None:
            self.sock.sendall(text + b"\r\n")
        else:
            self._until(lambda: tls.write(text + b"\r\n"))

    def line(self) -> str:
        tls = self.tls
        while b"\n" not in self.buffer:
            self.buffer += self._raw() if tls is None else self._until(lambda: tls.read(65_536))
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("latin-1").strip()
