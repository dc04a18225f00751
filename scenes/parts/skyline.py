"""What closes the view of an outdoor place at a distance: belts of trees, or rows of houses with
trees between them. Without it, the ground ends in a grey band below the sky."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import to_mesh
from simgen.spec.rng import stream
from simgen.spec.scene import Vector
from simgen.stages.stage import StagePart

from . import houses, vegetation
from .grounds import Band, band_at
from .shapes import Solids, placed, untouched
from .walls import against

KINDS = ("woods", "woods", "town", "town", "town", "open", "open")
_INSIDE = 4.0
"""Distance of the outermost trees from the edge of the ground, metres."""
_GROUP = 14.0
"""Width of a group of trees, metres."""
_DESIGNS, _SHAPES = 12, 3
"""Number of different groups, and of those in one scene."""


def skyline(bands: tuple[Band, ...], ground: float, seed: int) -> list[StagePart]:
    """Return distant trees and houses, as crowds: nobody could tell them apart.

    bands: of the ground, none of whose roads is blocked. ground: its width, metres.
    """
    rng = stream(seed, "skyline")
    kind = str(rng.choice(KINDS))
    if kind == "open":
        return []
    outer = ground / 2 - _INSIDE
    rows = _houses(bands, 0.75 * outer, rng) if kind == "town" else []
    trees = []
    shapes = [_group(int(design)) for design in rng.permutation(_DESIGNS)[:_SHAPES]]
    count = int(2 * np.pi * outer / (0.7 * _GROUP))
    keep = 1.0 if kind == "woods" else 0.5
    for number, turn in enumerate(2 * np.pi * (np.arange(count) + rng.random()) / count):
        away = outer - float(rng.uniform(0.0, 10.0))
        x, y = away * float(np.cos(turn)), away * float(np.sin(turn))
        band = band_at(bands, y)
        if rng.random() < keep and band.slot != "road":
            shape = shapes[int(rng.integers(len(shapes)))]
            place = (x, y, band.level)
            tree = StagePart(f"skyline_tree_{number}", shape, place, "tree",
                             class_name="tree", crowd=True)  # fmt: skip
            if not any(_touch(tree, house) for house in rows):
                trees.append(tree)
    return rows + trees


def _touch(one: StagePart, other: StagePart) -> bool:
    """Return whether the bounding boxes of two parts intersect."""
    (low, high), (other_low, other_high) = (p.mesh.bounds() + p.position for p in (one, other))
    return bool((low < other_high).all() and (other_low < high).all())


@lru_cache(maxsize=_DESIGNS)  # they take a quarter of the time of building a place
def _group(design: int) -> MeshData:
    """Build trees of different heights side by side, with bushes below."""
    rng = stream(design, "skyline.group")
    found: Solids = []
    for x in np.linspace(-0.4, 0.4, 3) * _GROUP:
        tree = vegetation.broad_tree(float(rng.uniform(7.0, 16.0)), rng, coarse=2.2)
        found += placed(tree, (x + float(rng.normal(0.0, 1.0)), float(rng.normal(0.0, 2.0)), 0.0))
    for x in np.linspace(-0.45, 0.45, 5) * _GROUP:
        low = vegetation.bush(float(rng.uniform(1.2, 2.2)), float(rng.uniform(1.2, 3.5)), 0.8, rng)
        found += placed(low, (x, float(rng.normal(0.0, 2.5)), 0.0))
    shape = to_mesh(untouched(found))
    slots = tuple("leaves_far" if slot == "leaves" else slot for slot in shape.slots)
    return replace(shape, slots=slots)


def _houses(bands: tuple[Band, ...], away: float, rng: np.random.Generator) -> list[StagePart]:
    """Return a row of houses on either side of the bands. away: distance, metres."""
    found: list[StagePart] = []
    for sign, band in ((1, bands[-1]), (-1, bands[0])):
        azimuth = sign * np.pi / 2
        storeys = [int(rng.integers(1, 4)) for _ in range(2)]
        shapes = [_house(azimuth, levels, rng) for levels in storeys]
        x = float(rng.uniform(-60.0, -45.0))
        while x < 55.0:
            place: Vector = (x, sign * (away + float(rng.uniform(0.0, 8.0))), band.level)
            shape = shapes[int(rng.integers(2))]
            found.append(StagePart(f"skyline_house_{len(found)}", shape, place, "building",
                                   class_name="house", crowd=True))  # fmt: skip
            x += float(rng.choice([10.0, 13.0, 18.0, 26.0]))
    return found


def _house(azimuth: float, storeys: int, rng: np.random.Generator) -> MeshData:
    made = houses.house(float(rng.uniform(7.0, 11.0)), storeys, rng)
    return to_mesh(against([*made.shell, *made.openings, *made.upper], azimuth, 0.0))
