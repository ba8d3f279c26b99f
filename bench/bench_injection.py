"""Can outside text add a header to a mail, or break its lines?

    python bench/bench_injection.py                     all: some minutes
    python bench/bench_injection.py --values 20000      fewer generated ones

First the 19 vectors that have split a header somewhere, in each field that carries outside text, one at a time: through
the templates, into a message, out of a skeleton as a copy.  Then generated values, of the characters and pieces that
such vectors are made of, in every header field at once.  A message counts as broken when its header fields are not
exactly those that every copy has, each once, or when it has a bare CR or LF, a byte beyond ASCII, or a line of more
than 998 characters.  A mailbox that is none is refused with an error, which is no fault.  Ends with 1 if any is broken.
"""

import argparse
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from email.parser import BytesHeaderParser

from digest import config, links
from digest.model import Edition, Image, Item, Markets, Quote, Rendered, Section, Sponsor
from digest.outbox.headers import AddressError
from digest.outbox.skeleton import LIST_FIELDS, Head, Skeleton, build
from digest.render.environment import environment
from digest.render.render import render

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
KEYS = ("k" * 40,)
EVIL = "Bcc: evil@example.com"
BREAKS = ("\r\n", "\r", "\n", "\x0b", "\x0c", "\x1c\x1d\x1e", "\x85", "\u2028", "\u2029", "\x00", "\r\n ")
VECTORS = (
    *(f"a{one}{EVIL}" for one in BREAKS),
    *("a\n\nbody", "a\r\n\r\nbody", "Hi\r\n", f"\ud800\r\n{EVIL}", f'"\r\n{EVIL}'),
    *("=?utf-8?q?=0ABcc:?= evil@example.com", "=?utf-8?q?=0D=0ABcc=3A_evil=40example.com?="),
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
)
PIECES = (
    *BREAKS, "=?utf-8?q?", "?=", "=0A", "=0D=0A", "=?utf-8?b?DQo=?=", EVIL, "Subject:", ": ", "<", ">", '"', "\\", ",",
    ";", "@", "(", ")", " ", "\t", ".", "\r\n.\r\n", "--", "é", "漢", "\u202e", "\ufeff", "\ud83d", "😀", "x" * 80,
    "DIGESTx", "DIGESTxTOKENxUNSUBSCRIBExxxxxxxx", "\u0085", "\x7f", "\x1b[2J",
)  # fmt: skip
SITE = config.Site()
NEWSLETTER = config.Newsletter()


def edition() -> Edition:
    image = Image(url="https://example.org/a.jpg", alt="Alt", credit="Ann", width=640, height=480)
    item = Item(
        story="s1", headline="Rates held", url="https://example.org/1", blurb="It was so.", source="Wire",
        section="Economy", language="en", published=NOW, image=image,
    )  # fmt: skip
    return Edition(
        newsletter="daily", day=date(2026, 11, 23), title="The Daily", language="en", subject="Rates", preheader="More",
        lead=item, sections=(Section(name="World", items=(replace(item, story="s2", section="World"),)),), note="Note",
        markets=Markets(as_of=NOW, quotes=(Quote(name="DAX", last="1", change=1.0),)),
        sponsor=Sponsor(name="Shop", text="Buy", url="https://shop.example/"), built_at=NOW,
    )  # fmt: skip


def spoilt(whole: Edition, value: str) -> Iterator[tuple[str, Edition]]:
    """The edition with the value in one of its texts, by the name of the field."""
    for name in _texts(whole):
        if name not in {"newsletter", "language", "cadence"}:
            yield name, replace(whole, **{name: value})
    lead = whole.lead
    assert lead
    assert lead.image
    for name in _texts(lead):
        yield f"lead.{name}", replace(whole, lead=replace(lead, **{name: value}))
    for name in _texts(lead.image):
        yield f"image.{name}", replace(whole, lead=replace(lead, image=replace(lead.image, **{name: value})))
    yield "section.name", replace(whole, sections=(replace(whole.sections[0], name=value),))
    assert whole.markets
    for name in ("name", "last"):
        quote = replace(whole.markets.quotes[0], **{name: value})
        yield f"quote.{name}", replace(whole, markets=replace(whole.markets, quotes=(quote,)))
    assert whole.sponsor
    for name in _texts(whole.sponsor):
        yield f"sponsor.{name}", replace(whole, sponsor=replace(whole.sponsor, **{name: value}))


