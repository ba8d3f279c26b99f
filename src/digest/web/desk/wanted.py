"""A query in, what of an edition somebody looks at out.  Pure."""

from dataclasses import dataclass, field

from starlette.datastructures import QueryParams

from digest.web.desk.frame import Look

VIEWS = {
    "mail": "Mail",
    "web": "Web page",
    "text": "Text",
    "source": "Source",
    "headers": "Headers",
    "confirm": "Confirmation",
}
FRAMES = {"mail": "frame.html", "web": "web.html", "confirm": "confirm.html"}
PANELS = {"story": "Story", "edition": "Edition", "findings": "Findings", "record": "Record"}
WIDTHS = (0, 320, 375, 600, 1024)  #: pixels; 0: as wide as there is room
SHORTCUTS = (
    ("j k", "Next story, the one before"),
    ("p", "Pin: it goes in, or stays in"),
    ("d", "Drop: it stays out"),
    ("J K", "Move it down, up"),
    ("x m", "Tick it; merge the two ticked"),
    ("r", "Reword headline and blurb"),
    ("c", "Section"),
    ("s n", "Subject; note"),
    ("Ctrl+Enter", "Save what is typed"),
    ("Esc", "Back to the running order"),
    ("u", "Take the last decision back"),
    ("e i f l", "Story, edition, findings, record"),
    ("1 … 6", "Mail, web page, text, source …"),
    ("t", "Send me a test"),
    ("h a", "Hold; approve"),
    ("?", "This sheet"),
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of an edition somebody looks at."""

    story: str = ""
    view: str = "mail"
    panel: str = "story"
    variant: str = ""  #: its name; "" for the usual one
    look: Look = field(default_factory=Look)
    later: bool = False  #: also what takes a moment

    @classmethod
    def of(cls, query: QueryParams, *, story: str | None = None, variant: str | None = None) -> "Wanted":
        """`story` and `variant`: those to look at, whatever the query says."""
        look = Look(dark=query.get("dark") == "1", images=query.get("images") != "0", styles=query.get("styles") != "0")
        seen, panel = query.get("view", ""), query.get("panel", "")
        return cls(
            story=query.get("story", "") if story is None else story,
            view=seen if seen in VIEWS else "mail",
            panel=panel if panel in PANELS else "story",
            variant=query.get("variant", "") if variant is None else variant,
            look=look,
            later=query.get("later") == "1",
        )
