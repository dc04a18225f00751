"""A stage: the surroundings of the objects, from its parameters to its parts, the places for
objects, the room for cameras and the places for lamps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simgen.geometry.mesh import MeshData
from simgen.spec.rng import Stream
from simgen.spec.scene import MaterialSpec, Vector

Materials = dict[str, MaterialSpec]
"""Surfaces by slot."""


@dataclass(frozen=True)
class StagePart:
    """One static thing of a stage. Its axes are the world's.

    The convex pieces of its mesh (`MeshData.pieces`) are what objects bump into; they pass through
    a part without any.
    """

    name: str
    mesh: MeshData
    position: Vector
    """Origin of the part's object frame in the world, metres."""
    stuff: str = "background"
    """Its class in panoptic labels: one of the stage's `stuff`."""
    backdrop: bool = False
    """Seen by the camera alone: light passes through it and none comes back from it."""
    materials: Materials | None = None
    """Its own surfaces by slot; those of the stage's spec when not given."""
    class_name: str = ""
    """The built-in class that it is a member of, or would be taken for; none when empty. Where that
    class is labelled, `scene.label_furnishings` says how the part is labelled."""
    crowd: bool = False
    """Whether it cannot be labelled as one instance: many of its class in one mesh, or something
    that only looks like its class. It is then a region to be ignored."""
    also: tuple[str, ...] = ()
    """Further built-in classes that it would be taken for. Where its own class is not labelled and
    one of these is, it is a region to be ignored."""
    heading: float = 0.0
    """Radians about z from the world's axes to its own, for the pose of a part that is labelled.
    Its vertices are along the world's axes all the same."""
    apart: Callable[[], tuple[StagePart, ...]] | None = None
    """Builds what replaces it where furnishings are not single parts (`StageSpec.whole`, as in
    older datasets); None for the part itself."""


@dataclass(frozen=True)
class Support:
    """A flat, level place for objects, metres."""

    half_size: tuple[float, float]
    """Along x and y; the half axes of an ellipse when round."""
    round: bool
    centre: Vector = (0.0, 0.0, 0.0)
    clear: float = float("inf")
    """Free height above it."""
    tags: tuple[str, ...] = ()
    """Only classes with one of these tags are placed here; all when there are none."""
    name: str = ""
    headings: tuple[float, ...] = ()
    """Where the fronts of things point here, radians about z from x: one of these, as in a lane, a
    row of parked cars or along a wall. Any way where there are none.

    Of a structured support, one with headings, any place along it is as likely as the others, and
    backs are to its rim where all things point across it. `placement.structured` says how many
    things stand on such."""


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


@dataclass(frozen=True)
class StageContent:
    """All that a stage puts into a scene.

    supports: places for objects, the main one first; none where objects float in the air around the
    origin. room: where cameras may be; None for a stage whose `fit` makes room for any. lamps:
    places for lamps and daylight; none where lamps may be anywhere above the objects.
    """

    parts: tuple[StagePart, ...]
    supports: tuple[Support, ...] = ()
    room: Room | None = None
    lamps: tuple[LampPlace, ...] = ()


def _as_drawn[P](params: P, rng: Stream) -> P:
    return params


def _as_large[P](params: P, pile: float, reach: float) -> P:
    return params


def _as_covered[P](params: P, materials: Materials) -> Materials:
    return materials


@dataclass(frozen=True)
class Stage[P]:
    """How a stage is drawn and built. A file in `scenes/` offers one as `STAGE`.

    Its parameters are drawn first, then `adjust` and `materials` go on with the same stream. `fit`
    and `build` are pure functions, so that a stored scene has the same stage again.
    """

    params: type[P]
    """A frozen dataclass with fields of `simgen.spec.parameters`."""
    materials: Callable[[P, Stream], Materials]
    """Draws a surface for every slot of the parts."""
    build: Callable[[P], StageContent]
    """Makes its content. Called once a scene, and again where cameras need more room."""
    fit: Callable[[P, float, float], P] = _as_large
    """The same parameters with more room where it is needed. Takes the radius that the objects need
    around the origin and the farthest distance of a camera from it, both in metres."""
    stuff: tuple[str, ...] = ()
    """Classes of its parts in panoptic labels, besides `background`."""
    ground: tuple[str, ...] = ()
    """Slots that cover ground in the open. With `materials.level=plausible` they get the surfaces
    of ground alone."""
    adjust: Callable[[P, Stream], P] = _as_drawn
    """Changes drawn parameters that depend on one another."""
    recover: Callable[[P, Materials], Materials] = _as_covered
    """Changes surfaces that do not suit the fitted parameters."""
    file: Path | None = None
    """The .blend file that it is read from, for a stage that is a file."""
    file_sha256: str = ""
