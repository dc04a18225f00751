"""Toasters with two slots. Their long sides are at +-y, the lever at +x."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, sections, uv
from simgen.spec.parameters import added, between, flag, version

from . import older_appliances


@dataclass(frozen=True)
class Toaster:
    length: float = between(0.26, 0.32)
    width: float = between(0.15, 0.19)
    height: float = between(0.17, 0.21)
    round: float = between(0.015, 0.045)
    long_slots: bool = flag(above=0.75)  # one behind the other, else side by side
    base: float = between(0.018, 0.032)  # height
    lever: float = between(0.55, 0.78)  # over the height
    design: int = version(1)
    shoulder: float = added(between(0.025, 0.060), older=0)  # radius of the upper edges
    caps: bool = added(flag(above=0.45), older=0)  # ends of another material
    bread: float = added(between(-0.05, 0.05), older=0)  # height of toast above the slots


_FOOT = 0.008
_SLOTS = ("body", "slots", "trim", "metal", "toast")


def build(p: Toaster) -> MeshData:
    if p.design == 0:
        return older_appliances.toaster(p)
    half, wide = p.length / 2, p.width / 2
    found = [*_body(p), *_controls(p)]
    for middle, size in _openings(p):
        found += _opening(middle, size, p.height)
        found.append(_toast(p, middle, size))
    for x, y in product((-0.8, 0.8), repeat=2):
        at = np.array([x * half, y * wide, 0.0])
        found.append(solids.cylinder(at, at + [0, 0, 2 * _FOOT], 0.012, "trim", 12))
    marks = keypoints.plan_corners("bottom", 1.1 * half, 1.1 * wide, -0.1)
    edges = keypoints.loop(*list(marks))
    marks["lever"] = (1.5 * half, 0.0, p.lever * p.height)
    return solids.finished(solids.join(found), _SLOTS, marks, edges)


def _body(p: Toaster) -> list[Solid]:
    """Build the shell, a skirt below it, and caps at its ends if it has some."""
    high = p.height - _FOOT
    middle = _FOOT + high / 2
    outline = _loaf(p.width / 2, high / 2, p.shoulder)
    half, edge = p.length / 2, 0.5 * p.round + 0.006

    def shell(
        start: float, end: float, slot: str, size: float, rounded: tuple[bool, bool]
    ) -> Solid:
        angle = np.linspace(0.0, np.pi / 2, 5)
        deep, inset = edge * (1 - np.sin(angle)), edge * (1 - np.cos(angle))
        flat = np.zeros(1)
        x = [start + deep[::-1] if rounded[0] else start + flat,
             end - deep if rounded[1] else end - flat]  # fmt: skip
        less = [inset[::-1] if rounded[0] else flat, inset if rounded[1] else flat]
        scale = size - np.concatenate(less)[:, None] / np.array([p.width / 2, high / 2])
        rings = sections.levels(outline, np.concatenate(x), scale, axis=0)
        made = uv.box_projection(solids.loft(rings, slot))
        last = len(rings) - 1
        cuts = sorted({0, 4 if rounded[0] else 0, last - 4 if rounded[1] else last, last})
        runs = [rings[[low, high]].reshape(-1, 3) for low, high in pairwise(cuts)]
        return solids.translate(solids.filled(made, runs), (0.0, 0.0, middle))

    skirt = ((-half + 0.012, -0.46 * p.width, _FOOT - 0.002), (half - 0.012, 0.46 * p.width, 0.03))
    found = [solids.chamfered_box(*skirt, 0.003, "trim")]
    if not p.caps:
        return [*found, shell(-half, half, "body", 1.0, (True, True))]
    cap = 0.028 + p.round / 2
    return [
        *found,
        shell(-half + cap, half - cap, "body", 0.985, (False, False)),
        shell(-half, -half + cap, "trim", 1.0, (True, False)),
        shell(half - cap, half, "trim", 1.0, (False, True)),
    ]


def _loaf(half: float, high: float, shoulder: float) -> np.ndarray:
    """Return a counter-clockwise outline, y and z, with round upper corners. half, high: half its
    size."""
    low = 0.012
    quarter = np.linspace(0.0, np.pi / 2, 7)
    runs = []
    for turn, (y, z, radius) in enumerate(
        [
            (half - shoulder, high - shoulder, shoulder),
            (shoulder - half, high - shoulder, shoulder),
            (low - half, low - high, low),
            (half - low, low - high, low),
        ]
    ):
        angle = quarter + turn * np.pi / 2
        runs.append(np.stack([y + radius * np.cos(angle), z + radius * np.sin(angle)], axis=1))
    return np.concatenate(runs)


def _openings(p: Toaster) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return centre and half size, x and y, of both slots."""
    if p.long_slots:
        size = (0.165 * p.length, 0.016)
        return [((s * 0.19 * p.length, 0.0), size) for s in (-1, 1)]
    apart = min(0.2 * p.width, p.width / 2 - p.shoulder + 0.004)
    return [((0.0, s * max(apart, 0.024)), (0.33 * p.length, 0.0145)) for s in (-1, 1)]


