"""What a stage hands on: unlabelled, immovable things that stand around the objects, and where
objects may lie."""

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
    stuff: str = "background"
    """Its class in panoptic labels: one of the stage's `STUFF`."""


@dataclass(frozen=True)
class Support:
    """The table top, at z = 0 and centred at the origin. half_size in metres."""

    half_size: tuple[float, float]
    round: bool
