"""A server that takes several commands at once, and says how it was spoken to."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

OFFERS = ("PIPELINING", "8BITMIME")


class Pipeliner:
    """Says yes, except where `says` has something else for a verb with its argument, or a verb; None: closes.

    Args:
        offers: Keywords of its EHLO.
        hold: How many commands, after EHLO, have to be there before it answers the first: who waits for each answer
            would wait for ever.  A content counts as one.
        strict: Commands that have come together with a content are answered 503 (Haraka).
        harsh: It closes where commands have come together with a content.
        fickle: So often it asks for a content and closes.
        stuck: So many connections are not read from, from a content on, until `go_on` is set.
        after: So many messages are taken before the first gets stuck.
        pause: Seconds before each content is answered.
        hesitant: Its system keeps an answer back while an earlier one is not acknowledged (Nagle's algorithm).
    """

    def __init__(
        self,
        says=None,
        *,
        offers=OFFERS,
        hold=1,
        strict=False,
        harsh=False,
        fickle=0,
        stuck=0,
        after=0,
        pause=0.0,
        hesitant=False,
    ) -> None:
        self.says = {} if says is None else says
        self.offers, self.hold, self.strict, self.harsh, self.fickle = offers, hold, strict, harsh, fickle
        self.stuck, self.after, self.pause, self.go_on = stuck, after, pause, asyncio.Event()
        self.hesitant = hesitant
        self.commands: list[str] = []
        self.taken: list[tuple[str, bytes]] = []  #: recipient, content
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.hesitant:
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went, or the test is over
        finally:
            writer.close()


class _Talk:
    def __init__(self, server: Pipeliner, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.waiting: list[str] = []  # answers
        self.mail = self.rcpt = ""

    async def run(self) -> None:
        self.writer.write(b"220 pipeline.example\r\n")
        while line := (await self.reader.readline()).decode().strip():
            self.server.commands.append(line)
            answer = await self._answer(line)
            if answer is None:
                return
            self._say(answer, line)
            await self.writer.drain()
            if line == "QUIT":
                return

    def _say(self, answer: str, line: str) -> None:
        self.waiting.append(answer)
        if len(self.waiting) >= self.server.hold or line.startswith(("EHLO", "QUIT", "RSET")):
            self.writer.write("".join(f"{one}\r\n" for one in self.waiting).encode())
            self.waiting.clear()

    async def _answer(self, line: str) -> str | None:
        says = self.server.says
        verb = line.split(" ", maxsplit=1)[0]
        told = next((says[key] for key in says if line.startswith(key)), "")
        if verb == "EHLO":
            return "\r\n".join(["250-pipeline.example", *(f"250-{one}" for one in self.server.offers), "250 HELP"])
        if verb == "BDAT":
            return await self._chunk(int(line.split(" ")[1]), told)
        if told is None or told:
            return told
        if verb == "MAIL":
            self.mail, self.rcpt = line, ""
        if verb == "RCPT" and not self.mail:
            return "503 no sender"
        if verb == "RCPT":
            self.rcpt = line
        if verb == "RSET":
            self.mail = self.rcpt = ""
        if verb == "DATA":
            return await self._data()
        return "221 bye" if verb == "QUIT" else "250 ok"

    async def _data(self) -> str | None:
        if not self.rcpt:
            return "503 no recipient"
        self._say("354 go on", "DATA")
        if self.server.fickle:
            self.server.fickle -= 1
            return None
        await self._crawl()
        content = await self.reader.readuntil(b"\r\n.\r\n")
        await asyncio.sleep(self.server.pause)
        if self.server.harsh:
            await asyncio.sleep(0.02)
            if self.reader._buffer:
                return None
        answer = self.server.says.get("dot", "250 taken")
        if answer is None or not answer.startswith("250"):
            return answer
        self.server.taken.append((self.rcpt, content[:-3]))
        self.mail = self.rcpt = ""
        if self.server.strict:
            await asyncio.sleep(0.02)
            while self.reader._buffer:
                await self.reader.readline()
                answer += "\r\n503 5.5.1 too early"
        return answer

    async def _crawl(self) -> None:
        if self.server.stuck and len(self.server.taken) >= self.server.after:
            self.server.stuck -= 1
            await self.server.go_on.wait()

    async def _chunk(self, size: int, told: str | None) -> str | None:
        await self._crawl()
        content = await self.reader.readexactly(size)
        await asyncio.sleep(self.server.pause)
        if told is None or told:
            return told
        if not self.rcpt:
            return "503 no recipient"
        self.server.taken.append((self.rcpt, content))
        self.mail = self.rcpt = ""
        return "250 taken"


@asynccontextmanager
async def pipeliner(says=None, **options) -> AsyncIterator[tuple[Pipeliner, int]]:
    one = Pipeliner(says, **options)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    yield one, server.sockets[0].getsockname()[1]
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
