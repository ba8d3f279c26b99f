"""An editor's operation in, the draft with it out.

The record comes first, under a lock; then the draft is made anew from the ranking it had, so that an editor sees her
own change and nothing else move.  Late articles come in with the next build.  Who was overtaken by another editor is
told so, and nothing is overwritten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Settings
from digest.edition import compose
from digest.edition.checks import fault
from digest.errors import NotFound, Overtaken, Refused
from digest.model import Aim, Decided, EditionState, EditionStatus, Operation, Story, Verdict, touches
from digest.pipeline.building import Draft, draft_of, redraft, save
from digest.pipeline.lookup import find
from digest.pipeline.ranking import rank_again
from digest.store import editions, operations
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A stored edition, and the ranking it was made from."""

    status: EditionStatus
    draft: Draft

    @property
    def revision(self) -> int:
        return self.draft.revision

    @property
    def stories(self) -> tuple[Story, ...]:
        """Those of the edition in their order, then the others by rank."""
        chosen = self.draft.replayed.selection.chosen
        ids = {one.id for one in chosen}
        others = sorted(self.draft.replayed.stories, key=lambda one: (one.rank, one.id))
        return (*chosen, *(one for one in others if one.id not in ids))

    @property
    def runners_up(self) -> tuple[tuple[int, Story, str], ...]:
        """What is left out, the best first: its number among `stories`, and what keeps it out."""
        selection = self.draft.replayed.selection
        first = len(selection.chosen)
        return tuple(
            (number, one, selection.standings[one.id].sentence if one.id in selection.standings else "")
            for number, one in enumerate(self.stories[first:], first + 1)
        )


def open_edition(settings: Settings, database: Database, key: str) -> Opened:
    """An edition with its ranking as of when it was built, and all that was decided about it.

    Raises:
        NotFound: there is no such edition, or its newsletter is not in the configuration any more.
    """
    status = find(database, key)
    ranking = rank_again(settings, database, status)
    return Opened(status=status, draft=redraft(settings, database, ranking, key))


def aim(opened: Opened, story: str) -> Aim:
    """What an editor calls a story: its number in the edition, its id, or the address of one of its articles.

    Numbers go on behind the edition, by rank: the runners-up.

    Raises:
        NotFound: there is no such story in the window.
    """
    if story.isdecimal() and 1 <= int(story) <= len(opened.stories):
        return aim_of(opened.stories[int(story) - 1])
    for one in opened.stories:
        if one.id == story or any(article.url == story for article in one.articles):
            return aim_of(one)
    raise NotFound(f"{opened.status.key}: no story {story}; `digest editions show {opened.status.key}` numbers them")


def aim_of(story: Story) -> Aim:
    """A story by what survives a ranking anew."""
    others = (one.url for one in story.articles if one.url != story.lead.url)
    return Aim(story=story.id, urls=(story.lead.url, *others), headline=story.lead.title)


def operate(
    settings: Settings,
    database: Database,
    opened: Opened,
    operation: Operation,
    *,
    who: str,
    now: datetime,
    based_on: int | None = None,
) -> Opened:
    """Record an operation and make the draft anew with it.

    Args:
        opened: The edition as the editor saw it.
        who: The editor.
        based_on: The revision that the editor saw; None: whatever there is.

    Raises:
        Refused: it is no draft any more, or the operation would not hold.
        Overtaken: another one has touched the same since `based_on`.
    """
    if wrong := fault(operation):
        raise Refused(wrong)
    made = _tried(settings, opened, operation, who=who, now=now)
    with database.begin() as db:
        _lock(db, opened.status.id)
        if based_on is not None:
            _check(operations.of(db, opened.status.id), touches(operation), based_on, opened.status.key)
        operations.add(db, opened.status.id, operation, who=who, now=now)
    return refresh(settings, database, opened, made)


