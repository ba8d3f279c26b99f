"""Other ways to send the same message, each in a process of its own:

    python -m sendbench.peers NAME --port 2525 --count 2000 --connections 10

Prints the seconds it took, building included where the way builds.
"""

import argparse
import asyncio
import smtplib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import aiosmtplib

from sendbench import bars, mail

SENDER = "bounces@news.example.org"


def smtplib_serial(port: int, count: int, connections: int) -> None:  # noqa: ARG001 - it has one
    _each(port, range(count))


def smtplib_threads(port: int, count: int, connections: int) -> None:
    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(lambda lane: _each(port, range(lane, count, connections)), range(connections)))


def _each(port: int, numbers: range) -> None:
    rendered = mail.rendered()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in numbers:
            message = mail.standard(rendered, number)
            smtp.send_message(message, from_addr=SENDER, to_addrs=[mail.address(number)])


def aiosmtplib_messages(port: int, count: int, connections: int) -> None:
    rendered = mail.rendered()
    asyncio.run(_lanes(port, count, connections, lambda number: mail.standard(rendered, number)))


def aiosmtplib_bytes(port: int, count: int, connections: int) -> None:
    """What is left when building costs nothing: the same bytes for everyone."""
    raw = mail.standard(mail.rendered(), 0).as_bytes()
    asyncio.run(_lanes(port, count, connections, lambda _: raw))


async def _lanes(port: int, count: int, connections: int, make: Callable[[int], object]) -> None:
    async def lane(first: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
            for number in range(first, count, connections):
                message = make(number)
                if isinstance(message, bytes):
                    await smtp.sendmail(SENDER, [mail.address(number)], message)
                else:
                    await smtp.send_message(message, sender=SENDER, recipients=[mail.address(number)])

    await asyncio.gather(*(lane(first) for first in range(connections)))


def django(port: int, count: int, connections: int) -> None:  # noqa: ARG001 - it has one
    from django.conf import settings  # noqa: PLC0415 - not everyone has it
    from django.core.mail import EmailMultiAlternatives, get_connection  # noqa: PLC0415

    settings.configure(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, DEFAULT_CHARSET="utf-8")
    rendered = mail.rendered()
    with get_connection("django.core.mail.backends.smtp.EmailBackend") as connection:
        for start in range(0, count, 100):
            connection.send_messages(
                [_django(EmailMultiAlternatives, rendered, n) for n in range(start, min(start + 100, count))]
            )


def _django(kind: Callable[..., object], rendered: object, number: int) -> object:
    return kind(
        rendered.subject, rendered.text, SENDER, [mail.address(number)], alternatives=[(rendered.html, "text/html")]
    )


WAYS = {
    bars.SMTPLIB: smtplib_serial,
    "smtplib in threads, EmailMessage": smtplib_threads,
    bars.AIOSMTPLIB: aiosmtplib_messages,
    bars.READY: aiosmtplib_bytes,
    "Django send_messages": django,
}


@contextmanager
def timed() -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=WAYS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=10)
    options = parser.parse_args()
    with timed():
        WAYS[options.name](options.port, options.count, options.connections)


if __name__ == "__main__":
    main()
