"""The mail in a real browser: it fits a narrow screen, with style blocks and without, pictures or not."""

import json
import re
from dataclasses import replace
from html import escape, unescape
from pathlib import Path

import pytest

from browser import Browser
from build import item
from digest.render.render import confirmation, render

PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1200' height='675'/%3E"
MEASURE = """
addEventListener('load', () => {
  const widths = [...document.querySelectorAll('iframe')].map((frame) => {
    const root = frame.contentDocument.documentElement;
    return [frame.title, root.clientWidth, root.scrollWidth, frame.contentDocument.querySelectorAll('h1').length];
  });
  document.getElementById('widths').textContent = JSON.stringify(widths);
});
"""


def drawn(browser: Browser, folder: Path, frames: dict[str, tuple[int, str]]) -> dict[str, tuple[int, int]]:
    """(width given, width taken) of each document, drawn in a frame of its own."""
    inner = "".join(
        f'<iframe title="{name}" width="{width}" height="600" style="border:0" srcdoc="{escape(html)}"></iframe>'
        for name, (width, html) in frames.items()
    )
    page = folder / "page.html"
    page.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><script>{MEASURE}</script><pre id="widths"></pre>{inner}',
        encoding="utf-8",
    )
    dom = browser.dom(page.as_uri())
    widths = re.search(r'<pre id="widths">(\[.*?\])</pre>', dom)
    assert widths, dom[-2000:]
    rows = json.loads(unescape(widths[1]))
    assert all(headings == 1 for *_, headings in rows)
    return {name: (given, taken) for name, given, taken, _ in rows}


def bare(html):
    return re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


def wide(html):
    """In the widest fonts that are common, as a screen without Georgia and Arial may have them."""
    body = re.sub(r'Georgia, ("|\')Times New Roman\1, serif', "DejaVu Serif, Verdana", html.partition("<body")[2])
    body = body.replace("Arial, Helvetica, sans-serif", "DejaVu Sans, Verdana")
    assert "DejaVu Serif" in body
    assert not re.search("Georgia|Arial", body)
    return html.partition("<body")[0] + "<body" + body


def blocked(html):
    return re.sub(r'(<img [^>]*src=")[^"]+', r"\g<1>data:,", html)


def shown(html):
    return re.sub(r'(<img [^>]*src=")[^"]+', rf"\g<1>{PICTURE}", html)


def widest(full, site, newsletter, worst):
    """What is hard to hold: wide letters, long words, pictures that show their text, and no style block."""
    url = "https://news.example.org/confirm/daily/" + "a" * 32
    german = newsletter.model_copy(update={"language": "de", "title": "Wirtschaftsnachrichten"})
    lead = item(1, headline="Verbraucherschutzministerkonferenz beschließt", language="de", sources=3)
    mails = {
        "long words": worst,
        "German": render(
            replace(full, language="de", title=german.title, lead=lead), site=site, newsletter=german
        ).html,
        "Arabic": render(replace(full, language="ar"), site=site, newsletter=newsletter).html,
        "confirmation": confirmation(url, site=site, newsletter=german).html,
    }
    ways = {
        "": shown,
        ", no style": lambda html: bare(shown(html)),
        ", no style, blocked": lambda html: bare(blocked(html)),
    }
    return {
        f"{name}, wide letters{way}": (320, wide(make(html)))
        for name, html in mails.items()
        for way, make in ways.items()
    }


@pytest.fixture(scope="module")
def frames(full, site, newsletter, rendered):
    endless = "Donaudampfschifffahrtsgesellschaft" * 3
    lead = item(1, headline=endless, blurb="https://example.org/" + "a" * 300, source=endless)
    worst = render(replace(full, lead=lead), site=site, newsletter=newsletter)
    rtl = render(replace(full, language="ar"), site=site, newsletter=newsletter).html
    asked = confirmation("https://news.example.org/confirm/daily/" + "a" * 32, site=site, newsletter=newsletter).html
    return {
        "mail": (320, rendered.html),
        "mail, pictures": (320, shown(rendered.html)),
        "mail, no style": (320, bare(rendered.html)),
        "mail, no style, pictures": (320, bare(shown(rendered.html))),
        "mail, 600": (600, shown(rendered.html)),
        "right to left": (320, rtl),
        "right to left, no style": (320, bare(rtl)),
        "long words": (320, worst.html),
        "long words, no style": (320, bare(worst.html)),
        "confirmation": (320, asked),
        "confirmation, no style": (320, bare(asked)),
        **widest(full, site, newsletter, worst.html),
        "web": (320, shown(rendered.web)),
        "web, long words": (320, worst.web),
    }


def test_no_mail_is_wider_than_its_screen(browser, tmp_path, frames):
    widths = drawn(browser, tmp_path, frames)
    assert {name: size for name, size in widths.items() if size[1] > size[0]} == {}
    assert set(widths) == set(frames)


def test_the_measure_sees_what_sticks_out(browser, tmp_path):
    wide = "<!DOCTYPE html><h1>a</h1><div style='width:900px'>b</div>"
    given, taken = drawn(browser, tmp_path, {"wide": (320, wide)})["wide"]
    assert taken >= 900 > given
