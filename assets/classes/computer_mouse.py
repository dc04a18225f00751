"""Computer mouse: a domed body with two buttons and a wheel between them. Its front is at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Solid, curves, keypoints, pieces
from simgen.spec.parameters import between


@dataclass(frozen=True)
class ComputerMouse:
    length: float = between(0.096, 0.128)
    width: float = between(0.54, 0.62)  # of the length
    height: float = between(0.32, 0.37)  # of the length
    hump: float = between(0.34, 0.50)  # position of the highest point, from the back
    waist: float = between(0.0, 0.10)
    nose: float = between(0.36, 0.55)  # height of the front over the highest
    square: float = between(2.5, 3.4)
    button: float = between(0.40, 0.50)  # length of the buttons over the total
    gap: float = between(0.0012, 0.0021)
    wheel: float = between(0.0095, 0.0120)
    wheel_wide: float = between(0.0035, 0.0050)  # half


_HALF = 15
"""Points of half a section, from the centre of the bottom over the side to that of the top."""


def build(p: ComputerMouse) -> MeshData:
    s = curves.dense_ends(1.0, 27)
    body = _body(p, s, 0.0)
    split = 1 - p.button
    t = split + (0.985 - split) * curves.dense_ends(1.0, 15)
    left, right = (_button(p, t, side) for side in (1, -1))
    wheel, centre = _wheel(p)
    seam = _logo(p)
    middle = (s[:-1] + s[1:]) / 2
    under = np.where((middle > split) & (middle < 0.96), "base", "body")
    shell = solids.loft(body, ["body", *under, "body"])
    parts = [shell, *(solids.loft(rings, "body") for rings in (left, right))]
    parts += [wheel, *seam]
    filling = pieces.slices(body, 6, around=20)
    filling.append(pieces.hull(wheel.vertices))
    marks = {
        "front": body[-1].mean(axis=0),
        "back": body[0].mean(axis=0),
        "left_button": left[8, 5],
        "right_button": right[8, 5],
        "wheel": centre + (0, 0, p.wheel),
    }
    edges = keypoints.chain("back", "left_button", "front", "right_button", "back")
    points = Keypoints(marks, (*edges, ("front", "wheel")))
    return solids.assemble(parts, ("body", "wheel", "base"), filling, points)


def _size(p: ComputerMouse, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the half width and height of the section at `s`, 0 at the back to 1 at the front;
    metres."""
    half = p.width * p.length / 2
    oval = (1 - np.abs(2 * s - 1) ** p.square).clip(0, 1) ** (1 / p.square)
    wide = half * oval * (1 - p.waist * np.exp(-(((s - 0.55) / 0.2) ** 2))) + 0.0006
    top = p.height * p.length
    knots = [0.0, 0.07, p.hump, 0.82, 1.0]
    heights = [0.36 * top, 0.62 * top, top, (0.45 + 0.45 * p.nose) * top, 0.8 * p.nose * top]
    ends = np.sqrt((1 - np.abs(2 * s - 1) ** 9).clip(0, 1))
    return wide, curves.monotone(s, knots, heights) * (0.45 + 0.55 * ends)


def _half_section(count: int) -> np.ndarray:
    """Return half a section, `count x 2`, outward and up within 0..1, from the bottom's to the
    top's centre."""
    bottom = [(0.0, 0.0), (0.55, 0.0), (0.88, 0.0), (0.93, 0.02), (0.975, 0.09), (1.0, 0.22)]
    angle = np.linspace(0.0, np.pi / 2, count - len(bottom) + 1)[1:]
    top = [(np.cos(a) ** 0.62, 0.22 + 0.78 * np.sin(a) ** 0.85) for a in angle]
    return np.array(bottom + top)


def _body(p: ComputerMouse, s: np.ndarray, out: float) -> np.ndarray:
    wide, high = _size(p, s)
    half = _half_section(_HALF)
    whole = np.concatenate([half, (half * (-1, 1))[-2:0:-1]])
    y = whole[:, 0] * (wide[:, None] + out)
    z = whole[:, 1] * (high[:, None] + out)
    x = np.broadcast_to(((s - 0.5) * p.length)[:, None], y.shape)
    return np.stack([x, y, z], axis=2)


def _button(p: ComputerMouse, s: np.ndarray, side: int) -> np.ndarray:
    """Return a shell on the front half of the body, on one side of the gap."""
    wide, high = _size(p, s)
    full = _half_section(_HALF)[6:]
    rings = []
    for k, (w, h) in enumerate(zip(wide, high, strict=True)):
        edge = 0.0009 * np.sqrt(min(k, len(s) - 1 - k, 2) / 2) + 0.0001
        outer = full * (w + edge, h + edge)
        inner = full * (max(w - 0.002, 0.0004), h - 0.0025)
        outer[:, 0] = np.maximum(outer[:, 0], p.gap)
        inner[:, 0] = np.maximum(inner[:, 0], p.gap)
        outer[-1, 1] -= 0.0004
        ring = np.concatenate([outer, inner[::-1]])
        x = (s[k] - 0.5) * p.length + (0.0012 if k == len(s) - 1 else 0.0)
        rings.append(np.column_stack([np.full(len(ring), x), side * ring[:, 0], ring[:, 1]]))
    found = np.array(rings)
    return _spread(found, side, p.gap)


def _spread(rings: np.ndarray, side: int, gap: float) -> np.ndarray:
    """Separate points that the gap has made coincide by a tiny distance."""
    m = rings.shape[1]
    order = np.concatenate([np.arange(m // 2)[::-1], np.arange(m // 2)]) * 2e-5
    made = rings.copy()
    made[..., 1] += side * order
    return made


def _wheel(p: ComputerMouse) -> tuple[Solid, np.ndarray]:
    s = np.array([0.76])
    _, high = _size(p, s)
    radius, half = p.wheel, p.wheel_wide / 1.6
    x, z = float((s[0] - 0.5) * p.length), float(high[0]) - 0.55 * radius
    profile = curves.fillet(
        [(0, -half), (radius, -half), (radius, half), (0, half)], [0, 0.0014, 0.0014, 0], 4
    )
    part = solids.lathe(profile, "wheel", 28, axis=0)
    centre = np.array([x, 0.0, z])
    return solids.translate(solids.rotate(part, 2, np.pi / 2), centre), centre


def _logo(p: ComputerMouse) -> list[Solid]:
    """Build the two thumb buttons on the left side."""
    found = []
    for place in (0.46, 0.60):
        s = np.array([place])
        wide, high = _size(p, s)
        x = (place - 0.5) * p.length
        y, z = 0.965 * float(wide[0]), 0.62 * float(high[0])
        low = (x - 0.0062, y - 0.003, z - 0.0016)
        found.append(solids.beveled_box(low, (x + 0.0062, y + 0.0010, z + 0.0016), 0.0009, "body"))
    return found


CLASSES = (ParametricClass("computer_mouse", ComputerMouse, build),)
