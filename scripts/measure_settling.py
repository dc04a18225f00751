"""Measure how well objects rest: how many penetrate others, and how many float above their support.

    python scripts/measure_settling.py --scenes 100
    python scripts/measure_settling.py --scenes 25 --first 100 scene=bin seed=3
    python scripts/measure_settling.py --scenes 25 'placement.methods=[stack]'

Arguments after the options are config overrides, as for `simgen generate`. Scenes are sampled, not
rendered. The measurements use trimesh and the triangles that would be rendered rather than the
convex pieces of the physics.

depth  Of an object: maximum depth of a point of its surface inside another object or a part of the
       stage, or of one of their points inside it, measured to the nearest surface.
gap    Of an object: minimum height above anything below it.

Open meshes have no inside: only their own points can penetrate others.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import trimesh
from scipy.spatial import cKDTree

from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.commands.generate import run
from simgen.config import Config
from simgen.errors import SimgenError
from simgen.sampling.scenes import draw_scene
from simgen.stages.placed import PlacedMesh, placed_meshes
from simgen.stages.resolver import Resolver

DEEP = 2e-3
HIGH = 5e-3
"""Depth and height above which an object counts as penetrating or as floating, metres."""
SHARE = 0.01
"""Maximum acceptable fraction of such objects."""
_PITCH = 2e-3
"""Distance between tested points on a surface, metres."""
_MOST = 2000
"""Maximum number of these points, in addition to the vertices."""
_NEAREST = 60
"""Number of points inside another mesh whose distance to its surface is computed."""
_ABOVE = 2e-3
"""Height above a surface at which downward rays start, metres: touching objects penetrate slightly.
"""
_SHALLOW = 1e-4
"""Minimum overlap of the boxes of two meshes for a test, metres."""


class Solid:
    """A mesh in the world, and its interior. vertices: `V x 3` metres, faces: `F x 3`."""

    def __init__(self, name: str, vertices: np.ndarray, faces: np.ndarray) -> None:
        self.name = name
        self.mesh = trimesh.Trimesh(vertices, faces, process=False)
        self.box = np.array([vertices.min(axis=0), vertices.max(axis=0)])

    @cached_property
    def components(self) -> list[trimesh.Trimesh]:
        """The closed components; points inside any of them are inside."""
        parts = self.mesh.split(only_watertight=False, repair=False)
        return [part for part in parts if part.is_watertight]

    def crop(self, box: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return points of the surface within a box (`2 x 3`), `n x 3`."""
        corners = self.mesh.triangles
        near = (corners.min(axis=1) <= box[1]).all(axis=1)
        near &= (corners.max(axis=1) >= box[0]).all(axis=1)
        vertices, faces = self.mesh.vertices, self.mesh.faces[near]
        for way in np.eye(3):
            for normal, corner in ((way, box[0]), (-way, box[1])):
                if len(faces):
                    vertices, faces, _ = trimesh.intersections.slice_faces_plane(
                        vertices, faces, normal, corner
                    )
        part = trimesh.Trimesh(vertices, faces, process=False)
        if not len(faces) or part.area <= 0:
            return np.zeros((0, 3))
        count = int(np.clip(part.area / _PITCH**2, 50, _MOST))
        found, _ = trimesh.sample.sample_surface(part, count, seed=int(rng.integers(2**31)))
        return np.concatenate([np.asarray(found), part.vertices[np.unique(part.faces)]])


def depth(one: Solid, other: Solid, rng: np.random.Generator) -> float:
    """Return how deep two solids penetrate each other, metres; 0 if they are separate."""
    box = np.stack([np.maximum(one.box[0], other.box[0]), np.minimum(one.box[1], other.box[1])])
    if (box[1] - box[0] < _SHALLOW).any():
        return 0.0
    # Enlarge the box so that a flat one contains the faces in its sides.
    box += np.array([[-1e-6], [1e-6]])
    return max(_sunk(one.crop(box, rng), other), _sunk(other.crop(box, rng), one))


def _sunk(points: np.ndarray, solid: Solid) -> float:
    deepest = 0.0
    for part in solid.components:
        near = (points > part.bounds[0] + _SHALLOW).all(axis=1)
        near &= (points < part.bounds[1] - _SHALLOW).all(axis=1)
        if near.any():
            tried = points[near]
            inside = tried[part.ray.contains_points(tried)]
            if len(inside):
                deepest = max(deepest, float(to_surface(part, inside).max()))
    return deepest


def to_surface(part: trimesh.Trimesh, points: np.ndarray) -> np.ndarray:
    """Return distances of points (`n x 3`) to the triangles of a mesh, metres, `m`.

    m <= n: if there are very many, those closest to vertices are omitted.
    """
    bound, _ = cKDTree(part.vertices).query(points)
    farthest = np.argsort(-bound)[:_NEAREST]
    low, high = part.triangles.min(axis=1), part.triangles.max(axis=1)
    found = []
    for point, reach in zip(points[farthest], bound[farthest], strict=True):
        near = part.triangles[((low <= point + reach) & (high >= point - reach)).all(axis=1)]
        closest = trimesh.triangles.closest_point(near, np.tile(point, (len(near), 1)))
        found.append(np.linalg.norm(closest - point, axis=1).min())
    return np.array(found)


