"""The geometry of a scene in world coordinates, from its spec, without Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.geometry.motion import placed_at
from simgen.spec.scene import SceneSpec
from simgen.stages.resolver import SceneAssets


@dataclass(frozen=True)
class PlacedMesh:
    """An object or part of a scene at its position.

    instance_id: 0 for parts of the stage. name: class of an object, name of a part. vertices: `V x
    3` float64, world, metres. faces: `F x 3` int32, counter-clockwise from outside.
    """

    instance_id: int
    name: str
    vertices: np.ndarray
    faces: np.ndarray


def placed_meshes(spec: SceneSpec, assets: SceneAssets, frame: int = 0) -> list[PlacedMesh]:
    """Return everything in a scene at a frame: parts of the stage and distractors, then the objects
    by id.

    Raises `IndexError` for a frame that the scene does not have.
    """
    if not 0 <= frame < len(spec.cameras):
        raise IndexError(f"frame {frame}: the scene has {len(spec.cameras)}, counted from 0")
    parts = [
        PlacedMesh(0, part.name, part.mesh.vertices + np.array(part.position), part.mesh.faces)
        for part in assets.parts
    ]
    for item, mesh in zip(spec.objects, assets.objects, strict=True):
        vertices = placed_at(item, mesh.vertices, spec.moment(frame), spec.frame_rate)
        parts.append(PlacedMesh(item.instance_id, item.class_name, vertices, mesh.faces))
    return parts
