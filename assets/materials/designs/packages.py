"""Packages and labels: a brand, a picture of the content, small print, a bar code."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.spec.rng import Stream
from simgen.spec.scene import MaterialSpec

from . import canvas, words
from .canvas import Box, Color, Image

PANEL = 600
"""Width and height of a panel, pixels. Atlases have three in a row: front, side and top."""


def package(spec: MaterialSpec) -> np.ndarray:
    """Draw a printed folding carton, `PANEL x 3 PANEL`."""
    rng = canvas.layout(spec)
    ground, accent = canvas.display(spec.color_a), canvas.display(spec.color_b)
    image = canvas.blank(3 * PANEL, PANEL, ground)
    brand = _word(words.BRANDS, rng)
    font = canvas.FONTS[int(rng.integers(len(canvas.FONTS)))]
    front, side, top = (
        np.ascontiguousarray(image[:, k * PANEL : (k + 1) * PANEL]) for k in range(3)
    )
    _front(front, (ground, accent), brand, font, rng)
    _facts(side, (ground, accent), brand, font, rng)
    canvas.fill(top, (0, 0, PANEL, 90), accent)
    canvas.letter(top, brand, (90, 200, 510, 400), canvas.legible(ground, accent), font, 1.5)
    return canvas.relief(np.hstack([front, side, top]))


def _word(among: tuple[str, ...], rng: Stream) -> str:
    return among[int(rng.integers(len(among)))]


def _goods(rng: Stream) -> str:
    return f"{_word(words.GOODS[:4], rng)} {_word(words.GOODS[4:], rng)}".title()


def _front(part: Image, colors: tuple[Color, Color], brand: str, font: int, rng: Stream) -> None:
    """Draw a logo, a picture of the product below it, a badge, and the contents at the bottom."""
    ground, accent = colors
    plate = rng.random()
    ink = canvas.legible(ground, accent)
    if plate < 0.4:
        cv2.ellipse(part, (300, 115), (260, 90), 0, 0, 360, accent, -1, cv2.LINE_AA)
        ink = canvas.legible(accent, canvas.WHITE)
    elif plate < 0.7:
        canvas.fill(part, (0, 0, PANEL, 215), accent)
        ink = canvas.legible(accent, canvas.WHITE)
    canvas.letter(part, brand, (110, 55, 490, 175), ink, font, 2.0)
    name = canvas.legible(ground, canvas.INK)
    canvas.letter(part, _goods(rng), (70, 225, 530, 275), name, cv2.FONT_HERSHEY_DUPLEX)
    if rng.random() < 0.5:
        tones = (canvas.blend(accent, canvas.WHITE, 0.55), accent, ground)
        canvas.picture(part, (0, 290, PANEL, 530), tones, rng)
    _product(part, accent, rng)
    if rng.random() < 0.6:
        at = (490, 330)
        cv2.circle(part, at, 62, (225, 60, 40), -1, cv2.LINE_AA)
        canvas.letter(part, "NEW", (440, 310, 540, 352), canvas.WHITE, font, 1.4)
    weight = f"{50 * int(rng.integers(2, 20))} g"
    canvas.letter(part, weight, (40, 545, 180, 585), name, cv2.FONT_HERSHEY_SIMPLEX)
    canvas.writing(part, (330, 540, 570, 590), 16, name, rng)


def _product(part: Image, accent: Color, rng: Stream) -> None:
    """Draw the product: a bowl, a cup, a pile of pieces, or a round object cut in half."""
    dark = canvas.blend(accent, canvas.INK, 0.45)
    what = int(rng.integers(3))
    x, y = 300, 420
    if what == 0:
        cv2.ellipse(part, (x, y), (170, 120), 0, 0, 180, canvas.WHITE, -1, cv2.LINE_AA)
        cv2.ellipse(part, (x, y), (170, 46), 0, 0, 360, canvas.blend(canvas.WHITE, dark, 0.2), -1)
        for _ in range(40):
            u, v = rng.uniform(-1, 1, 2)
            if u * u + v * v < 0.8:
                at = (int(x + 150 * u), int(y - 12 + 34 * v))
                cv2.circle(part, at, 15, _crust(rng), -1, cv2.LINE_AA)
    elif what == 1:
        for _ in range(26):
            at = (int(x + rng.normal(0, 75)), int(y + 30 + rng.normal(0, 35)))
            cv2.circle(part, at, 32, _crust(rng), -1, cv2.LINE_AA)
            cv2.circle(part, at, 32, dark, 2, cv2.LINE_AA)
    else:
        fruit = canvas.blend(accent, (240, 190, 60), 0.6)
        cv2.circle(part, (x, y), 115, fruit, -1, cv2.LINE_AA)
        cv2.circle(part, (x, y), 98, canvas.blend(fruit, canvas.WHITE, 0.6), -1, cv2.LINE_AA)
        for k in range(9):
            a = 2 * np.pi * k / 9
            tip = (int(x + 94 * np.cos(a)), int(y + 94 * np.sin(a)))
            cv2.line(part, (x, y), tip, fruit, 8, cv2.LINE_AA)


def _crust(rng: Stream) -> Color:
    return canvas.blend((225, 170, 95), (140, 85, 40), float(rng.uniform(0, 1)))


def _facts(part: Image, colors: tuple[Color, Color], brand: str, font: int, rng: Stream) -> None:
    """Draw a side: the brand, a table of facts, small print and the bar code."""
    ground, accent = colors
    ink = canvas.legible(ground, canvas.INK)
    canvas.fill(part, (0, 0, PANEL, 120), accent)
    canvas.letter(part, brand, (150, 25, 450, 95), canvas.legible(accent, ground), font, 1.6)
    canvas.fill(part, (50, 150, 550, 350), canvas.WHITE)
    for row in range(7):
        y = 165 + 26 * row
        canvas.fill(part, (60, y + 22, 540, y + 24), canvas.INK)
        canvas.writing(part, (64, y, 64 + int(rng.integers(120, 240)), y + 21), 19, canvas.INK, rng)
        canvas.letter(part, f"{int(rng.integers(1, 90))} g", (470, y, 530, y + 20), canvas.INK, 0)
    canvas.writing(part, (50, 365, 320, 580), 20, ink, rng)
    canvas.barcode(part, (350, 400, 560, 560), rng)


def shipping_carton(spec: MaterialSpec) -> np.ndarray:
    """Draw corrugated board with tape over its seam, a label and handling marks: three panels."""
    rng = canvas.layout(spec)
    board, ink = canvas.display(spec.color_a), canvas.display(spec.color_b)
    noise = rng.normal(0, 2.5, (PANEL, 3 * PANEL, 1))
    flute = 2.0 * np.sin(np.arange(3 * PANEL) * 0.6)[None, :, None]
    image = np.clip(canvas.blank(3 * PANEL, PANEL, board) + noise + flute, 0, 255).astype(np.uint8)
    tape = canvas.blend(board, (176, 134, 84) if rng.random() < 0.7 else canvas.WHITE, 0.7)
    front, side, top = (
        np.ascontiguousarray(image[:, k * PANEL : (k + 1) * PANEL]) for k in range(3)
    )
    _marks(front, ink, rng)
    canvas.fill(side, (262, 0, 338, int(rng.integers(120, 240))), tape)
    _marks(side, ink, rng)
    canvas.fill(top, (0, 262, PANEL, 338), tape)
    canvas.fill(top, (0, 298, PANEL, 302), canvas.blend(tape, canvas.INK, 0.45))
    if rng.random() < 0.75:
        _address(top, (330, 30, 570, 220), rng)
    else:
        _address(front, (60, 60, 330, 270), rng)
    return canvas.relief(np.hstack([front, side, top]))


def _marks(part: Image, ink: Color, rng: Stream) -> None:
    """Draw two arrows that point up from a line, a glass, and a word."""
    if rng.random() < 0.15:
        return
    for x in (400, 460):
        head = np.array([(x, 400), (x - 24, 440), (x + 24, 440)])
        cv2.fillPoly(part, [head], ink, cv2.LINE_AA)
        canvas.fill(part, (x - 7, 440, x + 7, 500), ink)
    canvas.fill(part, (366, 510, 494, 518), ink)
    bowl = np.array([(516, 400), (566, 400), (556, 450), (541, 462), (526, 450)])
    cv2.fillPoly(part, [bowl], ink, cv2.LINE_AA)
    canvas.fill(part, (538, 460, 544, 505), ink)
    canvas.fill(part, (520, 505, 562, 517), ink)
    word = ("FRAGILE", "THIS WAY UP", _word(words.BRANDS, rng).upper())[int(rng.integers(3))]
    canvas.letter(part, word, (40, 420, 340, 510), ink, cv2.FONT_HERSHEY_DUPLEX, 1.6)


def _address(part: Image, box: Box, rng: Stream) -> None:
    left, top, right, bottom = box
    canvas.fill(part, box, canvas.WHITE)
    half = (top + bottom) // 2
    canvas.writing(part, (left + 12, top + 6, right - 60, half), 20, canvas.INK, rng)
    canvas.barcode(part, (left + 10, half, right - 10, bottom - 4), rng)


def label(spec: MaterialSpec) -> np.ndarray:
    """Draw a label around a bottle or can, `400 x 1200`: brand at the front, small print at the
    back."""
    rng = canvas.layout(spec)
    ground, accent = canvas.display(spec.color_a), canvas.display(spec.color_b)
    image = canvas.blank(1200, 400, ground)
    for low in (28, 346):
        canvas.fill(image, (0, low, 1200, low + 26), accent)
    font = canvas.FONTS[int(rng.integers(len(canvas.FONTS)))]
    brand, goods = _word(words.BRANDS, rng), _goods(rng)
    for middle in (300, 900):
        _brand(image, middle, (ground, accent), (brand, goods, font), rng)
    ink = canvas.legible(ground, canvas.INK)
    canvas.writing(image, (520, 80, 680, 330), 18, ink, rng)
    canvas.barcode(image, (1120, 110, 1200, 260), rng)
    canvas.writing(image, (4, 80, 100, 330), 18, ink, rng)
    return canvas.relief(image)


def _brand(
    image: Image, middle: int, colors: tuple[Color, Color], text: tuple[str, str, int], rng: Stream
) -> None:
    ground, accent = colors
    brand, goods, font = text
    if rng.random() < 0.6:
        tones = (canvas.blend(accent, canvas.WHITE, 0.5), accent, ground)
        canvas.picture(image, (middle - 150, 210, middle + 150, 330), tones, rng)
    ink = canvas.legible(ground, accent)
    canvas.letter(image, brand, (middle - 150, 75, middle + 150, 165), ink, font, 2.0)
    name = canvas.legible(ground, canvas.INK)
    canvas.letter(image, goods, (middle - 130, 170, middle + 130, 202), name, 0)
