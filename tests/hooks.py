"""A program of the publisher's that is told what happens: a server on this machine that keeps what it is given."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Hooks:
    """Answers by `status`, with `headers`; what came is in `bodies` and `heads`."""

    def __init__(self) -> None:
        self.status = 204
        self.headers: dict[str, str] = {}
        self.bodies: list[bytes] = []
        self.heads: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?key=kept-secret"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def told(self) -> list[tuple[str, dict[str, Any]]]:
        read = [json.loads(body) for body in self.bodies]
        return [(one["type"], one["data"]) for one in read]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hooks.heads.append({name.lower(): value for name, value in self.headers.items()})
                hooks.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(hooks.status)
                for name, value in hooks.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object):
                """Nothing on stderr."""

        return Handler
