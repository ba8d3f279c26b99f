"""Where templates come from, what language they speak, how they are filled in.  A site's own folder goes first."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from digest import assets, languages
from digest.brand import PLAIN, Brand

WIDTH = 72  #: columns of the text part
_ADDRESS = re.compile(r"[/@\d_]|\w\.\w")
_ONSET = re.compile(r"(?:sch|ch|ph|th|qu|[bcdfghj-np-tvwxzßçñ])[aeiouyàâäáåæèéêëìíîïòóôöøùúûüœ]", re.IGNORECASE)
_ONE_SOUND = frozenset({"ch", "ck", "ph", "sc", "sh", "th"})
_UNBROKEN = "[!-~\u00a1-\u00ac\u00ae-\u052f]"  # scripts that break at spaces: Latin, Greek, Cyrillic, and addresses


def environment(
    site_templates: Path | None = None, *, language: str = languages.SOURCE, brand: Brand = PLAIN
) -> Environment:
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
    made.globals |= brand.variables
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


def breakable(text: str, longest: int = 20, rest: int = 5) -> str:
    """`text` with a place to break after at most `longest` letters of words that have at least `rest` more.

    A soft hyphen between letters, where a syllable may begin; else an invisible space.  Not left to `overflow-wrap` or
    `<wbr>`: Gmail and Outlook know neither, and one address in a blurb would widen the whole mail.
    """
    plain = text.unescape() if isinstance(text, Markup) else text  # a translated sentence is escaped already
    too_long = rf"{_UNBROKEN}{{{longest + rest},}}"
    return re.sub(too_long, lambda match: "".join(_pieces(match[0], longest, rest)), plain)


def _pieces(word: str, longest: int, rest: int) -> Iterator[str]:
    """Each but the last ends with its mark: no hyphen in an address, which somebody may copy."""
    hyphen = "\N{ZERO WIDTH SPACE}" if _ADDRESS.search(word) else "\N{SOFT HYPHEN}"
    while len(word) >= longest + rest:
        at = _syllable(word, longest)
        yield word[:at] + (hyphen if word[at - 1 : at + 1].isalpha() else "\N{ZERO WIDTH SPACE}")
        word = word[at:]
    yield word


def _syllable(word: str, longest: int) -> int:
    """Where to break: before the last consonant of those between two vowels, which most languages of Europe allow."""
    for at in range(longest, longest - 6, -1):
        if _ONSET.match(word, at) and word[at - 1 : at + 1].casefold() not in _ONE_SOUND:
            return at
    return longest
