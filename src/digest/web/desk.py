"""A way to load a preview in, the editor's desk out: the pages of `digest preview`, for a browser on this machine.

The mail is shown in a frame without scripts, under a policy that fetches nothing but pictures.  Every address starts
with a random token and every request has to name this machine as its host: no other page that the browser has open
can read the desk (DNS rebinding).
"""

import contextlib
import logging
import threading
import traceback
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest import languages
from digest.assets import TEMPLATES
from digest.errors import DigestError
from digest.web.measure import Preview, headers, sizes
from digest.web.pages import environment

logger = logging.getLogger(__name__)

TABS = {
    "": "Mail",
    "web": "Web page",
    "text": "Plain text",
    "headers": "Headers",
    "sizes": "Sizes",
    "stories": "Stories",
}
FRAMES = {"": "mail.html", "web": "web.html"}  #: what a tab shows in its frame
FILES = {"desk.css": "text/css", "desk.js": "text/javascript", "favicon.ico": "image/x-icon"}
SHOWN_STORIES = 100
HOSTS = ("127.0.0.1", "localhost")
SAFE = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: http: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"  # same origin: the desk reads its height
)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why there is nothing to show."""

    title: str
    detail: str


class Desk:
    """Loads the preview again when something it is made of has changed."""

    def __init__(self, load: Callable[[], Preview], watch: Sequence[Path], data_version: Callable[[], object]) -> None:
        self._load, self._watch, self._data_version = load, watch, data_version
        self._lock = threading.Lock()
        self._loaded: tuple[int, Preview | Failure] | None = None

    def version(self) -> int:
        """A number that changes with the watched files and with the data."""
        return zlib.crc32("\n".join([*_stamps(self._watch), str(self._data_version())]).encode())

    def preview(self) -> tuple[int, Preview | Failure]:
        """The newest, and its version; a failure is shown too, and the next change tries again."""
        with self._lock:
            version = self.version()
            if self._loaded is None or self._loaded[0] != version:
                self._loaded = (version, self._try())
            return self._loaded

    def _try(self) -> Preview | Failure:
        try:
            return self._load()
        except TemplateError as error:
            return Failure(title=f"{type(error).__name__} in {_place(error)}", detail=str(error))
        except DigestError as error:
            return Failure(title="There is no preview", detail=str(error))
        except Exception as error:
            logger.exception("the preview cannot be made")
            return Failure(title="There is no preview", detail=f"{type(error).__name__}: {error}")


class Rooms:
    """The desk's pages: each a plain handler."""

    def __init__(self, desk: Desk, token: str) -> None:
        self._desk, self._root = desk, f"/{token}/"
        self._templates = environment(None, languages.SOURCE)  # an editor's tool, as the command line is

    def tab(self, request: Request) -> Response:
        name = request.path_params.get("tab", "")
        if name not in TABS:
            raise HTTPException(404)
        version, preview = self._desk.preview()
        failed = isinstance(preview, Failure)
        html = self._templates.get_template("web/desk.html.j2").render(
            root=self._root,
            tabs=TABS,
            tab=name,
            frame=FRAMES.get(name),
            version=version,
            failure=preview if failed else None,
            **({} if isinstance(preview, Failure) else _values(preview)),
        )
        return HTMLResponse(html, headers={**SAFE, "Content-Security-Policy": POLICY})

    def mail(self, _request: Request) -> Response:
        return HTMLResponse(self._shown().rendered.html, headers={**SAFE, "Content-Security-Policy": FRAME_POLICY})

    def web(self, _request: Request) -> Response:
        return HTMLResponse(self._shown().rendered.web, headers={**SAFE, "Content-Security-Policy": FRAME_POLICY})

    def message(self, _request: Request) -> Response:
        headers = {**SAFE, "Content-Disposition": 'attachment; filename="message.eml"'}
        return Response(self._shown().message, headers=headers, media_type="message/rfc822")

    def version(self, _request: Request) -> Response:
        return PlainTextResponse(str(self._desk.version()), headers=SAFE)

    def file(self, request: Request) -> Response:
        name = request.url.path.removeprefix(self._root)
        return Response((TEMPLATES / "web" / "static" / name).read_bytes(), headers=SAFE, media_type=FILES[name])

    def _shown(self) -> Preview:
        _, preview = self._desk.preview()
        if isinstance(preview, Failure):
            raise HTTPException(404)
        return preview


def create_desk(
    load: Callable[[], Preview],
    *,
    token: str,
    watch: Sequence[Path] = (),
    data_version: Callable[[], object] = lambda: 0,
) -> Starlette:
    """The desk at ``/{token}/``.

    Args:
        load: makes the preview; called from a thread, one call at a time, when something has changed.
        token: a random path, so that only who was given the address finds it.
        watch: files and folders; a change in one of them loads the preview again.
        data_version: any value that changes with the data that `load` reads.
    """
    rooms = Rooms(Desk(load, watch, data_version), token)
    pages = {
        "version": rooms.version,
        "message.eml": rooms.message,
        "mail.html": rooms.mail,
        "web.html": rooms.web,
        **dict.fromkeys(FILES, rooms.file),
        "": rooms.tab,
        "{tab}": rooms.tab,
    }
    app = Starlette(
        routes=[Route(f"/{token}/{path}", page) for path, page in pages.items()],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
    )
    app.router.redirect_slashes = False
    return app


def _values(preview: Preview) -> dict[str, object]:
    """What the template shows of a preview."""
    return {
        "edition": preview.edition,
        "rendered": preview.rendered,
        "findings": preview.findings,
        "headers": headers(preview.message),
        "sizes": sizes(preview),
        "stories": preview.stories[:SHOWN_STORIES],
        "further": max(0, len(preview.stories) - SHOWN_STORIES),
        "chosen": {story: place for place, story in enumerate(preview.chosen, start=1)},
        "left_out": preview.left_out,
    }


def _stamps(watch: Sequence[Path]) -> Iterator[str]:
    """Every watched file with its time and size.  One that goes away meanwhile counts as a change."""
    for path in watch:
        for file in sorted(path.rglob("*")) if path.is_dir() else (path,):
            with contextlib.suppress(OSError):
                stat = file.stat()
                yield f"{file}:{stat.st_mtime_ns}:{stat.st_size}"


def _place(error: TemplateError) -> str:
    """Where in which template: what the error itself says, else the innermost template on the way to it."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    for frame in traceback.extract_tb(error.__traceback__):
        if not line and frame.filename.endswith(".j2"):
            name, line = Path(frame.filename).name, frame.lineno
    return f"{name or 'a template'}{f', line {line}' if line else ''}"
