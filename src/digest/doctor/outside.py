"""The mail server and the public address asked, what they answer out.  Nothing is sent and nobody unsubscribed."""

import asyncio
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from digest import links
from digest.config import Settings, Smtp
from digest.doctor.finding import Finding, bad, good, warning
from digest.doctor.storing import APART, clocks
from digest.transport.opening import TROUBLE, close, opened, tls_context, trouble

ANSWER_SECONDS = 5.0  #: for a web server to answer
SMTP_SECONDS = 20.0
NOBODY = "0" * 16  #: the uid of no subscriber: a link signed for it is good, and leaves everybody as they are


async def ask_mail_servers(settings: Settings, *, size: int) -> list[Finding]:
    """Whether each mail server lets us in, and what it can do.  `size`: bytes of a mail."""
    found = [await _ask_mail_server(one.smtp, size=size) for one in settings.smtp.routes]
    return [finding for those in found for finding in those]


async def _ask_mail_server(settings: Smtp, *, size: int) -> list[Finding]:
    where = f"{settings.host}:{settings.port}"
    context = None if settings.security == "none" else tls_context()
    try:
        smtp = await asyncio.wait_for(opened(settings, context, seconds=SMTP_SECONDS), SMTP_SECONDS)
    except TimeoutError:
        return [bad("smtp", f"{where} does not answer within {SMTP_SECONDS:.0f} s; is the port right?")]
    except TROUBLE as error:
        return [bad("smtp", f"{where}: {trouble(error, settings).told}")]
    offers = {name.lower(): value for name, value in smtp.esmtp_extensions.items()}
    close(smtp)
    user = " and the password" if settings.username else ""
    let_in = good("smtp", f"{where} takes the connection ({settings.security}){user}")
    return [let_in, *judge_offers(offers, where, size=size, user=bool(settings.username))]


def judge_offers(offers: Mapping[str, str], where: str, *, size: int, user: bool) -> Iterator[Finding]:
    """What a mail server said after EHLO: names in lower case, with what stood behind them."""
    limit = offers.get("size", "").split(" ")[0]
    if limit.isdigit() and 0 < int(limit) < size:
        said = f"{where} takes {int(limit):,} bytes, and a mail has {size:,}"
        yield bad("smtp", said, mend=f"postconf -e message_size_limit={2 * size}")
    if "dsn" not in offers:
        yield warning("smtp", f"{where} has no DSN: what it cannot deliver is told only in its own way")
    if "auth" in offers and not user and not where.startswith(("localhost:", "127.")):
        yield warning("smtp", f"{where} offers a log-in, and smtp.username is empty: does it relay without?")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect of the POST is a fault (RFC 8058 3.1), so it is seen and not followed."""

    def redirect_request(self, *_args: object) -> None:
        return None


def ask_public_url(settings: Settings) -> list[Finding]:
    """Whether the pages answer, whether one-click unsubscribing does, and by which clock."""
    url = f"{settings.site.base_url}/healthz"
    asked = datetime.now(UTC)
    try:
        status, body, header = _answer(urllib.request.Request(url))  # noqa: S310 - http(s), checked by config
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        said = f"{url} does not answer ({reason}): run `digest serve` behind it"
        return [warning("site.base_url", said, mend="digest serve")]
    if status != 200 or body.strip() != b"ok":
        said = f"{url} is answered by something else than `digest serve` ({status})"
        return [bad("site.base_url", said, mend=_proxied(settings))]
    found = [good("site.base_url", f"{settings.site.base_url} answers"), *_clock(asked, header)]
    return [*found, *(_one_click(settings, name) for name in settings.newsletters if settings.site.keys)]


def _clock(asked: datetime, header: Mapping[str, str]) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(header["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return
    if abs(theirs - asked) > APART:
        yield clocks(asked, theirs, "that of the public pages")


def _one_click(settings: Settings, newsletter: str) -> Finding:
    """The POST of a mailbox provider, with a link that is good and belongs to nobody."""
    token = links.sign(settings.site.keys, links.Purpose.UNSUBSCRIBE, newsletter, NOBODY)
    url = links.unsubscribe_url(settings.site.base_url, newsletter, token)
    request = urllib.request.Request(url, data=b"List-Unsubscribe=One-Click", method="POST")  # noqa: S310
    try:
        status, _, header = _answer(request)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return bad("one-click", f"a POST to /unsubscribe/{newsletter}/… gets no answer ({type(error).__name__})")
    return judge_one_click(newsletter, status, header, proxied=_proxied(settings))


def judge_one_click(newsletter: str, status: int, header: Mapping[str, str], *, proxied: str) -> Finding:
    """What came back for a link that is good.  `proxied`: the line of nginx that lets everything through."""
    what = f"a POST to /unsubscribe/{newsletter}/…"
    if status == 404:
        said = f"{what} is not known there: the pages run with other site.secrets than this configuration"
        return bad("one-click", said)
    if status != 200:
        said = f"{what} is answered by {status}: the proxy has to let it through, without redirect, log-in or cache"
        return bad("one-click", said, mend=proxied)
    if "set-cookie" in header:
        return warning("one-click", f"{what} is answered with a cookie: something stands before `digest serve`")
    return good("one-click", f"{what} is answered")


def _proxied(settings: Settings) -> str:
    return f"location / {{ proxy_pass http://{settings.web.host}:{settings.web.port}; }}"


def _answer(request: urllib.request.Request) -> tuple[int, bytes, dict[str, str]]:
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        answer = opener.open(request, timeout=ANSWER_SECONDS)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        return answer.status, answer.read(16), {name.lower(): value for name, value in answer.headers.items()}
