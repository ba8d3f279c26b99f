"""An edition of the sample articles, to try settings and templates on before there is news."""

from datetime import datetime

from digest.assets import SAMPLES
from digest.config import Settings, local_day, pick_newsletter
from digest.edition.compose import compose
from digest.edition.markets import parse as parse_markets
from digest.edition.select import Selection
from digest.intake.jsonl import parse
from digest.intake.origin import Origin
from digest.model import Article, Edition, Story


def sample_edition(settings: Settings, *, now: datetime) -> Edition:
    """Of the first newsletter, with as many articles as it has stories, those with a picture first.

    Nothing is ranked or stored.

    Raises:
        NotFound: no newsletter is configured.
    """
    name, newsletter = pick_newsletter(settings, next(iter(settings.newsletters), None))
    stories = [_story(number, one) for number, one in enumerate(_articles(now)[: newsletter.stories], 1)]
    markets, _ = parse_markets((SAMPLES / "markets.csv").read_text(encoding="utf-8"), as_of=now)
    return compose(
        Selection(chosen=(stories[0], *sorted(stories[1:], key=lambda story: story.lead.section)), standings={}),
        newsletter=name,
        settings=newsletter,
        site=settings.site,
        day=local_day(newsletter, now),
        now=now,
        markets=markets,
    )


def _articles(now: datetime) -> list[Article]:
    found = parse((SAMPLES / "articles.jsonl").read_bytes(), Origin(now=now, path="articles.jsonl"))
    return sorted((one for one in found if isinstance(one, Article)), key=lambda one: one.image is None)


def _story(number: int, article: Article) -> Story:
    return Story(id=f"sample-{number}", rank=number, score=0, lead=article, articles=(article,), ledger=(), sources=1)
