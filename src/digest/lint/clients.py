"""Rule on what mail programs lack: by the operator's data of caniemail.com, and by a small table of our own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from digest.lint.finding import Rule, Severity, Spot
from digest.lint.mail import Mail
from digest.lint.support import used

_OUTLOOK = ("Outlook for Windows",)
_YAHOO = ("Yahoo Mail",)
_MANY = ("Gmail", "Outlook for Windows", "Yahoo Mail")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A feature that some programs lack, and what comes of it there."""

    title: str
    lacking: tuple[str, ...]
    then: str
    severity: Severity = Severity.WARNING
    mend: str = ""


#: What the shipped templates use although it is lacking somewhere, as nothing is lost there.
HARMLESS: Mapping[str, Known] = {
    slug: Known(title=title, lacking=lacking, then=then, severity=Severity.NOTE)
    for slug, title, lacking, then in (
        ("css-max-height", "max-height", _OUTLOOK, "the line for the inbox is hidden by mso-hide there"),
        ("css-overflow", "overflow", _OUTLOOK, "the line for the inbox is hidden by mso-hide there"),
        ("css-height", "height in a style", _YAHOO, "the height attribute of the picture counts there"),
        ("css-border-radius", "border-radius", _OUTLOOK, "corners are square there"),
        ("html-aria-hidden", "aria-hidden", _YAHOO, "a screen reader says the line for the inbox once more there"),
        ("html-aria-label", "aria-label", _YAHOO, "a screen reader does not say the subject once more there"),
        ("html-meta-color-scheme", "color-scheme", _MANY, "those without it turn the light colours around themselves"),
    )
}

#: What breaks a mail where it is lacking.
BREAKING: Mapping[str, Known] = {
    slug: Known(title=title, lacking=lacking, then=then, severity=severity, mend=mend)
    for slug, title, lacking, then, severity, mend in (
        *(
            (f"html-{tag}", f"<{tag}>", _MANY, "it is taken out, or the mail is", Severity.ERROR, "take it out")
            for tag in ("script", "iframe", "object", "embed", "base", "frameset")
        ),
        *(
            (f"html-{tag}", f"<{tag}>", _MANY, "it does nothing there", Severity.WARNING, "link to a page instead")
            for tag in ("form", "input", "select", "textarea", "button", "video", "audio", "dialog")
        ),
        *(
            (f"css-{slug}", title, _OUTLOOK, "the columns fall apart there", Severity.WARNING, "lay out with a table")
            for slug, title in (
                ("display-flex", "display:flex"),
                ("display-grid", "display:grid"),
                ("position", "position"),
            )
        ),
        *(
            (
                f"css-{slug}",
                title,
                lacking,
                "the whole declaration is dropped there",
                Severity.WARNING,
                "write the value",
            )
            for slug, title, lacking in (
                ("variables", "var()", (*_OUTLOOK, "Gmail", "Yahoo Mail")),
                ("unit-calc", "calc()", _OUTLOOK),
                ("function-clamp", "clamp()", _MANY),
                ("function-light-dark", "light-dark()", _MANY),
            )
        ),
        ("html-link", "<link>", _MANY, "the styles are not fetched", Severity.WARNING, "put them into a style block"),
        (
            *("css-background-image", "background-image", _OUTLOOK, "the picture is missing there"),
            *(Severity.WARNING, "use an <img>, or a background-color that does without"),
        ),
    )
}
_KNOWN = {**HARMLESS, **BREAKING}


def support(mail: Mail) -> Iterator[Spot]:
    for slug, element in used(mail).items():
        known, feature = _KNOWN.get(slug), mail.support.get(slug)
        lacking = feature.lacking if feature else known.lacking if known else ()
        if lacking:
            title = known.title if known else feature.title if feature else slug
            yield _spot(
                mail, element, known, f"{title} is lacking in {', '.join(lacking)}", feature.url if feature else ""
            )


def _spot(mail: Mail, element: HtmlElement, known: Known | None, wrong: str, url: str) -> Spot:
    return Spot(
        place=mail.place(element),
        wrong=wrong,
        severity=known.severity if known else Severity.WARNING,
        why=known.then if known else None,
        source=url or None,
        mend=known.mend if known else None,
    )


RULES = (
    Rule(
        name="client-support",
        severity=Severity.ERROR,
        look=support,
        why="readers of those programs see something else, or nothing",
        source="caniemail",
        mend="do without it, or see to it that nothing is lost where it is lacking",
    ),
)
