"""A web address in, the one form of it that is an article's natural key out.  Pure.

Scheme and host are made uniform (RFC 3986 6.2.2, 6.2.3) and tracking parameters go; nothing is guessed: http stays
http, the order of parameters stays, a trailing slash stays.  By what other spellings a page is known: `identity.py`.
"""

import re
import unicodedata
from urllib.parse import quote, unquote_plus, urljoin, urlsplit

import idna

MAX_URL = 2_000  #: characters
PORTS = {"http": 80, "https": 443}

#: What senders and platforms add to follow a click, by family; none of it selects content.
TRACKING = re.compile(
    r"(?:utm|stm|pk|mtm|piwik|matomo|hsa|vero|ns|itm|bsft|guce_referrer|fb_action|_branch|trk|oly_(?:anon|enc))_\w+"
    r"|(?:fb|g|d|y|tw|tt|rt|sc|msk|q)clid|msclkid|gclsrc|gbraid|wbraid|srsltid|igshid|igsh|li_fat_id|_openstat"
    r"|mc_[ce]id|_ga|_gl|mkt_tok|_hs(?:enc|mi)|hsctatracking|ml_subscriber(?:_hash)?|_ke|_kx|_bta_(?:tid|c)|dm_i"
    r"|at_(?:campaign|medium|custom\d|link_\w+|format|ptr_name|bbc_team)|cm_(?:mmc|re|sp|ven|cat|pla|ite)\w*|wt_(?:mc|zmc)"
    r"|__twitter_impression|ncid|cmpid|ocid|smid|mbid|s_cid|s_kwcid|ef_id|xtor|guccounter|guce_referrer|wprov|echobox"
    r"|fb_(?:source|ref|comment_id)|ss_(?:source|campaign_\w+)|spm|__s"
)
#: An address that is in its canonical form but for its query, which may hold tracking parameters: most are.
_PLAIN = re.compile(
    r"(?P<page>https?://(?=[a-z0-9.-]{1,253}/)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?/[A-Za-z0-9_.~%/:@!$&'()*+,;=-]*)"
    r"(?:\?(?P<query>[A-Za-z0-9_.~%/:@!$&'()*+,;=?-]*))?"
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PATH_SAFE = "%/:@!$&'()*+,;=~-._"


def canonical_url(url: str, *, base: str = "") -> str:
    """The canonical form of `url`, made absolute against `base`.  Idempotent.

    Raises:
        ValueError: with the reason, where it is no address that an article can be known by.
    """
    if not base and len(url) <= MAX_URL and (plain := _PLAIN.fullmatch(url)):
        page, query = plain["page"], plain["query"] or ""
    else:
        scheme, host, path, query = _parts(_absolute(url, base))
        page = f"{scheme}://{host}{path}"
    kept = "&".join(one for one in query.split("&") if one and not is_tracking(_name(one))) if query else ""
    return _checked(f"{page}?{kept}" if kept else page)


def is_tracking(name: str) -> bool:
    """Whether a parameter of this name (lower case) only follows the click."""
    return TRACKING.fullmatch(name) is not None


def image_url(url: str, *, base: str = "") -> str:
    """The absolute http(s) address of a picture, or "" where there is none that is usable.

    Control and format characters go before the scheme is looked at, as some readers of mail do the same.
    """
    if not base and len(url) <= MAX_URL and _PLAIN.fullmatch(url) and not url.endswith("?"):
        return url
    visible = "".join(char for char in url[: 5 * MAX_URL] if unicodedata.category(char) not in _UNSEEN)
    try:
        scheme, host, path, query = _parts(_absolute(visible, base))
        return _checked(f"{scheme}://{host}{path}" + (f"?{query}" if query else ""))
    except ValueError:
        return ""


def _absolute(url: str, base: str) -> str:
    url = url.strip()
    if not url:
        raise ValueError("empty address")
    if len(url) > 5 * MAX_URL:
        raise ValueError(f"address longer than {MAX_URL} characters")
    if any(unicodedata.category(char) in _UNSEEN for char in url):
        raise ValueError("control character in the address")
    return urljoin(base.strip(), url) if base else url


def _parts(url: str) -> tuple[str, str, str, str]:
    split = urlsplit(url)
    scheme = split.scheme.lower()
    if scheme not in PORTS:
        raise ValueError("not an absolute http(s) address")
    if "@" in split.netloc:
        raise ValueError("credentials in the address")
    host = _host(split.hostname or "")
    port = split.port
    if port is not None and port != PORTS[scheme]:
        host = f"{host}:{port}"
    return scheme, host, _quoted(split.path) or "/", _quoted(split.query, also="?")


def _host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"  # urlsplit has checked that it is an IPv6 address
    host = host.removesuffix(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise ValueError("not a host name that can be looked up") from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError("not a valid host name" if host else "no host in the address")
    return host


def _quoted(text: str, *, also: str = "") -> str:
    """`text` with everything encoded that may not stand in an address; what is encoded already stays as it is."""
    return quote(text, safe=_PATH_SAFE + also, errors="replace")


def _name(parameter: str) -> str:
    name = parameter.partition("=")[0].lower()
    return unquote_plus(name, errors="replace").lower() if "%" in name or "+" in name else name


def _checked(url: str) -> str:
    if len(url) > MAX_URL:
        raise ValueError(f"address longer than {MAX_URL} characters")
    return url
