"""A desk and its door in, the pages out: the route table, and what every request has to get past."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from jinja2 import TemplateError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from digest.assets import TEMPLATES
from digest.edition.variants import Variant
from digest.errors import DigestError, NotFound, Overtaken
from digest.web import forms
from digest.web.dashboard.page import Dashboard
from digest.web.desk.doing import Doing, Order
from digest.web.desk.door import Door, Seat, TeamDoor, has_token, is_ours
from digest.web.desk.live import Live
from digest.web.desk.rooms import Rooms
from digest.web.desk.sheet import Desk, Sheet
from digest.web.desk.signin import SignIn
from digest.web.desk.wanted import Wanted
from digest.web.desk.words import meant

logger = logging.getLogger(__name__)

FORM_BYTES = 65_536  #: a note of 5,000 characters, each written as three, has room
FORM_FIELDS = 60
SCRIPTS = ("desk.js", "frame.js", "again.js", "dashboard.js")
FILES = dict.fromkeys(("desk.css", "dashboard.css"), "text/css") | dict.fromkeys(SCRIPTS, "text/javascript")
SAFE = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "img-src 'self' https: http: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
#: Of what is shown in a frame: it runs nothing, and fetches nothing but pictures.  Same origin, as the desk reads how
#: long it is and fills it in anew.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
PICTURES = "'self' https: http: data:"

Handler = Callable[[Request, Seat], Response]
EDITION = "/{newsletter}/{day}/"
DASHBOARD = "/dashboard"


class Pages:
    """The handlers."""

    def __init__(self, desk: Desk, door: Door, root: str) -> None:
        self._desk, self._door, self._root = desk, door, root
        self._rooms = Rooms(desk, root)
        self._doing = Doing(desk, self._rooms)
        self._dashboard = Dashboard(desk.settings, desk.database, desk.clock)
        self.live = Live(desk.version)

    def routes(self) -> list[Route]:
        shown = {
            "/": self.home,
            DASHBOARD: self.dashboard,
            EDITION: self.edition,
            f"{EDITION}state": self.state,
            f"{EDITION}frame.html": self.frame,
            f"{EDITION}mail.html": self.mail,
            f"{EDITION}web.html": self.web,
            f"{EDITION}confirm.html": self.confirm,
            f"{EDITION}message.eml": self.message,
        }
        acts = {f"{EDITION}do": self.do, f"{EDITION}note": self.note}
        return [
            *(Route(self._root + path, self._shown(handler), methods=["GET"]) for path, handler in shown.items()),
            *(Route(self._root + path, self._acts(handler), methods=["POST"]) for path, handler in acts.items()),
            Route(f"{self._root}{EDITION}events", self._watched, methods=["GET"]),
            Route(f"{self._root}/static/{{name}}", self.file, methods=["GET"]),
        ]

    # --- what is shown ---------------------------------------------------------------------------------------------

    def home(self, _request: Request, seat: Seat) -> Response:
        return self._page(self._rooms.home(seat))

    def dashboard(self, request: Request, seat: Seat) -> Response:
        seen = self._dashboard.page(request.query_params.get("newsletter", ""))
        return self._page(self._rooms.dashboard(seen, seat))

    def edition(self, request: Request, seat: Seat) -> Response:
        return self._page(self._rooms.edition(self._sheet(request), Wanted.of(request.query_params), seat))

    def state(self, request: Request, seat: Seat) -> Response:
        only = request.query_params.get("only", "")
        found = self._rooms.state(self._sheet(request), Wanted.of(request.query_params), seat, only=only)
        return JSONResponse(found, headers=SAFE)

    def frame(self, request: Request, seat: Seat) -> Response:
        wanted = Wanted.of(request.query_params)
        return _framed(self._rooms.frame(self._sheet(request), wanted, seat), images=wanted.look.images)

    def mail(self, request: Request, _seat: Seat) -> Response:
        """As it is sent, byte for byte."""
        sheet = self._sheet(request)
        return _framed(self._desk.rendered(sheet, self._variant(request, sheet)).html)

    def web(self, request: Request, _seat: Seat) -> Response:
        return _framed(self._desk.web(self._sheet(request)))

    def confirm(self, request: Request, _seat: Seat) -> Response:
        return _framed(self._rooms.confirmation(self._sheet(request)))

    def message(self, request: Request, _seat: Seat) -> Response:
        sheet = self._sheet(request)
        headers = {**SAFE, "Content-Disposition": 'attachment; filename="message.eml"'}
        raw = self._desk.message(sheet, self._variant(request, sheet))
        return Response(raw, headers=headers, media_type="message/rfc822")

    def file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "favicon.ico":
            return Response((TEMPLATES / "web" / "static" / name).read_bytes(), headers=SAFE, media_type="image/x-icon")
        if name not in FILES:
            raise HTTPException(404)
        return Response((TEMPLATES / "desk" / "static" / name).read_bytes(), headers=SAFE, media_type=FILES[name])

    # --- what changes something ------------------------------------------------------------------------------------

    def do(self, request: Request, seat: Seat) -> Response:
        sheet, wanted = self._sheet(request), Wanted.of(request.query_params)
        order = Order(sheet=sheet, said=meant(request.state.form), seat=seat, variant=wanted.variant)
        try:
            done = self._doing.do(order)
        except DigestError as error:
            status = 409 if isinstance(error, Overtaken) else 422
            return self._answer(request, seat, said=str(error), status=status)
        finally:
            self.live.nudge()
        return self._answer(request, seat, said=done.said, story=done.story, variant=done.variant)

    def note(self, request: Request, _seat: Seat) -> Response:
        """A note as readers would see it, while it is typed."""
        return HTMLResponse(self._rooms.note(meant(request.state.form).text("note")), headers=SAFE)

    def _answer(
        self,
        request: Request,
        seat: Seat,
        *,
        said: str,
        status: int = 200,
        story: str | None = None,
        variant: str | None = None,
    ) -> Response:
        """What there is now, for the script; for a browser without one the page."""
        if not _wants_json(request):
            if status != 200:
                return self._failed(request, "That was not done", said, status=status)
            return RedirectResponse(f"{self._root}/{_key(request)}/", status_code=303, headers=SAFE)
        wanted = Wanted.of(request.query_params, story=story, variant=variant)
        found = self._rooms.state(self._sheet(request), wanted, seat)
        moved = {name: value for name, value in (("story", story), ("variant", variant)) if value is not None}
        return JSONResponse({**found, **moved, "said": said}, status_code=status, headers=SAFE)

    # --- what every request gets past ------------------------------------------------------------------------------

    def _shown(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(self._let_in, handler, request)

        return endpoint

    def _acts(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if not is_ours(request, self._door):
                raise HTTPException(403)
            request.state.form = await forms.read(request, most=FORM_BYTES, fields=FORM_FIELDS)
            return await run_in_threadpool(self._let_in, self._with_token(handler), request)

        return endpoint

    def _with_token(self, handler: Handler) -> Handler:
        def checked(request: Request, seat: Seat) -> Response:
            if not has_token(seat, meant(request.state.form).text("csrf")):
                raise HTTPException(403)
            return handler(request, seat)

        return checked

    async def _watched(self, request: Request) -> Response:
        if not self._door.knows_host(request) or await run_in_threadpool(self._door.seat, request) is None:
            raise HTTPException(403)
        return await self.live.stream()

    def _let_in(self, handler: Handler, request: Request) -> Response:
        if not self._door.knows_host(request):
            raise HTTPException(400)
        seat = self._door.seat(request)
        if seat is None:
            return self._sign_in(request)
        try:
            return handler(request, seat)
        except NotFound as error:
            return self._failed(request, "There is no such edition", str(error), status=404)
        except TemplateError as error:
            return self._failed(request, f"{type(error).__name__} in {_place(error)}", str(error), status=500)
        except DigestError as error:
            return self._failed(request, "There is nothing to show", str(error), status=422)
        except HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - an editor gets a page that tries again, the log gets the place
            place = "".join(traceback.format_tb(error.__traceback__)).rstrip()
            logger.error("%s\n%s", type(error).__name__, place)  # without its message: it may repeat an address
            return self._failed(request, "The desk has a fault", type(error).__name__, status=500)

    def _failed(self, request: Request, title: str, detail: str, *, status: int) -> Response:
        """A page that tries again as soon as something changes."""
        if _wants_json(request):
            return JSONResponse({"said": f"{title}: {detail}"}, status_code=status, headers=SAFE)
        return self._page(self._rooms.page("refusal", title=title, detail=detail), status)

    def _sign_in(self, request: Request) -> Response:
        if _wants_json(request):
            return JSONResponse({"said": "Sign in first."}, status_code=401, headers=SAFE)
        to = DASHBOARD if request.url.path == self._root + DASHBOARD else ""
        if to and (why := self._door.closed()):
            logger.info("%s", why)
            raise HTTPException(404)
        return self.page("signin", wrong="", typed="", to=to, status=401)

    def page(self, name: str, *, status: int = 200, **values: object) -> Response:
        """One that is not about an edition."""
        return self._page(self._rooms.page(name, **values), status)

    def _page(self, html: str, status: int = 200) -> Response:
        return HTMLResponse(html, status, {**SAFE, "Content-Security-Policy": POLICY})

    def _sheet(self, request: Request) -> Sheet:
        return self._desk.sheet(_key(request))

    def _variant(self, request: Request, sheet: Sheet) -> Variant:
        return self._rooms.variant(sheet, Wanted.of(request.query_params).variant)


def create_desk(desk: Desk, door: Door, *, root: str) -> tuple[Starlette, Live]:
    """The pages below `root`, and what has to be ended before the server can.

    Args:
        desk: What there is to show.
        door: Who may come in.
        root: A path without a slash at the end.
    """
    pages = Pages(desk, door, root)
    signing = SignIn(door, desk, pages.page, root).routes() if isinstance(door, TeamDoor) else []
    app = Starlette(routes=[*signing, *pages.routes()])
    app.router.redirect_slashes = False
    return app, pages.live


def _framed(html: str, *, images: bool = True) -> Response:
    policy = FRAME_POLICY.format(images=PICTURES if images else "'none'")
    return HTMLResponse(html, headers={**SAFE, "Content-Security-Policy": policy})


def _key(request: Request) -> str:
    return f"{request.path_params['newsletter']}/{request.path_params['day']}"


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _place(error: TemplateError) -> str:
    """Where in which template: what the error itself says, else the innermost template on the way to it."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    for frame in traceback.extract_tb(error.__traceback__):
        if not line and frame.filename.endswith(".j2"):
            name, line = Path(frame.filename).name, frame.lineno
    return f"{name or 'a template'}{f', line {line}' if line else ''}"
