"""Pictures of works and weather: wind, steel, chips, computers, a telephone, sea and storm."""

import math

from drawing.canvas import Canvas, Point
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
    smooth,
)


@scene("wind", "Four wind turbines in the sea before a rising sun")
def wind() -> Canvas:
    page = sheet(SAND)
    page.circle(380, 400, 250, "f6c878")
    page.circle(380, 400, 170, OCHRE)
    page.rect(0, 410, WIDTH, 212, TEAL)
    for foot, top, reach, turn in (
        (880, 170, 150, 0.3),
        (640, 230, 108, 1.1),
        (180, 214, 120, 0.7),
        (1010, 296, 76, 1.6),
    ):
        turbine(page, foot, top, reach, turn)
    page.wave(456, 7, 184, 10, "357d7c")
    page.wave(510, 9, 230, 80, DEEP)
    page.wave(570, 9, 276, 30, INK)
    return page


def turbine(page: Canvas, foot: float, top: float, reach: float, turn: float) -> None:
    slim = reach / 20
    page.polygon([(foot - slim, 480), (foot - slim / 2, top), (foot + slim / 2, top), (foot + slim, 480)], CREAM)
    for blade in range(3):
        angle = turn + math.tau * blade / 3
        along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
        page.polygon(
            [
                (foot, top),
                (
                    foot + along[0] * reach * 0.22 + across[0] * slim * 1.6,
                    top + along[1] * reach * 0.22 + across[1] * slim * 1.6,
                ),
                (foot + along[0] * reach, top + along[1] * reach),
                (foot - across[0] * slim * 0.6, top - across[1] * slim * 0.6),
            ],
            NAVY,
        )
    page.circle(foot, top, slim * 1.5, CORAL)


@scene("steel", "A ladle pours glowing steel in front of dark furnaces and chimneys")
def steel() -> Canvas:
    page = sheet(PLUM)
    page.circle(600, 420, 330, "7c3145")
    page.circle(600, 460, 230, RED)
    for left, top, wide in ((60, 130, 60), (160, 60, 54), (900, 90, 62), (1006, 170, 54)):
        page.polygon([(left, HEIGHT), (left + 8, top), (left + wide - 8, top), (left + wide, HEIGHT)], NAVY)
        page.rect(left + 6, top + 34, wide - 12, 18, CORAL)
    page.polygon([(0, 420), (240, 420), (300, 360), (360, 420), (360, HEIGHT), (0, HEIGHT)], NAVY)
    page.rect(820, 380, 284, 242, NAVY)
    for number in range(5):
        page.rect(30 + 62 * number, 470, 34, 50, OCHRE if number % 2 else CORAL)
        page.rect(846 + 50 * number, 430, 26, 44, OCHRE if number % 2 else CORAL)
    page.rect(0, 40, WIDTH, 22, NAVY)
    page.line((500, 50), (470, 180), 12, NAVY)
    page.line((620, 50), (690, 170), 12, NAVY)
    page.polygon([(420, 190), (690, 130), (700, 170), (640, 350), (500, 372), (414, 232)], INK)
    page.polygon([(420, 190), (690, 130), (694, 150), (424, 212)], OCHRE)
    page.polygon([(414, 200), (440, 204), (470, 300), (470, 540), (436, 540), (440, 310)], OCHRE)
    page.polygon([(424, 206), (434, 208), (458, 306), (460, 540), (446, 540), (448, 314)], CREAM)
    page.polygon([(330, 530), (580, 530), (560, HEIGHT), (350, HEIGHT)], INK)
    page.ellipse(455, 532, 125, 20, OCHRE)
    page.ellipse(455, 532, 82, 12, CREAM)
    for x, y in ((380, 470), (350, 430), (520, 452), (560, 420), (404, 500), (540, 486), (320, 480), (590, 470)):
        page.circle(x, y, 6, OCHRE)
    return page


