import io
import random

import pytest
from PIL import Image

from digest.render import photo
from digest.render.photo import SHARPNESS

BOX = (552, 414)


def made(width=1600, height=900, mode="RGB", kind="JPEG", colour=(200, 30, 40), **how):
    out = io.BytesIO()
    Image.new(mode, (width, height), colour).save(out, kind, **how)
    return out.getvalue()


def noise(width, height):
    """What compresses worst."""
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), random.Random(3).randbytes(width * height * 3)).save(out, "PNG")
    return out.getvalue()


def opened(one):
    return Image.open(io.BytesIO(one.data))


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((1600, 900), (1104, 621)), ((900, 1600), (466, 828)), ((300, 200), (300, 200)), ((1104, 828), (1104, 828))],
)
def test_a_picture_is_as_large_as_it_is_shown_sharply(size, wanted):
    one = photo.photo(made(*size), BOX, most=10**6)
    assert (one.width, one.height) == opened(one).size == photo.size(one.data) == wanted
    assert max(one.width / BOX[0], one.height / BOX[1]) <= SHARPNESS
    assert opened(one).format == "JPEG"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_usual_kind_becomes_a_jpeg(kind):
    assert opened(photo.photo(made(kind=kind), BOX, most=10**6)).format == "JPEG"


def test_what_is_transparent_shows_white():
    one = photo.photo(made(40, 40, mode="RGBA", kind="PNG", colour=(0, 0, 0, 0)), BOX, most=10**6)
    assert opened(one).getpixel((20, 20)) == (255, 255, 255)


def test_a_picture_lies_as_its_camera_was_held_and_tells_nothing_more():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "a camera"
    one = photo.photo(made(800, 400, exif=exif), BOX, most=10**6)
    assert (one.width, one.height) == (400, 800)
    assert not opened(one).getexif()


def test_the_quality_goes_down_until_it_is_small_enough():
    data = noise(400, 300)
    fine = photo.photo(data, BOX, most=10**6)
    small = photo.photo(data, BOX, most=len(fine.data) - 1)
    assert len(small.data) < len(fine.data)
    with pytest.raises(ValueError, match="more than 2,000 bytes at the lowest quality"):
        photo.photo(data, BOX, most=2_000)


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", made()[:500], b"GIF89a" + b"\xff" * 50, made(kind="BMP")],
    ids=["nothing", "svg", "torn", "broken", "bmp"],
)
def test_what_is_no_picture_for_us_is_refused(data):
    with pytest.raises(ValueError, match="not a picture"):
        photo.photo(data, BOX, most=10**6)


def test_a_picture_of_absurd_size_is_not_unpacked():
    bomb = made(30_000, 30_000, mode="1", kind="PNG", colour=0)
    assert len(bomb) < 200_000
    with pytest.raises(ValueError, match=r"too many|not a picture"):
        photo.photo(bomb, BOX, most=10**6)
