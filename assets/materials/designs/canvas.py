"""Elements of designs: areas of colour, lettering, text, bar codes, pictures.

Images are `H x W x 3` uint8 in sRGB, row 0 on top; boxes are (left, top, right, bottom) in pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

from simgen.spec.rng import Stream, stream
from simgen.spec.scene import MaterialSpec, Vector

from . import words

type Image = np.ndarray
type Color = tuple[int, int, int]
type Box = tuple[int, int, int, int]

WHITE: Color = (238, 237, 232)
INK: Color = (28, 27, 30)
FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SIMPLEX)


def layout(spec: MaterialSpec) -> Stream:
    """Return the random stream of a surface's design, seeded by the surface's sampled offset."""
    return stream(sum(round(abs(value) * 1e6) for value in spec.offset), "artwork", spec.kind)


def display(linear: Vector) -> Color:
    """Convert linear Rec.709, 0..1, to sRGB, 0..255 (IEC 61966-2-1)."""
    low = np.asarray(linear)
    coded = np.where(low <= 0.0031308, 12.92 * low, 1.055 * low ** (1 / 2.4) - 0.055)
    red, green, blue = (int(value) for value in np.round(255 * coded))
    return red, green, blue


def blank(width: int, height: int, color: Color) -> Image:
    return np.full((height, width, 3), color, np.uint8)


def relief(image: Image, height: np.ndarray | None = None) -> np.ndarray:
    """Return the image with relief, 0..1 `H x W`, in its alpha channel; flat if none is given."""
    alpha = np.full(image.shape[:2], 255, np.uint8)
    if height is not None:
        alpha = np.round(255 * np.clip(height, 0, 1)).astype(np.uint8)
    return np.dstack([image, alpha])


def blend(a: Color, b: Color, part: float) -> Color:
    red, green, blue = (round(x + (y - x) * part) for x, y in zip(a, b, strict=True))
    return red, green, blue


def brightness(color: Color) -> float:
    return float(np.dot((0.299, 0.587, 0.114), color))


def legible(ground: Color, *wanted: Color) -> Color:
    """Return the first wanted colour with enough contrast to the ground, else ink or white."""
    for color in wanted:
        if abs(brightness(color) - brightness(ground)) > 90:
            return color
    return INK if brightness(ground) > 125 else WHITE


def fill(image: Image, box: Box, color: Color) -> None:
    left, top, right, bottom = box
    cv2.rectangle(image, (left, top), (right - 1, bottom - 1), color, -1)


def letter(image: Image, text: str, box: Box, color: Color, font: int, weight: float = 1) -> None:
    """Draw one line of text, centred and as large as fits the box. weight: of strokes, 1 is
    normal."""
    left, top, right, bottom = box
    (wide, high), _ = cv2.getTextSize(text, font, 10.0, 1)
    size = 10.0 * min((right - left) / max(wide, 1), 0.9 * (bottom - top) / max(high, 1))
    stroke = max(1, round(1.6 * size * weight))
    (wide, high), _ = cv2.getTextSize(text, font, size, stroke)
    at = ((left + right - wide) // 2, (top + bottom + high) // 2)
    cv2.putText(image, text, at, font, size, color, stroke, cv2.LINE_AA)


def writing(image: Image, box: Box, line: int, color: Color, rng: Stream) -> None:
    """Draw lines of words `line` pixels apart, in paragraphs with a ragged right edge."""
    left, top, right, bottom = box
    size = line / 38.0
    for y in range(top + line, bottom, line):
        if rng.random() < 0.12:
            continue
        sentence = " ".join(words.WORDS[int(rng.integers(len(words.WORDS)))] for _ in range(24))
        (wide, _), _ = cv2.getTextSize(sentence, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        room = (right - left) * (1.0 if rng.random() < 0.8 else rng.uniform(0.3, 0.8))
        kept = sentence[: int(len(sentence) * min(1.0, room / max(wide, 1)))]
        stroke = max(1, round(line / 16))
        cv2.putText(
            image, kept, (left, y), cv2.FONT_HERSHEY_SIMPLEX, size, color, stroke, cv2.LINE_AA
        )


def barcode(image: Image, box: Box, rng: Stream) -> None:
    """Draw bars of one to four modules on white, with room for the digits below."""
    left, top, right, bottom = box
    fill(image, box, WHITE)
    edge = max(2, (right - left) // 12)
    x = left + edge
    unit = max(1, (right - left - 2 * edge) // 70)
    while x < right - edge - 4 * unit:
        bar = unit * int(rng.integers(1, 4))
        fill(image, (x, top + edge, x + bar, bottom - 2 * edge), INK)
        x += bar + unit * int(rng.integers(1, 4))
    digits = "".join(str(int(rng.integers(10))) for _ in range(12))
    low = (left + edge, bottom - 2 * edge, right - edge, bottom - 2)
    letter(image, digits, low, INK, cv2.FONT_HERSHEY_SIMPLEX)


def picture(image: Image, box: Box, colors: tuple[Color, Color, Color], rng: Stream) -> None:
    """Wire a picture in three colours: hills under a sun, discs, rays, leaves, a town or waves."""
    left, top, right, bottom = box
    part = np.ascontiguousarray(image[top:bottom, left:right])
    draw = (_hills, _discs, _rays, _leaves, _town, _waves)[int(rng.integers(6))]
    draw(part, colors, rng)
    image[top:bottom, left:right] = part


def _sky(part: Image, top: Color, bottom: Color) -> None:
    ramp = np.linspace(0, 1, len(part))[:, None, None]
    part[:] = np.round(np.array(top) * (1 - ramp) + np.array(bottom) * ramp)


def _hills(part: Image, colors: tuple[Color, Color, Color], rng: Stream) -> None:
    height, width, _ = part.shape
    far, near, light = colors
    _sky(part, blend(far, WHITE, 0.3), blend(light, WHITE, 0.6))
    at = (int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.2, 0.45)))
    cv2.circle(part, at, int(0.11 * width), blend(light, WHITE, 0.3), -1, cv2.LINE_AA)
    x = np.arange(0, width + 8, 8)
    for k in range(3):
        y = height * (0.5 + 0.16 * k) + 0.07 * height * np.sin(
            x / width * rng.uniform(4, 9) + rng.uniform(0, 6)
        )
        y += 0.02 * height * np.sin(x / width * rng.uniform(15, 30) + rng.uniform(0, 6))
        edge = np.concatenate([np.stack([x, y], 1), [(width + 8, height), (0, height)]])
        cv2.fillPoly(part, [edge.astype(np.int32)], blend(far, near, k / 2), cv2.LINE_AA)


def _discs(part: Image, colors: tuple[Color, Color, Color], rng: Stream) -> None:
    height, width, _ = part.shape
    part[:] = colors[0]
    for k in range(int(rng.integers(3, 9))):
        at = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        radius = int(rng.uniform(0.08, 0.4) * width)
        thick = -1 if rng.random() < 0.7 else max(2, radius // 6)
        cv2.circle(part, at, radius, colors[1 + k % 2], thick, cv2.LINE_AA)


def _rays(part: Image, colors: tuple[Color, Color, Color], rng: Stream) -> None:
    height, width, _ = part.shape
    part[:] = colors[0]
    at = np.array([width * rng.uniform(0.3, 0.7), height * rng.uniform(0.4, 1.0)])
    count, reach = int(rng.integers(8, 18)), 2.0 * (width + height)
    for k in range(count):
        angle = 2 * np.pi * (k + np.array([0.0, 0.5])) / count
        tips = at + reach * np.stack([np.cos(angle), np.sin(angle)], 1)
        edge = np.concatenate([[at], tips])
        cv2.fillPoly(part, [edge.astype(np.int32)], colors[1], cv2.LINE_AA)
    middle = (int(at[0]), int(at[1]))
    cv2.circle(part, middle, int(0.2 * width), colors[2], -1, cv2.LINE_AA)


def _leaves(part: Image, colors: tuple[Color, Color, Color], rng: Stream) -> None:
    height, width, _ = part.shape
    part[:] = blend(colors[0], WHITE, 0.5)
    s = np.linspace(-1, 1, 15)
    for k in range(int(rng.integers(6, 16))):
        long, wide = width * rng.uniform(0.12, 0.3), width * rng.uniform(0.03, 0.08)
        arc = np.stack([long * s, wide * (1 - s**2)], 1)
        blade = np.concatenate([arc, arc[::-1] * (1, -1)])
        turn = rng.uniform(0, np.pi)
        cos, sin = np.cos(turn), np.sin(turn)
        blade = blade @ np.array([[cos, sin], [-sin, cos]])
        blade += (rng.uniform(0, width), rng.uniform(0, height))
        cv2.fillPoly(part, [blade.astype(np.int32)], colors[1 + k % 2], cv2.LINE_AA)


def _town(part: Image, colors: tuple[Color, Color, Color], rng: Stream) -> None:
    height, width, _ = part.shape
    _sky(part, colors[0], blend(colors[0], WHITE, 0.7))
    x = 0
    while x < width:
        wide, high = int(width * rng.uniform(0.06, 0.16)), height * rng.uniform(0.3, 0.75)
        house = (x, int(height - high), min(x + wide, width), height)
        fill(part, house, blend(colors[1], INK, rng.uniform(0, 0.5)))
        for row in range(house[1] + wide // 5, height, max(wide // 3, 2)):
            fill(part, (x + wide // 5, row, x + wide // 2, row + max(wide // 6, 1)), colors[2])
        x += wide


def _waves(part: Image, colors: tuple[Color, Color, Color], rng: Stream) -> None:
    height, width, _ = part.shape
    x, count = np.arange(width), int(rng.integers(4, 9))
    bend = 0.05 * height * np.sin(x / width * rng.uniform(4, 12) + rng.uniform(0, 6))
    y = np.arange(height)[:, None] + bend
    band = np.floor(y / height * count).astype(int) % 3
    part[:] = np.array(colors, np.uint8)[band]
