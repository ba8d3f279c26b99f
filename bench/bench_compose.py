"""What a copy costs: stamping and signing, beside the same message built with the standard library.

Ratios are what to compare: the machine's pace cancels out.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sendbench import mail

from digest.outbox.dkim import Signer
from digest.outbox.skeleton import Skeleton

SIZES = (18_000, 64_000)  # bytes of a message: a short edition, a long one
ROUNDS = 7


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
        rendered, raw = mail.rendered(size), mail.skeleton(size)
        length = len(copy(Skeleton(raw), 1))
        rows = {
            "EmailMessage": cost(lambda n, r=rendered: mail.standard(r, n).as_bytes(), 20),
            "stamp": cost(partial(copy, Skeleton(raw)), 2000),
        }
        for name, signer in signers().items():
            rows[f"stamp, sign {name}"] = cost(partial(copy, Skeleton(raw, signer=signer)), 200)
        rows["build, once an edition"] = cost(lambda _, s=size: mail.skeleton(s), 5)
        for step, figure in rows.items():
            print(f"{length:>9}  {step:<22} {figure:>8.1f}  {figure / rows['EmailMessage']:>15.1%}")


def copy(skeleton: Skeleton, number: int) -> bytes:
    return skeleton.stamp(mail.delivery(number), newsletter="daily", keys=mail.KEYS)


if __name__ == "__main__":
    main()
