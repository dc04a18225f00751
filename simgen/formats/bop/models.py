"""The 3D models of a BOP dataset, one per rigid shape.

models/obj_000001.ply   ASCII, with normals, millimetres, z up, origin at the centre of its box
models/models_info.json box, diameter, symmetries
objects.json            class, asset, parameters and scale of each `obj_id`

An asset and a scale define a shape, so objects that differ in either have different ids.
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
"""Number of points up to which all pairwise distances are measured. With more points, only the
extreme ones in as many directions are compared; the diameter is then exact to a thousandth."""


_Say = Callable[[str, Any], None]


@dataclass(frozen=True)
class Model:
    """A model of the dataset.

    number: `obj_id`, from 1. centre: the model's origin in the object's axes, `3`, metres.
    """

    number: int
    centre: np.ndarray


class Models:
    """The models written so far. Keeps a 16-byte digest, an id and a centre of each."""

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
        """Source, scene and instance id of deforming objects."""
        self.ignored: dict[int, int] = {}
        """Number of ignore regions by image id."""

    def of(self, item: Item, entry: Annotation) -> Model | None:
        """Return the model of an object, and write it on first use.

        None for a deforming object, an object outside the image, and an ignore region, which BOP
        cannot store. Raises `InputError` and `AssetError` if the mesh is unavailable.
        """
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
        if spec.asset.source == STAGE_SOURCE:  # its shape is specific to this scene's stage
            plain["shape"] = _digest(self._mesh(source, around, spec))
        key = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()[:16]
        if key not in self._known:
            self._known[key] = self._make(source, around, spec, plain)
        return self._known[key]

    def _object(self, source: int, scene: int, number: int) -> tuple[SceneSpec, ObjectSpec]:
        """Return a scene's spec and the spec of one of its objects."""
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
        """Return an object's mesh. Caches the meshes of each source's latest scene."""
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
            # Symmetries of parametric classes already refer to the centre of the box.
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
    """Return a digest that is equal for meshes that differ only by rounding."""
    rounded = np.rint(mesh.vertices * 1e5).astype(np.int64)
    return hashlib.sha256(rounded.tobytes() + mesh.faces.tobytes()).hexdigest()[:16]


@contextmanager
def models(target: Target, plan: Plan) -> Iterator[Models]:
    """Open the models of an export; complete their tables on exit."""
    with (
        json_map(target.path("models/models_info.json")) as say,
        json_map(target.path("objects.json")) as name,
    ):
        found = Models(target, plan, say, name)
        yield found
    if found.deformed:
        target.remarks.append(
            f"omitted {len(found.deformed)} deforming objects; BOP can only store rigid objects"
        )
    if found.ignored:
        target.remarks.append(
            f"omitted {sum(found.ignored.values())} ignore regions, which BOP cannot store"
        )


def ply(points: np.ndarray, faces: np.ndarray) -> bytes:
    """Return an ASCII PLY with vertex normals, weighted by face angles. points: `V x 3`."""
    mesh = trimesh.Trimesh(points, faces, process=False)
    content = mesh.export(file_type="ply", encoding="ascii", vertex_normal=True)
    assert isinstance(content, bytes)
    return content


def sizes(points: np.ndarray) -> dict[str, float]:
    """Return box and diameter with the keys of models_info.json. points: `V x 3`, millimetres."""
    low, high = box_of(points)
    plain = {f"min_{axis}": float(value) for axis, value in zip("xyz", low, strict=True)}
    plain |= {f"size_{axis}": float(v) for axis, v in zip("xyz", high - low, strict=True)}
    return {"diameter": diameter(points), **plain}


def diameter(points: np.ndarray) -> float:
    """Return the largest distance between any two of `V x 3` points."""
    try:
        points = points[ConvexHull(points).vertices]
    except QhullError:  # flat
        points = np.unique(points, axis=0)
    if len(points) > _MOST_COMPARED:
        points = points[_extremes(points)]
    blocks = (points[start : start + 500] for start in range(0, len(points), 500))
    return max(float(cdist(block, points).max()) for block in blocks)


def _extremes(points: np.ndarray) -> np.ndarray:
    """Return the indices of the extreme points in many directions spread over the sphere."""
    steps = np.arange(_MOST_COMPARED) + 0.5
    height, around = 1 - 2 * steps / _MOST_COMPARED, steps * np.pi * (3 - np.sqrt(5))
    ring = np.sqrt(1 - height**2)
    directions = np.stack([ring * np.cos(around), ring * np.sin(around), height], axis=1)
    blocks = (directions[start : start + 100] for start in range(0, len(directions), 100))
    return np.unique(np.concatenate([(block @ points.T).argmax(axis=1) for block in blocks]))


def in_model(found: Symmetries, scale: float, centre: np.ndarray) -> dict[str, Any]:
    """Return an asset's symmetries with the keys of models_info.json, in the model's axes and unit.

    Keys without symmetries are absent. found: symmetries of the asset's mesh, metres.
    """
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
    """Convert a rigid transform of the mesh, in metres, to the model's axes and unit."""
    moved = np.reshape(matrix, (4, 4)).astype(float)
    turn, shift = moved[:3, :3], moved[:3, 3]
    moved[:3, 3] = MILLIMETRES * (scale * shift + turn @ centre - centre)
    plain: list[float] = moved.ravel().tolist()
    return plain