def _texts(value: object) -> list[str]:
    return [one.name for one in fields(value) if isinstance(getattr(value, one.name), str)]  # type: ignore[arg-type]


def head(*, title: str = "The Daily", name: str = "The Times") -> Head:
    return Head(
        edition="daily/2026-11-23", edition_id=1, newsletter="daily", title=title,
        sender=f"{name} <daily@news.example.org>", reply_to=f"{name} <reply@news.example.org>",
        contact="editor@example.org", base_url="https://news.example.org", domain="news.example.org", date=NOW,
    )  # fmt: skip


def is_broken(message: bytes) -> str:
    """What is wrong with a finished copy, "" for nothing."""
    names = BytesHeaderParser().parsebytes(message).keys()
    if names != list(LIST_FIELDS):
        return f"the header has {names}"
    if re.search(rb"(?<!\r)\n|\r(?!\n)|[\x80-\xff\x00]", message):
        return "a bare CR or LF, a NUL, or a byte beyond ASCII"
    return "a line over 998" if max(map(len, message.split(b"\r\n"))) > 998 else ""


def fault_of(rendered: Rendered, of: Head) -> str:
    try:
        message = Skeleton(build(rendered, of)).sample(newsletter="daily", keys=KEYS)
    except AddressError:
        return ""
    return is_broken(message)


def vectors() -> tuple[int, list[str]]:
    templates, whole = environment(), edition()
    tried, broken = 0, []
    for vector in VECTORS:
        for name, one in spoilt(whole, vector):
            rendered = render(one, site=SITE, newsletter=NEWSLETTER, environment=templates)
            tried += 1
            if fault := fault_of(rendered, head()):
                broken.append(f"{vector!r} in {name}: {fault}")
        rendered = render(whole, site=SITE, newsletter=NEWSLETTER, environment=templates)
        for name in ("title", "name"):
            tried += 1
            if fault := fault_of(rendered, head(**{name: vector})):
                broken.append(f"{vector!r} as the {name} of the newsletter: {fault}")
    return tried, broken


def generated(count: int) -> tuple[int, list[str]]:
    rng = random.Random(11)
    leave = links.unsubscribe_url("https://news.example.org", "daily", links.Token.UNSUBSCRIBE)
    plain = Rendered(variant="default", subject="", preheader="", html=leave, text=leave, web="")
    broken = []
    for number in range(count):
        value = "".join(rng.choices(PIECES, k=rng.randint(1, 12)))
        if fault := fault_of(replace(plain, subject=value), head(title=value, name=f'"{_quoted(value)}"')):
            broken.append(f"{value!r}: {fault}")
        if sys.stderr.isatty() and number % 5_000 == 0:
            print(f"\r{number:,} of {count:,}", end="", file=sys.stderr)
    return count, broken


def _quoted(value: str) -> str:
    """As a display name, which comes from the configuration: there a marker is refused, and stops nobody's edition."""
    return value.replace("DIGESTx", "").replace("\\", "\\\\").replace('"', '\\"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--values", type=int, default=200_000, help="generated ones (200,000)")
    count = parser.parse_args().values
    found = []
    for title, (tried, broken) in (("vectors in fields", vectors()), ("generated values", generated(count))):
        print(f"{title}: {tried:,} tried, {len(broken)} broken", flush=True)
        found += broken
    for one in found[:20]:
        print(f"  {one}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
