"""A message or an HTML file in, what the rules find out.  Reads the operator's data on mail programs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from digest import links
from digest.config import Settings
from digest.errors import DigestError
from digest.lint.finding import Finding, Severity
from digest.lint.mail import Feature, Own, read_html, read_message
from digest.lint.rules import lint
from digest.lint.support import parse_support


def lint_message(
    settings: Settings, newsletter: str, wire: bytes, *, support: Mapping[str, Feature] | None = None
) -> tuple[Finding, ...]:
    """What is wrong with a copy of an edition, as it goes over the wire."""
    return lint(read_message(wire, own=_own(settings, [newsletter]), support=support))


def lint_confirmation(
    settings: Settings, newsletter: str, wire: bytes, *, support: Mapping[str, Feature] | None = None
) -> tuple[Finding, ...]:
    """What is wrong with the mail that asks to confirm, as it goes over the wire; each place says that it is there."""
    own = Own(confirm=(links.confirm_url(settings.site.base_url, newsletter, ""),))
    found = lint(read_message(wire, own=own, support=support))
    return tuple(replace(one, place=replace(one.place, mail="confirmation")) for one in found)


def lint_file(settings: Settings, path: Path, *, support: Mapping[str, Feature]) -> tuple[Finding, ...]:
    """What is wrong with HTML on its own; nothing is said of text and header.

    Raises:
        DigestError: the file cannot be read.
    """
    return lint(read_html(_read(path), own=_own(settings, settings.newsletters), support=support))


def read_support(path: Path | None) -> Mapping[str, Feature]:
    """The data of a file; nothing without one.

    Raises:
        DigestError: it cannot be read, or is something else.
    """
    if path is None:
        return {}
    try:
        return parse_support(_read(path))
    except ValueError as error:
        raise DigestError(f"{path}: {error}") from None


def faults(findings: Iterable[Finding], *, severity: Severity = Severity.ERROR) -> dict[str, int]:
    """How often each rule found something of this severity."""
    counts: dict[str, int] = {}
    for one in findings:
        if one.severity is severity:
            counts[one.rule] = counts.get(one.rule, 0) + 1
    return counts


def named(counts: Mapping[str, int], *, but: Collection[str] = ()) -> str:
    """As in "image-alt (2), doctype"."""
    return ", ".join(f"{name} ({n})" if n > 1 else name for name, n in counts.items() if name not in but)


def _own(settings: Settings, newsletters: Iterable[str]) -> Own:
    base, names = settings.site.base_url, list(newsletters)
    return Own(
        unsubscribe=tuple(links.unsubscribe_url(base, name, "") for name in names),
        preferences=tuple(links.preferences_url(base, name, "") for name in names),
    )


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DigestError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
