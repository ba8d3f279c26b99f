"""An article in, the marks by which it is known again out: the key of its page, the hash of its text.  Pure.

The key is for looking up, never for opening: what is stored and linked stays `canonical_url`, an address that worked.
So the key may fold what an address must keep.  Each rule is one that publishers follow, and stays within one site:

- http is https; `www.`, `m.`, `mobile.`, `touch.` and `amp.` go from the front of a host, if what is left still has
  two labels; so does a `m` or `amp` after the first label of four or more (`en.m.wikipedia.org`).
- A copy in an AMP cache or viewer is the page that it wraps.
- Segments `/amp` at either end of a path, `.amp` and `.amp.html` at its end go, and so does `outputType=amp`.
- `index.html` and its like, and slashes at the end, go.
- Tracking parameters and session ids go; the others are sorted.  Their values stay, and so does the path's case.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import unquote, unquote_plus, urlsplit

from digest.intake.canonical import canonical_url, is_tracking
from digest.model import Article, Marked

REAL_TEXT = 250  #: characters from which a text is one that two articles do not share by chance

_FRONT = re.compile(r"(?:www\d?|m|mobile|touch|amp)\.(?=[^.]+\.[^.])")
_SECOND = re.compile(r"(?<=^)([^.]+)\.(?:m|amp)\.(?=[^.]+\.[^.]+$)")
_USUAL = re.compile(r":(?:80|443)$")
_NUMERIC = re.compile(r"\[|[\d.]+(?::\d+)?$")
_CACHE = re.compile(r"(?:^|\.)cdn\.ampproject\.org$|(?:^|\.)ampproject\.net$")
_CACHED = re.compile(r"/(?:[a-z]/)?(?:s/)?(?P<page>[^/]+\.[^/]+(?:/.*)?)")
_GOOGLE = re.compile(r"(?:(?:www|m|mobile|touch|amp)\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_VIEWED = re.compile(r"/amp/(?P<secure>s/)?(?P<page>[^/]+\.[^/]+(?:/.*)?)")
_AMP_END = re.compile(r"/amp(?:\.html?)?$|[.]amp(?:\.html?)?$", re.IGNORECASE)
_AMP_FRONT = re.compile(r"^/amp(?=/.)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)(?:\.amp)?\.(?:html?|php\d?|aspx?|jsp|shtml)$", re.IGNORECASE)
_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_SESSION = re.compile(r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|session_?id|sessid|cfid|cftoken")
_AMP_NAMES = frozenset({"amp", "amp_js_v", "amp_gsa", "usqp", "amp_markup", "amp_lite", "amp_r"})
_AMP_PAIRS = frozenset({"outputtype=amp", "output=amp", "view=amp", "format=amp", "m=1", "mobile=1"})


def identity_key(url: str) -> str:
    """The key of the page that `url` is a spelling of.  Idempotent; itself of the form of an address.

    Raises:
        ValueError: as `canonical_url` does.
    """
    key = canonical_url(url)
    while (folded := _folded(_unwrapped(key))) != key:  # each round only takes away
        key = folded
    return key


def text_hash(article: Article) -> int | None:
    """A signed number of 64 bits for source, title and text, whatever the capitals; None where there is little text.

    With the title, as pages that cannot be read to the end all have the same text: “Subscribe to read on …”.
    """
    text = article.body or article.summary
    if len(text) < REAL_TEXT:
        return None
    told = f"{article.source}\n{article.title}\n{text}".lower()
    return int.from_bytes(hashlib.blake2b(told.encode(), digest_size=8).digest(), "big", signed=True)


def collapse(items: Iterable[Marked]) -> list[Marked]:
    """Each page once, in order of key: of several spellings the one whose article has most to give.

    The one with the longest text, then a picture; of equals the https one, then the shortest and first address.
    One address several times is no matter of spelling: the last one counts.
    """
    pages: dict[str, list[Marked]] = {}
    for item in items:
        pages.setdefault(item.key, []).append(item)
    return [_best(pages[key]) for key in sorted(pages)]


def _best(spellings: Sequence[Marked]) -> Marked:
    if len(spellings) == 1:
        return spellings[0]
    best = min((one.article for one in spellings), key=_preference)
    return [one for one in spellings if one.article.url == best.url][-1]


def _preference(article: Article) -> tuple[int | bool | str, ...]:
    return (
        -len(article.body),
        -len(article.summary),
        article.image is None,
        not article.url.startswith("https:"),
        len(article.url),
        article.url,
    )


def _unwrapped(url: str) -> str:
    """The page within the address of an AMP cache or viewer, else the address itself."""
    if "ampproject." not in url and "/amp/" not in url:
        return url
    split = urlsplit(url)
    host = split.hostname or ""
    if _CACHE.search(host):
        found = _CACHED.fullmatch(split.path)
    elif _GOOGLE.fullmatch(host):
        found = _VIEWED.fullmatch(split.path)
    else:
        return url
    if not found:
        return url
    page = unquote(found["page"]) if "%2f" in found["page"].lower() else found["page"]
    try:
        return canonical_url(f"https://{page.removeprefix('https://')}" + (f"?{split.query}" if split.query else ""))
    except ValueError:
        return url


def _folded(url: str) -> str:
    site, _, rest = url.partition("://")[2].partition("/")  # canonical: there is a path, and no fragment
    path, _, query = rest.partition("?")
    if query:
        query = "&".join(sorted(one for one in query.split("&") if one and not _spare(one)))
    return f"https://{_site(site)}{_page('/' + path)}" + (f"?{query}" if query else "")


@lru_cache(maxsize=10_000)  # of many articles there are few sites
def _site(site: str) -> str:
    """Host, and port unless it is the usual one of either scheme."""
    site = _USUAL.sub("", site)
    return site if _NUMERIC.match(site) else _SECOND.sub(r"\1.", _FRONT.sub("", site, count=1))


def _page(path: str) -> str:
    path = _AMP_FRONT.sub("", _IN_PATH.sub("", path))
    path = _AMP_END.sub("", _INDEX.sub("", path.rstrip("/")))
    return path.rstrip("/") or "/"


def _spare(parameter: str) -> bool:
    name = unquote_plus(parameter.partition("=")[0], errors="replace").lower()
    return name in _AMP_NAMES or parameter.lower() in _AMP_PAIRS or bool(_SESSION.fullmatch(name)) or is_tracking(name)
