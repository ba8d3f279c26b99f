"""Ranked stories in, those of the edition in the order a reader meets them, and why each other one is out.  Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from digest.edition.affair import Nearness
from digest.edition.filling import HOLD, NEAR, Candidate, Filling, Rules, folded, kept_for, section_of
from digest.model import Bar, Item, Standing, Story, StoryState

REPEAT = "an earlier edition told it, and nothing new has been reported since."
DROPPED = "an editor dropped it."
SIGNAL_ONLY = "only signal sources report it, and their articles are not printed."

REACH = 5  #: a lead story is looked for among so many of the best, before less is asked of it


@dataclass(frozen=True, kw_only=True)
class Selection:
    chosen: tuple[Story, ...]  #: the lead story first, then section by section, each by rank
    standings: Mapping[str, Standing]  #: of every story, by id
    leads: str = ""  #: a sentence on why the lead story is the first
    notes: tuple[str, ...] = ()  #: what an editor should know: better ones passed over for the lead, empty places

    @property
    def left_out(self) -> dict[str, str]:
        """A sentence by story id."""
        return {id_: one.sentence for id_, one in self.standings.items() if not one.is_in}


def select(stories: Sequence[Story], rules: Rules, *, previous: Sequence[Item] = ()) -> Selection:
    """The best stories that the rules let in, at most `rules.limit`.

    Pinned ones come first, whatever the rules.  No two stories tell of one affair.  Limits of sections and sources
    hold, and a section gets its minimum while there are stories for it.  Half of the places are the share of a section,
    and a quarter that of stories near to each other, while others have something left.

    Args:
        stories: All of the window; their scores decide, then their ranks.
        rules: The newsletter's.
        previous: The draft of the same day, the lead story first: what is in it stays unless another one is clearly
            better.
    """
    unfit = {story.id: standing for story in stories if (standing := _unfit(story, rules))}
    fit = [_candidate(story, previous) for story in stories if story.id not in unfit]
    candidates = sorted(fit, key=lambda one: one.order)
    nearness = Nearness(sorted(stories, key=lambda story: story.id), least=NEAR)
    filling = Filling(candidates, rules, nearness, kept_for(candidates, rules))
    chosen = {one.story.id for one in filling.picks}
    standings = unfit | {
        one.story.id: _margin(one, candidates, filling, nearness) if one.story.id in chosen else _outside(one, filling)
        for one in candidates
    }
    lead, leads = _lead(filling.picks, previous)
    return Selection(
        chosen=_arranged(filling.picks, lead, rules.sections),
        standings=standings,
        leads=leads,
        notes=(*([leads] if "before it" in leads else []), *_lacking(filling, standings)),
    )


def is_pinned(story: Story) -> bool:
    return _points(story, "editor") > 0


def _candidate(story: Story, previous: Sequence[Item]) -> Candidate:
    urls = {article.url for article in story.articles}
    held = any(item.story == story.id or item.url in urls for item in previous)
    return Candidate(story=story, section=section_of(story), pinned=is_pinned(story), held=held)


def _unfit(story: Story, rules: Rules) -> Standing | None:
    """Why a story is no candidate, whatever else there is."""
    if _points(story, "editor") < 0:
        return Standing(bar=Bar.DROPPED, sentence=DROPPED)
    if any(point.signal == "unpublishable" for point in story.ledger):
        return Standing(bar=Bar.SIGNAL_ONLY, sentence=SIGNAL_ONLY)
    return None if is_pinned(story) else _unwanted(story, rules)


def _unwanted(story: Story, rules: Rules) -> Standing | None:
    section, asked = section_of(story), rules.minimum_score
    if story.state is StoryState.REPEAT:
        return Standing(bar=Bar.REPEAT, sentence=REPEAT)
    if folded(rules.section_limits).get(section.casefold()) == 0:
        return Standing(bar=Bar.SECTION_CLOSED, sentence=f"the newsletter wants nothing of its section, {section}.")
    if asked is not None and story.score < asked:
        sentence = f"it has {story.score:.1f} points, and the newsletter asks for {asked:g}."
        return Standing(bar=Bar.MINIMUM_SCORE, sentence=sentence, gap=asked - story.score)
    return None


# --- how each stands -------------------------------------------------------------------------------------------------


def _outside(one: Candidate, filling: Filling) -> Standing:
    """Why it is out, and which pick it would have to pass."""
    bar, rival = filling.barred(one)
    assert bar is not None, "it is not in"
    points = None if rival is None or rival.pinned else max(0.0, rival.score - one.score)
    return Standing(
        bar=bar,
        sentence=_SENTENCES[bar](one, filling, rival or one),
        gap=points,
        rival=rival.story.id if rival else "",
    )


def _margin(one: Candidate, candidates: Sequence[Candidate], filling: Filling, nearness: Nearness) -> Standing:
    """How many points it could lose."""
    asked, found = filling.rules.minimum_score, _behind(one, candidates, filling, nearness)
    if asked is None or one.pinned:
        return found
    above = one.story.score - asked
    return Standing(gap=above) if found.gap is None or above < found.gap else found


def _behind(one: Candidate, candidates: Sequence[Candidate], filling: Filling, nearness: Nearness) -> Standing:
    """How many it could lose to others: until it stood behind the pick that would bar it, were it not there."""
    if one.pinned:
        return Standing()
    without = Filling([other for other in candidates if other is not one], filling.rules, nearness, filling.kept)
    _, rival = without.barred(one)
    if rival is None or rival.pinned:
        return Standing()
    return Standing(gap=max(0.0, one.score - rival.score), rival=rival.story.id)


#: The words for each bar: of the story, the places, and the pick that brought the bar down.
_SENTENCES: Mapping[Bar, Callable[[Candidate, Filling, Candidate], str]] = {
    Bar.FULL: lambda one, filling, rival: (
        f"it is not clearly better than “{rival.story.lead.title}”, which is in the draft already."
        if rival.held and not one.held and rival.story.score < one.story.score
        else f"its rank, {one.story.rank}, is not among the best {filling.rules.limit}."
    ),
    Bar.AFFAIR: lambda _, __, rival: (
        f"it tells of the same affair as “{rival.story.lead.title}”, which ranks {rival.story.rank}."
    ),
    Bar.SECTION_LIMIT: lambda one, filling, _: (
        f"its section, {one.section}, is limited to {folded(filling.rules.section_limits)[one.section.casefold()]}, "
        "and has better ones."
    ),
    Bar.SOURCE_LIMIT: lambda one, filling, _: (
        f"sources are limited to {filling.rules.per_source}, and {one.source} has better ones."
    ),
    Bar.SECTION_SHARE: lambda one, filling, _: (
        f"its section, {one.section}, has its share of {filling.rules.share} with better ones."
    ),
    Bar.CROWD: lambda _, filling, rival: (
        f"{filling.rules.crowd} stories near to it are in, “{rival.story.lead.title}” among them, "
        "and one affair does not fill an edition."
    ),
    Bar.RESERVED: lambda _, __, ___: "the last places are kept for sections that have a minimum.",
}


# --- the lead story, the order, and what was lacking -----------------------------------------------------------------


def _lead(picks: Sequence[Candidate], previous: Sequence[Item]) -> tuple[Story | None, str]:
    """The story that deserves the first place, and a sentence why."""
    ranked = [replace(one, held=False) for one in sorted(picks, key=lambda one: (not one.pinned, one.story.rank))]
    if not ranked:
        return None, ""
    best = next(chain(_deserving(ranked)), ranked[0])
    former = _former(ranked, previous)
    if former and best.story.score - former.story.score < HOLD and not best.pinned and not _against(former.story):
        best = former
    return best.story, f"“{best.story.lead.title}” leads: {_because(best, ranked, former)}"


def _deserving(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Those that may lead, the best first: pinned, or without anything against them, or at least not light."""
    return [
        *(one for one in ranked[:REACH] if one.pinned or not _against(one.story)),
        *(one for one in ranked if not _is_light(one.story)),
    ]


