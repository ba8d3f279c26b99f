"""Stored articles in, the ranked stories of a window out."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from digest.config import Newsletter, Settings, local_day, pick_newsletter
from digest.edition import cadences
from digest.edition.filling import Rules
from digest.edition.replay import Replayed, replay
from digest.edition.select import Selection, select
from digest.model import Cadence, Decided, EditionStatus, Item, PastStory, Story, edition_key
from digest.pipeline import background
from digest.pipeline.articles import configured_sources
from digest.pipeline.storing import find
from digest.store import articles, audiences, clicks, decisions, editions, sources, tellings
from digest.store.clicks import Read
from digest.store.database import Database
from digest.stories import profiles
from digest.stories.interest import UNKNOWN, Interest, Opened, interest
from digest.stories.rank import rank_stories
from digest.stories.signals import Desk, RankOptions
from digest.stories.why import explain

#: How far back an edition looks for stories that its readers have been told.
MEMORY_DAYS = {Cadence.DAILY: 14, Cadence.WEEKDAYS: 14, Cadence.WEEKLY: 28}
LONGEST_MEMORY = timedelta(days=max(MEMORY_DAYS.values()))
INTEREST_DAYS = 60  #: of editions that say what readers like to open
#: Which editions told it to them.
TOLD_IN = {
    Cadence.DAILY: (Cadence.DAILY,),
    Cadence.WEEKDAYS: (Cadence.DAILY, Cadence.WEEKDAYS),
    Cadence.WEEKLY: (Cadence.WEEKLY,),
}


class Replays:
    """The latest replay over one ranking: trying a decision, storing the draft and showing it come to the same.

    And the latest selection: other words, or another picture, are no reason to choose the stories again.
    """

    def __init__(self) -> None:
        self._latest: tuple[object, Replayed] | None = None
        self._chosen: tuple[object, Selection] | None = None

    def select(self, stories: Sequence[Story], rules: Rules, *, previous: Sequence[Item]) -> Selection:
        """As `edition.select` does; stories that are the same objects take no time to compare."""
        key, chosen = (stories, rules, previous), self._chosen
        if chosen is None or chosen[0] != key:
            chosen = self._chosen = (key, select(stories, rules, previous=previous))
        return chosen[1]

    def get(self, key: object, make: Callable[[], Replayed]) -> Replayed:
        latest = self._latest
        if latest is None or latest[0] != key:
            latest = self._latest = (key, make())
        return latest[1]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The stories of the articles published in (start, at]."""

    newsletter: str
    cadence: Cadence  #: of the readers it was made for
    wave: int | None  #: likewise; None: of all
    day: date  #: the local date of the edition
    start: datetime
    at: datetime
    articles: int
    stories: tuple[Story, ...]
    selection: Selection  #: the automatic one
    previous: tuple[Item, ...]  #: of the automatic draft before it
    desk: Desk  #: what the stories were ranked by
    replays: Replays = field(default_factory=Replays, compare=False, repr=False)

    @property
    def key(self) -> str:
        """That of the edition it is for."""
        return edition_key(self.newsletter, self.day, self.cadence, self.wave)

    def replayed(self, decided: Iterable[Decided], wanted: Rules) -> Replayed:
        """With what editors decided, by what the newsletter asks for."""
        active = [one for one in decided if one.is_active]
        key = (wanted, [(one.number, one.operation) for one in active])
        make = partial(
            replay,
            self.stories,
            active,
            wanted,
            previous=self.previous,
            may_print=self.desk.may_print,
            choose=self.replays.select,
        )
        return self.replays.get(key, make)


def rank(
    settings: Settings,
    database: Database,
    name: str | None = None,
    *,
    at: datetime,
    hours: float | None = None,
    cadence: Cadence = Cadence.DAILY,
    day: date | None = None,
    wave: int | None = None,
) -> Ranking:
    """Rank what was published in the window that ends at `at`, as the newsletter `name` would for these readers.

    `day`: the local date of the edition; without it, that of `at`.  `wave`: for which alone; without it, for all, or
    the newsletter's own where each has its edition.
    """
    name, newsletter = pick_newsletter(settings, name)
    day = day or local_day(newsletter, at)
    wave = newsletter.own_wave if wave is None else wave
    with database.read() as db:
        before_it = _waves_before(db, name, newsletter, day, wave)
        window = (
            timedelta(hours=hours) if hours else _window(db, name, newsletter, cadence, at=at, day=day, waves=before_it)
        )
        found = articles.window(db, start=at - window, end=at)
        decided = decisions.of(db, name)
        past = _told(db, name, cadence, day, before_it)
        draft = editions.get(db, edition_key(name, day, cadence, wave))
        before = editions.automatic(db, draft.id) if draft else None
        known = {one.name: one for one in sources.all_sources(db)}
        words = background.recall(db, before=(at - window).date())
        liked = _interest(db, name, newsletter, before=day)
    desk = Desk(
        now=at,
        options=replace(
            rank_options(newsletter, hours=window.total_seconds() / 3600) if hours else _options(newsletter, window),
            language=newsletter.language or settings.site.language,
            paywalls=frozenset(one.name for one in settings.sources if one.paywall),
        ),
        sources=known | configured_sources(settings),
        decisions=decided,
        interest=liked,
    )
    stories = rank_stories(
        found,
        now=at,
        options=desk.options,
        sources=desk.sources,
        decisions=desk.decisions,
        past=past,
        background=words,
        interest=desk.interest,
    )
    previous = before.items if before else ()
    selection = select(stories, rules(newsletter), previous=previous)
    return Ranking(
        newsletter=name,
        cadence=cadence,
        wave=wave,
        day=day,
        start=at - window,
        at=at,
        articles=len(found),
        stories=tuple(stories),
        selection=selection,
        previous=previous,
        desk=desk,
    )


