"""Computer keyboard: 80 to 104 keys on a case that rises towards the back. Its front is at -y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints, pieces
from simgen.spec.parameters import between, flag

from . import keys


@dataclass(frozen=True)
class Keyboard:
    pitch: float = between(0.0180, 0.0192)
    numbers: bool = flag(above=0.35, of="size")  # whether it has a number pad
    rim: float = between(0.006, 0.016)
    front: float = between(0.007, 0.014)  # height of the case's front
    rise: float = between(0.004, 0.018)  # rise from front to back
    key_height: float = between(0.0035, 0.0085)
    key_gap: float = between(0.0007, 0.0022)
    key_inset: float = between(0.0002, 0.0024)
    deck: float = between(0.0, 0.020)  # depth of the strip behind the keys
    corner: float = between(0.003, 0.014)
    first_row: float = between(0.75, 1.0)


def build(p: Keyboard) -> MeshData:
    spots, units = _spots(p)
    pitch, rim = p.pitch, p.rim
    half = (units[0] * pitch / 2 + rim, (units[1] * pitch + p.deck) / 2 + rim)
    front, slope = p.front, p.rise / (2 * half[1])
    case = _case(p, half)
    shift = np.array([-units[0] * pitch / 2, rim - half[1]])
    caps = []
    for x, y, width, depth in spots:
        size = (width * pitch / 2 - p.key_gap / 2, depth * pitch / 2 - p.key_gap / 2)
        middle = (x * pitch + shift[0], y * pitch + shift[1])
        high = p.key_height - 0.0012
        cap = keys.cap(middle, size, (-0.002, high), _inset(p), "keys")
        caps.append(_sloped(cap, front, slope, half[1]))
    lamps = _lamps(p, half, front, slope)
    lid = front + p.key_height - 0.0012
    back = half[1] - rim - p.deck
    block = pieces.block((rim - half[0], rim - half[1], 0.0), (half[0] - rim, back, 1.0))
    block[:, 2] = np.where(block[:, 2] > 0.5, lid, front - 0.002) + slope * (block[:, 1] + half[1])
    filling = [_wedge(p, half), block]
    marks = keypoints.box_corners(case.vertices)
    return solids.assemble([case, *caps, *lamps], ("case", "keys", "lamps"), filling, marks)


def _inset(p: Keyboard) -> float:
    return min(p.key_inset, 0.4 * p.key_height)


def _spots(p: Keyboard) -> tuple[list[tuple[float, float, float, float]], tuple[float, float]]:
    """Return the keys and the size of their field, in units."""
    depths = (p.first_row, 1.0, 1.0, 1.0, 1.0, 1.0)
    spots = keys.places(keys.MAIN, 0.0, depths) + keys.places(keys.NAVIGATION, 15.25, depths)
    wide = 18.25
    if p.numbers:
        spots += keys.places(keys.NUMBERS, 18.5, depths)
        wide = 22.5
    # The gap between the function keys and the rest.
    spots = [(x, y + 0.25 * (y > 5), w, d) for x, y, w, d in spots]
    return spots, (wide, sum(depths) + 0.25)


def _sloped(part: Solid, front: float, slope: float, half: float) -> Solid:
    """Move a part built on z = 0 onto the sloping top of the case."""
    lift = front + slope * (part.vertices[:, 1] + half)
    vertices = part.vertices + np.stack([0 * lift, 0 * lift, lift], axis=1)
    return replace(part, vertices=vertices)


def _case(p: Keyboard, half: tuple[float, float]) -> Solid:
    """Build a slab with a sloping top."""
    part = solids.rounded_slab(half, p.corner, (0.0, p.front), 0.0022, "case")
    slope = p.rise / (2 * half[1])
    raised = part.vertices[:, 2] > p.front / 2
    lift = slope * (part.vertices[:, 1] + half[1]) * raised
    vertices = part.vertices + np.stack([0 * lift, 0 * lift, lift], axis=1)
    return replace(part, vertices=vertices)


def _lamps(p: Keyboard, half: tuple[float, float], front: float, slope: float) -> list[Solid]:
    """Build three indicator lamps above the number pad, or at the right end of the deck."""
    y = half[1] - p.rim - p.deck - 0.5 * p.first_row * p.pitch
    x = half[0] - p.rim - 3.4 * p.pitch
    if not p.numbers:
        x, y = half[0] - p.rim - 0.02, half[1] - 0.45 * p.rim
    found = []
    for place in range(3):
        low = (x + 0.010 * place - 0.002, y - 0.0007, -0.0005)
        lamp = solids.beveled_box(low, (low[0] + 0.004, low[1] + 0.0014, 0.0003), 0.0002, "lamps")
        found.append(_sloped(lamp, front, slope, half[1]))
    return found


def _wedge(p: Keyboard, half: tuple[float, float]) -> np.ndarray:
    block = pieces.block((-half[0], -half[1], 0.0), (half[0], half[1], p.front))
    block[:, 2] += p.rise * ((block[:, 1] > 0) & (block[:, 2] > 0))
    return block


CLASSES = (ParametricClass("keyboard", Keyboard, build),)
