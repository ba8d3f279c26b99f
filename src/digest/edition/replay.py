"""Ranked stories and what editors decided in, the selection as they want it and a verdict on each out.  Pure.

    stories → joined and parted → pinned, dropped, led, filed → selected → moved; then words and pictures (`compose`)

Every decision has one verdict.  One that does not fit any more, as its article was withdrawn, is no error and is not
lost: it is a conflict that people are shown, and holds again when the article is back.  Of several that decide the same
thing the latest holds.  Without any, this is the automatic edition.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from digest.edition.filling import Rules
from digest.edition.places import filed, moved
from digest.edition.regroup import MayPrint, Pool, regroup
from digest.edition.select import Selection, select
from digest.model import (
    PINNED,
    Aim,
    ChooseImage,
    ChooseLead,
    Decided,
    Drop,
    Fate,
    Item,
    Merge,
    Move,
    OfEdition,
    OfStory,
    Pin,
    Point,
    Reword,
    SetNote,
    SetPreheader,
    SetSection,
    SetSponsor,
    SetSubject,
    Split,
    Sponsor,
    Story,
    Verdict,
)

#: What each decides of its story.
_DECIDES: Mapping[type[OfStory], frozenset[str]] = {
    Pin: frozenset({"in"}),
    Drop: frozenset({"in"}),
    Move: frozenset({"in", "place"}),
    SetSection: frozenset({"place"}),
    ChooseLead: frozenset({"lead"}),
    ChooseImage: frozenset({"image"}),
    Merge: frozenset(),
    Split: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Edits:
    """What is not a matter of which stories are in: words, pictures and what stands around the stories."""

    items: Mapping[str, Sequence[Reword | ChooseImage]] = field(default_factory=dict)  #: by story id, in order
    subject: str | None = None  #: None: made from the headlines
    preheader: str | None = None
    note: str = ""  #: Markdown
    sponsor: Sponsor | None = None


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """An edition as its editors want it."""

    stories: tuple[Story, ...]  #: all of the window, joined and parted
    selection: Selection
    edits: Edits
    verdicts: tuple[Verdict, ...] = ()  #: one for each decision, in their order

    @property
    def conflicts(self) -> tuple[Verdict, ...]:
        return tuple(one for one in self.verdicts if one.is_conflict)


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A decision about a story of which something holds."""

    decided: Decided
    story: str  #: id
    aspects: frozenset[str]  #: what no later one has decided; nothing where a later one decides the same
    partly: bool  #: whether a later one has decided the rest otherwise


class Choose(Protocol):
    """What `select` is."""

    def __call__(self, stories: Sequence[Story], rules: Rules, *, previous: Sequence[Item]) -> Selection: ...


def _any(_: object) -> bool:
    return True


def replay(
    stories: Sequence[Story],
    decided: Iterable[Decided],
    rules: Rules,
    *,
    previous: Sequence[Item] = (),
    may_print: MayPrint = _any,
    choose: Choose = select,
) -> Replayed:
    """The selection that the newsletter's rules and the editors make of these stories.

    Args:
        stories: All of the window.
        decided: What was decided about the edition; what was undone plays no part.
        rules: The newsletter's.
        previous: The automatic draft of the same day, as `select` takes it.
        may_print: Whether an article's source may be printed.
        choose: Another `select`, which may remember what it was asked last.
    """
    active = sorted((one for one in decided if one.is_active), key=lambda one: one.number)
    pool = Pool(stories, may_print)
    verdicts = {one.number: one for one in regroup(pool, active)}
    held = list(_holding(pool, active, verdicts))
    _apply(pool, held, verdicts)
    selection = choose(pool.stories, rules, previous=previous)
    selection = _arranged(selection, pool, held, verdicts)
    _judge(selection, held, verdicts)
    of_edition = [one for one in active if isinstance(one.operation, OfEdition)]
    verdicts |= {one.number: one for one in _of_edition(of_edition)}
    return Replayed(
        stories=pool.stories,
        selection=selection,
        edits=_edits(selection, held, of_edition),
        verdicts=tuple(verdicts[one.number] for one in active),
    )


# --- which decisions hold --------------------------------------------------------------------------------------------


def _holding(pool: Pool, active: Sequence[Decided], verdicts: dict[int, Verdict]) -> Iterator[_Held]:
    """Those of which something holds, in their order; the verdicts on all others are added."""
    of: dict[str, list[tuple[Decided, OfStory]]] = {}
    for one in active:
        if isinstance(one.operation, OfEdition | Merge | Split):
            continue
        story = pool.find(one.operation.story)
        if story:
            of.setdefault(story.id, []).append((one, one.operation))
        else:
            verdicts[one.number] = _gone(one.number, one.operation)
    found = [held for id_, about in of.items() for held in _latest(id_, about, verdicts)]
    yield from sorted(found, key=lambda one: one.decided.number)


