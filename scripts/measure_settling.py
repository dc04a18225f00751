"""How well objects lie: in how many of them something sticks, and how many hang in the air.

    python scripts/measure_settling.py --scenes 100
    python scripts/measure_settling.py --scenes 25 --first 100 scene=bin seed=3
    python scripts/measure_settling.py --scenes 25 'placement.methods=[stack]'

Everything after the options is a config override, as for `simgen generate`. Scenes are sampled, not
rendered. What is measured are the triangles that would be rendered, with trimesh; the convex pieces
that the physics work with play no part in it.

depth  Of an object: the farthest that a point of its surface lies inside another object or a part
       of the stage, or a point of theirs inside it, to the nearest surface of what it lies in.
gap    Of an object: the least height that it stands above what is below it, anywhere.

What is not closed has no inside: nothing is found to stick in it, only its own points in others.
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
"""Metres from where on an object counts as sticking in another, or as hanging in the air."""
SHARE = 0.01
"""Of the objects: at most this many may do so."""
_PITCH = 2e-3
"""Metres between the points on a surface that are tried ..."""
_MOST = 2000
"""... and how many there are at most, besides the vertices."""
_NEAREST = 60
"""Points inside another mesh whose distance to its surface is worked out."""
_ABOVE = 2e-3
"""Metres above a surface from where on rays go down: what touches lies a little in one another."""
_SHALLOW = 1e-4
"""Metres by which the boxes of two meshes have to overlap before anything is tried."""


class Solid:
    """A mesh in the world and what is inside of it. vertices: `V x 3` metres, faces: `F x 3`."""

    def __init__(self, name: str, vertices: np.ndarray, faces: np.ndarray) -> None:
        self.name = name
        self.mesh = trimesh.Trimesh(vertices, faces, process=False)
        self.box = np.array([vertices.min(axis=0), vertices.max(axis=0)])

    @cached_property
    def components(self) -> list[trimesh.Trimesh]:
        """Closed components; points inside any of them are inside."""
        parts = self.mesh.split(only_watertight=False, repair=False)
        return [part for part in parts if part.is_watertight]

    def crop(self, box: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Points of the surface within a box (`2 x 3`), `n x 3`."""
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
    """How deep one sticks in the other or the other in it, metres; 0 when they are apart."""
    box = np.stack([np.maximum(one.box[0], other.box[0]), np.minimum(one.box[1], other.box[1])])
    if (box[1] - box[0] < _SHALLOW).any():
        return 0.0
    # A flat box still has to catch the faces that lie in its sides.
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
    """Distance of points (`n x 3`) to the triangles of a mesh, metres, `m`.

    m <= n: those nearest to vertices are left out when there are very many.
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
    """The least height of an object above what is below it, metres; infinite above nothing."""
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
    """How an object lies. stuck_in: the name of what it sticks in deepest. Metres."""

    scene: int
    name: str
    depth: float
    stuck_in: str
    gap: float


def measure(placed: Sequence[PlacedMesh], scene: int = 0, last: int | None = None) -> list[Lie]:
    """How each object of a scene lies among the others and the parts of its stage.

    last: the highest instance id that is looked at; those above are put up by the stage.
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
    """What is added up over scenes. drawn: objects before any was given up."""

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
    """The figures of a kind of scene, as lines of text."""
    lies, seconds = total.lies, np.array(total.seconds or [np.nan])
    count = max(len(lies), 1)
    deep = [lie for lie in lies if lie.depth > DEEP]
    high = [lie for lie in lies if lie.gap > HIGH]
    lines = [
        f"{name}: {len(seconds)} scenes, {len(lies)} objects",
        f"  deeper than {DEEP * 1e3:g} mm   {len(deep):4d}  {len(deep) / count:6.2%}",
        f"  higher than {HIGH * 1e3:g} mm   {len(high):4d}  {len(high) / count:6.2%}",
        f"  without a place    {max(total.drawn - len(lies), 0):4d}  "
        f"{max(1 - len(lies) / max(total.drawn, 1), 0):6.2%}",
        f"  CPU-s a scene: median {np.median(seconds):.2f}, most {seconds.max():.2f}",
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
