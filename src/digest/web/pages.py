"""Template names and values in, answers out: the public pages' look, and the headers that each of them carries."""

import json
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest import languages
from digest.assets import TEMPLATES
from digest.config import Settings
from digest.languages import Voice

#: No script, no frame, nothing from elsewhere; a form goes back to where it came from.  Without a script nothing
#: connects, but what looks a site over (Lighthouse) asks for robots.txt as the page would.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
#: An edition brings its own styles (inlined, for mail) and its pictures; it has no form.
EDITION_POLICY = POLICY.replace("style-src 'self'", "style-src 'unsafe-inline'").replace(
    "form-action 'self'", "form-action 'none'"
)
SAFE = {
    "Referrer-Policy": "no-referrer",  # addresses of pages carry tokens
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": POLICY,
}
SHARED = {"Cache-Control": "public, max-age=60"}  #: what everyone may see
UNKEPT = {"Cache-Control": "no-store"}  #: what is made for one visit
#: Whose indexes people search.  What belongs to one reader is not to be in any; each is told by name, as a word to
#: all alike makes the page one that cannot be found for whatever looks it over (Lighthouse).
CRAWLERS = ("Googlebot", "bingbot", "DuckDuckBot", "YandexBot", "Baiduspider", "Applebot", "archive.org_bot")

_LASTING = {"Cache-Control": "public, max-age=3600"}  #: until a site changes its look


def refusals(voice: Voice) -> Mapping[int, tuple[str, str]]:
    """What went wrong, and what to do, by status."""
    gettext = voice.gettext
    return {
        400: (gettext("This request could not be read"), gettext("Please go back and try again.")),
        404: (gettext("There is no such page"), gettext("The address may be mistyped, or the page may have moved.")),
        405: (
            gettext("This page does not work that way"),
            gettext("Please open it from its link and use the button on it."),
        ),
        408: (gettext("That took too long"), gettext("The request did not arrive in time. Please try again.")),
        413: (
            gettext("That was too much"),
            gettext("The request was larger than any form on this site. Please go back and try again."),
        ),
        500: (
            gettext("Something went wrong here"),
            gettext("It is our fault, not yours, and it has been noted. Please try again later."),
        ),
    }


def environment(overlay: Path | None, language: str) -> Environment:
    """Templates of the site's own folder before the shipped ones; everything from outside is escaped."""
    folders = [*([overlay] if overlay else []), TEMPLATES]
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    languages.install(made, languages.voice(language, overlay))
    return made


def widget(settings: Settings, newsletter: str) -> str:
    """A sign-up form for pages of other sites: HTML that needs no script and no style of ours."""
    site, known = settings.site, settings.newsletters[newsletter]
    made = environment(site.templates, known.language or site.language)
    values = {
        "newsletter": newsletter,
        "title": known.title,
        "action": f"{site.base_url}/subscribe/{newsletter}",
        "any_letters": settings.smtp.smtputf8,
    }
    return made.get_template("web/widget.html.j2").render(values).strip() + "\n"


