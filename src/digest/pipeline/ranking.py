"""Stored articles in, the ranked stories of a window out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.config import Newsletter, Settings, local_day, pick_newsletter
from digest.edition.filling import Rules
from digest.edition.select import Selection, select
from digest.model import Story
from digest.pipeline import background
from digest.pipeline.articles import configured_sources
from digest.pipeline.storing import find
from digest.store import articles, decisions, editions, sources
from digest.store.database import Database
from digest.stories import profiles
from digest.stories.rank import rank_stories
from digest.stories.signals import Desk, RankOptions
from digest.stories.why import explain

MEMORY_DAYS = 14  #: how far back an edition looks for stories it has already told


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The stories of the articles published in (start, at]."""

    newsletter: str
    start: datetime
    at: datetime
    articles: int
    stories: tuple[Story, ...]
    selection: Selection
    desk: Desk  #: what the stories were ranked by


def rank(
    settings: Settings, database: Database, name: str | None = None, *, at: datetime, hours: float | None = None
) -> Ranking:
    """Rank what was published in the window that ends at `at`, as the newsletter `name` would."""
    name, newsletter = pick_newsletter(settings, name)
    window = timedelta(hours=hours or newsletter.window_hours)
    with database.read() as db:
        found = articles.window(db, start=at - window, end=at)
        decided = decisions.of(db, name)
        past = editions.past_stories(db, name, before=local_day(newsletter, at), days=MEMORY_DAYS)
        draft = editions.get(db, f"{name}/{local_day(newsletter, at).isoformat()}")
        known = {one.name: one for one in sources.all_sources(db)}
        words = background.recall(db, before=(at - window).date())
    desk = Desk(
        now=at,
        options=replace(
            rank_options(newsletter, hours=window.total_seconds() / 3600),
            language=newsletter.language or settings.site.language,
            paywalls=frozenset(one.name for one in settings.sources if one.paywall),
        ),
        sources=known | configured_sources(settings),
        decisions=decided,
    )
    stories = rank_stories(
        found,
        now=at,
        options=desk.options,
        sources=desk.sources,
        decisions=desk.decisions,
        past=past,
        background=words,
    )
    selection = select(stories, rules(newsletter), previous=draft.content.items if draft else ())
    return Ranking(
        newsletter=name,
        start=at - window,
        at=at,
        articles=len(found),
        stories=tuple(stories),
        selection=selection,
        desk=desk,
    )


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
