"""A table in a room or under open sky.

The table top's upper face is flat, at z = 0, centred on the origin. Below it stand legs on a wide
floor; half of the draws have two walls that meet in a corner, the others show the environment.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.mesh import MeshData
from simgen.randomizers.materials import draw_material
from simgen.spec import StageSpec
from simgen.stage import StagePart, Support

NAME = "tabletop"
STUFF = ("table", "floor", "wall")
Range = tuple[float, float]

HEIGHT_RANGE: Range = (0.68, 0.78)
"""Metres from the floor to the table top."""
ROUND_PROBABILITY = 0.35
WALLS_PROBABILITY = 0.5
FLOOR_SIZE = 14.0
"""Metres. Seen from a table it reaches up to a few degrees below the horizon."""
WALL_HEIGHT = 2.7
WALL_THICKNESS = 0.1
WALL_DISTANCE_RANGE: Range = (2.6, 4.0)
"""Metres from the origin. Cameras and lamps have to stay nearer than the lower end."""
TOP_KINDS = ("tabletop_wood", "tabletop_wood", "laminate", "tablecloth", "stone", "painted",
             "concrete", "tiles", "terrazzo")  # fmt: skip
PILE_MARGIN = 1.15
CAMERA_MARGIN = 1.15
"""Factors by which the table is wider than the pile, and the room than the cameras' circle."""
LEG_KINDS = ("wood", "metal", "painted")
FLOOR_KINDS = ("floorboards", "concrete", "tiles", "terrazzo", "laminate")
WALL_KINDS = ("plaster", "plaster", "plaster", "concrete")


def draw(
    rng: np.random.Generator,
    size_range: Range = (0.9, 1.6),
    thickness_range: Range = (0.018, 0.05),
) -> StageSpec:
    """A table `size_range` metres wide (or across, when round), and what surrounds it."""
    is_round = rng.random() < ROUND_PROBABILITY
    width = rng.uniform(*size_range)
    depth = width if is_round else width * rng.uniform(0.6, 1.0)
    thickness = rng.uniform(*thickness_range)
    params = {
        "round": float(is_round),
        "width": width,
        "depth": depth,
        "thickness": thickness,
        "bevel": thickness * rng.uniform(0.08, 0.35),
        "corner_radius": rng.uniform(0.01, 0.12),
        "leg_radius": rng.uniform(0.018, 0.04),
        "height": rng.uniform(*HEIGHT_RANGE),
        "walls": float(rng.random() < WALLS_PROBABILITY),
        "wall_distance": rng.uniform(*WALL_DISTANCE_RANGE),
        "wall_height": WALL_HEIGHT,
        "floor_size": FLOOR_SIZE,
        "wall_azimuth": rng.uniform(0.0, 2.0 * np.pi),
    }
    kinds = {"top": TOP_KINDS, "legs": LEG_KINDS, "floor": FLOOR_KINDS, "wall": WALL_KINDS}
    materials = {
        slot: draw_material(str(rng.choice(choices)), rng) for slot, choices in kinds.items()
    }
    return StageSpec(NAME, {key: float(value) for key, value in params.items()}, materials)


def grow(stage: StageSpec, pile: float, reach: float) -> StageSpec:
    """The same stage with room for more, where it needs any.

    pile: radius of the place that the objects take up, metres; the table gets wide enough.
    reach: farthest that a camera stands from the origin, metres; walls and floor give way.
    """
    p = dict(stage.params)
    factor = max(1.0, PILE_MARGIN * 2.0 * pile / min(p["width"], p["depth"]))
    p["width"] *= factor
    p["depth"] *= factor
    clear = max(p["wall_distance"], CAMERA_MARGIN * reach, 0.75 * max(p["width"], p["depth"]))
    p["wall_height"] = max(p["wall_height"], clear)
    p["wall_distance"] = clear
    p["floor_size"] = max(p["floor_size"], 4.0 * clear)
    return replace(stage, params=p)


def support(stage: StageSpec) -> Support:
    """The flat part of the table top."""
    p = stage.params
    rim = 3.0 * p["bevel"]
    return Support((p["width"] / 2.0 - rim, p["depth"] / 2.0 - rim), bool(p["round"]))


def build(stage: StageSpec) -> tuple[StagePart, ...]:
    """The parts of a drawn stage. Depends on `stage.params` alone."""
    p = stage.params
    top = _slab(_outline(p), p["thickness"], p["bevel"], "top")
    parts = [StagePart("table_top", top, (0.0, 0.0, 0.0), "table"), *_legs(p)]
    floor = _slab(_rectangle(p["floor_size"], p["floor_size"]), 0.1, 0.0, "floor")
    parts.append(StagePart("floor", floor, (0.0, 0.0, -p["height"]), "floor"))
    if p["walls"]:
        parts += _walls(p)
    return tuple(parts)


def _outline(p: dict[str, float]) -> np.ndarray:
    """`n x 2` corners of the table top, counter-clockwise, metres."""
    if p["round"]:
        return _ring(p["width"] / 2.0, p["depth"] / 2.0, 96)
    radius = min(max(p["corner_radius"], 2.5 * p["bevel"]), 0.45 * min(p["width"], p["depth"]))
    return _rectangle(p["width"], p["depth"], radius)


def _legs(p: dict[str, float]) -> list[StagePart]:
    """Four legs, inside of the outline, from the floor to the underside of the top."""
    reach = 0.6 if p["round"] else 0.88
    x, y = p["width"] / 2.0 * reach, p["depth"] / 2.0 * reach
    length = p["height"] - p["thickness"]
    leg = _slab(_ring(p["leg_radius"], p["leg_radius"], 20), length, 0.002, "legs")
    places = [(-x, -y), (x, -y), (x, y), (-x, y)]
    return [
        StagePart(f"leg_{index}", leg, (at[0], at[1], -p["thickness"]), "table")
        for index, at in enumerate(places)
    ]


