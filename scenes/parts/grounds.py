"""Ground in bands along x, as in streets and gardens: lawn, path, kerb, road."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.geometry.solids import box, to_mesh
from simgen.spec.rng import stream
from simgen.stages.stage import StagePart

from .shapes import Solids, placed, ring, slab, untouched

Rng = np.random.Generator
Range = tuple[float, float]
BELOW = 0.6
"""Thickness of the ground, metres."""
KERB = 0.13
STEP = 0.11
"""Width of a kerb, and depth of a road below it, metres."""
_STUFF = {"lawn": "grass", "road": "road", "square": "road", "kerb": "path", "pavement": "path",
          "path": "path", "terrace": "path"}  # fmt: skip
_KERBED = 24.0
"""Distance from the centre up to which kerbs consist of individual stones, metres."""
_BEYOND = (0.4, 3.0)
"""Extra length of a terrace at either end of the area for objects, metres."""
_MARK = 4e-4
"""Thickness of paint and covers, metres: so thin that objects may penetrate them."""


@dataclass(frozen=True)
class Band:
    """Ground from y = low to y = high, at a height, metres."""

    slot: str
    low: float
    high: float
    level: float


def band_at(bands: tuple[Band, ...], y: float) -> Band:
    """Return the band at `y`, or the outermost one."""
    return next((band for band in bands if band.low <= y < band.high), bands[-1])


_SITES: dict[str, tuple[tuple[str, Range], ...]] = {
    "pavement": (("lawn", (0, 0)), ("pavement", (1.6, 3.0)), ("kerb", (KERB, KERB)),
                 ("road", (5.5, 8.0)), ("kerb", (KERB, KERB)), ("*pavement", (0, 1.2)),
                 ("lawn", (0, 0))),
    "lane": (("lawn", (0, 0)), ("pavement", (1.4, 2.5)), ("kerb", (KERB, KERB)),
             ("*road", (1.5, 4.0)), ("kerb", (KERB, KERB)), ("pavement", (1.4, 2.5)),
             ("lawn", (0, 0))),
    "lawn": (("lawn", (0, 0)), ("path", (1.0, 2.0)), ("*lawn", (1.0, 5.0)), ("lawn", (0, 0))),
    "terrace": (("lawn", (0, 0)), ("*terrace", (0.5, 3.0)), ("lawn", (0, 0))),
    "square": (("lawn", (0, 0)), ("*square", (6.0, 14.0)), ("kerb", (KERB, KERB)),
               ("pavement", (1.5, 3.0)), ("lawn", (0, 0))),
}  # fmt: skip
"""From -y to +y: slot and width. For the area for objects, marked by a star, the extra width."""


def bands_of(site: str, depth: float, rng: Rng) -> tuple[Band, ...]:
    """Return the bands of a site, from -y to +y, mirrored or not. The one around y = 0 is at least
    `depth` wide and at height 0. The outer ones are unbounded."""
    plan = list(_SITES[site])
    if rng.random() < 0.5:
        plan.reverse()
    own = next(number for number, (slot, _) in enumerate(plan) if slot.startswith("*"))
    widths = [float(rng.uniform(*span)) for _, span in plan]
    widths[own] += depth
    middle = -widths[own] / 2 + (widths[own] - depth) * float(rng.uniform(-0.5, 0.5))
    edges = middle + np.cumsum([0.0, *widths[own:]])
    before = middle - np.cumsum([0.0, *widths[:own][::-1]])
    rims = [*before[:0:-1], *edges]
    low = -STEP if any(slot == "road" for slot, _ in plan) else 0.0
    lowered = plan[own][0] in ("*road", "*square")
    found = []
    for number, (named, _) in enumerate(plan):
        slot = named.lstrip("*")
        level = low if slot == "road" else 0.0
        if lowered:
            level = 0.0 if slot in ("road", "square") else STEP
        if site == "square" and slot == "lawn" and number == (0 if plan[1][0] == "*square" else 4):
            level = 0.0
        found.append(Band(slot, float(rims[number]), float(rims[number + 1]), level))
    outer = (-np.inf, np.inf)
    first, last = found[0], found[-1]
    found[0] = Band(first.slot, outer[0], first.high, first.level)
    found[-1] = Band(last.slot, last.low, outer[1], last.level)
    return tuple(found)


def ground_parts(
    bands: tuple[Band, ...], size: float, place: tuple[float, float], seed: int
) -> list[StagePart]:
    """Return the bands as parts, `size` metres along x and y, with kerbstones and road markings.

    place: width and depth of the area for objects at the centre; terraces are slightly longer.
    """
    half = size / 2
    found: list[StagePart] = []
    for number, band in enumerate(bands):
        low, high = max(band.low, -half), min(band.high, half)
        reach = half
        if band.slot == "terrace":
            reach = place[0] / 2 + float(stream(seed, "terrace").uniform(*_BEYOND))
            beside = [((-half, low), (-reach, high)), ((reach, low), (half, high))]
            lawns = [box((*a, -BELOW), (*b, 0.0), "lawn") for a, b in beside]
            found.append(
                StagePart("beside_terrace", to_mesh(lawns), (0.0, 0.0, band.level), "grass")
            )
        if band.slot == "kerb":
            solids = _kerb(low, high, half)
        else:
            solids = [box((-reach, low, -BELOW), (reach, high, 0.0), band.slot)]
        at = (0.0, 0.0, band.level)
        found.append(StagePart(f"{band.slot}_{number}", to_mesh(solids), at, _STUFF[band.slot]))
        if band.slot == "road":
            rng = stream(seed, "road", number)
            marks = _marks(band, half, rng)
            if marks:
                found.append(StagePart(f"marks_{number}", to_mesh(marks), at, "road"))
    return found


def _kerb(low: float, high: float, half: float) -> Solids:
    """Build stones of one metre near the centre, and one long piece on either side."""
    found = [
        box((side - KERB / 2, low, -BELOW), (side + 0.99 - KERB / 2, high, 0.0), "kerb", 0.012)
        for side in np.arange(-_KERBED, _KERBED, 1.0)
    ]
    start, end = -_KERBED - KERB / 2 - 0.01, _KERBED - KERB / 2
    if half > _KERBED + 1:
        found.append(box((-half, low, -BELOW), (start, high, 0.0), "kerb", 0.012))
        found.append(box((end, low, -BELOW), (half, high, 0.0), "kerb", 0.012))
    return found


def _marks(band: Band, half: float, rng: Rng) -> Solids:
    """Build a dashed centre line on a road, sometimes with edge lines and a manhole cover."""
    found: Solids = []
    middle, wide = (band.low + band.high) / 2, 0.06
    stripe = np.array([[-1.5, -wide], [1.5, -wide], [1.5, wide], [-1.5, wide]])
    if rng.random() < 0.7:
        for x in np.arange(-half + 3, half - 3, 6.0):
            found.append(slab(stripe + [x, middle], _MARK, 0.0, "mark"))
    if rng.random() < 0.4:
        line = np.array([[-half, -wide], [half, -wide], [half, wide], [-half, wide]])
        for y in (band.low + 0.35, band.high - 0.35):
            found.append(slab(line + [0.0, y], _MARK, 0.0, "mark"))
    if rng.random() < 0.6:
        x, y = rng.uniform(-6, 6), middle + rng.choice([-1, 1]) * (band.high - band.low) / 4
        found.append(slab(ring(0.31, 0.31, 40) + [x, y], _MARK, 0.0, "cover"))
    lifted = placed(found, (0.0, 0.0, _MARK))
    return untouched(lifted)
