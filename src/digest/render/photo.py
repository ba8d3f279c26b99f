"""A picture from outside in, one that mail can show out: a JPEG, no larger than it is shown.  Pure.

JPEG, as Outlook on Windows shows no WebP; twice the size in CSS pixels, as screens are that sharp.  What else a file
carries (places, cameras, previews) is left behind.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = 40_000_000  #: 120 MB decoded; the cameras of newspapers make 24,000,000
QUALITIES = (82, 72, 60, 48)  #: of JPEG: tried one after the other, until the file is small enough
SHARPNESS = 2  #: pixels for one CSS pixel
PAPER = (255, 255, 255)  #: what shows through


@dataclass(frozen=True, kw_only=True)
class Photo:
    data: bytes  #: JPEG
    width: int  #: pixels
    height: int  #: pixels


def photo(data: bytes, box: tuple[int, int], *, most: int) -> Photo:
    """The picture for a `box` in CSS pixels, in at most so many bytes.

    Raises:
        ValueError: it is none, too large to be looked at, or cannot be made so small; with the reason.
    """
    picture = _opened(data)
    picture.thumbnail((box[0] * SHARPNESS, box[1] * SHARPNESS), Image.Resampling.LANCZOS)
    picture = _flat(ImageOps.exif_transpose(picture))
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
        if out.tell() <= most:
            return Photo(data=out.getvalue(), width=picture.width, height=picture.height)
    raise ValueError(f"more than {most:,} bytes at the lowest quality")


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, by what the file says.

    Raises:
        ValueError: it is no picture.
    """
    return _opened(data).size


def _opened(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels are too many")
        picture.draft("RGB", picture.size)
        picture.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a picture that can be read ({type(error).__name__})") from None
    return picture


def _flat(picture: Image.Image) -> Image.Image:
    """In colours of a JPEG, on white paper where it is transparent."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        paper = Image.new("RGB", seen.size, PAPER)
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper
    return picture.convert("RGB")
