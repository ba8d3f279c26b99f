"""What all pictures share: their size, their colours, and the list of them."""

from collections.abc import Callable

from drawing.canvas import Canvas, Point

WIDTH, HEIGHT = 1104, 622  #: what an edition's lead picture needs on a dense screen

NAVY, INK, BLUE, SKY = "14213d", "26486b", "3a7ca5", "a9d3de"
CREAM, SAND, OCHRE = "fdf3df", "f3d9a4", "e9a23b"
CORAL, RED, PLUM = "e5785a", "b8433a", "5b2a48"
TEAL, DEEP, MINT, SLATE = "3f8f8b", "1d5560", "b5d8c0", "6c7a89"

ALT: dict[str, str] = {}  #: file name → the words for those who cannot see the picture
SCENES: dict[str, Callable[[], Canvas]] = {}  #: file name → its drawing


def scene(name: str, alt: str) -> Callable[[Callable[[], Canvas]], Callable[[], Canvas]]:
    """Register a drawing."""

    def register(draw: Callable[[], Canvas]) -> Callable[[], Canvas]:
        ALT[name], SCENES[name] = alt, draw
        return draw

    return register


def sheet(ground: str) -> Canvas:
    return Canvas(WIDTH, HEIGHT, ground)


def smooth(points: list[Point]) -> list[Point]:
    """A curve through the points, eight steps to each stretch."""
    ends = [points[0], *points, points[-1]]
    stretches = zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
    curve = [_between(corners, step / 8) for corners in stretches for step in range(8)]
    return [*curve, points[-1]]


def _between(corners: tuple[Point, Point, Point, Point], t: float) -> Point:
    """The point at `t` (0 to 1) between the second corner and the third (Catmull-Rom)."""
    weights = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (-(t**2) + t**3) / 2,
    )
    x, y = (sum(weight * corner[axis] for weight, corner in zip(weights, corners, strict=True)) for axis in (0, 1))
    return x, y
