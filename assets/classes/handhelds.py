"""Mobile phone and remote control, lying on their backs, with the upper end at +y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Solid, curves, keypoints, pieces, sections, uv
from simgen.spec.parameters import between, cases, flag

from . import keys


@dataclass(frozen=True)
class CellPhone:
    height: float = between(0.138, 0.168)
    width: float = between(0.45, 0.49)  # of the height
    thick: float = between(0.0070, 0.0088)
    corner: float = between(0.007, 0.013)
    edge: float = between(0.0014, 0.0030)
    bezel: float = between(0.0030, 0.0048)
    home: bool = flag(above=0.8)  # broad bezels and a round button
    cameras: int = cases(1, 2, 3, at=(1 / 3, 2 / 3))
    bump: float = between(0.0012, 0.0024)


@dataclass(frozen=True)
class Remote:
    height: float = between(0.130, 0.215)
    width: float = between(0.040, 0.054)
    thick: float = between(0.015, 0.022)
    waist: float = between(0.0, 0.10)
    corner: float = between(0.006, 0.020)
    belly: float = between(0.2, 0.6)  # rounding of the underside over the thickness
    ring: float = between(0.30, 0.40)  # radius of the cursor ring over the width
    button: float = between(0.62, 0.82)  # width of a button over the buttons' spacing
    round_buttons: bool = flag(below=0.4, of="round")
    digits_first: bool = flag(below=0.5, of="order")  # above the cursor ring


def build_cell_phone(p: CellPhone) -> MeshData:
    half = (p.width * p.height / 2, p.height / 2)
    low, high = p.bump, p.bump + p.thick
    edge = min(p.edge, 0.42 * p.thick)
    rings = sections.slab(half, p.corner, (low, high), edge)
    names = ["back", *["back"] * 2, *["frame"] * (len(rings) - 4), "frame", "frame"]
    body = uv.from_above(solids.loft(rings, [*names[: len(rings)], "glass"]))
    home = p.home
    side, ends = (0.0042, 0.017) if home else (p.bezel, p.bezel)
    pane, heights = (half[0] - 0.7 * edge, half[1] - 0.7 * edge), (high - 0.0004, high + 0.0003)
    glass = solids.rounded_slab(pane, p.corner - 0.7 * edge, heights, 0.0003, "glass")
    picture = (half[0] - 0.6 * edge - side, half[1] - 0.6 * edge - ends)
    round_corner = 0.0008 if home else max(p.corner - edge - side, 0.002)
    screen = solids.rounded_slab(picture, round_corner, (high, high + 0.0004), 0.0001, "screen")
    cameras = _cameras(p, half, low)
    parts = [body, glass, screen, *_details(p, half, (low, high), home), *cameras]
    filling = [pieces.hull(body.vertices), pieces.hull(cameras[0].vertices)]
    filling[1][:, 2] = np.where(filling[1][:, 2] < 0.001, 0.0, filling[1][:, 2])
    marks = keypoints.box_corners(body.vertices)
    order = ("back", "frame", "glass", "screen")
    return solids.assemble(parts, order, filling, marks)


def _details(
    p: CellPhone, half: tuple[float, float], z: tuple[float, float], home: bool
) -> list[Solid]:
    """Build the side keys, the earpiece, and a home button or a camera in the screen."""
    low, high = z
    middle = (low + high) / 2
    found = []
    for side, place, long in ((1, 0.36, 0.006), (-1, 0.42, 0.005), (-1, 0.28, 0.005)):
        x, y = side * half[0], place * half[1]
        start, end = (
            (x - 0.0005, y - long, middle - 0.0011),
            (x + 0.0005, y + long, middle + 0.0011),
        )
        found.append(solids.beveled_box(start, end, 0.0003, "frame"))
    if home:
        button = solids.lathe(curves.cylinder(0.0056, 0, 0.0004), "frame", 24)
        found.append(solids.translate(button, (0, -half[1] + 0.0098, high + 0.0001)))
    ear = solids.rounded_slab((0.0055, 0.0006), 0.0005, (0, 0.0004), 0.0001, "frame")
    y = half[1] - (0.0098 if home else 0.0022)
    found.append(solids.translate(ear, (0, y, high + (0.0001 if home else -0.00008))))
    if not home:
        eye = solids.lathe(curves.cylinder(0.0019, 0, 0.0005), "glass", 18)
        found.append(solids.translate(eye, (0, half[1] - p.bezel - 0.0056, high + 0.0001)))
    return found


def _cameras(p: CellPhone, half: tuple[float, float], low: float) -> list[Solid]:
    """Build the raised panel on the back with its lenses, which face down."""
    d = 0.0072
    size, spots = {
        1: ((0.0105, 0.0105), [(0.0, 0.0)]),
        2: ((0.0075, 0.0150), [(0.0, d), (0.0, -d)]),
        3: ((0.0165, 0.0165), [(-d, d), (-d, -d), (d, 0.0)]),
    }[p.cameras]
    x, y = half[0] - 0.005 - size[0], half[1] - 0.005 - size[1]
    field = solids.rounded_slab(size, 0.7 * size[0], (0.0006, low + 0.0005), 0.0005, "back")
    parts = [solids.translate(field, (x, y, 0.0))]
    rim = np.array([(0, 0.0002), (0.0046, 0.0002), (0.0048, 0), (0.0056, 0), (0.0058, 0.0004)])
    rim = np.concatenate([rim, [(0.0058, 0.0012), (0, 0.0012)]])
    slots = ["glass", "frame", "frame", "frame", "frame", "frame"]
    for u, v in spots:
        parts.append(solids.translate(solids.lathe(rim, slots, 24), (x + u, y + v, 0.0)))
    return parts


def build_remote(p: Remote) -> MeshData:
    half = (p.width / 2, p.height / 2)
    rings = _remote_body(p, half)
    body = uv.from_above(solids.loft(rings, "body"))
    parts = [_waisted(p, body, half), *(_waisted(p, item, half) for item in _remote_keys(p, half))]
    low = rings[[0, 3]]
    filling = [pieces.slab(np.concatenate([low, rings[-4:-2]]), 16)]
    marks = keypoints.box_corners(parts[0].vertices[parts[0].vertices[:, 2] > 0.5 * p.thick])
    points = {
        name.removeprefix("top_"): point
        for name, point in marks.points.items()
        if name.startswith("top_")
    }
    edges = keypoints.loop("front_left", "front_right", "back_right", "back_left")
    order = ("body", "keys", "ring", "power", "colours")
    return solids.assemble(parts, order, filling, Keypoints(points, edges))


def _remote_body(p: Remote, half: tuple[float, float]) -> np.ndarray:
    """Return a slab with strongly rounded bottom edges and slightly rounded top edges."""
    upper = sections.slab(half, p.corner, (0.0, p.thick), 0.0022)
    deep = p.belly * p.thick
    angle = np.linspace(0, np.pi / 2, 6)
    factors = 1 - (0.45 * deep * (1 - np.sin(angle)))[:, None] / np.array(half)
    lower = sections.levels(upper[5, :, :2], deep * (1 - np.cos(angle)), factors)
    bottom = lower[:1] * (0.8, 0.8, 0.0)
    return np.concatenate([bottom, lower, upper[5:]])


def _waisted(p: Remote, part: Solid, half: tuple[float, float]) -> Solid:
    """Narrow a part at the height of the hand's grip."""
    y = part.vertices[:, 1] / half[1]
    less = 1 - p.waist * np.exp(-(((y + 0.25) / 0.45) ** 2))
    scale = np.stack([less, np.ones_like(less), np.ones_like(less)], axis=1)
    return replace(part, vertices=part.vertices * scale)


