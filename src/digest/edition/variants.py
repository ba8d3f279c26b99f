"""An edition and what its readers asked for in, its variants out: each is rendered once for all of them.  Pure.

Wishes that come to the same are one variant: what a reader chose counts only among the sections that the edition has.
Stories without a section are in every variant.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from digest.edition.compose import retitled
from digest.model import LATE, REVISION, Edition, Item, Wish

DEFAULT = "default"  #: every section, in the newsletter's language; its web page is everyone's
MOST = 100  #: variants of an edition; who asked for a rarer one gets the smallest that has all of it
LONGEST = 74  #: characters of a name; its revisions, and what comes late, have a few more


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A language for the words around the stories, and the sections that are in."""

    name: str = DEFAULT
    language: str
    sections: tuple[str, ...] = ()  #: as the edition spells them, in its order; empty: all
    late: bool = False  #: whether it says that it comes late

    @property
    def delayed(self) -> "Variant":
        """The same for readers who get it late."""
        return replace(self, name=f"{self.name}{LATE}", late=True)


def exact(edition: Edition, wishes: Iterable[Wish], *, languages: Collection[str] = ()) -> dict[Wish, Variant | None]:
    """As `variants`, if there could be any number of them."""
    return {wish: _variant(edition, wish, languages) for wish in wishes}


def variants(
    edition: Edition, wishes: Mapping[Wish, int], *, languages: Collection[str] = (), most: int = MOST
) -> dict[Wish, Variant | None]:
    """The variant for each wish; None where the edition has nothing of what was asked for.

    Where there would be too many, the rarest go, and their readers get the smallest that has all they asked for.

    Args:
        edition: Whole.
        wishes: And how many readers have each.
        languages: That there are words in.
        most: The most different variants, of which the default one is always one.
    """
    found = exact(edition, wishes, languages=languages)
    readers: dict[str, int] = {}
    for wish, variant in found.items():
        if variant:
            readers[variant.name] = readers.get(variant.name, 0) + wishes[wish]
    named = {variant.name: variant for variant in found.values() if variant}
    ranked = sorted(readers.keys() - {DEFAULT}, key=lambda name: (-readers[name], name))
    kept = [_whole(edition), *(named[name] for name in ranked[: most - 1])]
    instead = _instead(edition, [named[name] for name in ranked[most - 1 :]], kept)
    return {wish: instead.get(variant.name, variant) if variant else None for wish, variant in found.items()}


def cut(edition: Edition, variant: Variant) -> Edition:
    """What is in a variant; where the lead story is not, the most important other one takes its place."""
    edition = replace(edition, language=variant.language)
    if not variant.sections:
        return edition
    wanted = {name.casefold() for name in variant.sections}
    kept = edition.changed(lambda item: item if _is_wanted(item, wanted) else None)
    if kept.lead and _is_wanted(kept.lead, wanted):
        return kept
    lead = min(kept.smaller, key=lambda item: item.rank, default=None)
    rest = replace(kept, lead=lead).changed(lambda item: None if item is lead else item)
    return retitled(rest) if lead else rest


def _variant(edition: Edition, wish: Wish, languages: Collection[str]) -> Variant | None:
    language = _spoken(wish.language, languages) or edition.language
    there = _sections(edition)
    asked = {name.casefold() for name in wish.sections}
    chosen = tuple(name for name in there if name.casefold() in asked)
    if not asked or len(chosen) == len(there):
        chosen = ()
    elif not chosen and all(item.section for item in edition.items):
        return None
    elif not chosen:
        chosen = ("",)
    return Variant(name=_name(edition, language, chosen), language=language, sections=chosen)


def _instead(edition: Edition, rare: Sequence[Variant], kept: Iterable[Variant]) -> dict[str, Variant]:
    """By the name of a rare one, the shortest with all of its sections in the same words; else the whole edition."""
    if not rare:
        return {}
    known: dict[str, list[tuple[Variant, frozenset[str]]]] = {}
    for one in sorted(kept, key=lambda one: (len(cut(edition, one).items), one.name)):
        known.setdefault(one.language, []).append((one, frozenset(one.sections)))
    return {own.name: _first(own, known.get(own.language, [])) or _whole(edition) for own in rare}


def _first(own: Variant, known: Iterable[tuple[Variant, frozenset[str]]]) -> Variant | None:
    wanted = frozenset(own.sections) - {""}  # stories without a section are in every variant
    enough = (one for one, sections in known if not sections or (own.sections and sections >= wanted))
    return next(enough, None)


def _whole(edition: Edition) -> Variant:
    return Variant(language=edition.language)


def _name(edition: Edition, language: str, sections: tuple[str, ...]) -> str:
    """Told from others by it; for people as long as it is short."""
    parts = ([language] if language != edition.language else []) + ["+".join(sections) or "other"] * bool(sections)
    name = ": ".join(parts) or DEFAULT
    return (
        name
        if len(name) <= LONGEST and REVISION not in name and not name.endswith(LATE)
        else f"{language}: {sha256(name.encode()).hexdigest()[:16]}"
    )


def _spoken(language: str, languages: Collection[str]) -> str:
    """The language itself, or what it is a kind of (pt-BR: pt); "" where there are no words in it."""
    known = {one.casefold(): one for one in languages}
    tag = language.casefold().replace("_", "-")
    return known.get(tag) or known.get(tag.partition("-")[0], "")


def _sections(edition: Edition) -> list[str]:
    """Once each, in the edition's order."""
    spelt: dict[str, str] = {}
    for item in edition.items:
        if item.section:
            spelt.setdefault(item.section.casefold(), item.section)
    return list(spelt.values())


def _is_wanted(item: Item, wanted: Collection[str]) -> bool:
    return not item.section or item.section.casefold() in wanted
