"""A server of feeds on this machine, whose answers a test decides."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from xml.sax.saxutils import escape


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0  #: before it comes


@dataclass
class Asked:
    host: str
    path: str
    headers: dict[str, str]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 300

    def handle_error(self, request, client_address):
        """A client that hangs up is what some tests are about."""


class Feeds:
    """Serves `answers` by path, on every address of 127.0.0.0/8.  What it was asked is in `asked`."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        self.at_once: dict[str, int] = {}  #: the most requests at the same time, by host; "" for all
        self._now: dict[str, int] = {}
        self._lock = threading.Lock()
        self._server = _Server(("0.0.0.0", 0), self._handler())
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/feed", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def _answer(self, asked: Asked) -> Answer:
        host = asked.host.partition(":")[0]
        with self._lock:
            self.asked.append(asked)
            for key in ("", host):
                self._now[key] = self._now.get(key, 0) + 1
                self.at_once[key] = max(self.at_once.get(key, 0), self._now[key])
        answer = self.answers.get(asked.path, Answer(404))
        answer = answer(asked) if callable(answer) else answer
        time.sleep(answer.seconds)
        with self._lock:
            for key in ("", host):
                self._now[key] -= 1
        return answer

    def _handler(feeds) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                answer = feeds._answer(Asked(self.headers.get("Host", ""), self.path, dict(self.headers)))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 304:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def rss(items: Iterable[tuple[str, str, datetime | None]], *, body: str = "") -> bytes:
    """A feed of (address, title, published)."""
    entries = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(url)}</link><description>{escape(body)}</description>"
        + (f"<pubDate>{format_datetime(published)}</pubDate>" if published else "")
        + "</item>"
        for url, title, published in items
    )
    return f"<rss version='2.0'><channel><title>A feed</title>{entries}</channel></rss>".encode()


def slow(items: int = 5_000) -> bytes:
    """A feed within every cap that takes seconds to parse."""
    nested = escape("<div>" * 150)
    entries = "".join(
        f"<item><title>T</title><link>https://slow.example/{n}</link><description>{nested}</description></item>"
        for n in range(items)
    )
    return f"<rss version='2.0'><channel><title>Slow</title>{entries}</channel></rss>".encode()


def conditional(body: bytes, etag: str = '"1"') -> Callable[[Asked], Answer]:
    """200 with an ETag, and 304 to who has it."""

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("If-None-Match") == etag:
            return Answer(304, headers={"ETag": etag})
        return Answer(200, body, {"ETag": etag, "Content-Type": "application/rss+xml"})

    return answer
