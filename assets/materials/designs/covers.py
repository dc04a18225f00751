"""The jacket of a book: back, spine and front side by side, seen from outside."""

from __future__ import annotations

import numpy as np

from simgen.spec.rng import Stream
from simgen.spec.scene import MaterialSpec

from . import canvas, words
from .canvas import Box, Color, Image

HEIGHT, BOARD, SPINE = 840, 600, 110
WIDTH = 2 * BOARD + SPINE


def jacket(spec: MaterialSpec) -> np.ndarray:
    """Draw a book jacket. motif: `picture` fills the front, `framed` is below the title, `plain` is
    cloth or board with lettering only."""
    rng = canvas.layout(spec)
    ground, other = canvas.display(spec.color_a), canvas.display(spec.color_b)
    image = canvas.blank(WIDTH, HEIGHT, ground)
    font = canvas.FONTS[int(rng.integers(len(canvas.FONTS)))]
    title, author = _title(rng), _author(rng)
    front: Box = (BOARD + SPINE, 0, WIDTH, HEIGHT)
    _front(image, front, (ground, other), spec.motif, (title, author, font), rng)
    _spine(image, (ground, other), (title, author, font), rng)
    _back(image, (ground, other), rng)
    return canvas.relief(image)


def _title(rng: Stream) -> list[str]:
    long = [word for word in words.WORDS if len(word) > 3]
    chosen = [long[int(rng.integers(len(long)))] for _ in range(int(rng.integers(1, 4)))]
    return [word.upper() if rng.random() < 0.5 else word.title() for word in chosen]


def _author(rng: Stream) -> str:
    names = words.NAMES
    return f"{'ABCDEFGHJKLMNPRST'[int(rng.integers(17))]}. {names[int(rng.integers(len(names)))]}"


def _front(
    image: Image, box: Box, colors: tuple[Color, Color], motif: str,
    text: tuple[list[str], str, int], rng: Stream,
) -> None:  # fmt: skip
    left, _, right, _ = box
    ground, other = colors
    title, author, font = text
    third = canvas.blend(ground, canvas.WHITE, 0.75)
    margin = 50
    at = 70 if rng.random() < 0.6 or motif == "framed" else 470
    if motif == "picture":
        canvas.picture(image, box, (ground, other, third), rng)
        band: Box = (left, at - 30, right, at + 110 * len(title) + 100)
        panel = ground if rng.random() < 0.6 else third
        canvas.fill(image, band, panel)
    elif motif == "framed":
        low = at + 110 * len(title) + 100
        inner: Box = (left + margin, low, right - margin, HEIGHT - 60)
        canvas.picture(image, inner, (other, third, canvas.blend(other, canvas.INK, 0.4)), rng)
        panel = ground
    else:
        panel = ground
        edge = 26
        for inset, tone in ((edge, other), (edge + 6, ground)):
            canvas.fill(image, (left + inset, inset, right - inset, HEIGHT - inset), tone)
    ink = canvas.legible(panel, other, canvas.WHITE)
    for number, word in enumerate(title):
        top = at + 110 * number
        canvas.letter(image, word, (left + margin, top, right - margin, top + 96), ink, font, 1.3)
    top = at + 110 * len(title) + 10
    canvas.letter(image, author, (left + 140, top, right - 140, top + 46), ink, font)


def _spine(
    image: Image, colors: tuple[Color, Color], text: tuple[list[str], str, int], rng: Stream
) -> None:
    """Draw lettering from top to bottom between bands."""
    ground, other = colors
    title, author, font = text
    strip = canvas.blank(HEIGHT, SPINE, other if rng.random() < 0.4 else ground)
    back = tuple(int(value) for value in strip[0, 0])
    panel: Color = (back[0], back[1], back[2])
    ink = canvas.legible(panel, other, ground, canvas.WHITE)
    for place in (30, 46, HEIGHT - 60, HEIGHT - 44):
        canvas.fill(strip, (place, 0, place + 7, SPINE), ink)
    canvas.letter(strip, " ".join(title), (80, 22, 530, SPINE - 22), ink, font, 1.2)
    canvas.letter(strip, author, (560, 36, HEIGHT - 80, SPINE - 36), ink, font)
    image[:, BOARD : BOARD + SPINE] = np.rot90(strip, -1)


def _back(image: Image, colors: tuple[Color, Color], rng: Stream) -> None:
    ground, other = colors
    ink = canvas.legible(ground, other, canvas.WHITE)
    canvas.writing(image, (70, 80, BOARD - 70, 480), 30, ink, rng)
    canvas.barcode(image, (BOARD - 240, HEIGHT - 190, BOARD - 60, HEIGHT - 70), rng)