@scene("chip", "A square microchip with bright wires leading away from it")
def chip() -> Canvas:
    page = sheet(NAVY)
    for number in range(9):
        offset = (number - 4) * 36
        bend = 60 + 26 * abs(number - 4)
        colour = (TEAL, BLUE, OCHRE)[number % 3]
        lean = 30 * (number - 4)
        for side in (-1, 1):
            end = (552 + side * (520 if number % 2 else 430), 311 + offset + lean)
            wire(
                page,
                [
                    (552 + side * 150, 311 + offset),
                    (552 + side * (170 + bend), 311 + offset),
                    (end[0] - side * 80, end[1]),
                    end,
                ],
                colour,
            )
        for side in (-1, 1):
            across = (
                (552 + offset, 311 + side * 150),
                (552 + offset, 311 + side * 190),
                (552 + offset * 1.7, 311 + side * 262),
            )
            wire(page, list(across), colour)
    for number in range(9):
        offset = (number - 4) * 36
        page.rect(552 + offset - 9, 140, 18, 342, SAND)
        page.rect(381, 311 + offset - 9, 342, 18, SAND)
    page.rect(396, 155, 312, 312, INK)
    page.rect(426, 185, 252, 252, BLUE)
    page.rect(462, 221, 180, 180, CORAL)
    page.rect(462, 221, 90, 90, OCHRE)
    page.rect(552, 311, 90, 90, PLUM)
    page.circle(444, 419, 9, CREAM)
    return page


def wire(page: Canvas, points: list[Point], colour: str) -> None:
    page.path(points, 7, colour)
    page.circle(*points[-1], 13, colour)
    page.circle(*points[-1], 6, NAVY)


@scene("server", "Rows of computer cabinets with small coloured lights")
def server() -> Canvas:
    page = sheet(NAVY)
    page.polygon([(0, 560), (WIDTH, 560), (WIDTH, HEIGHT), (0, HEIGHT)], DEEP)
    for cabinet in range(5):
        left = 54 + 204 * cabinet
        page.rect(left, 70, 180, 500, INK)
        page.rect(left + 12, 84, 156, 472, "1a2f4f")
        for unit in range(11):
            top = 94 + 42 * unit
            page.rect(left + 20, top, 140, 32, BLUE if (unit + cabinet * 3) % 7 == 0 else "2c5880")
            page.rect(left + 28, top + 13, 62, 6, SKY)
            for lamp in range(3):
                pick = (unit * 7 + cabinet * 5 + lamp * 3) % 9
                page.circle(left + 112 + 18 * lamp, top + 16, 6, CORAL if pick == 0 else OCHRE if pick < 3 else MINT)
    page.rect(0, 30, WIDTH, 14, SLATE)
    for left in range(150, 1104, 204):
        page.rect(left - 12, 44, 8, 28, SLATE)
        page.rect(left + 4, 44, 8, 28, OCHRE)
    return page


@scene("phone", "A telephone held upright, its screen full of coloured squares")
def phone() -> Canvas:
    page = sheet(CORAL)
    page.circle(552, 330, 300, "ef9576")
    for x, y, side, colour in (
        (150, 130, 70, OCHRE),
        (246, 400, 54, CREAM),
        (880, 160, 60, TEAL),
        (930, 420, 78, PLUM),
        (110, 480, 44, INK),
    ):
        page.rect(x, y, side, side, colour)
    page.rect(394, 30, 316, 592, NAVY)
    page.rect(412, 76, 280, 546, CREAM)
    page.rect(512, 48, 80, 10, SLATE)
    colours = (TEAL, OCHRE, BLUE, RED, PLUM, MINT, INK, CORAL, SAND)
    for row in range(5):
        for column in range(3):
            left, top = 434 + 84 * column, 104 + 92 * row
            page.rect(left, top, 66, 66, colours[(row * 4 + column * 5) % 9])
            page.rect(left + 10, top + 72, 46, 7, SLATE)
    page.polygon([(640, HEIGHT), (690, 500), (732, 430), (764, 440), (752, 520), (800, HEIGHT)], SAND)
    page.polygon([(340, HEIGHT), (352, 470), (384, 430), (412, 450), (404, 560), (430, HEIGHT)], SAND)
    return page


