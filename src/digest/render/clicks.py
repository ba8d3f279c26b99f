"""A page in, the same with its stories' links leading over the site's own counter out.  Pure.

For mails of newsletters that count clicks.  Nothing in a link differs from reader to reader, so that it says which
story was opened and never by whom.
"""

from dataclasses import replace

from digest import links
from digest.config import Site
from digest.render.view import Card, Page


def counted(page: Page, edition: str, site: Site) -> Page:
    """`page` of the edition with this key, as it is mailed.  The site has to have keys."""
    shelves = tuple(
        replace(shelf, cards=tuple(_card(card, edition, site) for card in shelf.cards)) for shelf in page.shelves
    )
    return replace(page, lead=_card(page.lead, edition, site) if page.lead else None, shelves=shelves)


def _card(card: Card, edition: str, site: Site) -> Card:
    if not card.url or not card.anchor:
        return card
    return replace(card, url=links.click_url(site.keys, site.base_url, edition, card.anchor, card.url))
