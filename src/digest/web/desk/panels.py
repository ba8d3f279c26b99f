"""A sheet and what somebody looks at in, the parts of the page out, each a piece of HTML by name."""

from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from functools import cached_property
from typing import Any

from digest import languages
from digest.config import zone
from digest.counting import counted
from digest.edition.compose import proposals
from digest.edition.variants import Variant
from digest.errors import DigestError
from digest.lint.finding import Finding
from digest.model import Rendered
from digest.pipeline.drafts import compared
from digest.render.view import noted
from digest.web.desk import view
from digest.web.desk.door import Seat
from digest.web.desk.frame import shown
from digest.web.desk.sheet import Desk, Sheet
from digest.web.desk.standing import standing
from digest.web.desk.wanted import FRAMES, VIEWS, WIDTHS, Wanted
from digest.web.desk.words import told
from digest.web.measure import headers, sizes_of

Fill = Callable[[str, Mapping[str, Any]], str]  #: a template's name and its values, filled in


class Panels:
    """A sheet as one person looks at it."""

    def __init__(
        self, desk: Desk, fill: Fill, sheet: Sheet, wanted: Wanted, seat: Seat, *, variant: Variant, root: str
    ) -> None:
        self._desk, self._filled, self._sheet, self._wanted = desk, fill, sheet, wanted
        self._seat, self._variant, self._root = seat, variant, root
        self._newsletter = desk.settings.newsletters[sheet.edition.newsletter]
        self._zone, self._now = zone(self._newsletter), desk.clock()
        self.story_id = wanted.story or (sheet.edition.lead.story if sheet.edition.lead else "")

    @cached_property
    def values(self) -> dict[str, Any]:
        """What every part needs."""
        sheet = self._sheet
        return {
            "root": self._root,
            "base": f"{self._root}/{sheet.key}/",
            "csrf": self._seat.form_token,
            "revision": sheet.draft.revision,
            "version": sheet.version,
            "seen": sheet.seen,
            "open": sheet.is_open,
        }

    def parts(self) -> dict[str, str]:
        """By name.  Findings only where they are asked for, or known: they take a moment."""
        made = {
            "head": self._head(),
            "order": self._order(),
            "inbox": self._inbox(),
            "views": self._views(),
            "view": self._view(),
            "story": self.story(),
            "edition": self._edition(),
            "record": self._record(),
            "count-story": "",
            "count-edition": "",
            "count-record": str(len(self._sheet.draft.replayed.conflicts) or ""),
        }
        return made | self._findings()

    def frame(self) -> str:
        """The mail in a look, with marks where findings are known."""
        findings = self._found if self._wanted.later else ()
        return shown(self._rendered.html, self._wanted.look, marks=view.marks(findings or ()))

    @cached_property
    def _rendered(self) -> Rendered:
        return self._desk.rendered(self._sheet, self._variant)

    @cached_property
    def _found(self) -> Sequence[Finding] | None:
        """None where the mail cannot be made."""
        try:
            return self._desk.findings(self._sheet, self._variant)
        except DigestError:
            return None

    def _fill(self, name: str, **values: Any) -> str:
        return self._filled(name, {"desk": self.values, "edition": self._sheet.edition, **values})

    def _head(self) -> str:
        settings, sheet = self._desk.settings, self._sheet
        mine = [one for one in sheet.draft.decided if one.is_active and one.who == self._seat.who]
        return self._fill(
            "head",
            day=languages.voice(languages.SOURCE).long_date(sheet.edition.day),
            state=standing(sheet, self._newsletter, now=self._now),
            tests=settings.desk.test_addresses,
            undoable=told(mine[-1].operation) if mine else "",
        )

    def _order(self) -> str:
        found = view.groups(self._sheet.draft)
        outside, further = view.others(self._sheet.draft)
        rows = [row for group in found for row in group.rows]
        return self._fill("order", groups=found, rows=rows, others=outside, further=further, selected=self.story_id)

    def _inbox(self) -> str:
        sender = parseaddr(self._newsletter.sender)[0] or self._newsletter.sender
        return self._fill("inbox", rendered=self._rendered, sender=sender)

    def _views(self) -> str:
        weight = next(one for one in sizes_of(self._rendered) if one.name == "HTML")
        return self._fill(
            "views",
            views=VIEWS,
            view=self._wanted.view,
            frame=FRAMES.get(self._wanted.view),
            widths=WIDTHS,
            selected=self.story_id,
            variant=self._variant.name,
            variants=_choices(self._desk.variants(self._sheet)),
            weight=weight,
        )

    def _view(self) -> str:
        name = self._wanted.view
        values: dict[str, Any] = {}
        if name == "headers":
            values["headers"] = headers(self._desk.message(self._sheet, self._variant))
        elif name in {"text", "source"}:
            values["text"] = self._rendered.text if name == "text" else self._rendered.html
        frame = FRAMES.get(name)
        return self._fill("view", view=name, label=VIEWS[name], frame=frame, variant=self._variant.name, **values)

    def story(self) -> str:
        found = view.about(self._sheet.draft, self.story_id, self._zone, limit=self._newsletter.stories)
        return self._fill("story", story=found, sections=self._sections())

    def _sections(self) -> Sequence[str]:
        there = (item.section for item in self._sheet.edition.items if item.section)
        return list(dict.fromkeys([*self._newsletter.sections, *there]))

    def _edition(self) -> str:
        note = self._sheet.edition.note
        written = self._filled("note", {"blocks": noted(note)}) if note else ""
        return self._fill("edition", note=note, note_html=written, proposals=proposals(self._sheet.edition))

    def _findings(self) -> dict[str, str]:
        """To be filled in a moment later where the mail has not been read yet."""
        if not self._wanted.later:
            return {}
        found, checked = self._found or (), view.checks(self._sheet.edition, now=self._now)
        listed = view.linted(found)
        panel = self._fill(
            "findings",
            checks=checked,
            linted=listed,
            notes=self._sheet.draft.replayed.selection.notes,
            before=view.against(compared(self._desk.database, self._sheet.edition)),
        )
        alarms = self._fill("alarms", alarms=self._desk.odd(self._sheet))
        return {"findings": panel, "alarms": alarms, "count-findings": str(len(listed) + len(checked) or "")}

    def _record(self) -> str:
        draft = self._sheet.draft
        return self._fill(
            "record",
            conflicts=list(view.conflicts(draft.replayed.verdicts)),
            record=view.record(draft.decided, self._zone),
            signed=view.signed(self._desk.signed(self._sheet), self._zone),
        )


def _choices(variants: Mapping[str, tuple[Variant, int]]) -> list[dict[str, str]]:
    """As in "German, 12 readers"."""
    return [
        {"name": name, "told": f"{name}, {counted(readers, 'reader')}" if readers else name}
        for name, (_, readers) in variants.items()
    ]
