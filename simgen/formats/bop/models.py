"""The 3D models of a BOP dataset: one for each rigid shape.

models/obj_000001.ply   ASCII, with normals, millimetres, z up, its middle the middle of its box
models/models_info.json box, diameter, symmetries
objects.json            what each number is: class, asset, parameters, scale

An object's shape is its asset at its scale, so two that differ in either have numbers of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import trimesh
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import cdist

from simgen.assets.catalogue import built_in_info
from simgen.assets.entries import Symmetries
from simgen.dataset import manifest
from simgen.formats.items import Annotation, Item
from simgen.formats.output.json_entries import json_map
from simgen.formats.output.target import Target
from simgen.formats.pipeline.scenes import source_number
from simgen.formats.plan import Plan
from simgen.formats.simgen.read import SimgenSource
from simgen.geometry.mesh import MeshData
from simgen.geometry.transforms import box_of
from simgen.spec.scene import STAGE_SOURCE, ObjectSpec, SceneSpec
from simgen.stages.plugins import load_plugins
from simgen.stages.resolver import Resolver, SceneAssets, make_resolver

MILLIMETRES = 1000.0
_MOST_COMPARED = 5000
"""Points whose distances are all measured; of more, those count that are farthest in some of as
many directions, which finds a diameter to a thousandth."""


_Say = Callable[[str, Any], None]


@dataclass(frozen=True)
class Model:
    """number: `obj_id`, from 1. centre: `3`, the model's origin in the object's axes, metres."""

    number: int
    centre: np.ndarray


class Models:
    """The models that were met so far. Keeps 16 bytes and two numbers of each."""

    def __init__(self, target: Target, plan: Plan, say: _Say, name: _Say) -> None:
        self._target = target
        self._datasets = [s.dataset for s in plan.sources if isinstance(s, SimgenSource)]
        self._plugins = plan.plugins
        own = load_plugins(plan.plugins).classes
        self._classes = {**built_in_info(), **{name: kind.info for name, kind in own.items()}}
        self._resolvers: dict[int, Resolver] = {}
        self._specs: dict[int, SceneSpec] = {}
        self._meshes: dict[int, tuple[SceneSpec, SceneAssets]] = {}
        self._say, self._name = say, name
        self._known: dict[bytes, Model] = {}
        self.deformed: set[tuple[int, int, int]] = set()
        """Source, scene and instance of objects that change their shape."""
        self.ignored: dict[int, int] = {}
        """Regions to be ignored, by their image's id."""

    def of(self, item: Item, entry: Annotation) -> Model | None:
        """The model of an object, written when it is first met; None for one that changes its
        shape, or is nowhere in the image, and for a region to be ignored, which BOP has not. Raises
        `InputError` and `AssetError` where its mesh cannot be had."""
        if entry.record is None:
            self.ignored[item.image_id] = len(item.regions)
            return None
        if entry.record.amodal_segmentation is None:
            return None
        source, scene = source_number(item), item.frame.scene
        around, spec = self._object(source, scene, entry.record.instance_id)
        if spec.deformation is not None:
            self.deformed.add((source, scene, spec.instance_id))
            return None
        plain = {"class": entry.class_name, "asset": asdict(spec.asset), "scale": spec.scale}
        if spec.asset.source == STAGE_SOURCE:  # a part of this scene's stage and of no other
            plain["shape"] = _digest(self._mesh(source, around, spec))
        key = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()[:16]
        if key not in self._known:
            self._known[key] = self._make(source, around, spec, plain)
        return self._known[key]

    def _object(self, source: int, scene: int, number: int) -> tuple[SceneSpec, ObjectSpec]:
        """A scene and one of its objects."""
        if source not in self._specs or self._specs[source].index != scene:
            self._specs[source] = self._datasets[source].spec(scene)
        spec = self._specs[source]
        return spec, next(item for item in spec.objects if item.instance_id == number)

    def _resolver(self, source: int) -> Resolver:
        if source not in self._resolvers:
            found = self._datasets[source].manifest
            self._resolvers[source] = make_resolver(
                manifest.stored_settings(found, None, self._plugins)
            )
        return self._resolvers[source]

    def _mesh(self, source: int, around: SceneSpec, spec: ObjectSpec) -> MeshData:
        """The mesh of an object of a scene. Those of the last scene of each source are kept."""
        known = self._meshes.get(source)
        if known is None or known[0] is not around:
            known = self._meshes[source] = around, self._resolver(source).resolve(around)
        return known[1].objects[around.objects.index(spec)]

    def _make(
        self, source: int, around: SceneSpec, spec: ObjectSpec, plain: dict[str, Any]
    ) -> Model:
        mesh = self._mesh(source, around, spec)
        vertices = spec.scale * mesh.vertices
        centre = box_of(vertices).mean(axis=0)
        number = len(self._known) + 1
        points = MILLIMETRES * (vertices - centre)
        self._target.write(f"models/obj_{number:06d}.ply", ply(points, mesh.faces))
        if spec.asset.source == "parametric":
            # A class's are about the middle of the box already.
            symmetries = in_model(self._classes[spec.asset.id].symmetries, 1.0, np.zeros(3))
        elif spec.asset.source == STAGE_SOURCE:
            symmetries = in_model(Symmetries(), 1.0, centre)
        else:
            symmetries = in_model(
                self._resolver(source).library.symmetries(spec.asset), spec.scale, centre
            )
        self._say(str(number), {**sizes(points), **symmetries})
        self._name(str(number), plain)
        return Model(number, centre)