def _opening(middle: tuple[float, float], size: tuple[float, float], top: float) -> list[Solid]:
    """Build a slot: the dark inside it, and a rim of metal around it."""
    (x, y), (u, v), t = middle, size, 0.0035
    low, high = top - 0.012, top + 0.0025
    rim = [
        ((x - u - t, y - v - t, low), (x - u, y + v + t, high)),
        ((x + u, y - v - t, low), (x + u + t, y + v + t, high)),
        ((x - u, y - v - t, low), (x + u, y - v, high)),
        ((x - u, y + v, low), (x + u, y + v + t, high)),
    ]
    dark = solids.chamfered_box((x - u, y - v, low), (x + u, y + v, top + 0.0006), 2e-4, "slots")
    made = solids.chamfered_boxes("metal", 8e-4, rim)
    return [solids.decoration(dark), solids.decoration(made)]


def _toast(p: Toaster, middle: tuple[float, float], size: tuple[float, float]) -> Solid:
    """Build a slice of bread, which is inside the body unless it has popped up."""
    wide, tall = min(0.88 * size[0], 0.056), 0.10
    top = p.height + (p.bread if p.bread > 0.008 else -0.02)
    outline = curves.superellipse((tall / 2, wide), 4.5, 28)
    slice_ = uv.box_projection(solids.extrude(outline, -0.007, 0.007, "toast", 0.002, axis=1))
    made = solids.translate(slice_, (middle[0], middle[1], top - tall / 2))
    return solids.filled(made) if p.bread > 0.008 else solids.decoration(made)


def _controls(p: Toaster) -> list[Solid]:
    """Build the lever in its track, and a dial between two buttons."""
    x, tall = p.length / 2, p.height
    slot = "metal" if p.caps else "trim"
    track = ((x - 0.01, -0.005, 0.34 * tall), (x + 0.0012, 0.005, 0.84 * tall))
    z = p.lever * tall
    knob = ((x - 0.005, -0.024, z - 0.009), (x + 0.026, 0.024, z + 0.007))
    at = np.array([x - 0.004, 0.0, 0.21 * tall])
    found = [
        solids.decoration(solids.chamfered_box(*track, 5e-4, "slots")),
        solids.chamfered_box(*knob, 0.005, slot),
        solids.cylinder(at, at + [0.016, 0, 0], 0.017, slot, 24),
        solids.decoration(
            solids.chamfered_box(
                at + [0.015, -0.0015, 0], at + [0.0175, 0.0015, 0.015], 3e-4, "slots"
            )
        ),
    ]
    for y in (-0.035, 0.035):
        button = at + [0.0, y, 0.0]
        found.append(
            solids.decoration(solids.cylinder(button, button + [0.007, 0, 0], 0.007, "metal", 14))
        )
    return found


CLASSES = (ParametricClass("toaster", Toaster, build),)
