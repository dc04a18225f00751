"""Woodland as seen from drones and planes: clumps of trees with interlocking crowns, single trees
in clearings, scrub, dry grass, bare soil and fallen trunks.

The trees are furnishings, so that hundreds of them need no physics, and are labelled as such. The
objects of a scene stand in a clearing at the centre.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import box, decoration, to_mesh, translate
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.parameters import between, constant, layout_seed, scene_size, version
from simgen.spec.rng import Stream, stream
from simgen.spec.scene import Vector
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

from .parts import crowns, vegetation
from .parts.shapes import ring, slab, untouched
from .parts.surfaces import faded, of_albedo

GROUND_SIZE = 500.0
WOODED = 62.0
"""Distance from the centre up to which there are trees, metres."""
SPECIES = ("leaves_a", "leaves_b", "leaves_c", "leaves_d")
"""Slots of broad-leaved trees, conifers, open crowns and dying trees."""
KINDS = {
    "ground": ("soil",),
    "bare": ("soil",),
    "grass": ("soil",),
    "blades": ("foliage",),
    **dict.fromkeys(SPECIES, ("foliage",)),
    "bark": ("bark",),
    "dead": ("bark",),
}
_HUMUS, _SAND, _STRAW, _GREEN, _MEADOW = (
    (1.25, 0.96, 0.72), (1.14, 0.99, 0.74), (1.15, 1.0, 0.66), (0.98, 1.04, 0.68),
    (0.86, 1.1, 0.55),
)  # fmt: skip
"""Colours of a luminance of about one, linear, as muted by dust and haze."""
_GROUND: dict[str, tuple[tuple[Vector, ...], tuple[float, float], float]] = {
    "ground": ((_HUMUS, _STRAW, _GREEN), (0.16, 0.3), 2.5),
    "bare": ((_HUMUS, _SAND), (0.25, 0.42), 0.7),
    "grass": ((_STRAW, _GREEN), (0.2, 0.34), 1.2),
}
"""By slot: colours, albedo, and size of the largest blotches in metres."""
_MEADOWS = {"ground": (_STRAW, _GREEN, _MEADOW, _MEADOW), "grass": (_STRAW, _GREEN, _MEADOW)}
"""Colours that replace those of `_GROUND` in three of four scenes."""
_SHAPES = 30
"""Number of different tree meshes in a scene; the other trees are copies of these."""
_TALLEST = 18.0
"""Height of broad-leaved trees; conifers are up to 1.4 times as tall, metres."""
_TILE = 15.0
_THIN = 0.004


@dataclass(frozen=True)
class _Tones:
    """leaves: their albedo. keep: fraction of their saturation that is kept. ground: factor on its
    albedo. blotches: factor on their size."""

    leaves: tuple[float, float]
    keep: tuple[float, float]
    ground: float
    blotches: tuple[float, float]


_TONES = (
    _Tones(leaves=(0.16, 0.3), keep=(0.25, 0.6), ground=1.0, blotches=(0.7, 1.4)),
    # In photographs from above, sunlit crowns are as bright as the ground between them.
    _Tones(leaves=(0.3, 0.55), keep=(0.4, 0.9), ground=0.65, blotches=(0.1, 1.0)),
)
"""By `Woodland.stand`, the last for all later ones."""
_FINE, _FULL = 0.7, 1.5
"""Length of a conifer's sprays, and number of sprays and whorls, relative to `stand` below 2."""


@dataclass(frozen=True)
class Woodland:
    """clearing: width of the area for objects, metres. density: trees per hectare. clumped:
    fraction of the trees that stand in clumps. conifers, open, dead: fractions of the trees; the
    others are broad-leaved. tall: height relative to the crown's width. crown: median radius of a
    crown, metres. tufts: per square metre. scrub: bushes per hectare. logs: per hectare. stand: 0
    for leaves that are darker than the ground, and crowns on bare trunks; 1 for sparse conifers,
    clipped bushes and short logs."""

    layout_seed: int = layout_seed()
    clearing: float = scene_size()
    ground: float = constant(GROUND_SIZE)
    density: float = between(150.0, 600.0)
    clumped: float = between(0.3, 0.9)
    conifers: float = between(0.0, 0.9)
    open: float = between(0.0, 0.4)
    dead: float = between(0.02, 0.2)
    tall: float = between(1.0, 2.6)
    crown: float = between(1.5, 2.8)
    tufts: float = between(0.3, 1.6)
    scrub: float = between(20.0, 250.0)
    logs: float = between(5.0, 90.0)
    stand: int = version(2)


