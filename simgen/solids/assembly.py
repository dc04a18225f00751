"""Solids to a mesh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from simgen.geometry import as_vector
from simgen.mesh import MeshData
from simgen.solids.solid import Solid, join, translate


def to_mesh(solids: Iterable[Solid], smooth_angle: float = np.radians(40.0)) -> MeshData:
    """Solids as one mesh in the axes that they are given in; its slots are sorted by name.

    smooth_angle: edges sharper than this (radians) are shaded as edges.
    """
    solid = join(solids)
    slots, slot = np.unique(solid.slot, return_inverse=True)
    return MeshData(
        vertices=solid.vertices,
        faces=solid.faces.astype(np.int32),
        uv=solid.uv.astype(np.float32),
        slot=slot.astype(np.int32),
        slots=tuple(str(name) for name in slots),
        pieces=solid.pieces,
        smooth_angle=smooth_angle,
    )


def object_mesh(
    solid: Solid,
    slots: tuple[str, ...],
    shared: Mapping[str, str] | None = None,
    centred: bool = False,
) -> MeshData:
    """A solid as an object that stands on z = 0.

    slots: the solid's slots in the order that the mesh's parts have; each is a material slot too.
    shared: slot to the other slot whose material it has; it then is a part and no slot of the mesh.
    centred: whether the middle of the object's plan goes to the origin.
    """
    if centred:
        low, high = solid.vertices.min(axis=0), solid.vertices.max(axis=0)
        solid = translate(solid, -((low + high) / 2 * (1, 1, 0)))
    lowest = np.array([0.0, 0.0, solid.vertices[:, 2].min()])
    same = shared or {}
    materials = tuple(name for name in slots if name not in same)
    material = np.array([materials.index(same.get(name, name)) for name in slots], dtype=np.int32)
    part = _indices(solid.slot, slots)
    return MeshData(
        vertices=solid.vertices - lowest,
        faces=solid.faces.astype(np.int32),
        uv=solid.uv.astype(np.float32),
        slot=material[part],
        slots=materials,
        pieces=tuple(piece - lowest for piece in solid.pieces),
        part=part,
        parts=slots,
        keypoints={name: as_vector(at - lowest) for name, at in solid.keypoints.items()},
        skeleton=solid.skeleton,
    )


def _indices(names: np.ndarray, slots: tuple[str, ...]) -> np.ndarray:
    """`F` int32: the place in `slots` of each name. Raises `ValueError` for an unknown one."""
    known, inverse = np.unique(names, return_inverse=True)
    return np.array([slots.index(str(name)) for name in known], dtype=np.int32)[inverse]