@scene("seawall", "A high wave breaks against a sea wall with a village behind it")
def seawall() -> Canvas:
    page = sheet(SAND)
    page.circle(880, 190, 96, CORAL)
    for number in range(5):
        left, top = 560 + 106 * number, 300 - 22 * (number % 2)
        page.rect(left, top, 84, 140, (CREAM, TEAL, CREAM, RED, CREAM)[number])
        page.polygon([(left - 8, top), (left + 42, top - 52), (left + 92, top)], INK)
        page.rect(left + 16, top + 26, 18, 26, OCHRE)
        page.rect(left + 50, top + 26, 18, 26, NAVY)
    page.polygon([(500, 380), (WIDTH, 380), (WIDTH, HEIGHT), (440, HEIGHT)], SLATE)
    page.polygon([(490, 380), (560, 380), (530, HEIGHT), (440, HEIGHT)], "8d99a3")
    for row in range(4):
        for column in range(5):
            page.rect(590 + 110 * column + 46 * (row % 2), 410 + 52 * row, 90, 5, INK)
    crest = smooth([(0, 330), (120, 306), (230, 232), (330, 160), (430, 142), (500, 180), (526, 250)])
    curl = smooth([(526, 250), (486, 226), (432, 230), (396, 274), (392, 340), (420, 410), (480, 446)])
    page.polygon([*crest, *curl, (452, HEIGHT), (0, HEIGHT)], BLUE)
    inner = smooth([(0, 430), (140, 384), (250, 300), (330, 240), (366, 262), (352, 350), (400, 450), (440, HEIGHT)])
    page.polygon([*inner, (0, HEIGHT)], INK)
    page.polygon(
        [*smooth([(0, 524), (150, 484), (270, 424), (330, 440), (380, 520), (424, HEIGHT)]), (0, HEIGHT)], NAVY
    )
    page.path(crest[24:], 14, CREAM)
    for x, y, size in (
        (540, 210, 12),
        (566, 246, 9),
        (552, 170, 8),
        (590, 200, 6),
        (520, 150, 9),
        (530, 290, 10),
        (600, 262, 6),
    ):
        page.circle(x, y, size, CREAM)
    return page


@scene("storm", "A lighthouse throws its beam over high waves on a stormy night")
def storm() -> Canvas:
    page = sheet(INK)
    page.polygon([(770, 168), (0, 60), (0, 250)], "557392")
    page.polygon([(770, 168), (WIDTH, 120), (WIDTH, 214)], "557392")
    for x, y, across in ((180, 40, 240), (520, 20, 260), (900, 50, 250), (330, 84, 150), (720, 70, 120)):
        page.ellipse(x, y, across, 54, NAVY)
    page.polygon([(200, 84), (160, 190), (196, 190), (168, 292), (250, 160), (210, 160), (238, 84)], OCHRE)
    page.polygon([(726, 480), (744, 200), (796, 200), (814, 480)], CREAM)
    for band in range(2):
        top = 250 + 110 * band
        page.polygon(
            [
                (741 - 3.6 * (band * 2), top),
                (799 + 3.6 * (band * 2), top),
                (803 + 3.6 * (band * 2), top + 54),
                (737 - 3.6 * (band * 2), top + 54),
            ],
            RED,
        )
    page.rect(730, 190, 80, 14, NAVY)
    page.rect(746, 146, 48, 44, OCHRE)
    page.polygon([(738, 146), (770, 108), (802, 146)], RED)
    page.polygon([(620, 520), (690, 450), (850, 446), (930, 520), (930, 580), (620, 580)], PLUM)
    page.wave(470, 26, 276, 20, BLUE)
    page.polygon([(640, 540), (700, 456), (840, 452), (910, 540)], PLUM)
    page.wave(520, 24, 221, 120, DEEP)
    page.wave(572, 18, 184, 40, NAVY)
    return page
