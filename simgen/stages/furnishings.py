"""Furnishings: parts of a stage that belong to a labelled class, and how they are labelled.

Each is an object like the placed ones, an ignore region, or unlabelled, depending on
`scene.label_furnishings`. An object is identified by its stage and its part, so that its mesh can
be rebuilt with the stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simgen.assets import environments
from simgen.config import FURNISHING_LABELS
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData
from simgen.geometry.transforms import (
    as_vector,
    box_of,
    quaternion_about_z,
    rotation_from_quaternion,
)
from simgen.spec.scene import (
    STAGE_SOURCE,
    AssetRef,
    EnvironmentSpec,
    ObjectSpec,
    SceneSpec,
    StageSpec,
)
from simgen.stages.stage import StagePart

INSTANCES, IGNORE, NONE = FURNISHING_LABELS
"""Values of `scene.label_furnishings`."""


@dataclass(frozen=True)
class Furnishings:
    """objects: those labelled as instances. classes, unlabelled: as in `SceneSpec`."""

    objects: tuple[ObjectSpec, ...] = ()
    classes: dict[str, str] = field(default_factory=dict)
    unlabelled: dict[str, int] = field(default_factory=dict)


def label_furnishings(
    mode: str,
    stage: StageSpec,
    parts: Sequence[StagePart],
    known: Mapping[str, str],
    classes: Sequence[str],
    first_id: int,
) -> Furnishings:
    """Decide how the parts of a stage are labelled.

    mode: one of `FURNISHING_LABELS`. parts: of the stage. known: the dataset's class for each
    built-in class that it has. classes: of the dataset. first_id: of the first instance. Raises
    `ValueError` if two parts that become instances share a name.
    """
    built_in = sorted({_taken_for(part, known) for part in parts} - {""})
    if mode == NONE:
        counts = Counter(known.get(_taken_for(part, known), "") for part in parts)
        return Furnishings(unlabelled={n: counts[n] for n in sorted(counts) if n})
    chosen = [
        part for part in parts if mode == INSTANCES and part.class_name in known and not part.crowd
    ]
    for name, count in Counter(part.name for part in chosen).items():
        if count > 1:
            raise ValueError(f"stage {stage.name!r} has {count} labelled parts called {name!r}")
    meshes = _OwnMeshes()
    objects = tuple(
        _object(stage, part, meshes, known[part.class_name], classes, first_id + number)
        for number, part in enumerate(chosen)
    )
    return Furnishings(objects, {name: known[name] for name in built_in})


def shown_by(
    environment: EnvironmentSpec,
    own: Sequence[str],
    known: Mapping[str, str],
    classes: Sequence[str],
) -> tuple[str, ...]:
    """Return the dataset's classes that an environment's image shows, sorted.

    own: what the user's own images show: built-in classes, or classes of the dataset. known,
    classes: as in `label_furnishings`.
    """
    if environment.kind != "hdri":
        return ()
    names = own if environment.hdri_sha256 else environments.shown_classes(environment.hdri)
    return shown_classes(names, known, classes)


def shown_classes(
    names: Sequence[str], known: Mapping[str, str], classes: Sequence[str]
) -> tuple[str, ...]:
    """Return the dataset's classes among what an image shows, sorted. names: built-in classes, or
    classes of the dataset. known, classes: as in `label_furnishings`."""
    return tuple(sorted({known.get(name, name) for name in names} & set(classes)))


def ignored_class(part: StagePart, spec: SceneSpec) -> str:
    """Return the class of the dataset for which a part is an ignore region; empty if none."""
    return spec.stage_classes.get(_taken_for(part, spec.stage_classes), "")


def _taken_for(part: StagePart, known: Mapping[str, str]) -> str:
    """Return the part's built-in class, or one it resembles, that the dataset has."""
    return next((name for name in (part.class_name, *part.also) if name in known), "")


def without_objects(spec: SceneSpec, parts: Sequence[StagePart]) -> tuple[StagePart, ...]:
    """Return the parts of a scene's stage that are not among its objects."""
    taken = {item.asset.id for item in spec.objects if item.asset.source == STAGE_SOURCE}
    return tuple(part for part in parts if _id(spec.stage, part) not in taken)


def furnishing_meshes(spec: SceneSpec, parts: Sequence[StagePart]) -> dict[str, MeshData]:
    """Return the mesh of each part of a scene's stage that is an object, in its own axes, by asset
    id. Parts that share a mesh and a heading share the result. Raises `AssetError` if an object's
    part is missing."""
    meshes = _OwnMeshes()
    named = {_id(spec.stage, part): part for part in parts if part.class_name}
    taken = [item.asset.id for item in spec.objects if item.asset.source == STAGE_SOURCE]
    for name in taken:
        if name not in named:
            raise AssetError(f"{name}: the stage of the scene has no such part")
    return {name: meshes.of(named[name])[0] for name in taken}


def _object(
    stage: StageSpec,
    part: StagePart,
    meshes: _OwnMeshes,
    class_name: str,
    classes: Sequence[str],
    number: int,
) -> ObjectSpec:
    mesh, base = meshes.of(part)
    rotation = quaternion_about_z(part.heading)
    surfaces = stage.materials if part.materials is None else part.materials
    return ObjectSpec(
        instance_id=number,
        class_name=class_name,
        class_id=list(classes).index(class_name) + 1,
        asset=AssetRef(STAGE_SOURCE, _id(stage, part)),
        scale=1.0,
        position=as_vector(np.array(part.position) + rotation_from_quaternion(rotation) @ base),
        rotation=rotation,
        materials={slot: surfaces[slot] for slot in mesh.slots if slot in surfaces},
    )


def _id(stage: StageSpec, part: StagePart) -> str:
    return f"{stage.name}/{part.name}"


class _OwnMeshes:
    """Meshes of parts in the axes of their objects: the origin is the centre of the box's
    underside, and z is up."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, float], tuple[MeshData, np.ndarray]] = {}

    def of(self, part: StagePart) -> tuple[MeshData, np.ndarray]:
        """Return the mesh, and its origin relative to the part's in its own axes: `3`, metres."""
        key = id(part.mesh), part.heading
        if key not in self._known:
            self._known[key] = _own_axes(part)
        return self._known[key]


def _own_axes(part: StagePart) -> tuple[MeshData, np.ndarray]:
    turn = rotation_from_quaternion(quaternion_about_z(part.heading))
    vertices = part.mesh.vertices @ turn  # by its inverse
    low, high = box_of(vertices)
    base = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return replace(part.mesh, vertices=vertices - base, pieces=()), base
