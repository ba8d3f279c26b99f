"""Settings and a database in, what would stop or harm the mail out, each with what to do about it."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import dns.exception
import dns.resolver
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from digest.config import Settings, dkim_keys
from digest.errors import DigestError
from digest.lint.finding import Finding as LintFinding
from digest.lint.finding import Severity
from digest.model import EditionState, EditionStatus
from digest.outbox.dkim import Signer, dns_record
from digest.pipeline.drafts import written
from digest.pipeline.linting import faults, lint_confirmation, lint_message, named, read_support
from digest.pipeline.printing import by_templates
from digest.pipeline.sampling import sample_edition
from digest.store import editions, events, revision
from digest.store.database import WAL_RESET_FIXED, Database, sqlite_module
from digest.transport.smtp import Relay
from digest.worker.asking import sample as sample_confirmation

ANSWER_SECONDS = 5.0  #: for a DNS server or a web server to answer
SMTP_SECONDS = 20.0


class Level(IntEnum):
    GOOD = 0
    WARNING = 1  #: Mail goes out; something should be seen to.
    BAD = 2  #: Mail would not go out, or not arrive.


@dataclass(frozen=True, kw_only=True)
class Finding:
    about: str
    level: Level
    text: str


def good(about: str, said: str) -> Finding:
    return Finding(about=about, level=Level.GOOD, text=said)


def warning(about: str, said: str) -> Finding:
    return Finding(about=about, level=Level.WARNING, text=said)


def bad(about: str, said: str) -> Finding:
    return Finding(about=about, level=Level.BAD, text=said)


def examine(settings: Settings, database: Database, *, offline: bool = False) -> list[Finding]:
    """Everything that can be told from here.  `offline` asks neither the mail server, nor DNS, nor the public URL."""
    found = [*_configuration(settings), *_database(database), *_clock(database), _mail(settings, database)]
    found += [*_confirmations(settings), *_came_back(settings, database)]
    if not offline:
        found += [asyncio.run(_smtp(settings)), _public_url(settings), *_dns(settings)]
    return found


# --- configuration ---------------------------------------------------------------------------------------------------


def _configuration(settings: Settings) -> Iterator[Finding]:
    if not settings.site.keys:
        yield bad("site.secrets", "none: links cannot be signed; `digest init` writes one")
    if settings.site.base_url.startswith("http://"):
        yield warning("site.base_url", "is no https address: one-click unsubscribe needs one (RFC 8058)")
    if "example" in settings.site.base_url or "Example" in settings.site.postal_address:
        yield warning("site", "still has example values: readers see base_url and postal_address in every mail")
    if settings.smtp.security == "none" and settings.smtp.host not in ("localhost", "127.0.0.1", "::1"):
        yield warning("smtp.security", "none: mail and password cross the network unprotected")
    if settings.smtp.security == "none" and settings.smtp.username:
        yield bad("smtp.security", "none with a username: the password crosses the network in clear")
    yield from _dkim_settings(settings)
    yield good("configuration", f"newsletters: {len(settings.newsletters)}, sources: {len(settings.sources)}")


def _dkim_settings(settings: Settings) -> Iterator[Finding]:
    if not settings.dkim.keys:
        yield warning("dkim", "not configured: the mail server has to sign, or Gmail and Microsoft refuse the mail")
        return
    try:
        Signer(settings.dkim.domain, dkim_keys(settings.dkim))
    except DigestError as error:
        yield bad("dkim", str(error).replace("\n", ";"))
    for name, newsletter in settings.newsletters.items():
        if not _aligned(newsletter.sender_domain, settings.dkim.domain):
            yield warning("dkim.domain", f"does not match the sender of {name}: DMARC needs them aligned")


def _aligned(sender: str, signer: str) -> bool:
    """Relaxed alignment (RFC 7489 3.1.1), as far as it can be told without the public suffix list."""
    return sender == signer or sender.endswith(f".{signer}") or signer.endswith(f".{sender}")


# --- database and clock ----------------------------------------------------------------------------------------------


def _database(database: Database) -> Iterator[Finding]:
    try:
        revision.check(database)
        with database.read() as db:
            db.execute(text("select 1"))
    except DigestError as error:
        yield bad("database", str(error))
        return
    except DBAPIError as error:
        yield bad("database", f"cannot be used: {type(error.orig).__name__}")
        return
    if database.is_sqlite:
        yield from _sqlite(database)
    yield good("database", f"{database.url.get_backend_name()}, schema {revision.HEAD}")


def _sqlite(database: Database) -> Iterator[Finding]:
    version: tuple[int, ...] = sqlite_module().sqlite_version_info
    shown = ".".join(map(str, version))
    if version < WAL_RESET_FIXED:
        fixed = ".".join(map(str, WAL_RESET_FIXED))
        yield warning(
            "SQLite",
            f"{shown} has the WAL-reset fault (fixed in {fixed}): several processes on one database can corrupt it. "
            "Install pysqlite3, which brings a newer one",
        )
    else:
        yield good("SQLite", shown)
    with database.read() as db:
        mode = db.execute(text("pragma journal_mode")).scalar_one()
    if mode != "wal":
        yield bad("SQLite", f"journal mode is {mode}, not wal: is the file on a network drive?")


def _clock(database: Database) -> Iterator[Finding]:
    now = datetime.now(UTC)
    try:
        with database.read() as db:
            newest = max((one.content.built_at for one in editions.listing(db, limit=1)), default=now)
    except DBAPIError:
        return
    if newest > now + timedelta(minutes=2):
        yield bad("clock", f"shows {now:%Y-%m-%d %H:%M} UTC, but an edition was built later than that: it went back")
    else:
        yield good("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


# --- what comes back -------------------------------------------------------------------------------------------------


def _came_back(settings: Settings, database: Database) -> Iterator[Finding]:
    """Whether bounces are read, and how many say that we are not wanted."""
    feedback = settings.feedback
    if not (feedback.maildir or feedback.lmtp_port or feedback.imap.host):
        yield warning("feedback", "bounces are not read by `digest run`: set feedback.maildir, lmtp_port or imap")
    try:
        with database.read() as db:
            refused = events.alarms(db, since=datetime.now(UTC) - timedelta(days=1))
    except DBAPIError:
        return
    if refused:
        causes = ", ".join(f"{count} {cause or 'authentication'}" for cause, count in refused)
        yield warning("feedback", f"mail of the last day that was not wanted: {causes}; no reader lost anything by it")


# --- the mail itself -------------------------------------------------------------------------------------------------


def _mail(settings: Settings, database: Database) -> Finding:
    """The newest draft, or else the sample edition, as `digest lint` sees it."""
    now = datetime.now(UTC)
    try:
        draft = _newest_draft(settings, database)
        shown = draft.content if draft else sample_edition(settings, now=now)
        support = read_support(settings.lint.caniemail)
        found = lint_message(settings, shown.newsletter, written(settings, shown, now=now), support=support)
    except DigestError as error:
        return bad("mail", str(error).replace("\n", ";"))
    return _verdict(draft.key if draft else "the sample edition", found, draft.key if draft else "--sample")


def _verdict(about: str, found: Iterable[LintFinding], looked_at: str) -> Finding:
    """The worst of what `digest lint` finds, in a line; `looked_at` is how it is called to say more."""
    for severity, verdict in ((Severity.ERROR, bad), (Severity.WARNING, warning)):
        if counts := faults(found, severity=severity):
            return verdict("mail", f"{about} has {severity}s: {named(counts)}; `digest lint {looked_at}` says more")
    return good("mail", f"{about} has no errors and no warnings")


def _confirmations(settings: Settings) -> Iterator[Finding]:
    """The mail that asks whoever signs up, of each newsletter."""
    for name in settings.newsletters:
        about = f"the confirmation mail of {name}"
        try:
            support = read_support(settings.lint.caniemail)
            with by_templates(about):
                message = sample_confirmation(settings, name, now=datetime.now(UTC))
        except DigestError as error:
            yield bad("mail", str(error).replace("\n", ";"))
        else:
            yield _verdict(about, lint_confirmation(settings, name, message, support=support), "--sample")


def _newest_draft(settings: Settings, database: Database) -> EditionStatus | None:
    try:
        with database.read() as db:
            found = editions.listing(db)
    except DBAPIError:
        return None
    drafts = (one for one in found if one.state is EditionState.DRAFT and one.newsletter in settings.newsletters)
    return next((one for one in drafts if one.content.lead), None)


# --- the world outside -----------------------------------------------------------------------------------------------


async def _smtp(settings: Settings) -> Finding:
    """Whether the mail server lets us in; nothing is sent."""
    where = f"{settings.smtp.host}:{settings.smtp.port}"
    relay = Relay(settings.smtp)
    try:
        outcome = await asyncio.wait_for(relay.open(), SMTP_SECONDS)
    except TimeoutError:
        return bad("smtp", f"{where} does not answer within {SMTP_SECONDS:.0f} s; is the port right?")
    finally:
        await relay.close()
    if outcome is not None:
        return bad("smtp", f"{where}: {outcome.told}")
    user = " and the password" if settings.smtp.username else ""
    return good("smtp", f"{where} takes the connection ({settings.smtp.security}){user}")


def _public_url(settings: Settings) -> Finding:
    url = f"{settings.site.base_url}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - http(s), checked by config
            ours = answer.read(16).strip() == b"ok"
    except (OSError, ValueError, urllib.error.URLError) as error:
        reason = getattr(error, "reason", error)
        return warning("site.base_url", f"{url} does not answer ({reason}): run `digest serve` behind it")
    if not ours:
        return bad("site.base_url", f"{url} is answered by something else than `digest serve`")
    return good("site.base_url", f"{settings.site.base_url} answers")


def _dns(settings: Settings) -> Iterator[Finding]:
    domains = sorted({newsletter.sender_domain for newsletter in settings.newsletters.values()})
    try:
        for domain in domains:
            yield _spf(domain)
            yield _dmarc(domain)
        yield from _dkim_records(settings)
    except dns.exception.DNSException as error:
        yield warning("DNS", f"cannot be asked ({type(error).__name__}): SPF, DKIM and DMARC are unchecked")


def _records(name: str, start: str) -> list[str]:
    """The TXT records of a name that begin so; none when there is no such name."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=ANSWER_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    found = (b"".join(record.strings).decode("ascii", "replace") for record in answer)
    return [one for one in found if one.lower().startswith(start)]


def _spf(domain: str) -> Finding:
    records = _records(domain, "v=spf1")
    if len(records) == 1:
        return good("SPF", f"{domain} has one")
    wanted = f'publish a TXT record at {domain}: "v=spf1 a:your.mail.server -all"'
    return bad("SPF", wanted if not records else f"{domain} has {len(records)}; only one is allowed (RFC 7208 3.2)")


def _dmarc(domain: str) -> Finding:
    name = f"_dmarc.{domain}"
    if _records(name, "v=dmarc1"):
        return good("DMARC", f"{name} has one")
    return bad("DMARC", f'publish a TXT record at {name}: "v=DMARC1; p=none; rua=mailto:you@{domain}"')


def _dkim_records(settings: Settings) -> Iterator[Finding]:
    for selector, pem in dkim_keys(settings.dkim):
        name = f"{selector}._domainkey.{settings.dkim.domain}"
        wanted = dns_record(pem)
        published = "".join(_records(name, "v=dkim1")).replace(" ", "")
        if wanted.replace(" ", "") == published:
            yield good("DKIM", f"{name} matches the key")
        else:
            yield bad("DKIM", f'{"change" if published else "publish"} the TXT record at {name}: "{wanted}"')