def materials(p: Woodland, rng: Stream) -> Materials:
    """Sample muted surfaces that are rough at all scales, as on dry land."""
    found, tones = draw_by_slot(KINDS, rng), _TONES[min(p.stand, 1)]
    green = p.stand > 0 and rng.random() < 0.75
    for slot, (colors, (low, high), size) in _GROUND.items():
        colors = _MEADOWS.get(slot, colors) if green else colors
        first, second = (colors[number] for number in rng.permutation(len(colors))[:2])
        low, high = tones.ground * low, tones.ground * high
        found[slot] = replace(
            found[slot],
            color_a=_tinted(first, rng.uniform(low, high), rng),
            color_b=_tinted(second, rng.uniform(high, 1.5 * high), rng),
            scale=size * rng.uniform(*tones.blotches),
            bump=0.05,
        )
    for slot in SPECIES:
        leaves = of_albedo(found[slot], rng.uniform(*tones.leaves))
        found[slot] = faded(leaves, rng.uniform(*tones.keep))
    for slot, low, high in (("blades", 0.25, 0.45), ("dead", 0.3, 0.5)):
        found[slot] = replace(
            found[slot],
            color_a=_tinted(_STRAW, rng.uniform(low, high), rng),
            color_b=_tinted(_STRAW, rng.uniform(low, high), rng),
        )
    return found


def _tinted(color: Vector, albedo: float, rng: Stream) -> Vector:
    """Return a random variation of a colour with the given luminance."""
    red, green, blue = (albedo * channel * rng.uniform(0.98, 1.02) for channel in color)
    return (float(red), float(green), float(blue))


def fit(p: Woodland, pile: float, reach: float) -> Woodland:
    """Enlarge the clearing for the objects and the ground for high cameras."""
    return replace(p, clearing=max(p.clearing, 2.0 * pile), ground=max(p.ground, 6.0 * reach))


def build(p: Woodland) -> StageContent:
    half = p.ground / 2
    base = to_mesh([box((-half, -half, -1.0), (half, half, 0.0), "ground")])
    parts = [StagePart("ground", base, (0.0, 0.0, 0.0), "ground")]
    parts += [*_patches(p), *_tufts(p), *_trees(p), *_scrub(p), *_logs(p)]
    place = Support((p.clearing / 2, p.clearing / 2), True, name="clearing")
    return StageContent(tuple(parts), (place,))


def _patches(p: Woodland) -> list[StagePart]:
    """Return patches of sand and grass: many small blots, dense at the centre and sparse at the
    edge."""
    rng = stream(p.layout_seed, "patches")
    found = []
    for number in range(60):
        slot = "bare" if number % 3 == 0 else "grass"
        spread = rng.uniform(0.8, 3.0, 2)
        blots = []
        for step in range(45):
            wide, deep = (float(v) for v in rng.uniform(0.15, 0.45, 2) * spread.mean())
            outline = ring(wide, deep, 9)
            outline *= rng.uniform(0.9, 1.1)
            high = _THIN + 1e-4 * step
            blot = decoration(slab(outline + rng.normal(0.0, 1.0, 2) * spread, high, 0.0, slot))
            blots.append(translate(blot, (0.0, 0.0, high)))
        x, y = (float(value) for value in rng.uniform(-WOODED, WOODED, 2))
        if np.hypot(x, y) > p.clearing / 2 + 4.0 * spread.max() + 1.5:
            place = (x, y, 6e-3 * number / 60)
            found.append(StagePart(f"patch_{number}", to_mesh(untouched(blots)), place, slot))
    return found


def _tufts(p: Woodland) -> list[StagePart]:
    """Return tiles of tall grass, with four different meshes."""
    rng = stream(p.layout_seed, "tufts")
    shapes = []
    for _ in range(4):
        at = rng.uniform(-0.5, 0.5, (int(p.tufts * _TILE**2), 2)) * _TILE
        tuft = vegetation.tufts(at, float(rng.uniform(0.25, 0.5)), 14, rng)
        shapes.append(to_mesh(untouched([tuft])))
    found: list[StagePart] = []
    steps = np.arange(-4, 5) * _TILE
    for x in steps:
        for y in steps:
            shape = shapes[int(rng.integers(4))]
            if max(abs(x), abs(y)) - _TILE / 2 > p.clearing / 2:
                place = (float(x), float(y), 0.0)
                found.append(StagePart(f"tufts_{len(found)}", shape, place, "grass"))
    return found