def rank_again(settings: Settings, database: Database, status: EditionStatus, *, at: datetime | None = None) -> Ranking:
    """As for an edition that is stored: as of when it was built, or as of `at`."""
    at = at or status.content.built_at
    return rank(settings, database, status.newsletter, at=at, cadence=status.cadence, day=status.day, wave=status.wave)


def _waves_before(
    db: Connection, name: str, newsletter: Newsletter, day: date, wave: int | None
) -> dict[date, AbstractSet[int]]:
    """Of which waves the readers of an edition were on earlier dates on which each had its own: what these told them.

    By their clocks of today.  A date of which all got the same edition is not among them.
    """
    waved = tellings.in_waves(db, name, since=day - LONGEST_MEMORY, before=day)
    if not waved:
        return {}
    counted = {cadences.counted(newsletter, one) for one in audiences.clocks(db, name)} | {cadences.home(newsletter)}
    theirs = [one for one in counted if wave is None or cadences.wave(newsletter, day, one) == wave]
    own = frozenset() if wave is None else frozenset({wave})  # also when its last reader has left
    return {earlier: own | cadences.waves_of(newsletter, earlier, theirs) for earlier in waved}


def _window(
    db: Connection,
    name: str,
    newsletter: Newsletter,
    cadence: Cadence,
    *,
    at: datetime,
    day: date,
    waves: tellings.Waves,
) -> timedelta:
    last = tellings.last_built(db, name, cadence, before=day, waves=waves)
    return cadences.window(newsletter, cadence, at=at, last=last)


def _told(db: Connection, name: str, cadence: Cadence, before: date, waves: tellings.Waves) -> list[PastStory]:
    days, told_in = MEMORY_DAYS[cadence], TOLD_IN[cadence]
    past = tellings.past_stories(db, name, before=before, days=days, cadences=told_in, waves=waves)
    return [one for one in past if cadence is not Cadence.WEEKDAYS or one.day.weekday() < len(cadences.WORKDAYS)]


def _interest(db: Connection, name: str, newsletter: Newsletter, *, before: date) -> Interest:
    """What readers like to open, where the newsletter lets that count."""
    if not newsletter.weights.get("interest"):
        return UNKNOWN
    read = clicks.of_last(db, name, before=before, days=INTEREST_DAYS)
    return interest((one.readers, _opened(one)) for one in read)


def _opened(read: Read) -> list[Opened]:
    return [
        Opened(place=place, url=one.url, section=one.section, source=one.source, clicks=read.opened.get(one.story, 0))
        for place, one in enumerate(read.edition.items)
    ]


def rules(newsletter: Newsletter) -> Rules:
    """What a newsletter asks of a selection."""
    return Rules(
        limit=newsletter.stories,
        sections=newsletter.sections,
        section_limits=newsletter.section_limits,
        section_minimums=newsletter.section_minimums,
        per_source=newsletter.per_source,
        minimum_score=newsletter.minimum_score,
    )


def _options(newsletter: Newsletter, window: timedelta) -> RankOptions:
    """After days without an edition a story stays fresh for as much longer, or only the last day would count."""
    hours = window.total_seconds() / 3600
    usual = rank_options(newsletter, hours=hours)
    return replace(usual, half_life_hours=usual.half_life_hours * max(1.0, hours / newsletter.window_hours))


def rank_options(newsletter: Newsletter, *, hours: float) -> RankOptions:
    """The newsletter's profile, with its owner's word over it."""
    return profiles.options(
        newsletter.profile,
        window_hours=hours,
        weights=newsletter.weights,
        sections=newsletter.section_weights,
        subjects=newsletter.subjects,
        words=newsletter.words,
    )


def why(settings: Settings, database: Database, url: str, name: str | None = None, *, at: datetime) -> tuple[str, ...]:
    """Sentences: why an article is in the edition, or is not, and what would have changed it.

    Raises:
        NotFound: no such article is stored, or it was published outside of the window.
    """
    with database.read() as db:
        article = find(db, url)
    ranking = rank(settings, database, name, at=at)
    if not ranking.start < article.published <= at:
        window = f"{ranking.start:%Y-%m-%d %H:%M} to {at:%Y-%m-%d %H:%M} UTC"
        return (f"It is not considered: it was published at {article.published:%Y-%m-%d %H:%M} UTC, outside {window}.",)
    return explain(
        article.url,
        ranking.stories,
        standings=ranking.selection.standings,
        leads=ranking.selection.leads,
        limit=settings.newsletters[ranking.newsletter].stories,
        desk=ranking.desk,
    )