def _remote_keys(p: Remote, half: tuple[float, float]) -> list[Solid]:
    top = p.thick
    pitch = 0.80 * p.width / 3
    row = 0.78 * pitch
    size = (p.button * pitch / 2, 0.72 * row / 2)
    y = half[1] - 0.012
    parts = [_button(p, (-pitch, y), (0.0042, 0.0042), top, "power", True)]
    parts.append(_button(p, (pitch, y), (size[0], size[1]), top, "keys", False))
    y -= 0.5 * row + 0.008
    ring = p.ring * p.width
    digits = 4 if p.height > 0.165 else 3
    order = ("digits", "ring") if p.digits_first else ("ring", "digits")
    for what in order:
        if what == "digits":
            for line in range(digits):
                for x in (-pitch, 0.0, pitch):
                    middle = (x, y - (line + 0.5) * row)
                    parts.append(_button(p, middle, size, top, "keys", p.round_buttons))
            y -= digits * row + 0.003
        else:
            parts += _cursor(p, (0.0, y - ring), ring, top)
            y -= 2 * ring + 0.004
    for place in range(4):
        x = (place - 1.5) * 0.74 * pitch
        parts.append(_button(p, (x, y - 0.003), (0.26 * pitch, 0.0016), top, "colours", False))
    y -= 0.009
    while y - row > -half[1] + 0.012:
        for x in (-pitch, 0.0, pitch):
            parts.append(_button(p, (x, y - 0.5 * row), size, top, "keys", p.round_buttons))
        y -= row
    return parts


def _button(
    p: Remote,
    middle: tuple[float, float],
    half: tuple[float, float],
    top: float,
    slot: str,
    is_round: bool,
) -> Solid:
    if not is_round:
        return keys.cap(middle, half, (top - 0.001, top + 0.0012), 0.0003, slot)
    r = min(half)
    profile = np.array([(0, -0.001), (r, -0.001), (r, 0.0008), (0.9 * r, 0.0012), (0, 0.0012)])
    return solids.translate(solids.lathe(profile, slot, 12), (*middle, top))


def _cursor(p: Remote, middle: tuple[float, float], radius: float, top: float) -> list[Solid]:
    """Build a ring of cursor keys and the button in its centre."""
    flat = np.array([(0.62, -0.001), (1.0, -0.001), (1.0, 0.0007), (0.95, 0.0012)])
    section = np.concatenate([flat, [(0.66, 0.0012), (0.62, 0.0007)]]) - (0.8, 0.0)
    angle = 2 * np.pi * np.arange(28) / 28
    path = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1) * 0.8 * radius
    rings = sections.sweep_loop(path, section * (radius, 1.0))
    ring = solids.translate(uv.from_above(solids.loft_loop(rings, "ring")), (*middle, top))
    return [ring, _button(p, middle, (0.5 * radius, 0.5 * radius), top, "keys", True)]


CLASSES = (
    ParametricClass("cell_phone", CellPhone, build_cell_phone),
    ParametricClass("remote", Remote, build_remote),
)