def _tree_shapes(p: Woodland, rng: Stream) -> list[tuple[float, MeshData]]:
    """Return radius and mesh of the scene's trees, in ascending order of size."""
    found = []
    for radius in np.sort(np.clip(p.crown * np.exp(rng.normal(0.0, 0.4, _SHAPES)), 0.8, 6.0)):
        height = float(2.0 * radius * p.tall * rng.uniform(0.8, 1.25) + 0.8)
        height = min(height, _TALLEST) if p.stand else height
        fine, full = (_FINE, _FULL) if p.stand > 1 else (1.0, 1.0)
        low = max(0.6 * height, 1.7 * radius) if p.stand else height
        kind = rng.random()
        slot = str(rng.choice(SPECIES[:2])) if rng.random() < 0.85 else SPECIES[3]
        if kind < p.dead:
            shape = crowns.bare(float(radius), height, rng)
        elif kind < p.dead + p.conifers * (1.0 - p.dead):
            shape = crowns.conifer(0.75 * float(radius), 1.4 * height, rng, SPECIES[2], fine, full)
        elif rng.random() < p.open:
            shape = crowns.open_crown(float(radius), float(low), rng, slot)
        else:
            shape = crowns.broad_leaved(float(radius), float(low), rng, slot)
        found.append((float(radius), to_mesh(untouched(shape))))
    return found


def _trees(p: Woodland) -> list[StagePart]:
    rng = stream(p.layout_seed, "trees")
    shapes = _tree_shapes(p, rng)
    wanted = int(p.density * np.pi * WOODED**2 / 1e4)
    clumps = rng.uniform(-WOODED, WOODED, (max(wanted // 14, 3), 2))
    at, radii = np.zeros((0, 2)), np.zeros(0)
    found: list[StagePart] = []
    for _ in range(12 * wanted):
        if len(found) == wanted:
            break
        radius, shape = shapes[int(rng.integers(len(shapes)))]
        place = rng.uniform(-WOODED, WOODED, 2)
        if rng.random() < p.clumped:
            place = clumps[int(rng.integers(len(clumps)))] + rng.normal(0.0, 7.0, 2)
        if not p.clearing / 2 + radius < np.hypot(*place) < WOODED:
            continue
        # Crowns may interlock, but no trunk stands within another tree's crown.
        apart = np.linalg.norm(at - place, axis=1)
        if (apart < rng.uniform(0.62, 0.95) * (radii + radius)).any():
            continue
        at, radii = np.vstack([at, place]), np.append(radii, radius)
        x, y = (float(value) for value in place)
        name = f"tree_{len(found)}"
        found.append(StagePart(name, shape, (x, y, 0.0), "vegetation", class_name="tree"))
    return found


def _scrub(p: Woodland) -> list[StagePart]:
    """Return bushes, which resemble small trees."""
    rng = stream(p.layout_seed, "scrub")
    shapes = []
    for wide in rng.uniform(0.3, 0.8, 5):
        if p.stand < 2:
            bush = vegetation.bush(float(wide), float(1.2 * wide), 0.22, rng, SPECIES[3])
        else:
            slot = str(rng.choice(SPECIES))
            bush = crowns.open_crown(float(wide), float(1.2 * wide), rng, slot, 0.5)
        shapes.append((float(wide), to_mesh(untouched(bush))))
    found = []
    for number in range(int(p.scrub * np.pi * WOODED**2 / 1e4)):
        wide, shape = shapes[int(rng.integers(5))]
        x, y = (float(value) for value in rng.uniform(-WOODED, WOODED, 2))
        if np.hypot(x, y) > p.clearing / 2 + wide:
            found.append(vegetation.shrub(f"bush_{number}", shape, (x, y, 0.0)))
    return found


def _logs(p: Woodland) -> list[StagePart]:
    rng = stream(p.layout_seed, "logs")
    shapes = []
    longest, thickest, more = (14.0, 0.15, 2.5) if p.stand > 1 else (8.0, np.inf, 1.0)
    for length in rng.uniform(2.0, longest, 6):
        lying = crowns.log(float(length), min(float(0.03 * length), thickest), rng)
        shapes.append((float(length), to_mesh(untouched(lying))))
    found = []
    for number in range(int(more * p.logs * np.pi * WOODED**2 / 1e4)):
        length, shape = shapes[int(rng.integers(6))]
        x, y = (float(value) for value in rng.uniform(-WOODED, WOODED, 2))
        if np.hypot(x, y) > p.clearing / 2 + length:
            found.append(StagePart(f"log_{number}", shape, (x, y, 0.0), "log"))
    return found


STAGE = Stage(
    Woodland,
    materials,
    build,
    fit,
    stuff=("ground", "grass", "bare", "vegetation", "log"),
    ground=("ground", "bare", "grass"),
)
