"""How fast we send, recorded and crash-safe, beside other senders: the same 64 KB message, the same server, one run.

    make bench-send                                   all of it, some minutes
    python bench/bench_send.py --sink cheap --rounds 3 --only ours
    python bench/bench_send.py --delay 20             every answer 20 ms later, as from a server far away
    python bench/bench_send.py --millions             1,000,000 readers, from the freeze to the last answer
    python bench/bench_send.py --charts docs/images

Servers: `cheap` is bench/sendbench/sink.c (needs cc), `postfix` is smtp-sink.  Senders that are not installed are named
and passed over: smtp-source (Debian's postfix package), nodemailer (node; NODE_PATH has to lead to it), Django.
Ratios are of the same round, and their median counts; the machine's pace cancels out.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sendbench import charts, mail, peers, servers

HERE = Path(__file__).parent
SOURCE = "smtp-source"


@dataclass(frozen=True, kw_only=True)
class Sender:
    name: str
    count: int  #: messages a round
    run: Callable[[int, int], float]  #: port and count → seconds


def ours(name: str, count: int, *words: str, connections: int = 10) -> Sender:
    def run(port: int, count: int) -> float:
        return float(_ours(port, count, "--connections", str(connections), *words)["seconds"])

    return Sender(name=f"ours: {name}", count=count, run=run)


def _ours(port: int, count: int, *words: str) -> Mapping[str, float]:
    told = _python("sendbench.ours", "--port", str(port), "--readers", str(count), *words)
    found: Mapping[str, float] = json.loads(told)
    if found["states"] != {"sent": count}:
        raise SystemExit(f"not all were sent: {found}")
    return found


def _python(module: str, *words: str) -> str:
    path = os.pathsep.join([str(HERE), str(HERE.parent / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return done.stdout


def peer(name: str, count: int) -> Sender:
    return Sender(
        name=name,
        count=count,
        run=lambda port, n: float(_python("sendbench.peers", name, "--port", str(port), "--count", str(n))),
    )


def source(count: int) -> Sender:
    """Postfix's own sender: no record, no building, one fixed content."""

    def run(port: int, count: int) -> float:
        program = servers.tool(SOURCE)
        assert program is not None
        size = len(mail.skeleton())
        begun = os.times().elapsed
        subprocess.run([program, "-s", "10", "-l", str(size), "-m", str(count), f"127.0.0.1:{port}"], check=True)
        return os.times().elapsed - begun

    return Sender(name=SOURCE, count=count, run=run)


def node(count: int, folder: Path, *, signed: bool) -> Sender:
    rendered = mail.rendered()
    told = {"sender": mail.head().sender, "subject": rendered.subject, "html": rendered.html, "text": rendered.text}
    (folder / "message.json").write_text(json.dumps(told))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def run(port: int, count: int) -> float:
        words = ["node", HERE / "sendbench" / "nodemailer.js", str(port), str(count), "10", folder / "message.json"]
        more = [folder / "key.pem"] if signed else []
        done = subprocess.run([*words, *more], stdout=subprocess.PIPE, text=True, check=True)
        return float(done.stdout)

    return Sender(name=f"nodemailer, pool{', RSA-2048' if signed else ''}", count=count, run=run)


def senders(folder: Path, *, scale: float, delayed: bool, window: int) -> list[Sender]:
    def n(count: int) -> int:
        return max(200, int(count * scale))

    width = ("--window", str(window))
    found = [source(n(10_000))] if servers.tool(SOURCE) else []
    if delayed:
        found += [
            ours("in groups, window 1", n(2_000), "--window", "1"),
            ours(f"content with the next group, window {window}", n(4_000), *width),
            ours(f"BDAT, window {window}", n(10_000), *width, "--bdat"),
            peer("aiosmtplib.sendmail, ready bytes", n(1_000)),
        ]
    else:
        found += [
            ours(f"window {window}", n(20_000), *width),
            ours("window 1", n(10_000), "--window", "1"),
            ours("window 1, 50 connections", n(10_000), "--window", "1", connections=50),
            ours(f"window {window}, BDAT", n(20_000), *width, "--bdat"),
            ours(f"window {window}, Ed25519", n(10_000), *width, "--dkim", "ed25519"),
            ours(f"window {window}, RSA-2048", n(6_000), *width, "--dkim", "rsa"),
        ]
        found += [peer(name, n(600)) for name in peers.WAYS if "Django" not in name or find_spec("django")]
    if not delayed and has_nodemailer():
        found += [node(n(1_000), folder, signed=False), node(n(600), folder, signed=True)]
    return found


