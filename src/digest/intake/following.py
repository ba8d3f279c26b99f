"""An article of which its feed gave the beginning, and its page, in; the article with its text out.  Pure.

Which articles are followed to their page, and for how long that is tried, is decided here; who asks is `pipeline`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from digest.model import Article

FULL = 1_500  #: characters of body: an article that has them is not followed
FRESH = timedelta(days=3)  #: what is older is not followed: it is in no edition any more
TRIES = 4  #: of a page, one at a poll; then the beginning has to do
SHORT = 250  #: characters of body: a page with less is a paywall, a film or a gallery
FINAL = frozenset({401, 402, 403, 404, 405, 406, 410, 451})  #: what a server does not change its mind about in an hour

_WORD = re.compile(r"\w{4,}")


def to_follow(articles: Iterable[Article], *, now: datetime) -> list[str]:
    """The addresses of those that are worth it."""
    return [one.url for one in articles if len(one.body) < FULL and now - one.published <= FRESH]


def fuller(teaser: Article, page: Article) -> Article | None:
    """The article with the text of its page, and with what it lacks; None where the page has no more to say.

    A page that does not speak of what the title says is another page: a login, a consent wall, the front page.
    """
    if len(page.body) <= max(len(teaser.body), SHORT) or not _speaks_of(page, teaser.title):
        return None
    return replace(
        teaser,
        body=page.body,
        summary=teaser.summary or page.summary,
        section=teaser.section or page.section,
        language=teaser.language or page.language,
        image=teaser.image or page.image,
        authors=teaser.authors or page.authors,
    )


def _speaks_of(page: Article, title: str) -> bool:
    """Half of the words of the title are in it."""
    words = set(_WORD.findall(title.casefold()))
    text = f"{page.title}\n{page.body}".casefold()
    return 2 * sum(word in text for word in words) >= len(words)