def _gone(number: int, operation: OfStory) -> Verdict:
    """What is to stay out does, when it is not there."""
    if isinstance(operation, Drop):
        return Verdict(number=number, fate=Fate.APPLIED)
    sentence = f"“{operation.story.headline}” is not there any more: withdrawn, or too old."
    return Verdict(number=number, fate=Fate.GONE, sentence=sentence)


def _latest(id_: str, about: Sequence[tuple[Decided, OfStory]], verdicts: dict[int, Verdict]) -> Iterator[_Held]:
    """Of what was decided about one story, what no later decision replaces.

    One of which nothing is left, but that says the same as a later one, is held by its side: it fares as that does.
    """
    taken: dict[str, OfStory] = {}
    for decided, operation in reversed(about):
        aspects = _decides(operation)
        rivals = [taken[one] for one in sorted(aspects & taken.keys()) if not _agree(operation, taken[one])]
        strangers = [one for one in rivals if not _akin(operation.story, one.story)]
        left = aspects - taken.keys()
        if strangers:
            verdicts[decided.number] = _together(decided.number, operation, strangers[0], id_)
        elif rivals and not left:
            sentence = "A later decision took its place."
            verdicts[decided.number] = Verdict(number=decided.number, fate=Fate.REPLACED, sentence=sentence, story=id_)
        if left or not rivals:
            yield _Held(decided=decided, story=id_, aspects=left, partly=bool(rivals))
        taken = dict.fromkeys(aspects, operation) | taken


def _decides(operation: OfStory) -> frozenset[str]:
    if isinstance(operation, Reword):
        said = {"headline": operation.headline, "blurb": operation.blurb}
        return frozenset(name for name, text in said.items() if text is not None)
    return _DECIDES[type(operation)]


def _agree(one: OfStory, later: OfStory) -> bool:
    """Whether the same comes of both."""
    if isinstance(later, Drop):
        return isinstance(one, Drop)
    if isinstance(one, Pin):
        return True
    if isinstance(one, Move):
        return isinstance(later, Pin)
    return replace(one, story=later.story) == later if type(one) is type(later) else False


def _akin(one: Aim, other: Aim) -> bool:
    """Whether whoever decided about the one story could see that it is the other."""
    return one.story == other.story or not set(one.urls).isdisjoint(other.urls)


def _together(number: int, operation: OfStory, later: OfStory, id_: str) -> Verdict:
    sentence = (
        f"“{operation.story.headline}” and “{later.story.headline}” have become one story, of which a later decision "
        f"({later.kind}) holds."
    )
    return Verdict(number=number, fate=Fate.TOGETHER, sentence=sentence, story=id_)


# --- what they do to stories -----------------------------------------------------------------------------------------


def _apply(pool: Pool, held: Iterable[_Held], verdicts: dict[int, Verdict]) -> None:
    """Pins, drops, lead articles and sections, which selecting has to know of."""
    for one in held:
        operation, story = one.decided.operation, pool.get(one.story)
        if isinstance(operation, Pin | Drop | Move) and "in" in one.aspects:
            pool.put(_marked(story, -1 if isinstance(operation, Drop) else 1))
        elif isinstance(operation, SetSection):
            pool.put(filed(story, operation.section))
        elif isinstance(operation, ChooseLead) and (verdict := _lead(pool, story, operation, one.decided.number)):
            verdicts.setdefault(verdict.number, verdict)


def _marked(story: Story, sign: int) -> Story:
    """Pinned or dropped for this edition, whatever was decided about its articles for all editions."""
    before = sum(point.points for point in story.ledger if point.signal == "editor")
    sentence = "An editor pinned it." if sign > 0 else "An editor dropped it."
    point = Point(signal="editor", value=sign, points=sign * PINNED, sentence=sentence)
    rest = tuple(one for one in story.ledger if one.signal != "editor")
    return replace(story, ledger=(*rest, point), score=story.score - before + point.points)


def _lead(pool: Pool, story: Story, chosen: ChooseLead, number: int) -> Verdict | None:
    """The article that an editor chose speaks for the story; or why it does not."""
    found, named = pool.article(chosen.article), f"The article that should speak for “{story.lead.title}”"
    if found is None or found[0].id != story.id:
        sentence = f"{named} is not among those of the story any more."
        return Verdict(number=number, fate=Fate.GONE, sentence=sentence, story=story.id)
    if not pool.may_print(found[1]):
        sentence = f"{named} is of a source that only counts as a signal."
        return Verdict(number=number, fate=Fate.UNPRINTABLE, sentence=sentence, story=story.id)
    pool.put(replace(story, lead=found[1]))
    return None