def has_nodemailer() -> bool:
    return (
        bool(shutil.which("node"))
        and subprocess.run(["node", "-e", "require('nodemailer')"], stderr=subprocess.DEVNULL, check=False).returncode
        == 0
    )


def measure(kind: str, found: Sequence[Sender], *, rounds: int, delay: float) -> dict[str, list[float]]:
    """Messages a second of each sender, round by round."""
    rates: dict[str, list[float]] = {one.name: [] for one in found}
    for _ in range(rounds):
        for one in found:
            with servers.cheap(delay) if kind == "cheap" else servers.postfix() as (port, taken):
                seconds = one.run(port, one.count)
            if taken and taken != [one.count]:
                raise SystemExit(f"{one.name}: {taken[0]} of {one.count} messages arrived")
            rates[one.name].append(one.count / seconds)
    return rates


def table(title: str, rates: Mapping[str, Sequence[float]]) -> None:
    """Medians, and the median of the ratios of each round to the first sender and to each peer."""
    names = list(rates)
    print(f"\n{title}\n{'sender':<52}{'messages/s':>12}{'(min to max)':>20}{'x ' + names[0]:>24}")
    for name, values in rates.items():
        ratio = median(a / b for a, b in zip(values, rates[names[0]], strict=True))
        print(f"{name:<52}{median(values):>12,.0f}{f'({min(values):,.0f} to {max(values):,.0f})':>20}{ratio:>24.2f}")


def millions(window: int, *, readers: int) -> None:
    """From the freeze to the last answer, and what a message costs as there are more of them."""
    print(f"{'readers':>10}{'freeze s':>10}{'first s':>9}{'send s':>9}{'msg/s':>9}{'µs of CPU':>11}{'MB':>7}")
    for count in (10_000, 100_000, readers):
        with servers.cheap() as (port, taken):
            told = _ours(port, count, "--window", str(window), "--connections", "10")
        if taken != [count]:
            raise SystemExit(f"{taken[0]} of {count} messages arrived")
        rate = count / told["seconds"]
        line = f"{count:>10,}{told['freeze']:>10.2f}{told['first']:>9.2f}{told['seconds']:>9.1f}{rate:>9,.0f}"
        print(f"{line}{told['cpu'] / count * 1e6:>11.1f}{told['megabytes']:>7.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sink", choices=("cheap", "postfix"), action="append", help="which server; both without it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="so many times the usual number of messages")
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--delay", type=float, default=0.0, metavar="MS", help="of each answer; only the cheap sink")
    parser.add_argument("--only", metavar="WORD", help="senders whose name has it, and the first")
    parser.add_argument("--millions", type=int, nargs="?", const=1_000_000, metavar="READERS")
    parser.add_argument("--charts", type=Path, metavar="DIR")
    options = parser.parse_args()
    if options.millions:
        millions(options.window, readers=options.millions)
        return
    kinds = options.sink or (["cheap", "postfix"] if servers.tool("smtp-sink") and not options.delay else ["cheap"])
    with tempfile.TemporaryDirectory() as folder:
        found = senders(Path(folder), scale=options.scale, delayed=bool(options.delay), window=options.window)
        if options.only:
            found = [one for place, one in enumerate(found) if not place or options.only in one.name]
        told = {}
        for kind in kinds:
            delay = f", answers {options.delay:.0f} ms late" if options.delay else ""
            title = f"{'our cheap sink' if kind == 'cheap' else 'smtp-sink'}{delay}"
            told[title] = measure(kind, found, rounds=options.rounds, delay=options.delay)
            table(title, told[title])
    if options.charts:
        charts.write(options.charts / "sending.svg", told)


if __name__ == "__main__":
    main()
