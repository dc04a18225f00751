"""Write simgen/labels/drawing/palette.txt, the colours of classes and instances.

python scripts/make_palette.py

Farthest-point sampling: each colour is the one in a grid of displayable colours whose minimum
difference from all previous ones is largest, so the first N are well separated for every N. The
difference is that of CIE 1976 in CIELAB (D65, 2 degrees; IEC 61966-2-1 to XYZ): the smallest of
those for full colour vision, deuteranopes and protanopes (matrices of Machado, Oliveira and
Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009,
severity 1).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

PAGE = Path(__file__).resolve().parent.parent / "simgen" / "labels" / "drawing" / "palette.txt"
COUNT = 256
STEP = 5
LIGHTNESS = (50.0, 93.0)
"""Range of CIELAB lightness: visible on black, in night scenes, and on white."""
COLOURFUL = 18.0
"""Minimum chroma, since less colourful lines would look like a part of the image."""
BLIND = ((16, 1.4), (COUNT, 3.0))
"""Numbers of colours, and factors on the differences for colour-blind vision, which are smaller in
general: colours that are distinct for the colour-blind among 16 cannot all be distinct among 256.
"""
TAKEN = ((0, 0, 0), (255, 255, 255), (128, 128, 128))
"""Stage and background, paper, and grey."""
FIRST = (235, 90, 20)

_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_DEUTAN = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
     [-0.011820, 0.042940, 0.968881]]
)  # fmt: skip
_PROTAN = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
     [-0.003882, -0.048116, 1.051998]]
)  # fmt: skip


def linear(colours: np.ndarray) -> np.ndarray:
    """Convert `n x 3` display values 0..255 to linear light."""
    values = colours / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """Return CIELAB of `n x 3` linear values, relative to the white (1, 1, 1)."""
    parts = np.clip(light, 0, None) @ _XYZ.T / _XYZ.sum(axis=1)
    f = np.where(parts > (6 / 29) ** 3, np.cbrt(parts), parts / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def seen(colours: np.ndarray) -> list[np.ndarray]:
    """Return CIELAB of `n x 3` display values for full vision, deuteranopia and protanopia."""
    light = linear(colours)
    return [lab(light), lab(light @ _DEUTAN.T), lab(light @ _PROTAN.T)]


def candidates() -> np.ndarray:
    """Return the grid colours that are light and colourful enough, `n x 3`."""
    side = np.arange(0, 256, STEP)
    grid = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
    lightness, a, b = lab(linear(grid)).T
    fit = (lightness >= LIGHTNESS[0]) & (lightness <= LIGHTNESS[1]) & (np.hypot(a, b) >= COLOURFUL)
    return grid[fit]


def palette() -> np.ndarray:
    """Return the palette, `COUNT x 3` uint8."""
    grid = candidates()
    eyes = seen(grid)
    nearest = [np.full(len(grid), np.inf) for _ in eyes]

    def take(colour: np.ndarray) -> None:
        for least, all_, one in zip(nearest, eyes, seen(colour[None]), strict=True):
            np.minimum(least, np.linalg.norm(all_ - one, axis=1), out=least)

    for colour in TAKEN:
        take(np.array(colour))
    found = [grid[np.abs(grid - FIRST).sum(axis=1).argmin()]]
    take(found[0])
    for end, weight in BLIND:
        while len(found) < end:
            apart = np.minimum(nearest[0], weight * np.minimum(nearest[1], nearest[2]))
            found.append(grid[apart.argmax()])
            take(found[-1])
    return np.array(found, np.uint8)


def main() -> None:
    rows = palette().reshape(-1, 8, 3)
    lines = (" ".join(bytes(one.tolist()).hex() for one in row) for row in rows)
    PAGE.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
