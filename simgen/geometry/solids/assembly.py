"""Conversion of solids to a mesh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from simgen.geometry.mesh import MeshData
from simgen.geometry.solids.keypoints import Keypoints
from simgen.geometry.solids.pieces import Piece
from simgen.geometry.solids.solid import (
    Edges,
    Solid,
    filled,
    join,
    translate,
    with_keypoints,
    with_nearest_keypoints,
)
from simgen.geometry.transforms import as_vector


def to_mesh(solids: Iterable[Solid], smooth_angle: float = np.radians(40.0)) -> MeshData:
    """Merge solids into one mesh in the same axes, with slots sorted by name.

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


def assemble(
    solids: Iterable[Solid],
    slots: tuple[str, ...],
    pieces: Sequence[Piece] | None = None,
    keypoints: Keypoints | None = None,
    shared: Mapping[str, str] | None = None,
    centred: bool = False,
) -> MeshData:
    """Assemble solids into the mesh of an object that stands on z = 0.

    slots: the solids' slots in the order of the mesh's parts; each is also a material slot.
    pieces: replace the solids' pieces. keypoints: added to the solids' keypoints.
    shared: slot -> the slot whose material it shares; it is then a part but not a slot of the mesh.
    centred: whether the centre of the object's footprint is moved to the origin.
    Raises `ValueError` for a slot that is not in `slots`.
    """
    solid = join(solids)
    solid = filled(solid, solid.pieces if pieces is None else pieces)
    solid = with_keypoints(solid, *(keypoints or Keypoints({})))
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


def finished(
    solid: Solid, slots: tuple[str, ...], points: Mapping[str, ArrayLike], skeleton: Edges
) -> MeshData:
    """Call `assemble` for one solid, centred, with keypoints at the vertices nearest to `points`
    (3 each, in the solid's axes)."""
    return assemble([with_nearest_keypoints(solid, points, skeleton)], slots, centred=True)


def _indices(names: np.ndarray, slots: tuple[str, ...]) -> np.ndarray:
    """Return each name's index in `slots`, `F` int32. Raises `ValueError` for an unknown name."""
    known, inverse = np.unique(names, return_inverse=True)
    unknown = sorted(set(known.tolist()) - set(slots))
    if unknown:
        raise ValueError(f"unknown slot {unknown[0]!r}, expected one of {', '.join(slots)}")
    return np.array([slots.index(str(name)) for name in known], dtype=np.int32)[inverse]
