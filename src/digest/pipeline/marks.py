"""An article in, the same with the marks by which it is known again out."""

from digest.intake.identity import identity_key, text_hash
from digest.model import Article, Marked
from digest.store.codec import fingerprint


def mark(article: Article) -> Marked:
    return Marked(article=article, key=page_key(article.url), fingerprint=fingerprint(article), text=text_hash(article))


def page_key(url: str) -> str:
    """The key of a page; of what is no address, the text itself."""
    try:
        return identity_key(url)
    except ValueError:
        return url
