"""Mail servers that misbehave to order, and a certificate nobody trusts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from certificate import certify
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
    return certify(tmp_path_factory.mktemp("tls"))