class Pages:
    """The pages of one site.

    Links are paths below the configured `base_url`: what a request claims as its host is never believed.
    """

    def __init__(self, settings: Settings) -> None:
        site = settings.site
        self.prefix = urlsplit(site.base_url).path.rstrip("/")
        self._folders = [*([site.templates] if site.templates else []), TEMPLATES]
        # A trial without TLS serves its own pictures without TLS.
        self._pictures = "https: http:" if site.base_url.startswith("http:") else "https:"
        self._site = site
        self._any_letters = settings.smtp.smtputf8  #: may stand in an address that joins
        spoken = {site.language, *(one.language for one in settings.newsletters.values() if one.language)}
        self._templates = {language: self._environment(language) for language in spoken}
        words = languages.available(site.templates)
        self.tongues = {one: languages.own_name(one) for one in sorted(words)}  #: readers may choose; with their names

    def tongue(self, language: str) -> str:
        """Which of `tongues` speaks to who asked for a language: "de" for "DE" and "de-AT"; "" where none does."""
        return languages.tongue(language, self.tongues)

    def voice(self, language: str) -> Voice:
        """That of a language of the site, of one of its newsletters, or of `tongues`."""
        return languages.spoken(self._speaking(language))

    def page(
        self,
        name: str,
        *,
        language: str = "",
        status: int = 200,
        private: bool = False,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """The page `name` of ``templates/web``.

        Args:
            name: without folder and ending.
            language: a newsletter's; the site's where none is given.
            status: of HTTP.
            private: it belongs to one reader, so nobody keeps a copy and no search engine lists it.
            headers: further ones.
            values: what the template needs.
        """
        templates = self._speaking(language or self._site.language)
        html = templates.get_template(f"web/{name}.html.j2").render(values)
        answer = HTMLResponse(html, status, {**SAFE, **(UNKEPT if private else SHARED), **(headers or {})})
        return _unlisted(answer) if private else answer

    def data(self, values: Mapping[str, Any], *, name: str = "") -> Response:
        """What belongs to one reader, as JSON; as a file where it has a `name`."""
        text = json.dumps(values, ensure_ascii=False, indent=2) + "\n"
        file = {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
        return _unlisted(Response(text.encode(), 200, {**SAFE, **UNKEPT, **file}, "application/json"))

    def refusal(self, status: int, *, headers: Mapping[str, str] | None = None) -> Response:
        """The page for a request that cannot be answered."""
        told = refusals(self.voice(self._site.language))
        title, advice = told.get(status, told[400])
        return self.page("refusal", status=status, private=True, headers=headers, title=title, advice=advice)

    def edition(self, html: str) -> Response:
        """A rendered edition as it stands, under its own policy."""
        policy = EDITION_POLICY.replace("https:", self._pictures)
        return HTMLResponse(html, 200, {**SAFE, **SHARED, "Content-Security-Policy": policy})

    def onward(self, url: str) -> Response:
        """To an address that we signed: nothing is kept of the way there, and the other side is not told of it."""
        return Response(status_code=302, headers={**SAFE, **UNKEPT, "Location": url})

    def feed(self, data: bytes, kind: str) -> Response:
        return Response(data, 200, {**SAFE, **SHARED}, f"{kind}; charset=utf-8")

    def image(self, data: bytes) -> Response:
        return Response(data, 200, {**SAFE, "Cache-Control": "public, max-age=31536000, immutable"}, "image/jpeg")

    def text(self, text: str, *, status: int = 200) -> Response:
        return PlainTextResponse(text, status, {**SAFE, **SHARED})

    def style(self) -> Response:
        """``templates/web/static/site.css``, filled in with the site's brand."""
        css = self._templates[self._site.language].get_template("web/static/site.css").render()
        return Response(css, 200, {**SAFE, **_LASTING}, "text/css")

    def icon(self) -> Response:
        path = Path("web", "static", "favicon.ico")
        found = next(file for folder in self._folders if (file := folder / path).is_file())
        return Response(found.read_bytes(), 200, {**SAFE, **_LASTING}, "image/x-icon")

    def _speaking(self, language: str) -> Environment:
        """Templates in a language, read when it is first spoken."""
        if language not in self._templates:
            self._templates[language] = self._environment(language)
        return self._templates[language]

    def _environment(self, language: str) -> Environment:
        site = self._site
        made = environment(site.templates, language)
        contact = parseaddr(site.contact)[1]
        made.globals |= site.brand.variables
        made.globals["root"] = self.prefix
        made.globals["site"] = {
            "name": site.name,
            "postal_address": site.postal_address,
            "contact": contact,
            "any_letters": self._any_letters,
        }
        return made


def _unlisted(answer: Response) -> Response:
    for crawler in CRAWLERS:
        answer.headers.append("X-Robots-Tag", f"{crawler}: noindex")
    return answer
