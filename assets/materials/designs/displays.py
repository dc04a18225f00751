"""Contents of displays: the home screen of a phone, a chat, a desktop with windows."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.spec.rng import Stream
from simgen.spec.scene import MaterialSpec

from . import canvas, words
from .canvas import Box, Color, Image

VIVID: tuple[Color, ...] = (
    (66, 133, 244), (52, 168, 83), (234, 67, 53), (251, 188, 5), (142, 68, 173), (0, 172, 193),
    (255, 112, 67), (96, 125, 139), (240, 240, 240), (40, 40, 46),
)  # fmt: skip


def phone(spec: MaterialSpec) -> np.ndarray:
    """Draw a phone's display, `840 x 400`. motif: `home` has icons, `chat` speech bubbles, `list`
    pictures and text."""
    rng = canvas.layout(spec)
    image = canvas.blank(400, 840, canvas.WHITE)
    accent = canvas.display(spec.color_b)
    if spec.motif == "chat":
        _chat(image, accent, rng)
    elif spec.motif == "list":
        _entries(image, accent, rng)
    else:
        _home(image, spec, rng)
    tone = canvas.legible(_tone(image[20, 60]), canvas.WHITE)
    canvas.letter(image, "12:45", (34, 16, 94, 40), tone, cv2.FONT_HERSHEY_SIMPLEX)
    canvas.fill(image, (334, 20, 364, 36), tone)
    return canvas.relief(image)


def _tone(pixel: np.ndarray) -> Color:
    red, green, blue = (int(value) for value in pixel)
    return red, green, blue


def _rounded(image: Image, box: Box, radius: int, color: Color) -> None:
    left, top, right, bottom = box
    canvas.fill(image, (left + radius, top, right - radius, bottom), color)
    canvas.fill(image, (left, top + radius, right, bottom - radius), color)
    for x in (left + radius, right - radius - 1):
        for y in (top + radius, bottom - radius - 1):
            cv2.circle(image, (x, y), radius, color, -1, cv2.LINE_AA)


def _wallpaper(image: Image, spec: MaterialSpec, rng: Stream) -> None:
    height, width, _ = image.shape
    a, b = canvas.display(spec.color_a), canvas.display(spec.color_b)
    third = canvas.blend(a, canvas.WHITE, 0.5)
    canvas.picture(image, (0, 0, width, height), (a, b, third), rng)
    soft = cv2.GaussianBlur(image, (0, 0), width / 200)
    image[:] = soft


def _icon(image: Image, box: Box, rng: Stream) -> None:
    left, top, right, bottom = box
    size = right - left
    color = VIVID[int(rng.integers(len(VIVID)))]
    _rounded(image, box, size // 5, color)
    ink = canvas.legible(color, canvas.WHITE)
    x, y = (left + right) // 2, (top + bottom) // 2
    kind = int(rng.integers(4))
    if kind == 0:
        cv2.circle(image, (x, y), size // 4, ink, max(2, size // 10), cv2.LINE_AA)
    elif kind == 1:
        canvas.fill(image, (x - size // 4, y - size // 6, x + size // 4, y + size // 6), ink)
    elif kind == 2:
        tip = [(x - size // 6, y - size // 4), (x - size // 6, y + size // 4), (x + size // 4, y)]
        cv2.fillPoly(image, [np.array(tip)], ink, cv2.LINE_AA)
    else:
        glyph = "afgmtpsw"[int(rng.integers(8))]
        inner = (left + size // 5, top + size // 5, right - size // 5, bottom - size // 5)
        canvas.letter(image, glyph, inner, ink, cv2.FONT_HERSHEY_DUPLEX, 1.5)


def _home(image: Image, spec: MaterialSpec, rng: Stream) -> None:
    _wallpaper(image, spec, rng)
    first = int(rng.integers(0, 3))
    if first:
        canvas.letter(image, "12:45", (110, 80, 290, 160), canvas.WHITE, cv2.FONT_HERSHEY_SIMPLEX)
    rows = [*range(first, int(rng.integers(4, 6))), 6]
    for row in rows:
        top = 92 + 104 * row if row < 6 else 722
        for column in range(4):
            if row < 6 and rng.random() < 0.12:
                continue
            left = 40 + 86 * column
            _icon(image, (left, top, left + 62, top + 62), rng)
            if row < 6:
                canvas.fill(image, (left + 8, top + 72, left + 54, top + 79), canvas.WHITE)


def _chat(image: Image, accent: Color, rng: Stream) -> None:
    image[:] = (236, 236, 240)
    canvas.fill(image, (0, 0, 400, 110), accent)
    ink = canvas.legible(accent, canvas.WHITE)
    cv2.circle(image, (60, 78), 22, ink, -1, cv2.LINE_AA)
    canvas.letter(image, "Messages", (100, 62, 260, 94), ink, cv2.FONT_HERSHEY_SIMPLEX)
    y = 130
    while y < 730:
        high, wide = int(rng.integers(1, 4)) * 26 + 20, int(rng.uniform(140, 280))
        mine = rng.random() < 0.5
        left = 380 - wide if mine else 20
        tone = canvas.blend(accent, canvas.WHITE, 0.2) if mine else (255, 255, 255)
        _rounded(image, (left, y, left + wide, y + high), 16, tone)
        ink = canvas.legible(tone, canvas.INK)
        canvas.writing(image, (left + 14, y + 2, left + wide - 14, y + high - 8), 26, ink, rng)
        y += high + 16
    _rounded(image, (20, 765, 380, 810), 20, (255, 255, 255))


def _entries(image: Image, accent: Color, rng: Stream) -> None:
    image[:] = (250, 250, 250)
    canvas.fill(image, (0, 50, 400, 56), accent)
    tones = (accent, VIVID[int(rng.integers(8))], canvas.WHITE)
    canvas.picture(image, (0, 56, 400, 270), tones, rng)
    for y in range(290, 800, 112):
        tones = (VIVID[int(rng.integers(8))], accent, canvas.WHITE)
        canvas.picture(image, (20, y, 120, y + 92), tones, rng)
        canvas.writing(image, (136, y, 380, y + 30), 26, canvas.INK, rng)
        canvas.writing(image, (136, y + 30, 380, y + 92), 18, (120, 120, 124), rng)


def desktop(spec: MaterialSpec) -> np.ndarray:
    """Draw a desktop, `680 x 1000`. motif: `windows` has a few, `page` a browser, `code` an
    editor."""
    rng = canvas.layout(spec)
    image = canvas.blank(1000, 680, canvas.INK)
    accent = canvas.display(spec.color_b)
    _wallpaper(image, spec, rng)
    for row in range(5):
        _icon(image, (60, 70 + 90 * row, 104, 114 + 90 * row), rng)
    if spec.motif == "windows":
        _window(image, (160, 90, 560, 420), accent, False, rng)
        _window(image, (430, 230, 900, 560), accent, rng.random() < 0.4, rng)
    else:
        _window(image, (70, 60, 930, 590), accent, spec.motif == "code", rng)
    canvas.fill(image, (0, 610, 1000, 680), canvas.blend(canvas.INK, accent, 0.15))
    for place in range(int(rng.integers(5, 10))):
        _icon(image, (320 + 44 * place, 618, 354 + 44 * place, 652), rng)
    return canvas.relief(image)


def _window(image: Image, box: Box, accent: Color, dark: bool, rng: Stream) -> None:
    """Draw a title bar with buttons, a side bar, and text, a table or a picture."""
    left, top, right, bottom = box
    ground: Color = (30, 31, 38) if dark else (250, 250, 250)
    canvas.fill(
        image, (left - 3, top - 3, right + 3, bottom + 3), canvas.blend(ground, (0, 0, 0), 0.4)
    )
    canvas.fill(image, box, ground)
    canvas.fill(image, (left, top, right, top + 30), canvas.blend(ground, (128, 128, 132), 0.35))
    for k, tone in enumerate(((234, 67, 53), (251, 188, 5), (52, 168, 83))):
        cv2.circle(image, (left + 18 + 20 * k, top + 15), 6, tone, -1, cv2.LINE_AA)
    bar = left + (right - left) // 5
    canvas.fill(image, (left, top + 30, bar, bottom), canvas.blend(ground, accent, 0.25))
    faint = canvas.blend(ground, canvas.legible(ground, canvas.INK), 0.6)
    canvas.writing(image, (left + 10, top + 36, bar - 16, bottom - 10), 22, faint, rng)
    if dark:
        _code(image, (bar + 14, top + 40, right - 14, bottom - 8), rng)
        return
    middle = top + 40 + (bottom - top) // 3
    tones = (accent, VIVID[int(rng.integers(8))], canvas.WHITE)
    canvas.picture(image, (bar + 14, top + 42, right - 14, middle), tones, rng)
    canvas.writing(image, (bar + 14, middle + 6, right - 14, bottom - 8), 18, (60, 60, 64), rng)


def _code(image: Image, box: Box, rng: Stream) -> None:
    left, top, right, bottom = box
    for y in range(top, bottom - 16, 18):
        x = left + 24 * int(rng.integers(0, 4))
        for _ in range(int(rng.integers(0, 6))):
            word = words.WORDS[int(rng.integers(len(words.WORDS)))]
            tone = ((220, 220, 215), (120, 190, 250), (240, 150, 110), (150, 210, 130))
            color = tone[int(rng.integers(4))]
            at = (x, y + 14)
            cv2.putText(image, word, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, color, 1, cv2.LINE_AA)
            x += 9 * len(word) + 9
            if x > right - 80:
                break
