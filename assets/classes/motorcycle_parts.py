"""Parts of motorcycles: wheels, streamlined bodies, panels, lamps, number plates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves, uv

from .motorcycle_lines import Lines, Motorcycle, has
from .two_wheelers import flat_ring, ring, spider, spokes, xyz


def wheel(p: Motorcycle, line: Lines, rear: bool) -> list[Solid]:
    """Build a wheel with tyre and brakes, and its hub."""
    radius, half = line.radii[rear], line.tyres[rear]
    tall = min(1.4 * half, 0.34 * radius, 0.098) / 2
    around = curves.superellipse((1.0, 1.0), 2.3, 12)
    bead = radius - 2 * tall + 0.012
    lip, well = 0.8 * half, 0.45 * half
    edge = np.array([(lip - 0.008, bead + 0.004), (lip, bead), (lip, bead - 0.014),
                     (well, bead - 0.028)])  # fmt: skip
    section = np.concatenate([edge, edge[::-1] * (-1, 1)])
    found = [
        ring(radius - tall, around * (half, tall), "tyres", 52),
        ring(0.0, section, "rims", 40),
    ]
    reach = line.legs_apart if not rear else half + 0.03
    if has(p, "spoked"):
        found += spokes(p.spokes, bead - 0.026, (0.038, 0.036), 0.0021)
        hub = [(0, -reach), (0.014, -reach), (0.016, -0.048), (0.045, -0.042), (0.045, -0.034)]
        middle = _turned_hub(hub, "metal")
    else:
        found += _cast(p.cast, bead - 0.02, 0.028 if rear else 0.022)
        hub = [(0, -reach), (0.018, -reach), (0.02, -0.05), (0.052, -0.046), (0.052, -0.02)]
        middle = _turned_hub(hub, "rims")
    at = xyz(0.0, line.rear if rear else line.front)
    whole = solids.join(found + _discs(p, line, rear))
    return [solids.translate(one, at) for one in (whole, middle)]


def _turned_hub(profile: Sequence[tuple[float, float]], slot: str) -> Solid:
    return solids.lathe([*profile, *((r, -x) for r, x in reversed(profile))], slot, 20, axis=0)


def _cast(count: int, reach: float, half: float) -> list[Solid]:
    """Build the spokes of a cast wheel: wide ones, or slender ones in pairs."""
    turns = 2 * np.pi * np.arange(count) / count
    wide = 0.021 if count <= 3 else 0.015 if count <= 6 else 0.009
    pairs = (-0.11, 0.11) if count == 5 else (0.0,)
    found = []
    for spread in pairs:
        thin = wide / (1.5 if len(pairs) > 1 else 1.0)
        spoke = solids.chamfered_box((-half, -thin, 0.03), (half, thin, reach), 0.006, "rims")
        for turn in turns:
            found.append(solids.rotate(spoke, 0, float(turn + spread)))
    return found


def _discs(p: Motorcycle, line: Lines, rear: bool) -> list[Solid]:
    radius = min(0.115 if rear else 0.15, 0.52 * line.radii[rear])
    disc = flat_ring(radius, 0.26 * radius) + spider(radius - 0.025)
    x = (line.tyres[1] if rear else line.tyres[0]) + 0.016
    sides = (-1,) if rear else (-1, 1) if p.discs == 2 and p.style != "scooter" else (-1,)
    # The flat side of its arms is outside.
    return [solids.translate(disc if side < 0 else solids.mirror(disc), (side * x, 0, 0))
            for side in sides]  # fmt: skip


def streamlined(
    stations: ArrayLike, slot: str, exponent: float = 2.4, count: int = 15, around: int = 20
) -> Solid:
    """Build a body through cross-sections at `stations` (`n x 4`: y, half width, lowest and highest
    z), with one piece around it. exponent: of the sections; see `curves.superellipse`."""
    y, half, low, high = curves.catmull_rom(stations, count).T
    half, tall = np.maximum(half, 0.006), np.maximum(high - low, 0.008) / 2
    section = curves.superellipse((1.0, 1.0), exponent, around)
    x, z = half[:, None] * section[:, 0], tall[:, None] * section[:, 1]
    rings = np.stack([x, np.broadcast_to(y[:, None], x.shape), z + (low + high)[:, None] / 2], 2)
    return solids.filled(uv.box_projection(solids.loft(rings, slot)))


def panel(edges: ArrayLike, slot: str, bulge: float, thick: float = 0.012, rows: int = 8) -> Solid:
    """Build a panel of the left side that bulges outwards, with one piece around it.

    edges: `n x 6`: x, y and z of the lower and of the upper edge.
    """
    across = np.linspace(0.0, 1.0, rows)[:, None]
    line = curves.catmull_rom(edges, 14)
    low, high = line[:, None, :3], line[:, None, 3:]
    outer = low + across * (high - low)
    outer[..., 0] += bulge * np.sin(np.pi * across[:, 0])
    inner = outer - (thick, 0.0, 0.0)
    # Thin at its upper and lower edge.
    inner[:, [0, -1], 0] += 0.6 * thick
    rings = solids.Sheet(inner, outer).rings()
    return solids.filled(uv.box_projection(solids.loft(rings, slot)))


def screen(foot: np.ndarray, head: np.ndarray, wide: tuple[float, float], curve: float) -> Solid:
    """Build a thin windscreen whose edges are behind its middle.

    foot, head: y and z of the ends of its middle. wide: half its width below and above. curve: how
    far its edges are back, metres.
    """
    across, up = np.linspace(-1.0, 1.0, 11), np.linspace(0.0, 1.0, 8)[:, None]
    x = (wide[0] + up * (wide[1] - wide[0])) * (1 - 0.45 * up**5) * across
    y = foot[0] + up * (head[0] - foot[0]) + curve * across**2
    z = foot[1] + up * (head[1] - foot[1]) - 0.04 * up * across**2
    front = np.stack([x, y, z], 2)
    return solids.loft(solids.Sheet(front, front + (0, 0.004, 0.001)).rings(), "glass")


def plate(at: np.ndarray, tilt: float) -> Solid:
    """Build a number plate that faces backwards, on its dark holder. at: y and z of its middle.
    tilt: of its top forwards, radians."""
    white = solids.chamfered_box((-0.1, 0.002, -0.07), (0.1, 0.008, 0.07), 0.002, "plate")
    back = solids.chamfered_box((-0.106, -0.008, -0.076), (0.106, 0.003, 0.076), 0.003, "trim")
    return solids.translate(solids.rotate(white + back, 0, tilt), xyz(0.0, at))


def indicator(at: ArrayLike, facing: float) -> Solid:
    """Build an indicator. facing: -1 for one that faces the front, 1 for the back."""
    cup = solids.ellipsoid((0, -0.006 * facing, 0), (0.026, 0.03, 0.026), "trim", 10, 6)
    lens = solids.ellipsoid((0, 0.012 * facing, 0), (0.0265, 0.026, 0.0265), "indicators", 10, 6)
    return solids.translate(cup + lens, np.asarray(at, float))


def lamp(at: np.ndarray, radius: float, cup: str) -> Solid:
    """Build a round headlight that faces -y. at: y and z of its middle. cup: slot of its shell."""
    deep = 1.25 * radius
    shell = [
        (0, -deep),
        (0.45 * radius, -0.93 * deep),
        (0.8 * radius, -0.66 * deep),
        (0.96 * radius, -0.28 * deep),
        (radius, 0.0),
        (0.97 * radius, 0.006),
        (0, 0.006),
    ]
    rim = [(0, 0.0), (1.05 * radius, 0.0), (1.07 * radius, 0.008), (1.0 * radius, 0.016),
           (0, 0.016)]  # fmt: skip
    lens = [(0, 0.01), (0.93 * radius, 0.014), (0.7 * radius, 0.026), (0.35 * radius, 0.033),
            (0, 0.035)]  # fmt: skip
    made = solids.lathe(shell, cup, 20) + solids.lathe(rim, "metal", 24)
    made += solids.lathe(lens, "headlights", 20)
    return solids.translate(solids.rotate(made, 0, np.pi / 2), xyz(0.0, at))


def bar(points: Sequence[ArrayLike], radius: ArrayLike, slot: str, around: int = 8) -> Solid:
    """Build a bent tube through points (3 each), without pieces. radius: one, or one per point."""
    return runs(points, radius, slot, 1, around)[0]


def runs(
    points: Sequence[ArrayLike], radius: ArrayLike, slot: str, count: int, around: int = 8
) -> list[Solid]:
    """Build a bent tube through points (3 each) as `count` groups one after the other."""
    path = curves.catmull_rom(np.array(points, float), 3 * len(points))
    reach = np.broadcast_to(np.asarray(radius, float), len(points) if np.ndim(radius) else 2)
    reach = np.interp(np.linspace(0, 1, len(path)), np.linspace(0, 1, len(reach)), reach)
    rings = solids.sections.tube(path, reach, _side(path), around)
    cuts = np.round(np.linspace(0, len(path) - 1, count + 1)).astype(int)
    return [solids.loft(rings[a : b + 1], slot) for a, b in pairwise(cuts)]


def _side(path: np.ndarray) -> np.ndarray:
    """Return the normal of the plane that is nearest to a path (`n x 3`)."""
    return np.linalg.svd(path - path.mean(axis=0), full_matrices=False)[2][2]
