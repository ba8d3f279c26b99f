"""Editions of every shape that the mail has to hold: what is looked at, and checked by other programs.

python tests/goldens.py DIR      writes each as it is sent and signed (.eml), as HTML, and as a web page;
                                 what DNS would have to say of the signatures is in zone.json
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from build import KEY, NOW, edition, item
from digest import config
from digest.links import Token
from digest.model import Edition, Image, Item, Markets, Quote, Section, Sponsor
from digest.outbox.dkim import dns_record
from digest.outbox.skeleton import SAMPLE_UID
from digest.pipeline.printing import render_edition, sample_message

SECTIONS = ("Economy", "Markets", "World", "Companies")
HEADLINES = (
    "Central bank holds its key rate for a third month",
    "Harbour workers end their strike after eleven days",
    "Parliament passes the budget by a single vote",
    "Flood warning for the lower river is lifted",
    "Chip maker doubles its profit and warns of a slow winter",
    "Two neighbours agree on a common grid for wind power",
)
BLURB = "The decision came late on Monday, after six hours of talks. What it will cost is not known before spring."
ARABIC = (
    "البنك المركزي يبقي سعر الفائدة دون تغيير للشهر الثالث",
    "عمال الميناء ينهون إضرابهم بعد أحد عشر يوما",
    "البرلمان يقر الموازنة بفارق صوت واحد",
    "رفع التحذير من الفيضان في المجرى الأدنى للنهر",
)
ARABIC_BLURB = "جاء القرار في ساعة متأخرة من مساء الاثنين بعد ست ساعات من المحادثات. ولن تعرف كلفته قبل الربيع."
GERMAN = "Zentralbank lässt den Leitzins zum dritten Mal in Folge unverändert"
LONG = (
    "A headline that goes on and on, as some desks write them, with a name such as Donaudampfschifffahrtsgesellschaft"
)


def goldens() -> Mapping[str, Edition]:
    full = stories(12)
    return {
        "one story": stories(1),
        "twelve stories": full,
        "thirty-six stories": stories(36),
        "no images": stories(8, images=False),
        "long headlines": _each(
            stories(6), lambda one: replace(one, headline=f"{LONG}, for the {one.rank} time running")
        ),
        "arabic": replace(
            _each(stories(8), _arabic), language="ar", title="الموجز اليومي", subject=ARABIC[0], preheader=ARABIC[1]
        ),
        "mixed languages": _each(stories(6), lambda one: (_arabic, _german, lambda it: it)[one.rank % 3](one)),
        "market table": replace(
            stories(4), markets=MARKETS, note="Good morning.\n\nThe exchange is closed on Thursday."
        ),
        "sponsor": replace(stories(4), sponsor=Sponsor(name="Example Bank", text="No fee until 2028.", url=SHOP)),
    }


SHOP = "https://bank.example.com/open?a=1&b=2"
MARKETS = Markets(
    as_of=NOW - timedelta(minutes=30),
    quotes=(
        Quote(name="Example 100", last="7,412.50", change=0.42),
        Quote(name="Brent crude", last="74.20", change=-1.25),
        Quote(name="Euro / US dollar", last="1.0842", change=-0.004),
    ),
)


def stories(count: int, *, images: bool = True) -> Edition:
    items = [_story(number, images=images) for number in range(1, count + 1)]
    named = {name: tuple(one for one in items[1:] if one.section == name) for name in SECTIONS}
    return edition(
        subject=items[0].headline,
        preheader=HEADLINES[1],
        lead=items[0],
        sections=tuple(Section(name=name, items=found) for name, found in named.items() if found),
    )


def settings() -> config.Settings:
    return config.Settings(site=config.Site(secrets=(KEY,)))


def _story(number: int, *, images: bool) -> Item:
    picture = Image(
        url=f"https://img.example.org/{number}.jpg", alt=f"Scene {number}", credit="Ann Smith", width=1200, height=675
    )
    return item(
        number,
        rank=number,
        headline=HEADLINES[(number - 1) % len(HEADLINES)] + (f", part {number}" if number > len(HEADLINES) else ""),
        blurb=BLURB,
        section=SECTIONS[(number - 1) % len(SECTIONS)],
        sources=1 + number % 3,
        image=picture if images and number % 3 else None,
        update=number == 4,
    )


def _arabic(one: Item) -> Item:
    headline = ARABIC[(one.rank - 1) % len(ARABIC)]
    return replace(one, headline=f"{headline} ({one.rank})", blurb=ARABIC_BLURB, language="ar", section="اقتصاد")


def _german(one: Item) -> Item:
    return replace(one, headline=f"{GERMAN} ({one.rank})", language="de")


def _each(whole: Edition, change) -> Edition:
    return replace(whole, lead=change(whole.lead) if whole.lead else None).changed(change)


def _signing(folder: Path) -> config.Settings:
    """With keys of the moment, which `folder` keeps."""
    domain, made = "example.org", []
    for selector, key in (
        ("r1", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        ("e1", ed25519.Ed25519PrivateKey.generate()),
    ):
        path = folder / f"{selector}.pem"
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        made.append(config.DkimKey(selector=selector, private_key_file=path))
    zone = {f"{one.selector}._domainkey.{domain}": dns_record(one.private_key_file.read_bytes()) for one in made}
    (folder / "zone.json").write_text(json.dumps(zone), encoding="utf-8")
    return settings().model_copy(update={"dkim": config.Dkim(domain=domain, keys=tuple(made))})


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    signing = _signing(folder)
    for name, whole in goldens().items():
        rendered = render_edition(signing, whole)
        stem = folder / name.replace(" ", "-")
        html = rendered.html
        for marker in Token:
            html = html.replace(marker, SAMPLE_UID * 2)
        stem.with_suffix(".html").write_text(html, encoding="utf-8")
        stem.with_suffix(".web.html").write_text(rendered.web, encoding="utf-8")
        stem.with_suffix(".eml").write_bytes(sample_message(signing, whole, rendered, now=datetime.now(UTC)))
        sys.stdout.write(f"{name}: {len(rendered.html.encode()):,} bytes of HTML {', '.join(rendered.left_out)}\n")


if __name__ == "__main__":
    main()