def _digest(mesh: MeshData) -> str:
    """The same for meshes that differ by rounding alone."""
    rounded = np.rint(mesh.vertices * 1e5).astype(np.int64)
    return hashlib.sha256(rounded.tobytes() + mesh.faces.tobytes()).hexdigest()[:16]


@contextmanager
def models(target: Target, plan: Plan) -> Iterator[Models]:
    """The models of an export; their tables are complete at the end."""
    with (
        json_map(target.path("models/models_info.json")) as say,
        json_map(target.path("objects.json")) as name,
    ):
        found = Models(target, plan, say, name)
        yield found
    if found.deformed:
        target.remarks.append(
            f"{len(found.deformed)} objects change their shape and are left out; BOP knows rigid "
            "ones alone"
        )
    if found.ignored:
        target.remarks.append(
            f"left out {sum(found.ignored.values())} regions to be ignored, which BOP has not"
        )


def ply(points: np.ndarray, faces: np.ndarray) -> bytes:
    """An ASCII PLY with normals, weighted by the angles of the faces. points: `V x 3`."""
    mesh = trimesh.Trimesh(points, faces, process=False)
    content = mesh.export(file_type="ply", encoding="ascii", vertex_normal=True)
    assert isinstance(content, bytes)
    return content


def sizes(points: np.ndarray) -> dict[str, float]:
    """Box and diameter, as models_info.json has them. points: `V x 3`, millimetres."""
    low, high = box_of(points)
    plain = {f"min_{axis}": float(value) for axis, value in zip("xyz", low, strict=True)}
    plain |= {f"size_{axis}": float(v) for axis, v in zip("xyz", high - low, strict=True)}
    return {"diameter": diameter(points), **plain}


def diameter(points: np.ndarray) -> float:
    """The largest distance between any two of `V x 3` points."""
    try:
        points = points[ConvexHull(points).vertices]
    except QhullError:  # flat
        points = np.unique(points, axis=0)
    if len(points) > _MOST_COMPARED:
        points = points[_extremes(points)]
    blocks = (points[start : start + 500] for start in range(0, len(points), 500))
    return max(float(cdist(block, points).max()) for block in blocks)


def _extremes(points: np.ndarray) -> np.ndarray:
    """Numbers of the points that are farthest in any of many directions, spread over the sphere."""
    steps = np.arange(_MOST_COMPARED) + 0.5
    height, around = 1 - 2 * steps / _MOST_COMPARED, steps * np.pi * (3 - np.sqrt(5))
    ring = np.sqrt(1 - height**2)
    directions = np.stack([ring * np.cos(around), ring * np.sin(around), height], axis=1)
    blocks = (directions[start : start + 100] for start in range(0, len(directions), 100))
    return np.unique(np.concatenate([(block @ points.T).argmax(axis=1) for block in blocks]))


def in_model(found: Symmetries, scale: float, centre: np.ndarray) -> dict[str, Any]:
    """Symmetries of an asset's mesh as models_info.json has them: in the model's axes and unit.
    Kinds that it has none of are absent."""
    plain: dict[str, Any] = {}
    if found.discrete:
        plain["symmetries_discrete"] = [_moved(each, scale, centre) for each in found.discrete]
    if found.continuous:
        plain["symmetries_continuous"] = [
            {
                "axis": (np.array(each.axis) / np.linalg.norm(each.axis)).tolist(),
                "offset": (MILLIMETRES * (scale * np.array(each.offset) - centre)).tolist(),
            }
            for each in found.continuous
        ]
    return plain


def _moved(matrix: Sequence[float], scale: float, centre: np.ndarray) -> list[float]:
    """A rigid transform of a mesh in metres, as one of the model."""
    moved = np.reshape(matrix, (4, 4)).astype(float)
    turn, shift = moved[:3, :3], moved[:3, 3]
    moved[:3, 3] = MILLIMETRES * (scale * shift + turn @ centre - centre)
    plain: list[float] = moved.ravel().tolist()
    return plain
