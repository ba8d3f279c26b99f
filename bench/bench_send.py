"""How fast we send, recorded and crash-safe, beside other senders: the same 64 KB message, the same server, one run.

    make bench-send                                   all of it, under ten minutes, with the chart of docs/
    python bench/bench_send.py --sink cheap --rounds 3 --only ours
    python bench/bench_send.py --delay 20             every answer 20 ms later, as from a server far away
    python bench/bench_send.py --slow                 one of 8 connections takes a byte a second
    python bench/bench_send.py --millions             1,000,000 readers, from the freeze to the last answer
    python bench/bench_send.py --millions --postgresql
    python bench/bench_send.py --charts docs/images

Servers: `cheap` is bench/sendbench/sink.c (needs cc), `postfix` is smtp-sink.  smtp-sink and smtp-source come with
Debian's postfix package; --postfix names their folder where they are not in the path.  nodemailer, Django and Mailman
are fetched from their registries into bench/.peers.  What is not to be had is named and left out.
Senders take turns in each round.  Ratios are of the same round, and their median counts: the machine's pace cancels
out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from bench_readers import postgresql
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sendbench import bars, charts, disk, fetch, mail, peers, servers

HERE = Path(__file__).parent
POSTGRESQL = "--postgresql"


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
    own = [word for word in words if word != POSTGRESQL]
    with tempfile.TemporaryDirectory() as folder:
        server = postgresql(Path(folder)) if POSTGRESQL in words else nullcontext()
        with server as url:
            place = ["--database", url] if url else []
            told = _python("sendbench.ours", "--port", str(port), "--readers", str(count), *own, *place)
    found: Mapping[str, float] = json.loads(told)
    if "--until" not in words and found["states"] != {"sent": count}:
        raise SystemExit(f"not all were sent: {found}")
    return found


def _python(module: str, *words: str, also: Path | None = None) -> str:
    path = [HERE, HERE.parent / "src", *([also] if also else []), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
    )
    return done.stdout


def peer(name: str, count: int, *, also: Path | None = None) -> Sender:
    def run(port: int, count: int) -> float:
        return float(_python("sendbench.peers", name, "--port", str(port), "--count", str(count), also=also))

    return Sender(name=name, count=count, run=run)


def source(count: int) -> Sender:
    """Postfix's own sender: no record, no building, one fixed content."""

    def run(port: int, count: int) -> float:
        program = servers.tool(bars.SOURCE)
        assert program is not None
        size = len(mail.skeleton())
        begun = os.times().elapsed
        words = [program, "-s", "10", "-l", str(size), "-m", str(count), f"127.0.0.1:{port}"]
        subprocess.run(words, check=True, env=servers.libraries(program))
        return os.times().elapsed - begun

    return Sender(name=bars.SOURCE, count=count, run=run)


def told(folder: Path) -> Path:
    """The message, for senders that are not Python, or not ours."""
    rendered = mail.rendered()
    words = {"sender": mail.head().sender, "subject": rendered.subject, "html": rendered.html, "text": rendered.text}
    (folder / "message.json").write_text(json.dumps(words))
    return folder / "message.json"


def mailman(count: int, folder: Path, packages: Path) -> Sender:
    def run(port: int, count: int) -> float:
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            words = [
                sys.executable,
                HERE / "sendbench" / "mailman_deliver.py",
                str(port),
                str(count),
                told(folder),
                fresh,
            ]
            env = fetch.environment("PYTHONPATH", packages)
            return float(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, env=env).stdout)

    return Sender(name="Mailman deliver, personal", count=count, run=run)


def node(count: int, folder: Path, packages: Path, *, signed: bool) -> Sender:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def run(port: int, count: int) -> float:
        words = ["node", HERE / "sendbench" / "nodemailer.js", str(port), str(count), "10", told(folder)]
        more = [folder / "key.pem"] if signed else []
        env = fetch.environment("NODE_PATH", packages)
        return float(subprocess.run([*words, *more], stdout=subprocess.PIPE, text=True, check=True, env=env).stdout)

    return Sender(name=bars.NODE_RSA if signed else bars.NODE, count=count, run=run)


def senders(folder: Path, *, scale: float, delayed: bool, window: int) -> list[Sender]:
    def n(count: int) -> int:
        return max(200, int(count * scale))

    width = ("--window", str(window))
    found = [source(n(10_000))] if servers.tool(bars.SOURCE) else []
    if delayed:
        return [
            peer(bars.AIOSMTPLIB, n(1_000)),
            peer(bars.READY, n(1_000)),
            ours("in groups, window 1", n(2_000), "--window", "1"),
            ours(f"content with the next group, window {window}", n(4_000), *width),
            ours(f"window {window}, BDAT", n(10_000), *width, "--bdat"),
        ]
    found += [
        ours(f"window {window}", n(20_000), *width),
        ours("window 1", n(10_000), "--window", "1"),
        ours(bars.FLUSHED, n(10_000), "--window", "1", connections=50),
        ours(f"{bars.FLUSHED}, PostgreSQL", n(10_000), "--window", "1", POSTGRESQL, connections=50),
        ours(f"window {window}, BDAT", n(20_000), *width, "--bdat"),
        ours(f"window {window}, Ed25519", n(10_000), *width, "--dkim", "ed25519"),
        ours(f"window {window}, RSA-2048", n(6_000), *width, "--dkim", "rsa"),
    ]
    return found + others(folder, n)


def others(folder: Path, n: Callable[[int], int]) -> list[Sender]:
    found = [peer(name, n(600)) for name in peers.WAYS if "Django" not in name]
    packages = None if find_spec("django") else fetch.python("django")
    if packages or find_spec("django"):
        found.append(peer("Django send_messages", n(600), also=packages))
    if packages := fetch.node("nodemailer"):
        found += [node(n(1_000), folder, packages, signed=signed) for signed in (False, True)]
    if packages := fetch.python("mailman"):
        found.append(mailman(100, folder, packages))  # making its members takes longer than sending to them
    return found


