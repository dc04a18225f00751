"""What a stage's `build` hands on: unlabelled, immovable things that stand around the objects."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.mesh import MeshData
from simgen.spec import Vector


@dataclass(frozen=True)
class StagePart:
    """One static thing of a stage. Its axes are the world's."""

    name: str
    mesh: MeshData
    position: Vector
    """Origin of the part's object frame in the world, metres."""
