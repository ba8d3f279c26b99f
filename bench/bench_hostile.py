"""What the worst feed documents cost: seconds and memory of each, in a process of its own.

    python bench/bench_hostile.py                the hostile set made here
    python bench/bench_hostile.py --data DIR     every file below DIR as well, such as the fixtures of feed parsers
    python bench/bench_hostile.py --data DIR --mutations 20    and 20 damaged forms of each

A document may end as articles or as rejections; an exception, a signal or a limit is a crash.  Bars: no crash, 15 s and
150 MB for any single one.  Seconds are of the processor; memory is the peak of the whole process, the interpreter and
libraries included.
"""

import argparse
import gzip
import json
import os
import random
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from digest.intake import feed
from digest.intake.origin import Origin

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
SECONDS, MEGABYTES = 15, 150
HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>'
TAIL = "</channel></rss>"


def item(content: str, number: int = 1) -> str:
    return f"<item><title>Title {number}</title><link>https://example.org/{number}</link><description>{content}</description></item>"


def rss(content: str, before: str = HEAD) -> bytes:
    return (before + item(content) + TAIL).encode()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Names and documents."""
    plain = (HEAD + "".join(item(f"Text <![CDATA[<p>of {n}</p>]]>", n) for n in range(200)) + TAIL).encode()
    for tenth in range(1, 10):
        yield f"truncated at {tenth}0 %", plain[: len(plain) * tenth // 10]
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    yield "billion laughs", rss("&l9;", f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]>' + HEAD.partition("?>")[2])
    yield (
        "quadratic blow-up",
        rss("&a;" * 40_000, f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>' + HEAD.partition("?>")[2]),
    )
    yield (
        "external entity",
        rss("&x;", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD.partition("?>")[2]),
    )
    yield "external DTD", rss("text", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">' + HEAD.partition("?>")[2])
    for tag in ("div", "p", "item", "br"):
        for count in (100_000, 200_000):
            yield f"{count} nested <{tag}>", rss(f"<{tag}>" * count)
    yield "100000 nested and closed", rss("<b>" * 100_000 + "</b>" * 100_000)
    yield "100000 nested <div> in CDATA", rss("<![CDATA[" + "<div>" * 100_000 + "]]>")
    yield "1000000 nested <div>, escaped", rss("&lt;div&gt;" * 800_000)
    yield (
        "5000 items of nested <div>",
        (HEAD + "".join(item("&lt;div&gt;" * 150, n) for n in range(5_000)) + TAIL).encode(),
    )
    yield "10 MB line", rss("word " * 2_000_000)
    yield "9 MB line", rss("word " * 1_800_000)
    yield "60000 items", (HEAD + "".join(item("x", n) for n in range(60_000)) + TAIL).encode()
    yield "20000 items", (HEAD + "".join(item("x" * 300, n) for n in range(20_000)) + TAIL).encode()
    yield (
        "wrong charset",
        b'<?xml version="1.0" encoding="utf-16"?>' + rss("Gr\u00fc\u00dfe", HEAD.partition("?>")[2]),
    )
    yield "unknown charset", rss("text", HEAD.replace('"1.0"', '"1.0" encoding="klingon"', 1))
    yield "latin-1 said to be utf-8", rss("x").replace(b"x", b"\xfc\xe4\xff" * 1_000)
    yield "NUL", rss("a\0b" * 1_000)
    yield "UTF-16 without BOM", rss("text").decode().encode("utf-16-le")
    yield "UTF-16, nested", rss("<div>" * 100_000).decode().encode("utf-16")
    yield '1 MB of <a href="', rss('<a href="' * 111_000)
    yield '1 MB of <a href=", escaped', rss("&lt;a href=&quot;" * 60_000)
    yield "1 MB attribute", rss(f'<a href="{"x" * 2**20}">y</a>')
    yield "1 MB attribute, escaped", rss(f'&lt;a href="{"x" * 2**20}"&gt;y')
    yield "200000 attributes", rss("<a " + " ".join(f'a{n}="b"' for n in range(200_000)) + ">y</a>")
    yield "20000 attributes", rss("<a " + " ".join(f'a{n}="b"' for n in range(20_000)) + ">y</a>")
    yield "500000 attributes without values", rss("<a " + "x " * 500_000 + ">y</a>")
    yield "1900 attributes, 100 times", rss(("<a " + " ".join(f'a{n}="b"' for n in range(1_900)) + ">y</a>") * 100)
    yield "1 MB of <!--", rss("<!--" * 250_000)
    yield "1 MB of <![CDATA[", rss("<![CDATA[" * 110_000)
    yield "1 MB of &", rss("&" * 2**20)
    yield "1 MB of &#", rss("&#" * 500_000)
    yield "1 MB of <", rss("<" * 200_000)
    yield "1 MB of <!", rss("<!" * 200_000)
    yield "1 MB of ]]>", rss("]]>" * 330_000)
    yield (
        "100000 namespaces",
        rss("text", "<rss " + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(10_000)) + "><channel>"),
    )
    yield "deep JSON Feed", b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 200_000
    yield "huge number", b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + b"9" * 2**20 + b"]}"
    many = [{"id": f"https://example.org/{n}", "title": "T", "content_html": "<div>" * 300} for n in range(5_000)]
    yield "large JSON Feed", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": many}).encode()
    noise = random.Random(7).randbytes(2**20)
    yield "gzip of garbage", gzip.compress(noise)
    yield "gzip of a feed", gzip.compress(rss("text"))
    yield "garbage", noise
    yield "an address as body", b"http://127.0.0.1:9/feed"
    yield "a path as body", b"/etc/passwd"
    yield "nothing", b""


def fixtures(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Damaged forms: cut, bytes flipped, parts lost, doubled or swapped, wrong charsets, stray tags and signs."""
    chance = random.Random(seed)
    ways = (
        lambda: data[: chance.randrange(len(data) + 1)],
        lambda: data[chance.randrange(len(data) + 1) :],
        lambda: flipped(data, chance, 1 + len(data) // 200),
        lambda: flipped(data, chance, 3),
        lambda: spliced(data, chance, b""),
        lambda: spliced(data, chance, data[: len(data) // 2]),
        lambda: spliced(data, chance, chance.choice(STRAY)),
        lambda: data.replace(b"utf-8", b"utf-16").replace(b"UTF-8", b"iso-2022-jp"),
        lambda: data.decode("utf-8", "replace").encode(
            chance.choice(("utf-16", "utf-32", "utf-7", "cp500", "koi8-r")), "replace"
        ),
        lambda: data.replace(chance.choice((b">", b"<", b'"', b"/", b"&", b"]]>")), chance.choice(STRAY)),
        lambda: data.replace(b"\n", chance.choice((b"\r", b"\0", b""))),
    )
    for number in range(count):
        yield ways[number % len(ways)]()


STRAY = (
    b"\0",
    b"<",
    b"]]>",
    b"<![CDATA[",
    b"&#0;",
    b"&#x110000;",
    b"<!DOCTYPE x [",
    b"<item>",
    b"\xff\xfe",
    b"<?xml",
    b"-->",
)


def flipped(data: bytes, chance: random.Random, count: int) -> bytes:
    changed = bytearray(data)
    for _ in range(min(count, len(data))):
        changed[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(changed)


def spliced(data: bytes, chance: random.Random, piece: bytes) -> bytes:
    """`piece` in the place of some part."""
    first, second = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:first] + piece + data[second:]


def damaged(folder: Path, count: int) -> Iterator[tuple[str, bytes]]:
    for seed, (name, data) in enumerate(fixtures(folder)):
        yield name, data
        for number, changed in enumerate(mutations(data, count, seed), 1):
            yield f"{name} (damaged, {number})", changed


def measured(data: bytes, *, limited: bool = True) -> tuple[float, float, str]:
    """Seconds of the processor, megabytes, and "" or how it ended."""
    child = os.fork()
    if not child:
        if limited:
            resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
            resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
        try:
            list(feed.parse(data, Origin(path="bench", now=NOW)))
        except BaseException as error:  # noqa: BLE001 - any is a crash here
            print(f"  {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, "" if code == 0 else f"ended with {code}"


def run(title: str, documents: Iterator[tuple[str, bytes]], *, show: int) -> bool:
    found = [(*measured(data), name) for name, data in documents]
    crashed = [(name, how) for _, _, how, name in found if how]
    slowest, largest = max(found), max(found, key=lambda one: one[1])
    print(f"{title}: {len(found):,} documents, {len(crashed)} crashes")
    print(f"  slowest {slowest[0]:6.2f} s   {slowest[3]}    (bar {SECONDS} s)")
    print(f"  largest {largest[1]:6.0f} MB  {largest[3]}    (bar {MEGABYTES} MB)")
    for seconds, megabytes, how, name in sorted(found, reverse=True)[:show]:
        print(f"    {seconds:6.2f} s {megabytes:5.0f} MB  {name} {how}")
    for name, how in crashed:
        print(f"  CRASH {name}: {how}")
    return not crashed and slowest[0] <= SECONDS and largest[1] <= MEGABYTES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder of feed documents")
    parser.add_argument("--mutations", type=int, default=0, metavar="N", help="damaged forms of each of them")
    parser.add_argument("--show", type=int, default=8, help="how many of the slowest to list")
    options = parser.parse_args()
    good = run("Hostile", hostile(), show=options.show)
    if options.data:
        good &= run(f"Below {options.data.name}", damaged(options.data, options.mutations), show=options.show)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