# --- what they do to the selection -----------------------------------------------------------------------------------


def _arranged(selection: Selection, pool: Pool, held: Iterable[_Held], verdicts: dict[int, Verdict]) -> Selection:
    """With each moved story in its place, one after the other."""
    order = selection.chosen
    for one in held:
        operation, ids = one.decided.operation, [story.id for story in order]
        if not isinstance(operation, Move) or "place" not in one.aspects or one.story not in ids:
            continue
        place = operation.place if operation.before is None else _place_before(operation.before, one.story, pool, ids)
        if place:
            order = moved(order, order[ids.index(one.story)], place)
        else:
            number, before = one.decided.number, operation.before
            sentence = f"“{before.headline if before else ''}”, which it was to stand before, is not in the edition."
            verdict = Verdict(number=number, fate=Fate.PLACELESS, sentence=sentence, story=one.story)
            verdicts.setdefault(number, verdict)
    return _led(selection, order)


def _place_before(aim: Aim, id_: str, pool: Pool, ids: Sequence[str]) -> int:
    """The place that a story has when it stands before another; 0 where that is not in, or is the story itself."""
    other = pool.find(aim)
    if other is None or other.id == id_ or other.id not in ids:
        return 0
    return [one for one in ids if one != id_].index(other.id) + 1


def _led(selection: Selection, order: tuple[Story, ...]) -> Selection:
    """In this order; who leads by an editor's word is not explained by the ranking."""
    if not order or order[0].id == selection.chosen[0].id:
        return replace(selection, chosen=order)
    leads = f"“{order[0].lead.title}” leads: an editor put it first."
    notes = tuple(one for one in selection.notes if one != selection.leads)
    return replace(selection, chosen=order, leads=leads, notes=notes)


def _judge(selection: Selection, held: Sequence[_Held], verdicts: dict[int, Verdict]) -> None:
    """What became of those that no verdict has been given on yet."""
    chosen = {story.id for story in selection.chosen}
    dropped = {one.story: one for one in held if isinstance(one.decided.operation, Drop)}
    for one in held:
        number = one.decided.number
        if one.story in chosen or isinstance(one.decided.operation, Drop):
            sentence = "A later decision took the place of a part of it." if one.partly else ""
            verdict = Verdict(number=number, fate=Fate.APPLIED, sentence=sentence, story=one.story)
        else:
            verdict = _out(one, dropped.get(one.story), selection)
        verdicts.setdefault(number, verdict)


def _out(one: _Held, drop: _Held | None, selection: Selection) -> Verdict:
    """Of a decision about a story that is not in the edition."""
    number, operation = one.decided.number, one.decided.operation
    assert not isinstance(operation, OfEdition), "these are about no story"
    if drop is None:
        sentence = f"“{operation.story.headline}” is not in the edition: {selection.standings[one.story].sentence}"
        return Verdict(number=number, fate=Fate.OUT, sentence=sentence, story=one.story)
    other = drop.decided.operation
    assert isinstance(other, Drop), "it is one of these"
    if not _akin(operation.story, other.story):
        return _together(number, operation, other, one.story)
    return Verdict(number=number, fate=Fate.REPLACED, sentence="Its story was dropped.", story=one.story)


# --- words, pictures, and what stands around the stories -------------------------------------------------------------


def _of_edition(decided: Sequence[Decided]) -> Iterator[Verdict]:
    """The latest of each kind holds."""
    latest = {one.operation.kind: one.number for one in decided}
    for one in decided:
        if latest[one.operation.kind] == one.number:
            yield Verdict(number=one.number, fate=Fate.APPLIED)
        else:
            yield Verdict(number=one.number, fate=Fate.REPLACED, sentence="A later decision took its place.")


def _edits(selection: Selection, held: Iterable[_Held], of_edition: Iterable[Decided]) -> Edits:
    items: dict[str, list[Reword | ChooseImage]] = {}
    chosen = {story.id for story in selection.chosen}
    for one in held:
        if isinstance(operation := one.decided.operation, Reword | ChooseImage) and one.story in chosen:
            items.setdefault(one.story, []).append(operation)
    edits = Edits(items={id_: tuple(found) for id_, found in items.items()})
    for decided in of_edition:
        edits = _with(edits, decided)
    return edits


def _with(edits: Edits, decided: Decided) -> Edits:
    match decided.operation:
        case SetSubject(text=text):
            return replace(edits, subject=text)
        case SetPreheader(text=text):
            return replace(edits, preheader=text)
        case SetNote(text=text):
            return replace(edits, note=text)
        case SetSponsor(sponsor=sponsor):
            return replace(edits, sponsor=sponsor)
    return edits
