"""Balls for games, as maps in longitude and latitude: columns from -x once around, row 0 at +z."""

from __future__ import annotations

import numpy as np

from simgen.spec.scene import MaterialSpec

from . import canvas

WIDTH, HEIGHT = 960, 480
GOLDEN = (1 + 5**0.5) / 2


def _directions() -> np.ndarray:
    """Return the unit vector of every pixel's centre, `HEIGHT x WIDTH x 3`."""
    longitude = (np.arange(WIDTH) + 0.5) / WIDTH * 2 * np.pi - np.pi
    latitude = np.pi / 2 - (np.arange(HEIGHT) + 0.5) / HEIGHT * np.pi
    flat = np.cos(latitude)[:, None]
    x, y = flat * np.cos(longitude), flat * np.sin(longitude)
    return np.stack([x, y, np.broadcast_to(np.sin(latitude)[:, None], x.shape)], axis=2)


def _corners() -> np.ndarray:
    """Return the 12 corners of an icosahedron, unit vectors."""
    signs = [(a, b) for a in (-1.0, 1.0) for b in (-GOLDEN, GOLDEN)]
    found = np.array([np.roll((0.0, a, b), turn) for turn in range(3) for a, b in signs])
    return found / np.linalg.norm(found[0])


def _centres(corners: np.ndarray) -> np.ndarray:
    """Return the centres of an icosahedron's 20 faces, unit vectors, from its corners."""
    near = corners @ corners.T > 0.4
    found = [
        corners[i] + corners[j] + corners[k]
        for i in range(12) for j in range(i) for k in range(j)
        if near[i, j] and near[j, k] and near[i, k]
    ]  # fmt: skip
    return np.array([middle / np.linalg.norm(middle) for middle in found])


def _painted(colors: np.ndarray, seam: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return `colors` (`H x W x 3`) darkened by `seam`, with relief lowered by `depth` (0..1, `H x
    W`)."""
    shade = colors * (1 - seam[..., None])
    return canvas.relief(np.round(shade).astype(np.uint8), 1 - depth)


def football(spec: MaterialSpec) -> np.ndarray:
    """Draw a truncated icosahedron: 12 pentagons in the second colour, 20 hexagons in the first."""
    way = _directions()
    corners = _corners()
    # A corner of the panels lies at a third of an icosahedron's edge. There, the distances to the
    # surrounding panels are equal after normalisation by the panels' sizes.
    beside = corners[int(np.argmin(np.abs(corners @ corners[0] - 5**-0.5)))]
    meeting = (2 * corners[0] + beside) / 3
    centres = _centres(corners)
    flat = way.reshape(-1, 3)
    five = flat @ (corners / (meeting @ corners[0])).T
    six = flat @ (centres / (centres @ meeting).max()).T
    # Near a seam, the nearest and the second nearest panel are equally near.
    best, other = np.full((2, len(flat)), -np.inf)
    for column in (*five.T, *six.T):
        other = np.maximum(other, np.minimum(best, column))
        best = np.maximum(best, column)
    gap = ((best - other) * np.linalg.norm(meeting)).reshape(HEIGHT, WIDTH)
    is_five = (five.max(axis=1) >= best).reshape(HEIGHT, WIDTH)
    tones = canvas.display(spec.color_b), canvas.display(spec.color_a)
    colors = np.where(is_five[..., None], *tones)
    groove = np.clip(1 - gap / 0.022, 0, 1)
    return _painted(colors, 0.6 * (groove > 0.35), groove)


def _seams(curves: list[np.ndarray], width: float) -> np.ndarray:
    """Return lines, `H x W`: 1 within half `width` of the zeros of any function, fading to 0."""
    return np.max([np.clip(1.5 - np.abs(curve) / width, 0, 1) for curve in curves], axis=0)


def basketball(spec: MaterialSpec) -> np.ndarray:
    """Draw eight panels: two great circles and two curves that bow away from a third."""
    way = _directions()
    x, y, z = np.moveaxis(way, 2, 0)
    bow = np.abs(x) - 0.42 - 0.55 * y**2
    seam = _seams([y, z, bow], 0.03)
    grain = canvas.layout(spec).random((HEIGHT, WIDTH))
    colors = np.array(canvas.display(spec.color_a)) * (0.92 + 0.08 * grain[..., None])
    ink = canvas.display(spec.color_b)
    colors = colors + seam[..., None] * (np.array(ink) - colors)
    return canvas.relief(np.round(colors).astype(np.uint8), (1 - seam) * (0.8 + 0.2 * grain))


def tennis_ball(spec: MaterialSpec) -> np.ndarray:
    """Draw felt with the closed curve of its seam, which crosses the equator four times."""
    way = _directions()
    x, y, z = np.moveaxis(way, 2, 0)
    # Zero along a curve that oscillates between the poles, like the seam between two equal halves.
    curve = z * 1.15 - (x**2 - y**2) * 0.95
    seam = _seams([curve], 0.055)
    felt = canvas.layout(spec).random((HEIGHT, WIDTH))
    colors = np.array(canvas.display(spec.color_a)) * (0.82 + 0.18 * felt[..., None])
    colors = colors + seam[..., None] * (np.array(canvas.display(spec.color_b)) - colors)
    return canvas.relief(np.round(colors).astype(np.uint8), (0.5 + 0.5 * felt) * (1 - 0.8 * seam))


def beach_ball(spec: MaterialSpec) -> np.ndarray:
    """Draw six coloured gores from pole to pole with white between them, and two discs at the
    poles."""
    way = _directions()
    longitude = np.arctan2(way[..., 1], way[..., 0])
    gore = np.floor((longitude / (2 * np.pi) + 0.5) * 6).astype(int) % 6
    a, b = canvas.display(spec.color_a), canvas.display(spec.color_b)
    third = ((250, 205, 40), (40, 120, 210), (230, 60, 50), (60, 160, 80))
    other = third[int(canvas.layout(spec).integers(4))]
    tones = np.array([a, canvas.WHITE, b, canvas.WHITE, other, canvas.WHITE])
    colors = np.where(np.abs(way[..., 2:]) > 0.955, canvas.WHITE, tones[gore])
    within = (longitude / (2 * np.pi) + 0.5) * 6 % 1.0
    edge = np.minimum(within, 1 - within) * 2 * np.pi / 6 * np.hypot(way[..., 0], way[..., 1])
    groove = np.clip(1 - edge / 0.02, 0, 1)
    return _painted(colors, 0.15 * groove, groove)
