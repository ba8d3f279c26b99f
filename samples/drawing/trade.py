"""Pictures of trade and transport: harbour, ship, grain, night train, tunnel, car."""

from drawing.canvas import Canvas
from drawing.paper import (
    BLUE,
    CORAL,
    CREAM,
    DEEP,
    HEIGHT,
    INK,
    MINT,
    NAVY,
    OCHRE,
    PLUM,
    RED,
    SAND,
    SKY,
    SLATE,
    TEAL,
    WIDTH,
    scene,
    sheet,
)


@scene("harbour", "Three harbour cranes and stacks of containers at a quay in the evening")
def harbour() -> Canvas:
    page = sheet(OCHRE)
    page.rect(0, 0, WIDTH, 150, CORAL)
    page.rect(0, 150, WIDTH, 110, "e88e58")
    page.circle(680, 330, 120, CREAM)
    for left, shade in ((70, PLUM), (420, NAVY), (770, PLUM)):
        crane(page, left, shade)
    colours = (TEAL, RED, CREAM, BLUE, SAND, DEEP)
    for column in range(9):
        for row in range((2, 3, 1, 2, 3, 2, 1, 3, 2)[column]):
            left, top = 14 + 122 * column, 458 - 42 * row
            page.rect(left, top, 114, 38, colours[(column * 2 + row * 5) % 6])
            for rib in range(1, 6):
                page.rect(left + 19 * rib, top + 6, 3, 26, NAVY)
    page.rect(0, 498, WIDTH, 26, NAVY)
    page.rect(0, 524, WIDTH, 98, DEEP)
    for number in range(14):
        page.rect(40 + 79 * number, 545 + 34 * (number % 2), 50, 6, TEAL)
    return page


def crane(page: Canvas, left: float, shade: str) -> None:
    page.rect(left + 20, 190, 16, 310, shade)
    page.rect(left + 150, 190, 16, 310, shade)
    page.line((left + 28, 340), (left + 158, 200), 8, shade)
    page.rect(left + 10, 330, 166, 14, shade)
    page.rect(left - 60, 176, 350, 18, shade)
    page.line((left + 92, 70), (left + 92, 190), 14, shade)
    page.line((left + 92, 74), (left + 286, 182), 6, shade)
    page.line((left + 92, 74), (left - 54, 182), 6, shade)
    page.rect(left + 206, 194, 40, 20, shade)
    page.line((left + 226, 210), (left + 226, 290), 4, shade)
    page.rect(left + 186, 290, 80, 30, RED)


@scene("ship", "A loaded container ship on calm water under a pale sun")
def ship() -> Canvas:
    page = sheet(SKY)
    page.circle(270, 200, 92, CREAM)
    page.rect(0, 392, WIDTH, 230, TEAL)
    colours = (CORAL, CREAM, INK, OCHRE, RED, BLUE)
    for column in range(9):
        for row in range((2, 4, 4, 5, 5, 4, 5, 4, 3)[column]):
            page.rect(290 + 68 * column, 340 - 38 * row, 64, 35, colours[(column * 5 + row * 2) % 6])
    page.rect(160, 190, 104, 190, CREAM)
    page.rect(140, 190, 144, 26, NAVY)
    for deck in range(3):
        for port in range(3):
            page.rect(176 + 28 * port, 238 + 42 * deck, 16, 18, BLUE)
    page.rect(196, 110, 34, 80, RED)
    page.rect(196, 128, 34, 16, CREAM)
    page.polygon([(110, 376), (984, 376), (930, 486), (160, 486)], NAVY)
    page.polygon([(148, 452), (946, 452), (930, 486), (160, 486)], RED)
    page.wave(490, 9, 184, 20, DEEP)
    page.wave(540, 9, 230, 90, INK)
    page.wave(590, 8, 184, 60, NAVY)
    return page


@scene("grain", "Four grain silos above a field, with ears of wheat in front")
def grain() -> Canvas:
    page = sheet(SKY)
    page.circle(900, 150, 84, CREAM)
    page.polygon([(0, 430), (360, 370), (760, 420), (WIDTH, 360), (WIDTH, HEIGHT), (0, HEIGHT)], SAND)
    for number in range(4):
        silo(page, 210 + 150 * number)
    page.polygon([(0, 470), (WIDTH, 440), (WIDTH, HEIGHT), (0, HEIGHT)], OCHRE)
    page.polygon([(0, 540), (WIDTH, 500), (WIDTH, HEIGHT), (0, HEIGHT)], "c97f2c")
    for number in range(12):
        ear(page, 40 + 94 * number, 470 + 34 * (number * 5 % 3), (CREAM, SAND)[number % 2])
    return page


def silo(page: Canvas, left: float) -> None:
    page.polygon([(left, 190), (left + 65, 124), (left + 130, 190)], INK)
    page.rect(left, 190, 130, 270, CREAM)
    page.rect(left + 84, 190, 46, 270, SLATE)
    page.rect(left + 60, 190, 24, 270, "c8cfd0")
    for band in range(1, 5):
        page.rect(left, 190 + 54 * band, 130, 4, INK)


