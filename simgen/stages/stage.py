"""The interface of stages: from parameters to parts, places for objects, the room for cameras and
the places for lamps."""

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
    """A static part of a stage. Its axes are the world's.

    Objects collide with the convex pieces of its mesh (`MeshData.pieces`); they pass through a part
    without any.
    """

    name: str
    mesh: MeshData
    position: Vector
    """Origin of the part's object frame in the world, metres."""
    stuff: str = "background"
    """Its class in panoptic labels: one of the stage's `stuff`."""
    backdrop: bool = False
    """Visible to the camera only: it neither blocks nor reflects light."""
    materials: Materials | None = None
    """Its own surfaces by slot; those of the stage's spec if not given."""
    class_name: str = ""
    """The built-in class that it belongs to or resembles; empty for none. If that class is
    labelled, `scene.label_furnishings` decides how the part is labelled."""
    crowd: bool = False
    """Whether it cannot be labelled as one instance: many members of its class in one mesh, or
    something that only resembles its class. It is then an ignore region."""
    also: tuple[str, ...] = ()
    """Other built-in classes that it resembles. If its own class is not labelled but one of these
    is, it is an ignore region."""
    heading: float = 0.0
    """Radians about z from the world's axes to its own, for the pose of a labelled part. Its
    vertices are nevertheless along the world's axes."""
    apart: Callable[[], tuple[StagePart, ...]] | None = None
    """Builds its replacement if furnishings are not complete objects (`StageSpec.whole`, as in
    older datasets); None for the part itself."""


@dataclass(frozen=True)
class Support:
    """A flat, horizontal surface for objects, metres."""

    half_size: tuple[float, float]
    """Along x and y; the half axes of an ellipse when round."""
    round: bool
    centre: Vector = (0.0, 0.0, 0.0)
    clear: float = float("inf")
    """Free height above it."""
    tags: tuple[str, ...] = ()
    """Only classes with one of these tags or names are placed here; all if empty."""
    name: str = ""
    headings: tuple[float, ...] = ()
    """Directions that the fronts of objects may face here, radians about z from x, as in a lane, a
    row of parked cars or along a wall. Any direction if empty.

    On a structured support, one with headings, positions are uniform, and backs are at its rim if
    everything faces the same way across it. `placement.structured` determines how many objects
    stand on such supports.
    """
    single: bool = False
    """A place for one object only, such as the fork of a place setting; it has `headings`. The
    object is put at its centre and may be as large as `half_size`."""
    drop: float = 0.0
    """Height, metres, from which objects fall onto what already stands here, such as food onto a
    plate."""


@dataclass(frozen=True)
class Room:
    """The box that cameras and lamps stay in, metres."""

    low: Vector
    high: Vector


@dataclass(frozen=True)
class LampPlace:
    """A place for a light in a stage.

    kind: `ceiling` (a lamp that shines down), `bulb` (a floor or table lamp, a street light) or
    `window` (daylight enters here).
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
    """Everything that a stage contributes to a scene.

    supports: places for objects, the main one first; empty if objects float around the origin.
    room: where cameras may be; None if the stage's `fit` makes room for any. lamps: places for
    lamps and daylight; empty if lamps may be anywhere above the objects.
    """

    parts: tuple[StagePart, ...]
    supports: tuple[Support, ...] = ()
    room: Room | None = None
    lamps: tuple[LampPlace, ...] = ()


def without_parts(content: StageContent) -> StageContent:
    """Return what a stage contributes to a scene with a background of its own: its first support,
    which has no walls, and its places for lamps."""
    return StageContent((), content.supports[:1], None, content.lamps)


def _as_drawn[P](params: P, rng: Stream) -> P:
    return params


def _as_large[P](params: P, pile: float, reach: float) -> P:
    return params


def _as_covered[P](params: P, materials: Materials) -> Materials:
    return materials


@dataclass(frozen=True)
class Stage[P]:
    """How a stage is sampled and built. A file in `scenes/` provides one as `STAGE`.

    Its parameters are sampled first, then `adjust` and `materials` continue with the same stream.
    `fit` and `build` are pure functions, so that a stored scene gets the same stage again.
    """

    params: type[P]
    """A frozen dataclass with fields of `simgen.spec.parameters`."""
    materials: Callable[[P, Stream], Materials]
    """Samples a surface for every slot of the parts."""
    build: Callable[[P], StageContent]
    """Builds its content. Called once per scene, and again if cameras need more room."""
    fit: Callable[[P, float, float], P] = _as_large
    """Returns the parameters with more room if needed. Takes the radius that the objects need
    around the origin and the maximum distance of a camera from it, both in metres."""
    stuff: tuple[str, ...] = ()
    """Classes of its parts in panoptic labels, besides `background`."""
    ground: tuple[str, ...] = ()
    """Slots that cover outdoor ground. With `materials.level=plausible` they get ground surfaces
    only."""
    adjust: Callable[[P, Stream], P] = _as_drawn
    """Adjusts sampled parameters that depend on one another."""
    recover: Callable[[P, Materials], Materials] = _as_covered
    """Replaces surfaces that do not suit the fitted parameters."""
    file: Path | None = None
    """The .blend file that it is read from, if any."""
    file_sha256: str = ""