def measure(kind: str, found: Sequence[Sender], *, rounds: int, delay: float) -> dict[str, list[float]]:
    """Messages a second of each sender, round by round.  Who fails once is named and left out."""
    rates: dict[str, list[float]] = {one.name: [] for one in found}
    for _ in range(rounds):
        for one in [one for one in found if one.name in rates]:
            with servers.cheap(delay) if kind == "cheap" else servers.postfix() as (port, taken):
                try:
                    seconds = one.run(port, one.count)
                except subprocess.CalledProcessError as error:
                    print(f"left out: {one.name}: ended with {error.returncode}", file=sys.stderr, flush=True)
                    del rates[one.name]
                    continue
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


def millions(window: int, *words: str, readers: int) -> None:
    """From the freeze to the last answer, and what a message costs as there are more of them."""
    print(f"{'readers':>10}{'freeze s':>10}{'first s':>9}{'send s':>9}{'msg/s':>9}{'µs of CPU':>11}{'MB':>7}")
    for count in (10_000, 100_000, readers):
        with servers.cheap() as (port, taken):
            told = _ours(port, count, "--window", str(window), "--connections", "10", *words)
        if taken != [count]:
            raise SystemExit(f"{taken[0]} of {count} messages arrived")
        rate = count / told["seconds"]
        line = f"{count:>10,}{told['freeze']:>10.2f}{told['first']:>9.2f}{told['seconds']:>9.1f}{rate:>9,.0f}"
        print(f"{line}{told['cpu'] / count * 1e6:>11.1f}{told['megabytes']:>7.0f}", flush=True)


def slow(window: int, *, rounds: int, readers: int) -> None:
    """With and without a connection that takes a byte a second, in turn: what it costs the other seven."""
    words, spared = ("--connections", "8"), 8 * window  # what the slow one may hold is not waited for
    print(f"\none of 8 connections takes a byte a second{'':<10}{'alone':>12}{'beside it':>12}{'ratio':>8}")
    for name, more in (("window 1", ["--window", "1"]), (f"window {window}", ["--window", str(window)])):
        pairs = []
        for _ in range(rounds):
            rates = []
            for crawls in (False, True):
                with servers.cheap(slow=crawls) as (port, _):
                    found = _ours(port, readers, *words, *more, "--until", str(readers - spared))
                rates.append((readers - spared) / found["until"])
            pairs.append(rates)
        alone, beside, ratio = (median(value) for value in zip(*((a, b, b / a) for a, b in pairs), strict=True))
        print(f"ours: {name:<46}{alone:>12,.0f}{beside:>12,.0f}{ratio:>8.2f}")
        print(bars.line(f"ours: {name}, beside a slow connection", "alone", 0.8, [b / a for a, b in pairs]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="both servers, the delay of 20 ms and the slow connection")
    parser.add_argument("--sink", choices=("cheap", "postfix"), action="append", help="which server; both without it")
    parser.add_argument("--postfix", type=Path, metavar="DIR", help="where smtp-sink and smtp-source are")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="so many times the usual number of messages")
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--delay", type=float, default=0.0, metavar="MS", help="of each answer; only the cheap sink")
    parser.add_argument("--slow", action="store_true", help="one of 8 connections takes a byte a second")
    parser.add_argument("--only", metavar="WORD", help="senders whose name has it, and the first")
    parser.add_argument("--millions", type=int, nargs="?", const=1_000_000, metavar="READERS")
    parser.add_argument(POSTGRESQL, action="store_true", help="instead of SQLite, for --millions")
    parser.add_argument("--charts", type=Path, metavar="DIR")
    options = parser.parse_args()
    if options.postfix:
        servers.PLACES.insert(0, str(options.postfix))
    if options.millions:
        millions(options.window, *([POSTGRESQL] if options.postgresql else []), readers=options.millions)
    elif not options.slow:
        compare(options)
    if options.slow or options.all:
        slow(options.window, rounds=options.rounds, readers=int(20_000 * options.scale))


def compare(options: argparse.Namespace) -> None:
    """Everybody on each server; and the chart."""
    kinds = [(kind, options.delay) for kind in options.sink or ["cheap", "postfix"]]
    if options.delay:
        kinds = [("cheap", options.delay)]
    elif options.all:
        kinds.append(("cheap", 20.0))
    if any(kind == "postfix" for kind, _ in kinds) and not servers.tool("smtp-sink"):
        print("left out: smtp-sink and smtp-source: not in the path (Debian: postfix), nor given by --postfix")
        kinds = [(kind, delay) for kind, delay in kinds if kind != "postfix"]
    tables = {}
    for kind, delay in kinds:
        title = (
            f"{'our cheap sink' if kind == 'cheap' else 'smtp-sink'}{f', answers {delay:.0f} ms late' if delay else ''}"
        )
        with tempfile.TemporaryDirectory() as folder:
            found = senders(Path(folder), scale=options.scale, delayed=bool(delay), window=options.window)
            if options.only:
                found = [one for place, one in enumerate(found) if not place or options.only in one.name]
            tables[title] = measure(kind, found, rounds=options.rounds, delay=delay)
        table(title, tables[title])
        for told in bars.lines(kind, tables[title], delayed=bool(delay), window=options.window):
            print(told, flush=True)
        if rates := tables[title].get(name := f"ours: {bars.FLUSHED}"):
            print(disk.line(name, rates, disk.flushes(), connections=50))
    if options.charts:
        charts.write(options.charts / "sending.svg", tables)


if __name__ == "__main__":
    main()
