"""Caught mail in, pages to look at it out."""

import html
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.assets import SAMPLES, TEMPLATES
from digest.demo.catcher import Catcher, Caught
from digest.demo.samples import IMAGES

#: The mail itself is shown in a frame that may run no script; its links open in the whole window.
CSP = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; frame-src 'self'; "
    "form-action 'self' http://127.0.0.1:*; frame-ancestors 'self'; base-uri 'none'"
)
#: A sandboxed frame has no origin of its own, so that 'self' would name nobody.
FRAME_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src http://127.0.0.1:*; base-uri 'none'; "
    "sandbox allow-top-navigation-by-user-activation"
)


class LocalPictures:
    """Lets the pages of the public site find the sample pictures here: they name a host that does not exist."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None

        async def rewrite(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body = message.get("body", b"").replace(IMAGES.encode(), b"/images/")
            if start is not None:
                keep = [(k, v) for k, v in start["headers"] if k not in (b"content-length", b"content-security-policy")]
                policy = b"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; form-action 'self'"
                start["headers"] = [*keep, (b"content-security-policy", policy)]
                await send(start)
                start = None
            await send({**message, "body": body})

        await self._app(scope, receive, rewrite if scope["type"] == "http" else send)


class Inbox:
    """The demo's site: the inbox at /inbox, sample pictures and articles, and the public pages at /."""

    def __init__(
        self, catcher: Catcher, articles: Mapping[str, dict[str, Any]], send_next: Callable[[], str], public: ASGIApp
    ) -> None:
        self._catcher = catcher
        self._articles = list(articles.values())
        self._numbers = {url: number for number, url in enumerate(articles)}
        self._send_next = send_next
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES / "demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.app = Starlette(
            routes=[
                Route("/inbox", self.index, methods=["GET"]),
                Route("/inbox/next", self.next, methods=["POST"]),
                Route("/inbox/{number:int}", self.show, methods=["GET"]),
                Route("/inbox/{number:int}/body", self.body, methods=["GET"]),
                Route("/articles/{number:int}", self.article, methods=["GET"]),
                Route("/images/{name}", self.image, methods=["GET"]),
                Mount("/", LocalPictures(public)),
            ]
        )

    def index(self, request: Request) -> Response:
        messages = self._catcher.messages
        return self._page("inbox.html.j2", messages=messages[::-1], said=request.query_params.get("said", ""))

    def show(self, request: Request) -> Response:
        caught = self._caught(request)
        headers = caught.raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        return self._page("mail.html.j2", mail=caught, headers=headers, text=caught.body("plain"))

    def body(self, request: Request) -> Response:
        """The HTML part as it was sent, but for pictures and story links, which lead to this machine."""
        markup = self._caught(request).body("html").replace(IMAGES, "/images/")
        for url, number in self._numbers.items():
            markup = markup.replace(f'href="{html.escape(url)}"', f'href="/articles/{number}"')
        markup = markup.replace("<head>", '<head><base target="_top">', 1)
        return HTMLResponse(markup, headers={"Content-Security-Policy": FRAME_CSP})

    def article(self, request: Request) -> Response:
        number = int(request.path_params["number"])
        if number >= len(self._articles):
            raise HTTPException(404)
        return self._page("article.html.j2", article=self._articles[number])

    def image(self, request: Request) -> Response:
        name = request.path_params["name"]
        known = {path.name: path for path in (SAMPLES / "images").iterdir()}
        if name not in known:
            raise HTTPException(404)
        return FileResponse(known[name])

    def next(self, request: Request) -> Response:
        """Send the next edition: whoever left is not in its audience."""
        said = self._send_next()
        return RedirectResponse(request.url_for("index").include_query_params(said=said), status_code=303)

    def _caught(self, request: Request) -> Caught:
        number = int(request.path_params["number"])
        found = next((one for one in self._catcher.messages if one.number == number), None)
        if found is None:
            raise HTTPException(404)
        return found

    def _page(self, template: str, **values: object) -> Response:
        page = self._templates.get_template(template).render(**values)
        return HTMLResponse(page, headers={"Content-Security-Policy": CSP, "Referrer-Policy": "no-referrer"})
