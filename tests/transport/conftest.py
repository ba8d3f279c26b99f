"""Mail servers that misbehave to order, and a certificate nobody trusts."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from digest.config import Smtp
from postbox import Mailbox

YES = {
    "connect": "220 script.example ESMTP",
    "ehlo": "250-script.example\r\n250 8BITMIME",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "dot": "250 2.0.0 taken",
    "quit": "221 2.0.0 bye",
    "rset": "250 2.0.0 ok",
}


class Script:
    """A server that says what `says` has for a stage: text, or None: closes without a word.

    `closes`: stages after whose answer it closes.  `silent`: stages at which it never answers.
    """

    def __init__(self, says: dict[str, str | None], closes: tuple[str, ...], silent: tuple[str, ...]) -> None:
        self.says = YES | says
        self.closes, self.silent = closes, silent
        self.commands: list[str] = []
        self.content = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            going = await self._answer("connect", writer)
            while going and (line := await reader.readline()):
                self.commands.append(line.decode().strip())
                stage = self.commands[-1].split(" ")[0].lower()
                going = await self._answer(stage, writer)
                if going and stage == "data" and str(self.says["data"]).startswith("354"):
                    self.content = await reader.readuntil(b"\r\n.\r\n")
                    going = await self._answer("dot", writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went, or the test is over
        finally:
            writer.close()

    async def _answer(self, stage: str, writer: asyncio.StreamWriter) -> bool:
        if stage in self.silent:
            await asyncio.sleep(3600)
        text = self.says.get(stage, "502 5.5.1 not here")
        if text is None:
            return False
        writer.write(text.encode("latin-1") + b"\r\n")
        await writer.drain()
        return stage not in self.closes


@asynccontextmanager
async def _scripted(says=None, *, closes=(), silent=()) -> AsyncIterator[tuple[Script, int]]:
    script = Script(says or {}, closes, silent)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    yield script, server.sockets[0].getsockname()[1]
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def scripted() -> Callable:
    return _scripted


@pytest.fixture
def mailbox():
    with Mailbox() as one:
        yield one


@pytest.fixture
def plain() -> Callable[..., Smtp]:
    """Settings for a server on a port of this machine."""
    return lambda port, **over: Smtp(**{"host": "localhost", "port": port, "security": "none", "timeout": 5, **over})


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """(the server's TLS context, the file of its self-signed certificate for localhost)."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"
