"""What a stage hands on: things that stand around the objects, where objects may lie, where cameras
may be and where lamps hang."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.mesh import MeshData
from simgen.spec import MaterialSpec, Vector


@dataclass(frozen=True)
class StagePart:
    """One static thing of a stage. Its axes are the world's.

    The convex pieces of its mesh (`MeshData.pieces`) are what objects bump into; a part without any
    is air to them.
    """

    name: str
    mesh: MeshData
    position: Vector
    """Origin of the part's object frame in the world, metres."""
    stuff: str = "background"
    """Its class in panoptic labels: one of the stage's `STUFF`."""
    backdrop: bool = False
    """Seen by the camera alone: light passes through it and none comes back from it."""
    materials: dict[str, MaterialSpec] | None = None
    """Its own surfaces by slot; those of the stage's spec when not given."""
    class_name: str = ""
    """The built-in class that it is a member of, or would be taken for; none when empty. Where that
    class is labelled, `scene.label_furnishings` says what becomes of the part."""
    crowd: bool = False
    """Whether it cannot be labelled as one instance: many of its class in one mesh, or something
    that only looks like its class. It is then a region to be ignored."""
    also: tuple[str, ...] = ()
    """Further built-in classes that it would be taken for. Where its own class is not labelled and
    one of these is, it is a region to be ignored."""
    heading: float = 0.0
    """Radians about z from the world's axes to its own, for the pose of a part that is labelled.
    Its vertices are along the world's axes all the same."""


@dataclass(frozen=True)
class Support:
    """A flat, level place where objects may lie, metres."""

    half_size: tuple[float, float]
    """Along x and y; the half axes of an ellipse when round."""
    round: bool
    centre: Vector = (0.0, 0.0, 0.0)
    clear: float = float("inf")
    """Free height above it."""
    tags: tuple[str, ...] = ()
    """Classes with one of these tags lie here; all when there are none."""
    name: str = ""


@dataclass(frozen=True)
class Room:
    """The box that cameras and lamps stay in, metres."""

    low: Vector
    high: Vector


@dataclass(frozen=True)
class LampPlace:
    """Where a stage has room for a light.

    kind: `ceiling` (a lamp that shines down), `bulb` (a floor or table lamp, a street light) or
    `window` (daylight comes in here).
    """

    kind: str
    position: Vector
    target: Vector
    """A point that it shines towards."""
    width: float
    height: float
    """Metres. Of the window, or of the lamp."""
