"""A robots.txt in, whether a page may be read by this program out (RFC 9309).  Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

MAX_SIZE = 500 * 1024  #: bytes that are read (RFC 9309 2.5)
MAX_RULES = 5_000

_LINE = re.compile(r"\s*([A-Za-z-]{1,40})\s*:\s*([^#]*)")


@dataclass(frozen=True, kw_only=True)
class Robots:
    """The rules for one program."""

    rules: tuple[tuple[str, bool], ...] = ()  #: pattern of a path, and whether it is allowed

    @classmethod
    def of(cls, data: bytes, agent: str) -> Self:
        """The rules of all groups that name `agent`, else of those for everybody."""
        groups: dict[str, list[tuple[str, bool]]] = {}
        for names, rule in _rules(data[:MAX_SIZE].decode("utf-8", "replace")):
            for name in names:
                groups.setdefault(name, []).append(rule)
        return cls(rules=tuple(groups.get(agent.lower(), groups.get("*", []))[:MAX_RULES]))

    def allows(self, url: str) -> bool:
        """The longest pattern that fits decides; of equal ones the one that allows."""
        split = urlsplit(url)
        path = unquote((split.path or "/") + (f"?{split.query}" if split.query else ""))
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if _fits(pattern, path)]
        return max(fitting)[1] if fitting else True


def _rules(text: str) -> Iterator[tuple[list[str], tuple[str, bool]]]:
    """Each rule with the names it is for.  A group without rules still takes its names away from ``*``."""
    names: list[str] = []
    ruled = False
    for line in text.splitlines():
        match = _LINE.match(line)
        key, value = (match[1].lower(), match[2].strip()) if match else ("", "")
        if key == "user-agent":
            names, ruled = ([] if ruled else names) + [value.partition("/")[0].lower()], False
            yield names[-1:], ("", True)
        elif key in {"allow", "disallow"} and names:
            ruled = True
            if value:  # an empty Disallow forbids nothing
                yield names, (unquote(value), key == "allow")


def _fits(pattern: str, path: str) -> bool:
    """``*`` stands for anything, ``$`` for the end.  In time proportional to the two."""
    whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    for number, part in enumerate(rest, 1):
        last = whole and number == len(rest)
        found = path.rfind(part, place) if last else path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return place == len(path) if whole else True
