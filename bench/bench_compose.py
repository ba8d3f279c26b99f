"""What a copy costs: stamping and signing, beside the same message built with the standard library.

Ratios are what to compare: the machine's pace cancels out.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from statistics import median

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest import links
from digest.links import Token
from digest.model import Delivery, Rendered
from digest.outbox.dkim import Signer
from digest.outbox.skeleton import Head, Skeleton, build

BASE = "https://news.example.org"
KEYS = ("k" * 40,)
SIZES = (18_000, 64_000)  # bytes of a message: a short edition, a long one
ROUNDS = 7


def edition(size: int) -> Rendered:
    """Text and HTML that come to about `size` bytes once encoded."""
    leave = links.unsubscribe_url(BASE, "daily", Token.UNSUBSCRIBE)
    change = links.preferences_url(BASE, "daily", Token.PREFERENCES)
    story = '<tr><td style="padding:12px 24px"><a href="https://example.org/news/1">Zinsen bleiben, wie sie sind</a>'
    rows = "\n".join(f"{story} {number:04}</td></tr>" for number in range((size - 2400) // 160))
    lines = "\n".join(f"Zinsen bleiben, wie sie sind {number:04}" for number in range((size - 2400) // 160))
    return Rendered(
        variant="default",
        subject="Zinsen bleiben, wie sie sind",
        preheader="",
        html=f'<table>{rows}</table><a href="{leave}">Leave</a> <a href="{change}">Change</a>',
        text=f"{lines}\nLeave: {leave}\nChange: {change}\n",
        web="",
    )


def head() -> Head:
    return Head(
        edition="daily/2026-11-23",
        edition_id=1,
        newsletter="daily",
        title="The Daily Digest",
        sender="The Example Times <daily@news.example.org>",
        contact="editor@example.org",
        base_url=BASE,
        domain="news.example.org",
        date=datetime(2026, 11, 23, 7, tzinfo=UTC),
    )


def reader(number: int) -> Delivery:
    return Delivery(
        edition_id=1,
        subscriber_id=number,
        edition="daily/2026-11-23",
        uid=f"{number:016x}",
        address=f"reader{number}@example.net",
        variant="default",
        attempts=0,
        in_doubt=0,
        fence=1,
    )


def with_the_standard_library(rendered: Rendered, number: int) -> bytes:
    token = links.sign(KEYS, links.Purpose.UNSUBSCRIBE, "daily", f"{number:016x}")
    message = EmailMessage(policy=SMTP)
    message["From"] = head().sender
    message["To"] = f"reader{number}@example.net"
    message["Subject"] = rendered.subject
    message["List-Unsubscribe"] = f"<{links.unsubscribe_url(BASE, 'daily', token)}>"
    message.set_content(rendered.text.replace(Token.UNSUBSCRIBE, token), cte="quoted-printable")
    message.add_alternative(rendered.html.replace(Token.UNSUBSCRIBE, token), subtype="html", cte="quoted-printable")
    return message.as_bytes()


def cost(work: Callable[[int], object], times: int) -> float:
    """Microseconds of processor time of one call: the median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for number in range(times):
            work(number)
        rounds.append((time.process_time() - begun) / times * 1e6)
    return median(rounds)


def signers() -> dict[str, Signer]:
    keys = {
        "RSA-2048": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    pems = {n: k.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for n, k in keys.items()}
    single = {name: Signer("news.example.org", [("s", pem)]) for name, pem in pems.items()}
    return single | {"both": Signer("news.example.org", list(pems.items()))}


def main() -> None:
    print(f"{'message':>9}  {'step':<22} {'µs':>8}  {'of EmailMessage':>16}")
    for size in SIZES:
        rendered = edition(size)
        raw = build(rendered, head())
        skeleton = Skeleton(raw)
        message = skeleton.stamp(reader(1), newsletter="daily", keys=KEYS)
        rows = {
            "EmailMessage": cost(lambda n, r=rendered: with_the_standard_library(r, n), 20),
            "stamp": cost(lambda n, s=skeleton: s.stamp(reader(n), newsletter="daily", keys=KEYS), 2000),
        }
        for name, signer in signers().items():
            rows[f"sign {name}"] = cost(lambda _, s=signer, m=message: s.sign(m), 200)
        rows["build, once an edition"] = cost(lambda _, r=rendered: build(r, head()), 5)
        for step, figure in rows.items():
            print(f"{len(message):>9}  {step:<22} {figure:>8.1f}  {figure / rows['EmailMessage']:>15.1%}")


if __name__ == "__main__":
    main()
