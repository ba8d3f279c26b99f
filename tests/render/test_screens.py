"""What the mail looks like: each golden edition against the picture of it that somebody has looked at.

`make screens` makes the pictures anew: look at them before you commit them.  Compared are means of small squares, so
that the last bit of a font's edge is no difference, and a line that breaks elsewhere is one.
"""

import os
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest
from PIL import Image, ImageChops, ImageStat

from browser import Browser
from digest.pipeline.printing import render_edition
from goldens import goldens, settings

PICTURES = Path(__file__).parent / "screens"
REFRESH = os.environ.get("DIGEST_REFRESH_SCREENS") == "1"
SQUARE = 8  #: pixels
DIFFERENT = 24  #: of 255: so much darker or lighter is another square
TOLERANCE = 0.02  #: share of squares that may be different
TALL = 9_000  #: pixels: a mail is shorter
FONTS = {
    r"Georgia, ?['\"]?Times New Roman['\"]?, ?serif": "Liberation Serif, DejaVu Sans",
    r"Arial, ?Helvetica, ?sans-serif": "Liberation Sans, DejaVu Sans",
}
#: A landscape that needs no server.
PHOTO = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 9' width='1200' height='675'%3E"
    "%3Crect width='16' height='9' fill='%23a9bccb'/%3E"
    "%3Cpath d='M0 6l4-3 3 2 4-4 5 5v3H0z' fill='%23576b57'/%3E%3C/svg%3E"
)
DARK = "--blink-settings=preferredColorScheme=0"
#: Of every edition as most see it, and of one in the other ways.
VIEWS = {name: (name, 640, True, ()) for name in goldens()} | {
    "twelve stories, dark": ("twelve stories", 640, True, (DARK,)),
    "twelve stories, phone": ("twelve stories", 320, True, ()),
    "twelve stories, images off": ("twelve stories", 640, False, ()),
    "arabic, phone": ("arabic", 320, True, ()),
    "market table, dark": ("market table", 640, True, (DARK,)),
}


@pytest.fixture(scope="module", autouse=True)
def _fonts(browser):
    if not (lister := which("fc-list")):
        pytest.skip("without fc-list nobody knows this machine's fonts")
    listed = subprocess.run([lister, ":", "family"], capture_output=True, text=True, check=True).stdout
    if missing := [name for name in ("Liberation Serif", "Liberation Sans", "DejaVu Sans") if name not in listed]:
        pytest.skip(f"the pictures were taken with {', '.join(missing)}, which this machine lacks")


@pytest.mark.parametrize("view", VIEWS)
def test_a_golden_edition_looks_as_it_did(browser, tmp_path, view):
    name, width, images, words = VIEWS[view]
    taken = _taken(browser, _html(name, images=images), tmp_path, width, words)
    path = PICTURES / f"{re.sub('[^a-z0-9]+', '-', view)}.png"
    if REFRESH:
        PICTURES.mkdir(exist_ok=True)
        taken.quantize(64).save(path, optimize=True)
    kept = Image.open(path).convert("RGB")
    assert taken.width == kept.width
    assert abs(taken.height - kept.height) <= 0.02 * kept.height, "it is longer or shorter"
    assert _difference(taken, kept) <= TOLERANCE, f"looks different: compare {path.name}"


@pytest.mark.parametrize(
    ("old", "new"),
    [("padding:20px 0", "padding:26px 0"), ("background-color:#fff", "background-color:#d0d0d0"), ("bold", "normal")],
)
def test_another_look_is_a_difference(browser, tmp_path, old, new):
    """The tolerance lets no change of layout, colour or letters through."""
    html = _html("market table", images=True)
    assert old in html
    before, after = (_taken(browser, one, tmp_path, 640, ()) for one in (html, html.replace(old, new)))
    assert _difference(before, after) > TOLERANCE


def _html(name: str, *, images: bool) -> str:
    html = render_edition(settings(), goldens()[name]).html
    for asked, used in FONTS.items():
        html = re.sub(asked, used, html)
    assert "Georgia" not in re.sub("<!--.*?-->", "", html)
    return re.sub(r'(<img [^>]*src=")[^"]+', rf"\g<1>{PHOTO if images else 'https://nowhere.invalid/a.jpg'}", html)


def _taken(browser: Browser, html: str, folder: Path, width: int, words: tuple[str, ...]) -> Image.Image:
    page, shot = folder / "mail.html", folder / "shot.png"
    page.write_text(html, encoding="utf-8")
    browser.screenshot(page.as_uri(), shot, width=width, height=TALL, more=words)
    return _without_margin(Image.open(shot).convert("RGB"))


def _without_margin(picture: Image.Image) -> Image.Image:
    """Without what is below the mail."""
    ground = Image.new("RGB", picture.size, picture.getpixel((1, picture.height - 1)))
    box = ImageChops.difference(picture, ground).getbbox()
    assert box
    return picture.crop((0, 0, picture.width, box[3]))


def _difference(one: Image.Image, other: Image.Image) -> float:
    """The share of squares that are not of the same grey."""
    size = (one.width // SQUARE, min(one.height, other.height) // SQUARE)
    box = (0, 0, size[0] * SQUARE, size[1] * SQUARE)
    small = [picture.convert("L").crop(box).resize(size, Image.Resampling.BOX) for picture in (one, other)]
    far = ImageChops.difference(*small).point(lambda value: 255 if value > DIFFERENT else 0)
    return ImageStat.Stat(far).mean[0] / 255
