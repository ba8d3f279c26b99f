"""A mail server some of whose domains hold back: one is away for a while, one takes so many messages a second.

    python -m sendbench.throttling --away down.example:60 --rate slow.example:1 --pause 0.05

Prints its port; at SIGTERM one line of JSON: when, by the clock of `time.monotonic`, messages to each domain were
refused and taken.
"""

import argparse
import asyncio
import json
import signal
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

EHLO = b"250-throttling.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


@dataclass
class Rules:
    """Who holds back, and what came of it.

    Args:
        away: Seconds from the first message on for which a domain answers 421.
        rates: Messages a second of a domain; what comes faster is refused.
        pause: Seconds before each content is answered.
    """

    away: Mapping[str, float]
    rates: Mapping[str, float]
    pause: float
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _begun: float | None = None
    _next: dict[str, float] = field(default_factory=dict)

    def refusal(self, domain: str) -> bytes:
        """Of a message to it at this moment; nothing: it may come."""
        now = time.monotonic()
        self._begun = self._begun or now
        if now < self._begun + self.away.get(domain, 0.0):
            self.refused[domain].append(now)
            return b"421 4.7.0 not now\r\n"
        if domain in self.rates and not self._in_time(domain, now):
            self.refused[domain].append(now)
            return b"450 4.7.0 too many messages\r\n"
        return b""

    def _in_time(self, domain: str, now: float) -> bool:
        """Whether it has room; then a place is taken.  A second's worth never gathers."""
        due, each = self._next.get(domain, now), 1 / self.rates[domain]
        if now < due:
            return False
        self._next[domain] = max(due, now - each) + each
        return True


async def talk(rules: Rules, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    domain = ""
    writer.write(b"220 throttling.example\r\n")
    while line := (await reader.readline()).strip():
        verb = line[:4].upper()
        if verb == b"EHLO":
            writer.write(EHLO)
        elif verb == b"QUIT":
            break
        elif verb == b"RCPT":
            named = line.partition(b"@")[2].partition(b">")[0].decode().lower()
            refusal = rules.refusal(named)
            domain = "" if refusal else named
            writer.write(refusal or b"250 2.1.5 ok\r\n")
            if refusal.startswith(b"421"):  # it closes, as RFC 5321 3.8 says
                break
        elif verb == b"DATA" and not domain:
            writer.write(b"503 5.5.1 nobody is named\r\n")
        elif verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            await asyncio.sleep(rules.pause)
            rules.taken[domain].append(time.monotonic())
            writer.write(b"250 2.0.0 taken\r\n")
            domain = ""
        else:
            writer.write(b"250 2.0.0 ok\r\n")
    await writer.drain()


async def serve(rules: Rules) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(rules, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went
        finally:
            writer.close()

    server = await asyncio.start_server(session, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    server.close()
    print(json.dumps({"taken": rules.taken, "refused": rules.refused}), flush=True)


def _numbers(words: list[str]) -> dict[str, float]:
    return {name: float(number) for name, _, number in (one.partition(":") for one in words)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--away", action="append", default=[], metavar="DOMAIN:SECONDS")
    parser.add_argument("--rate", action="append", default=[], metavar="DOMAIN:NUMBER")
    parser.add_argument("--pause", type=float, default=0.0, metavar="SECONDS")
    options = parser.parse_args()
    asyncio.run(serve(Rules(away=_numbers(options.away), rates=_numbers(options.rate), pause=options.pause)))


if __name__ == "__main__":
    main()