def undo(
    settings: Settings,
    database: Database,
    opened: Opened,
    numbers: Iterable[int],
    *,
    who: str,
    now: datetime,
    based_on: int | None = None,
) -> Opened:
    """Take operations back by their numbers, and make the draft anew without them.

    Raises:
        NotFound: there is no such operation.
        Refused: it was undone before, or the edition is no draft any more.
        Overtaken: another one has touched the same since `based_on`.
    """
    with database.begin() as db:
        _lock(db, opened.status.id)
        known = {one.number: one for one in operations.of(db, opened.status.id)}
        for number in numbers:
            if (one := known.get(number)) is None:
                raise NotFound(
                    f"{opened.status.key}: no operation {number}; `digest edition log {opened.status.key}` shows them"
                )
            if not one.is_active:
                raise Refused(f"{opened.status.key}: {one.undone_by} has undone {number} before")
            if based_on is not None:
                _check(known.values(), touches(one.operation), based_on, opened.status.key)
            operations.undo(db, opened.status.id, number, who=who, now=now)
    return refresh(settings, database, opened)


def refresh(settings: Settings, database: Database, opened: Opened, made: Draft | None = None) -> Opened:
    """The draft with all that has been decided, by the ranking of its newest build; stored.

    `made` is it, where nobody else has decided or built anything meanwhile.
    """
    status, ranking = find(database, opened.status.key), opened.draft.ranking
    if status.content.built_at != ranking.at:
        made, ranking = None, rank_again(settings, database, status)
    status, draft = save(settings, database, made or redraft(settings, database, ranking, status.key))
    return Opened(status=status, draft=draft)


def up_to_date(settings: Settings, database: Database, status: EditionStatus) -> EditionStatus:
    """The edition with all that has been decided about it; made anew only where something is missing."""
    with database.read() as db:
        missing = operations.revision(db, status.id) != status.revision
    return refresh(settings, database, open_edition(settings, database, status.key)).status if missing else status


def proposals(database: Database, key: str) -> tuple[str, ...]:
    """Up to three subjects, made from the first stories of an edition.

    Raises:
        NotFound: there is no such edition.
    """
    return compose.proposals(find(database, key).content)


def decided_about(database: Database, key: str) -> tuple[tuple[Decided, Verdict | None], ...]:
    """All operations on an edition in their order, and what became of each; None of those that were undone.

    Raises:
        NotFound: there is no such edition.
    """
    status = find(database, key)
    with database.read() as db:
        return judged(operations.of(db, status.id), status.verdicts)


def judged(decided: Iterable[Decided], verdicts: Iterable[Verdict]) -> tuple[tuple[Decided, Verdict | None], ...]:
    """Each operation with what became of it."""
    known = {one.number: one for one in verdicts}
    return tuple((one, known.get(one.number)) for one in decided)


def _lock(db: Connection, edition_id: int) -> None:
    status = editions.lock(db, edition_id)
    if status.state is not EditionState.DRAFT:
        raise Refused(f"{status.key} is {status.state}: only a draft can change")


def _tried(settings: Settings, opened: Opened, operation: Operation, *, who: str, now: datetime) -> Draft:
    """What would not hold is refused at once; what later ceases to hold is a conflict that is shown."""
    draft, number = opened.draft, opened.revision + 1
    decided = (*draft.decided, Decided(number=number, operation=operation, who=who, at=now))
    made = draft_of(settings, draft.ranking, decided, revision=number, automatic=draft.automatic)
    verdict = next(one for one in made.replayed.verdicts if one.number == number)
    if verdict.is_conflict:
        raise Refused(f"{opened.status.key}: {verdict.sentence}")
    return made


def _check(decided: Iterable[Decided], touched: frozenset[str], based_on: int, key: str) -> None:
    since = [
        one
        for one in decided
        if max(one.number, one.undone or 0) > based_on and not touched.isdisjoint(touches(one.operation))
    ]
    if since:
        told = ", ".join(f"{one.operation.kind}, by {one.undone_by or one.who}" for one in since)
        numbers = [one.number for one in since]
        raise Overtaken(
            f"{key}: others have changed the same since revision {based_on}: {told}; nothing is done", numbers
        )