def gap(one: Solid, others: Sequence[Solid], rng: np.random.Generator) -> float:
    """Return the minimum height of an object above anything below it, metres; infinite if nothing
    is."""
    points = np.concatenate([one.crop(one.box, rng), one.mesh.vertices])
    least = np.inf
    for other in others:
        low, high = other.box
        if (low[:2] > one.box[1, :2]).any() or (high[:2] < one.box[0, :2]).any():
            continue
        if low[2] > one.box[1, 2] or high[2] + least < one.box[0, 2]:
            continue
        below = ((points[:, :2] >= low[:2]) & (points[:, :2] <= high[:2])).all(axis=1)
        below &= points[:, 2] > low[2] - _ABOVE
        if not below.any():
            continue
        starts = points[below] + [0.0, 0.0, _ABOVE]
        hits, rays, _ = other.mesh.ray.intersects_location(
            starts, np.tile([0.0, 0.0, -1.0], (len(starts), 1)), multiple_hits=False
        )
        if len(hits):
            heights = starts[rays, 2] - hits[:, 2] - _ABOVE
            least = min(least, max(0.0, float(heights.min())))
    return least


@dataclass(frozen=True)
class Lie:
    """How an object rests. stuck_in: name of the part or object that it penetrates most deeply.
    Metres."""

    scene: int
    name: str
    depth: float
    stuck_in: str
    gap: float


def measure(placed: Sequence[PlacedMesh], scene: int = 0, last: int | None = None) -> list[Lie]:
    """Return how each object of a scene rests among the others and the parts of its stage.

    last: the highest instance id to measure; those above belong to the stage.
    """
    rng = np.random.default_rng(scene)
    solids = [Solid(item.name, item.vertices, item.faces) for item in placed]
    most = max((item.instance_id for item in placed), default=0) if last is None else last
    objects = [n for n, item in enumerate(placed) if 0 < item.instance_id <= most]
    deepest = dict.fromkeys(objects, (0.0, ""))
    for n in objects:
        for m, other in enumerate(solids):
            if m == n or (m in deepest and m < n):
                continue
            found = depth(solids[n], other, rng)
            deepest[n] = max(deepest[n], (found, other.name))
            if m in deepest:
                deepest[m] = max(deepest[m], (found, solids[n].name))
    return [
        Lie(
            scene, solids[n].name, *deepest[n], gap(solids[n], [*solids[:n], *solids[n + 1 :]], rng)
        )
        for n in objects
    ]


@dataclass
class Tally:
    """Totals over scenes. drawn: number of objects before any was omitted."""

    lies: list[Lie] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    drawn: int = 0
    seconds: list[float] = field(default_factory=list)
    """CPU time of sampling each scene."""


def tally(config: Config, scenes: range) -> Tally:
    """Sample scenes and measure them."""
    catalogue, resolver = load_catalogue(config.assets), Resolver(Library(None))
    total = Tally()
    for scene in scenes:
        began = time.process_time()
        try:
            drawn = draw_scene(config, catalogue, resolver, scene, ())
        except SimgenError as error:
            total.failed.append(str(error))
            continue
        total.seconds.append(time.process_time() - began)
        spec = drawn.spec
        total.drawn += int(spec.factors.get("objects.count_range", (len(spec.placed),))[0])
        total.lies += measure(placed_meshes(spec, drawn.assets), scene, len(spec.placed))
    return total


def report(name: str, total: Tally) -> str:
    """Return the figures for one kind of scene, as lines of text."""
    lies, seconds = total.lies, np.array(total.seconds or [np.nan])
    count = max(len(lies), 1)
    deep = [lie for lie in lies if lie.depth > DEEP]
    high = [lie for lie in lies if lie.gap > HIGH]
    lines = [
        f"{name}: {len(seconds)} scenes, {len(lies)} objects",
        f"  deeper than {DEEP * 1e3:g} mm   {len(deep):4d}  {len(deep) / count:6.2%}",
        f"  higher than {HIGH * 1e3:g} mm   {len(high):4d}  {len(high) / count:6.2%}",
        f"  not placed         {max(total.drawn - len(lies), 0):4d}  "
        f"{max(1 - len(lies) / max(total.drawn, 1), 0):6.2%}",
        f"  CPU s per scene: median {np.median(seconds):.2f}, maximum {seconds.max():.2f}",
    ]
    for title, found in (("deep", deep), ("high", high)):
        worst = Counter(lie.name for lie in found).most_common(12)
        if worst:
            of = Counter(lie.name for lie in lies)
            lines.append(f"  {title}: " + ", ".join(f"{n} {c}/{of[n]}" for n, c in worst))
    for lie in sorted(deep, key=lambda lie: -lie.depth)[:15]:
        lines.append(
            f"    {lie.depth * 1e3:6.2f} mm deep: {lie.name} in {lie.stuck_in}, scene {lie.scene}"
        )
    for lie in sorted(high, key=lambda lie: -lie.gap)[:15]:
        lines.append(f"    {lie.gap * 1e3:6.2f} mm high: {lie.name}, scene {lie.scene}")
    return "\n".join([*lines, *(f"  failed: {reason}" for reason in total.failed)])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=25)
    parser.add_argument("--first", type=int, default=0, help="index of the first scene")
    options, overrides = parser.parse_known_args(arguments)

    def task(config: Config, folder: Path) -> int:
        total = tally(config, range(options.first, options.first + options.scenes))
        print(report(f"scene={config.scene.name}", total), flush=True)
        most = SHARE * len(total.lies)
        deep = sum(lie.depth > DEEP for lie in total.lies)
        high = sum(lie.gap > HIGH for lie in total.lies)
        return int(deep > most or high > most)

    return run(overrides, task)


if __name__ == "__main__":
    sys.exit(main())
