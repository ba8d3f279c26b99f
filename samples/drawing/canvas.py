"""Flat shapes in, PNG bytes out.  Drawn three times as large and averaged, so that edges are smooth."""

import math
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SCALE = 3
Point = tuple[float, float]


class Canvas:
    """A picture of few colours.  Coordinates are pixels of the finished picture, colours are six hex digits."""

    def __init__(self, width: int, height: int, ground: str) -> None:
        self.width, self.height = width, height
        self._palette = [ground]
        self._cells = np.zeros((height * SCALE, width * SCALE), dtype=np.uint8)

    def polygon(self, points: Sequence[Point], colour: str) -> None:
        """Fill by the even-odd rule: each edge toggles all that lies to its right."""
        corners = [(x * SCALE, y * SCALE) for x, y in points]
        top = max(0, math.floor(min(y for _, y in corners)))
        bottom = min(self._cells.shape[0], math.ceil(max(y for _, y in corners)))
        if bottom <= top:
            return
        width = self._cells.shape[1]
        toggles = np.zeros((bottom - top, width + 1), dtype=np.uint8)
        centres = np.arange(top, bottom) + 0.5
        for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
            rows = np.flatnonzero((centres >= min(y0, y1)) & (centres < max(y0, y1)))
            if rows.size:
                crossings = x0 + (centres[rows] - y0) * (x1 - x0) / (y1 - y0)
                columns = np.clip(np.ceil(crossings - 0.5), 0, width).astype(int)
                toggles[rows, columns] ^= 1
        left, right = _span([x for x, _ in corners], width)
        inside = np.bitwise_xor.accumulate(toggles[:, left:right], axis=1).astype(bool)
        self._cells[top:bottom, left:right][inside] = self._ink(colour)

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)

    def circle(self, x: float, y: float, radius: float, colour: str) -> None:
        self.ellipse(x, y, radius, radius, colour)

    def ellipse(self, x: float, y: float, across: float, down: float, colour: str) -> None:
        turns = [math.tau * step / 120 for step in range(120)]
        self.polygon([(x + across * math.cos(turn), y + down * math.sin(turn)) for turn in turns], colour)

    def line(self, start: Point, end: Point, width: float, colour: str) -> None:
        """A straight stroke with square ends."""
        (x0, y0), (x1, y1) = start, end
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = -(y1 - y0) / length * width / 2, (x1 - x0) / length * width / 2
        self.polygon([(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)], colour)

    def path(self, points: Sequence[Point], width: float, colour: str) -> None:
        """Joined strokes with round corners."""
        for start, end in pairwise(points):
            self.line(start, end, width, colour)
        for x, y in points:
            self.circle(x, y, width / 2, colour)

    def wave(self, level: float, rise: float, length: float, shift: float, colour: str) -> None:
        """Everything below a wavy line across the picture."""
        crest = [(x, level - rise * math.sin(math.tau * (x + shift) / length)) for x in range(0, self.width + 12, 12)]
        self.polygon([*crest, (self.width + 12, self.height), (0, self.height)], colour)

    def png(self) -> bytes:
        """The picture with at most 256 colours (PNG, third edition: indexed, no filter)."""
        codes = self._averaged()
        palette, places = _reduced(codes)
        rows = np.zeros((self.height, self.width + 1), dtype=np.uint8)
        rows[:, 1:] = places
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        chunks = [
            (b"IHDR", header),
            (b"PLTE", b"".join(int(one).to_bytes(3, "big") for one in palette)),
            (b"IDAT", zlib.compress(rows.tobytes(), 9)),
            (b"IEND", b""),
        ]
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)

    def _averaged(self) -> NDArray[np.uint32]:
        """Each pixel as 0xRRGGBB: the mean of its cells, of which most have one colour."""
        colours = np.array([list(bytes.fromhex(one)) for one in self._palette], dtype=np.uint32)
        blocks = self._cells.reshape(self.height, SCALE, self.width, SCALE).swapaxes(1, 2)
        cells = blocks.reshape(self.height, self.width, SCALE * SCALE)
        pixels = colours[cells[..., 0]]
        mixed = cells.min(axis=-1) != cells.max(axis=-1)
        pixels[mixed] = (colours[cells[mixed]].sum(axis=1) + SCALE * SCALE // 2) // (SCALE * SCALE)
        codes: NDArray[np.uint32] = pixels @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
        return codes

    def _ink(self, colour: str) -> int:
        if colour not in self._palette:
            self._palette.append(colour)
        return self._palette.index(colour)


def _span(xs: Sequence[float], width: int) -> tuple[int, int]:
    return max(0, math.floor(min(xs)) - 1), min(width, math.ceil(max(xs)) + 1)


def _reduced(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """The 256 most frequent colours, and for each pixel the place of the nearest of them."""
    found, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    palette = np.sort(found[np.argsort(-counts, kind="stable")[:256]])
    nearest = np.abs(_channels(found)[:, None] - _channels(palette)[None]).sum(axis=2).argmin(axis=1)
    return palette, nearest[inverse.reshape(codes.shape)].astype(np.uint8)


def _channels(codes: NDArray[np.uint32]) -> NDArray[np.int32]:
    return np.stack([codes >> 16 & 255, codes >> 8 & 255, codes & 255], axis=-1).astype(np.int32)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
