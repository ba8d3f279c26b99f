"""Settings in, a connection that is secured and authenticated out, or the reason why not and what to do about it.

The only module that knows aiosmtplib.  Nothing that names anybody, and no password, leaves before TLS holds, where it
is configured.
"""

import asyncio
import re
import socket
import ssl
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPTimeoutError

from digest.config import Smtp
from digest.model import Outcome, Stage
from digest.transport.dialling import PATIENCE, LookUp, UnreachableError, dial, system_names
from digest.transport.replies import one_line

TROUBLE = (OSError, SMTPException, ValueError)  #: what opening may raise

EXPIRED, OTHER_NAME, OTHER_ADDRESS = 10, 62, 64  #: of OpenSSL's X509_V_ERR; the rest means that nobody known signed
TOO_OLD = {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"}


class NotOfferedError(ConnectionError):
    """The server does not offer STARTTLS, or somebody on the way took it out of the list."""


def tls_context() -> ssl.SSLContext:
    """Certificates verified against the system's store, or `SSL_CERT_FILE`; TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def opened(
    settings: Smtp, context: ssl.SSLContext | None, *, seconds: float, look_up: LookUp = system_names
) -> SMTP:
    """Connect, secure and authenticate as configured; to be closed by `close`.

    Args:
        context: None where `settings.security` is `none`.
        seconds: For each answer, at most.

    Raises:
        OSError, SMTPException, ValueError: see `trouble`.
    """
    sock = await dial(settings.host, settings.port, seconds=min(seconds, PATIENCE), look_up=look_up)
    smtp = SMTP(
        hostname=settings.host,
        sock=sock,
        port=None,
        timeout=seconds,
        use_tls=settings.security == "tls",
        start_tls=False,  # not on connect: below, where it is required and not tried
        tls_context=context,
        local_hostname=settings.hostname or _own_name(),
    )
    try:
        await _let_in(smtp, settings)
    except BaseException:
        close(smtp)
        sock.close()
        raise
    return smtp


async def _let_in(smtp: SMTP, settings: Smtp) -> None:
    await smtp.connect()
    await smtp.ehlo()
    if settings.security == "starttls":
        if not smtp.supports_extension("starttls"):
            raise NotOfferedError
        await smtp.starttls()
        await smtp.ehlo()
    if settings.username:
        await smtp.login(settings.username, settings.password.get_secret_value())
    if smtp.transport is None or smtp.transport.is_closing():
        raise ConnectionResetError("the mail server closed the connection")


def close(smtp: SMTP) -> None:
    """Without a word."""
    if smtp.transport is not None:
        cast(asyncio.Transport, smtp.transport).abort()
    smtp.close()


def trouble(error: Exception, settings: Smtp) -> Outcome:
    """What an error of opening comes to: before anybody was named, and in a line that says what to do."""
    code = error.code if isinstance(error, SMTPResponseException) and 400 <= error.code < 600 else None
    cause = error.__cause__ or error
    said = one_line(cause.message if isinstance(cause, SMTPException) else str(cause))
    told = "" if code else _advice(cause, settings)
    text = f"{told} ({said})" if told and said else told or said or type(cause).__name__
    return Outcome(stage=Stage.CONNECT, code=code, text=one_line(text))


def _advice(cause: BaseException, settings: Smtp) -> str:
    """What to do; "" where the server's own words say it."""
    where, told = f"{settings.host}:{settings.port}", ""
    match cause:
        case NotOfferedError():
            told = (
                f"{where} does not offer STARTTLS, and nothing goes out in the clear: is it a port for mail programs?"
            )
        case ssl.SSLCertVerificationError():
            told = _certificate(cause.verify_code, settings.host)
        case ssl.SSLError():
            told = _handshake(cause.reason or "", where, settings.security)
        case socket.gaierror():
            told = _name(cause.errno, settings.host)
        case TimeoutError() | SMTPTimeoutError() | ConnectionAbortedError():  # the last: of a handshake, by asyncio
            told = f"{where} does not answer in time: is smtp.port right, and may this machine connect to it?"
        case UnreachableError():
            told = f"{where} takes no connections: are smtp.host and smtp.port right, and does it run?"
        case ConnectionError():
            told = f"{where} closes the connection: is smtp.port right, and may this machine use it?"
    return told


def _certificate(code: int, host: str) -> str:
    if code == EXPIRED:
        return f"the certificate of {host} has expired: whoever runs it has to renew it"
    if code in (OTHER_NAME, OTHER_ADDRESS):
        return f"the certificate is for another name than {host}: smtp.host has to be a name that it is for"
    return f"nobody that this machine trusts has signed the certificate of {host}: SSL_CERT_FILE may name who has"


def _handshake(reason: str, where: str, security: str) -> str:
    if reason in TOO_OLD:
        return f"{where} has no TLS 1.2 or later: whoever runs it has to bring it up to date"
    if security == "tls":
        return f'{where} does not speak TLS from the start: smtp.security = "starttls" is for ports that change to it'
    return f"{where} says that it starts TLS and does not: whoever runs it has to look, or somebody is in between"


def _name(code: int | None, host: str) -> str:
    if code == socket.EAI_AGAIN:
        return f"no name server answers for {host}: it is asked again later"
    return f"the name {host} is not known: is smtp.host right?"


def _own_name() -> str:
    """For EHLO: a name with a dot, else an address literal (RFC 5321 4.1.3).  Asks no DNS server, which may be slow."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", name) else "[127.0.0.1]"
