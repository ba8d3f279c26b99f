"""Where templates come from, what language they speak, how they are filled in.  A site's own folder goes first."""

import re
import textwrap
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from digest import assets, languages

WIDTH = 72  #: columns of the text part
_UNBROKEN = "[!-~\u00a1-\u00ac\u00ae-\u052f]"  # scripts that break at spaces: Latin, Greek, Cyrillic, and addresses


def environment(site_templates: Path | None = None, *, language: str = languages.SOURCE) -> Environment:
    """The e-mail templates.  A file in `site_templates`/email takes the place of the shipped one of the same name.

    Templates and catalogues are read once: whoever edits them makes a new environment.
    """
    folders = [folder / "email" for folder in (site_templates, assets.TEMPLATES) if folder]
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=_escaped,  # noqa: S701 - on for all but the text parts
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"wrap": wrap, "breakable": breakable}
    languages.install(made, languages.voice(language, site_templates))
    return made


def _escaped(name: str | None) -> bool:
    return name is None or not name.endswith(".txt.j2")


def wrap(text: str, indent: int = 0) -> str:
    """`text` in lines of at most 72 columns.  A longer word, such as an address, stays whole."""
    margin = " " * indent
    lines = textwrap.wrap(
        text,
        width=WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def breakable(text: str, longest: int = 20) -> str:
    """`text` with a place to break after every `longest` letters of words that have at least six more.

    A soft hyphen between letters, else an invisible space.  Not left to `overflow-wrap`, nor to `<wbr>`: Gmail and
    Outlook know neither, and one address in a blurb would widen the whole mail.
    """
    plain = text.unescape() if isinstance(text, Markup) else text  # a translated sentence is escaped already
    return re.sub(rf"{_UNBROKEN}{{{longest}}}(?={_UNBROKEN}{{6}})", _with_break, plain)


def _with_break(match: re.Match[str]) -> str:
    return match[0] + ("\N{SOFT HYPHEN}" if match[0].isalpha() else "\N{ZERO WIDTH SPACE}")