def _former(ranked: Sequence[Candidate], previous: Sequence[Item]) -> Candidate | None:
    led = previous[:1]
    return next((one for one in ranked if _candidate(one.story, led).held), None)


def _because(best: Candidate, ranked: Sequence[Candidate], former: Candidate | None) -> str:
    passed = ranked[: ranked.index(best)]
    if best.pinned:
        return "an editor pinned it."
    if not passed:
        return "it ranks first of those that are in." if not _against(best.story) else "nothing else deserves it more."
    if best is former:
        return "it led the draft already, and no other is clearly better."
    return " ".join(f"“{one.story.lead.title}”, before it, {_against(one.story)}." for one in passed[:2])


def _against(story: Story) -> str:
    """What speaks against a story as the first of an edition, "" for nothing."""
    if _is_light(story):
        return f"is of a light section, {section_of(story)}"
    if story.sources < 2:
        return "has one source alone"
    return "" if story.lead.summary or story.lead.body else "has no text"


def _is_light(story: Story) -> bool:
    return _points(story, "section") < 0


def _arranged(picks: Sequence[Candidate], lead: Story | None, sections: Sequence[str]) -> tuple[Story, ...]:
    if lead is None:
        return ()
    ranked = [one.story for one in sorted(picks, key=lambda one: (not one.pinned, one.story.rank))]
    rest = [story for story in ranked if story.id != lead.id]
    fixed = {name.casefold(): place for place, name in enumerate(sections)}
    # Without a heading of their own, stories of no section stand right below the lead story.
    order = {"": -1} | fixed
    for story in rest:
        order.setdefault(section_of(story).casefold(), len(order))
    return (lead, *sorted(rest, key=lambda story: order[section_of(story).casefold()]))


def _lacking(filling: Filling, standings: Mapping[str, Standing]) -> tuple[str, ...]:
    """Places and minimums that could not be filled: nothing is padded."""
    notes = []
    places, limit = len(filling.picks), filling.rules.limit
    if places < limit:
        bars = [one.bar for one in standings.values() if one.bar]
        told = bars.count(Bar.REPEAT)
        notes.append(
            f"{places} of {limit} places are filled: of the {len(standings)} stories of the window {told} were told "
            f"before, and {len(bars) - told} may not be in for other reasons."
        )
    spelt = {name.casefold(): name for name in filling.rules.section_minimums}
    notes += [f"Section {spelt[name]} has {owed} fewer than its minimum." for name, owed in filling.wanting().items()]
    return tuple(notes)


def _points(story: Story, signal: str) -> float:
    return sum(point.points for point in story.ledger if point.signal == signal)