def _walls(p: dict[str, float]) -> list[StagePart]:
    """Two walls that meet at a right angle, `wall_distance` from the origin."""
    walls = []
    for index, azimuth in enumerate((p["wall_azimuth"], p["wall_azimuth"] + np.pi / 2.0)):
        outward = np.array([np.cos(azimuth), np.sin(azimuth)])
        along = np.array([-outward[1], outward[0]])
        # The slab is built upright about its own origin, turned in the plane.
        flat = _rectangle(WALL_THICKNESS, 2.0 * p["wall_distance"] + WALL_THICKNESS)
        outline = flat[:, :1] * outward + flat[:, 1:] * along
        at = outward * (p["wall_distance"] + WALL_THICKNESS / 2.0)
        mesh = _slab(outline, p["wall_height"], 0.0, "wall")
        top = p["wall_height"] - p["height"]
        walls.append(StagePart(f"wall_{index}", mesh, (float(at[0]), float(at[1]), top), "wall"))
    return walls


def _ring(radius_x: float, radius_y: float, count: int) -> np.ndarray:
    angle = np.arange(count) / count * 2.0 * np.pi
    return np.stack([radius_x * np.cos(angle), radius_y * np.sin(angle)], axis=1)


def _rectangle(width: float, depth: float, radius: float = 0.0, steps: int = 8) -> np.ndarray:
    """A rectangle about the origin, its corners rounded, counter-clockwise."""
    corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (
        np.array([width, depth]) / 2.0 - radius
    )
    if radius <= 0.0:
        return corners
    points = []
    for quarter, corner in enumerate(corners):
        angle = (quarter + np.linspace(0.0, 1.0, steps + 1)) * np.pi / 2.0
        points.append(corner + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    return np.concatenate(points)


def _slab(outline: np.ndarray, thickness: float, bevel: float, slot: str) -> MeshData:
    """A closed prism under a convex outline, from z = 0 down, its rims rounded.

    outline: `n x 2`, counter-clockwise, metres. UVs are in metres as well: plan view on the
    faces, length of the outline against height on the side.
    """
    insets, heights = _profile(thickness, bevel)
    normal = _outward(outline)
    rings = [
        np.column_stack([outline - inset * normal, np.full(len(outline), height)])
        for inset, height in zip(insets, heights, strict=True)
    ]
    centre = outline.mean(axis=0)
    ends = np.array([[*centre, heights[0]], [*centre, heights[-1]]])
    vertices = np.concatenate([*rings, ends])
    faces, uv = _skin(vertices, len(outline), len(rings))
    return MeshData(
        vertices=vertices,
        faces=faces.astype(np.int32),
        uv=uv.astype(np.float32),
        slot=np.zeros(len(faces), np.int32),
        slots=(slot,),
        pieces=(vertices,),
    )


def _profile(thickness: float, bevel: float, steps: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """How far each ring is drawn in and how high it lies, from the top face to the bottom one."""
    if bevel <= 0.0:
        return np.zeros(2), np.array([0.0, -thickness])
    angle = np.linspace(0.0, np.pi / 2.0, steps + 1)
    # The first ring lies within the flat face: it keeps the rim's shading from bleeding into it.
    inset = np.concatenate([[2.0 * bevel], bevel * (1.0 - np.sin(angle))])
    height = np.concatenate([[0.0], bevel * (np.cos(angle) - 1.0)])
    return np.concatenate([inset, inset[::-1]]), np.concatenate([height, -thickness - height[::-1]])


def _outward(outline: np.ndarray) -> np.ndarray:
    """`n x 2` directions that move each edge of the outline out by one when corners follow."""
    ahead = np.roll(outline, -1, axis=0) - outline
    edge = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)
    edge /= np.linalg.norm(edge, axis=1, keepdims=True)
    both = edge + np.roll(edge, 1, axis=0)
    return both / (1.0 + np.sum(edge * np.roll(edge, 1, axis=0), axis=1, keepdims=True))


def _skin(vertices: np.ndarray, count: int, rings: int) -> tuple[np.ndarray, np.ndarray]:
    """Faces `F x 3` and UVs `F x 3 x 2` of `rings` stacked rings closed by two fans."""
    here = np.arange(count)
    after = (here + 1) % count
    top, bottom = count * rings, count * rings + 1
    last = count * (rings - 1)
    bands = [
        faces
        for ring in range(rings - 1)
        for faces in (
            np.stack([here, here + count, after + count], axis=1) + ring * count,
            np.stack([here, after + count, after], axis=1) + ring * count,
        )
    ]
    side = np.concatenate(bands)
    lids = np.concatenate([
        np.stack([np.full(count, top), here, after], axis=1),
        np.stack([np.full(count, bottom), after + last, here + last], axis=1),
    ])  # fmt: skip
    girth = np.concatenate([[0.0], np.cumsum(_lengths(vertices[:count]))])
    # The last column of the side must not run back to the outline's start.
    column = side % count
    wraps = (column == 0) & (column.max(axis=1, keepdims=True) == count - 1)
    side_uv = np.stack([girth[np.where(wraps, count, column)], vertices[side][..., 2]], axis=2)
    uv = np.concatenate([side_uv, vertices[lids][..., :2]])
    return np.concatenate([side, lids]), uv


def _lengths(ring: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
