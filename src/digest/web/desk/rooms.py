"""A sheet in, its pages out: what a browser is shown of an edition.  Nothing is changed here."""

from collections.abc import Mapping
from email import message_from_bytes
from typing import Any

from digest import languages
from digest.edition.variants import Variant
from digest.render.view import noted
from digest.store import editions
from digest.web.dashboard.look import ARTICLES
from digest.web.dashboard.view import Page
from digest.web.desk.door import Seat
from digest.web.desk.panels import Panels
from digest.web.desk.sheet import Desk, Sheet
from digest.web.desk.wanted import PANELS, SHORTCUTS, Wanted
from digest.web.pages import environment
from digest.worker import asking

LISTED = 60  #: editions


class Rooms:
    """The pages of a desk.

    Args:
        desk: What there is to show.
        root: Its path, without a slash at the end.
    """

    def __init__(self, desk: Desk, root: str) -> None:
        self.desk, self.root = desk, root
        self._templates = environment(None, languages.SOURCE)  # an editor's tool, as the command line is

    def page(self, name: str, **values: Any) -> str:
        """A page that is not about one edition."""
        return self._filled(name, {"desk": {"root": self.root}, **values})

    def home(self, seat: Seat) -> str:
        """What may be worked at today, and what went before."""
        today = [self.desk.sheet(self.desk.key(name)) for name in self.desk.settings.newsletters]
        with self.desk.database.read() as db:
            listed = editions.listing(db, limit=LISTED)
        keys = {sheet.key for sheet in today}
        return self.page(
            "home",
            today=[
                {"key": one.key, "title": one.edition.title, "told": f"{one.key}: {one.edition.subject}"}
                for one in today
            ],
            before=[
                {"key": one.key, "subject": one.content.subject, "told": f"{one.key}: {one.state}"}
                for one in listed
                if one.key not in keys
            ],
            who=seat.who,
            can_leave=seat.can_leave,
        )

    def dashboard(self, page: Page, seat: Seat) -> str:
        """How editions, readers and sources are doing."""
        site = self.desk.settings.site.name
        return self.page("dashboard", page=page, site=site, days=ARTICLES, who=seat.who, can_leave=seat.can_leave)

    def edition(self, sheet: Sheet, wanted: Wanted, seat: Seat) -> str:
        """The whole page."""
        seen = self._panels(sheet, wanted, seat)
        values = {
            "edition": sheet.edition,
            "parts": seen.parts(),
            "panels": PANELS,
            "panel": wanted.panel,
            "selected": seen.story_id,
            "shortcuts": SHORTCUTS,
        }
        return self._filled("page", {"desk": seen.values, **values})

    def state(self, sheet: Sheet, wanted: Wanted, seat: Seat, *, only: str = "") -> dict[str, Any]:
        """What a page that is open has to show now."""
        seen = self._panels(sheet, wanted, seat)
        if only == "story":
            return {"parts": {"story": seen.story()}, "revision": sheet.draft.revision}
        return {
            "version": sheet.version,
            "revision": sheet.draft.revision,
            "csrf": seat.form_token,
            "title": f"{sheet.edition.subject} · {sheet.key}",
            "parts": seen.parts(),
            "frame": seen.frame() if wanted.view == "mail" else None,
        }

    def frame(self, sheet: Sheet, wanted: Wanted, seat: Seat) -> str:
        return self._panels(sheet, wanted, seat).frame()

    def variant(self, sheet: Sheet, name: str) -> Variant:
        """The one of this name, else that of the desk's wish."""
        found = self.desk.variants(sheet)
        return found[name if name in found else next(iter(found))][0]

    def confirmation(self, sheet: Sheet) -> str:
        """The HTML of the mail that asks to confirm."""
        raw = asking.sample(self.desk.settings, sheet.edition.newsletter, now=self.desk.clock())
        part = next(one for one in message_from_bytes(raw).walk() if one.get_content_type() == "text/html")
        body = part.get_payload(decode=True)
        return body.decode() if isinstance(body, bytes) else ""

    def note(self, text: str) -> str:
        """A note as readers would see it: HTML of ours, in which nothing of an editor's is left as it was typed."""
        return self._filled("note", {"blocks": noted(text)})

    def _panels(self, sheet: Sheet, wanted: Wanted, seat: Seat) -> Panels:
        variant = self.variant(sheet, wanted.variant)
        return Panels(self.desk, self._filled, sheet, wanted, seat, variant=variant, root=self.root)

    def _filled(self, name: str, values: Mapping[str, Any]) -> str:
        return self._templates.get_template(f"desk/{name}.html.j2").render(values)