def ear(page: Canvas, foot: float, top: float, colour: str) -> None:
    page.line((foot, HEIGHT), (foot, top), 5, colour)
    for row in range(5):
        middle = top + 20 * row
        for side in (-1, 1):
            page.polygon(
                [(foot, middle + 14), (foot + side * 17, middle - 2), (foot + side * 14, middle - 18), (foot, middle)],
                colour,
            )
    page.polygon([(foot - 7, top), (foot, top - 26), (foot + 7, top)], colour)


@scene("train", "A night train with lit windows crossing a viaduct under the moon")
def train() -> Canvas:
    page = sheet(NAVY)
    page.circle(850, 150, 78, CREAM)
    page.circle(824, 134, 14, SAND)
    page.circle(872, 176, 20, SAND)
    for x, y in (
        (90, 80),
        (240, 150),
        (390, 60),
        (560, 120),
        (690, 50),
        (1010, 90),
        (1040, 250),
        (480, 200),
        (140, 230),
    ):
        page.circle(x, y, 3, CREAM)
    page.polygon(
        [
            (0, 330),
            (180, 220),
            (360, 320),
            (560, 190),
            (780, 330),
            (960, 240),
            (WIDTH, 320),
            (WIDTH, HEIGHT),
            (0, HEIGHT),
        ],
        INK,
    )
    page.rect(0, 396, WIDTH, 226, SLATE)
    page.rect(0, 396, WIDTH, 12, SAND)
    for number in range(6):
        middle = 92 + 184 * number
        page.circle(middle, 520, 70, INK)
        page.rect(middle - 70, 520, 140, 102, INK)
    page.polygon([(0, 300), (890, 300), (960, 318), (1000, 362), (1000, 392), (0, 392)], RED)
    page.rect(0, 362, 1000, 9, CREAM)
    page.polygon([(904, 312), (944, 322), (968, 346), (904, 346)], SKY)
    for left in range(16, 860, 62):
        page.rect(left + 6 * (left // 248), 316, 42, 30, OCHRE if left % 3 else PLUM)
    page.rect(0, 596, WIDTH, 26, DEEP)
    return page


@scene("tunnel", "Railway tracks that lead into a tunnel beneath snowy mountains")
def tunnel() -> Canvas:
    page = sheet(SKY)
    for peak, base in (((230, 90), 330), ((850, 60), 360), ((540, 20), 400)):
        x, y = peak
        page.polygon([(x - base, 480), (x, y), (x + base, 480)], SLATE if base < 400 else INK)
        slope = base / (480 - y)
        page.polygon(
            [
                (x, y),
                (x + 100 * slope, y + 100),
                (x + 30, y + 80),
                (x, y + 118),
                (x - 40, y + 84),
                (x - 100 * slope, y + 100),
            ],
            CREAM,
        )
    page.polygon([(0, 430), (300, 380), (552, 350), (800, 380), (WIDTH, 420), (WIDTH, HEIGHT), (0, HEIGHT)], DEEP)
    page.circle(552, 420, 158, SAND)
    page.rect(394, 420, 316, 112, SAND)
    page.circle(552, 420, 128, NAVY)
    page.rect(424, 420, 256, 112, NAVY)
    page.circle(552, 428, 26, OCHRE)
    page.polygon([(424, 532), (680, 532), (860, HEIGHT), (244, HEIGHT)], "8a6a4f")
    for row in range(5):
        y, half = 540 + 18 * row + row * row, 84 + 26 * row
        page.rect(552 - half, y, half * 2, 8 + row, PLUM)
    for side in (-1, 1):
        page.polygon(
            [(552 + side * 10, 446), (552 + side * 14, 446), (552 + side * 128, HEIGHT), (552 + side * 108, HEIGHT)],
            CREAM,
        )
    return page


@scene("car", "An electric car at a charging post")
def car() -> Canvas:
    page = sheet(MINT)
    page.circle(210, 170, 90, CREAM)
    page.polygon([(0, 400), (260, 300), (520, 390), (800, 280), (WIDTH, 380), (WIDTH, 500), (0, 500)], TEAL)
    page.rect(0, 490, WIDTH, 132, INK)
    for left in range(30, 1104, 180):
        page.rect(left, 566, 100, 10, SAND)
    page.path([(892, 320), (850, 380), (800, 430), (752, 396)], 10, NAVY)
    page.rect(880, 220, 96, 290, CREAM)
    page.rect(944, 220, 32, 290, SAND)
    page.rect(896, 244, 48, 56, NAVY)
    page.polygon([(926, 248), (906, 276), (918, 276), (912, 296), (934, 266), (921, 266)], OCHRE)
    page.polygon(
        [
            (150, 420),
            (214, 386),
            (300, 300),
            (352, 276),
            (560, 276),
            (650, 366),
            (760, 392),
            (782, 430),
            (782, 486),
            (140, 486),
        ],
        CORAL,
    )
    page.polygon([(268, 378), (330, 312), (364, 298), (440, 298), (440, 378)], NAVY)
    page.polygon([(460, 298), (546, 298), (616, 378), (460, 378)], NAVY)
    page.rect(140, 452, 642, 34, RED)
    page.rect(744, 404, 32, 16, CREAM)
    for middle in (270, 648):
        page.circle(middle, 486, 66, NAVY)
        page.circle(middle, 486, 36, SLATE)
        page.circle(middle, 486, 12, CREAM)
    return page
