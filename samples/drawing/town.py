"""Pictures of the town: bank, parliament, houses, vault, columns of figures, laboratory."""

import math

from drawing.canvas import Canvas
from drawing.paper import (
    BLUE,
    CORAL,
    CREAM,
    DEEP,
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


@scene("central-bank", "A classical bank building with six columns in front of a low sun")
def central_bank() -> Canvas:
    page = sheet(SAND)
    page.circle(552, 330, 290, OCHRE)
    page.circle(552, 330, 220, "f0b65a")
    page.polygon([(196, 216), (552, 66), (908, 216)], INK)
    page.polygon([(276, 200), (552, 86), (828, 200)], BLUE)
    page.circle(552, 158, 28, CREAM)
    page.rect(206, 216, 692, 40, NAVY)
    page.rect(226, 256, 652, 250, PLUM)
    for left in range(244, 840, 115):
        page.rect(left - 10, 256, 64, 16, CREAM)
        page.rect(left, 272, 44, 218, CREAM)
        page.rect(left + 26, 272, 18, 218, SAND)
        page.rect(left - 10, 490, 64, 16, CREAM)
    for step in range(4):
        page.rect(196 - 46 * step, 506 + 29 * step, 712 + 92 * step, 29, (INK, BLUE)[step % 2])
    return page


@scene("parliament", "A parliament building with a dome and a flag at dusk")
def parliament() -> Canvas:
    page = sheet(INK)
    page.rect(0, 300, WIDTH, 322, "3f5f86")
    page.rect(0, 420, WIDTH, 202, CORAL)
    page.circle(190, 130, 46, CREAM)
    page.circle(210, 118, 42, INK)
    for x, y in ((330, 70), (80, 240), (940, 110), (820, 50), (1020, 220), (420, 190), (700, 130)):
        page.circle(x, y, 3, CREAM)
    page.rect(548, 60, 8, 90, CREAM)
    page.polygon([(556, 62), (626, 80), (556, 100)], OCHRE)
    page.ellipse(552, 300, 150, 160, TEAL)
    page.polygon([(552, 140), (600, 158), (640, 200), (676, 300), (552, 300)], DEEP)
    page.rect(390, 292, 324, 26, CREAM)
    page.rect(410, 318, 284, 70, SAND)
    for number in range(8):
        page.rect(424 + 34 * number, 326, 16, 58, PLUM)
    page.rect(110, 400, 884, 130, CREAM)
    page.rect(96, 384, 912, 22, SAND)
    for number in range(19):
        page.rect(128 + 46 * number, 424, 24, 90, BLUE if number % 4 else OCHRE)
    page.polygon([(380, 386), (552, 336), (724, 386)], SAND)
    page.polygon([(430, 380), (552, 346), (674, 380)], TEAL)
    for step in range(3):
        page.rect(80 - 34 * step, 530 + 31 * step, 944 + 68 * step, 31, (NAVY, PLUM)[step % 2])
    return page


@scene("houses", "A row of narrow gabled town houses beside a canal")
def houses() -> Canvas:
    page = sheet(SKY)
    page.ellipse(240, 110, 120, 26, CREAM)
    page.ellipse(860, 80, 150, 28, CREAM)
    fronts = ((CORAL, 250), (CREAM, 200), (TEAL, 280), (OCHRE, 230), (INK, 190), (RED, 260), (SAND, 220))
    for number, (colour, top) in enumerate(fronts):
        house(page, 20 + 152 * number, top, colour)
    page.rect(0, 500, WIDTH, 24, SLATE)
    page.rect(0, 524, WIDTH, 98, BLUE)
    for number, (colour, _) in enumerate(fronts):
        for strip in range(3):
            page.rect(38 + 152 * number + 10 * strip, 536 + 28 * strip, 110 - 14 * strip, 12, colour)
    return page


def house(page: Canvas, left: float, top: float, colour: str) -> None:
    page.rect(left, top, 152, 500 - top, colour)
    page.polygon([(left, top), (left + 76, top - 92), (left + 152, top)], colour)
    page.polygon(
        [
            (left, top),
            (left + 76, top - 92),
            (left + 152, top),
            (left + 152, top - 14),
            (left + 76, top - 108),
            (left, top - 14),
        ],
        NAVY,
    )
    page.circle(left + 76, top - 34, 15, NAVY)
    light = {CREAM: INK, SAND: INK}.get(colour, CREAM)
    rows = int((440 - top) // 74)
    for row in range(rows):
        for column in range(3):
            page.rect(
                left + 20 + 42 * column,
                top + 22 + 74 * row,
                28,
                44,
                OCHRE if (row + column + int(top)) % 5 == 0 else light,
            )
    page.rect(left + 58, 436, 36, 64, NAVY)


@scene("vault", "The round steel door of a bank vault with a wheel of five spokes")
def vault() -> Canvas:
    page = sheet(DEEP)
    for row in range(5):
        for column in range(8):
            page.rect(14 + 138 * column, 14 + 122 * row, 126, 110, TEAL)
            page.rect(64 + 138 * column, 64 + 122 * row, 26, 10, DEEP)
    page.circle(552, 311, 292, NAVY)
    page.circle(552, 311, 270, SLATE)
    page.circle(552, 311, 226, INK)
    page.circle(552, 311, 206, SAND)
    page.circle(552, 311, 150, OCHRE)
    for number in range(20):
        angle = math.tau * number / 20
        page.circle(552 + 248 * math.cos(angle), 311 + 248 * math.sin(angle), 11, CREAM)
    for spoke in range(5):
        angle = math.tau * spoke / 5 - math.pi / 2
        end = (552 + 150 * math.cos(angle), 311 + 150 * math.sin(angle))
        page.line((552, 311), end, 20, NAVY)
        page.circle(*end, 24, NAVY)
        page.circle(*end, 12, CORAL)
    page.circle(552, 311, 62, NAVY)
    page.circle(552, 311, 34, CORAL)
    page.rect(828, 250, 66, 122, NAVY)
    page.rect(842, 264, 38, 94, SLATE)
    return page


@scene("chart", "Columns of different heights and a line that climbs across them")
def chart() -> Canvas:
    page = sheet(CREAM)
    for level in range(6):
        page.rect(84, 90 + 88 * level, 936, 3, SAND)
    heights = (150, 205, 178, 262, 236, 310, 284, 366)
    for number, tall in enumerate(heights):
        left = 112 + 114 * number
        page.rect(left, 530 - tall, 70, tall, TEAL if number < 7 else CORAL)
        page.rect(left + 46, 530 - tall, 24, tall, DEEP if number < 7 else RED)
    points = [
        (147 + 114 * number, 452 - tall * 0.92) for number, tall in enumerate((60, 150, 96, 214, 178, 290, 252, 372))
    ]
    page.path(points, 11, NAVY)
    for x, y in points:
        page.circle(x, y, 17, NAVY)
        page.circle(x, y, 9, OCHRE)
    page.rect(84, 530, 936, 8, NAVY)
    return page


@scene("lab", "Laboratory flasks and test tubes with coloured liquids")
def lab() -> Canvas:
    page = sheet(CREAM)
    page.circle(552, 300, 250, MINT)
    page.rect(0, 520, WIDTH, 102, INK)
    page.rect(0, 508, WIDTH, 14, NAVY)
    flask(page, 300, CORAL, RED)
    flask(page, 600, TEAL, DEEP)
    page.rect(760, 300, 250, 18, NAVY)
    page.rect(760, 440, 250, 18, NAVY)
    page.rect(770, 300, 14, 210, NAVY)
    page.rect(986, 300, 14, 210, NAVY)
    for number, colour in enumerate((OCHRE, BLUE, CORAL, PLUM)):
        left, level = 800 + 48 * number, 330 + 26 * (number * 3 % 4)
        page.rect(left, 230, 32, 230, "ffffff")
        page.circle(left + 16, 460, 16, colour)
        page.rect(left, level, 32, 460 - level, colour)
        page.rect(left - 5, 222, 42, 12, SLATE)
    for x, y, size in ((320, 200, 12), (290, 160, 8), (312, 120, 6), (612, 190, 11), (590, 140, 7)):
        page.circle(x, y, size, BLUE)
    return page


def flask(page: Canvas, middle: float, light: str, dark: str) -> None:
    page.polygon(
        [
            (middle - 34, 220),
            (middle + 34, 220),
            (middle + 34, 320),
            (middle + 130, 508),
            (middle - 130, 508),
            (middle - 34, 320),
        ],
        "ffffff",
    )
    page.polygon([(middle - 79, 408), (middle + 79, 408), (middle + 130, 508), (middle - 130, 508)], light)
    page.polygon([(middle + 30, 408), (middle + 79, 408), (middle + 130, 508), (middle + 60, 508)], dark)
    page.rect(middle - 46, 208, 92, 18, SLATE)
    for x, y, size in ((-40, 460, 11), (-10, 440, 7), (10, 480, 9)):
        page.circle(middle + x, y, size, CREAM)
