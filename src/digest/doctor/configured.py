"""Settings and the files they name in, what is missing, unsafe or readable by others out."""

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from digest.config import Route, Settings, dkim_keys
from digest.doctor.finding import Finding, bad, good, warning
from digest.errors import DigestError
from digest.outbox.dkim import Signer

OTHERS = stat.S_IRWXG | stat.S_IRWXO
HERE = ("localhost", "127.0.0.1", "::1")


def look_at_settings(settings: Settings, path: Path | None) -> Iterator[Finding]:
    """What can be told without asking anybody.  `path`: the configuration file, where it came from one."""
    if not settings.site.keys:
        yield bad("site.secrets", "none: links cannot be signed; `digest init` writes one")
    if settings.site.base_url.startswith("http://"):
        secure = settings.site.base_url.replace("http://", "https://", 1)
        said = "is no https address: one-click unsubscribe needs one (RFC 8058)"
        yield warning("site.base_url", said, mend=f'site.base_url = "{secure}"')
    if "example" in settings.site.base_url or "Example" in settings.site.postal_address:
        yield warning("site", "still has example values: readers see base_url and postal_address in every mail")
    for route in settings.smtp.routes:
        yield from _in_clear(route)
    yield from _signing(settings)
    yield from _readable(settings, path)
    yield good("configuration", f"newsletters: {len(settings.newsletters)}, sources: {len(settings.sources)}")


def _in_clear(route: Route) -> Iterator[Finding]:
    if route.smtp.security != "none":
        return
    what = f"smtp.relays.{route.name}.security" if route.name else "smtp.security"
    mend = 'security = "starttls"' if route.name else 'smtp.security = "starttls"'
    if route.smtp.username:
        yield bad(what, "none with a username: the password crosses the network in clear", mend=mend)
    elif route.smtp.host not in HERE:
        yield warning(what, "none: the mail crosses the network unprotected", mend=mend)


def _signing(settings: Settings) -> Iterator[Finding]:
    if not settings.dkim.keys:
        yield warning("dkim", "not configured: the mail server has to sign, or Gmail and Microsoft refuse the mail")
        return
    try:
        Signer(settings.dkim.domain, dkim_keys(settings.dkim))
    except DigestError as error:
        yield bad("dkim", str(error).replace("\n", ";"), mend=_new_key(settings))
    for name, newsletter in settings.newsletters.items():
        if not _aligned(newsletter.sender_domain, settings.dkim.domain):
            yield warning("dkim.domain", f"does not match the sender of {name}: DMARC needs them aligned")


def _new_key(settings: Settings) -> str:
    file = shlex.quote(str(settings.dkim.keys[0].private_key_file))
    return f"openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out {file}"


def _aligned(sender: str, signer: str) -> bool:
    """Relaxed alignment as far as it can be told without DNS."""
    return sender == signer or sender.endswith(f".{signer}") or signer.endswith(f".{sender}")


def _readable(settings: Settings, path: Path | None) -> Iterator[Finding]:
    """Whose files hold secrets: the configuration, the keys of DKIM, and all readers."""
    _, _, database = settings.database.url.get_secret_value().partition("sqlite:///")
    files = [path, *(key.private_key_file for key in settings.dkim.keys), Path(database) if database else None]
    for file in files:
        if file is not None and file.is_file() and file.stat().st_mode & OTHERS:
            said = f"{file} holds secrets or addresses, and others on this machine may read it"
            yield warning("permissions", said, mend=f"chmod 600 {shlex.quote(str(file))}")
