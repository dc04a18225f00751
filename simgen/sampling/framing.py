"""The surroundings of cameras: where the objects are, and which parts of the stage hide them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from simgen.config import CameraConfig
from simgen.config.draws import Draws
from simgen.geometry.instancing import Instance
from simgen.geometry.mesh import MeshData
from simgen.geometry.motion import placed_at
from simgen.geometry.transforms import box_of
from simgen.sampling.randomizers.camera import Scenery, Shot, Subject
from simgen.sampling.randomizers.camera_distance import rim
from simgen.sampling.visibility import Sight
from simgen.spec.scene import CameraSpec, ObjectSpec
from simgen.stages.blend_stage import NAME as BLEND
from simgen.stages.stage import Room, StagePart

Meshed = tuple[ObjectSpec, MeshData]
"""An object and its mesh, unscaled."""

_MOST_HIDDEN = 0.5
"""Maximum share of the subject that the stage may hide."""

_SLACK = 1e-6
"""Tolerance for rounding, metres."""
_LEAST_SHARE = 0.2
"""Minimum visible fraction of a recognisable object."""
_LEAST_FACING = 0.25
"""Minimum angle between a recognisable flat object and the line of sight, as `Look.facing`: 15
degrees."""


@dataclass(frozen=True)
class Extent:
    """Space that all objects occupy in all frames, metres.

    reach: distance from the stage's centre to the farthest object, seen from above. top: maximum
    height.
    """

    reach: float
    top: float


@dataclass(frozen=True)
class Onlooker:
    """Evaluates views by the meshes of a scene in its first frame.

    sight: of all meshes, the objects first. stage: the range of indices that are parts of the
    stage. number, in methods: index of the object that a view looks at.
    """

    config: CameraConfig
    scenery: Scenery
    shot: Shot
    sight: Sight
    stage: range

    def clear(self, view: CameraSpec, number: int) -> bool:
        """Return whether neither something close to the camera nor the stage hides the subject.

        If the config has a range of visibility, that range decides how much may be hidden.
        """
        if not self._starts_in_room(view):
            return False
        alone = self.config.aim == "object"
        subject = self.scenery.objects[number] if alone else self.scenery.pile
        if self.sight.blocked(view, self.shot.width, self.shot.height, subject.centre):
            return False
        if self.config.visible_range is not None:
            return True
        seen = [number] if alone else range(len(self.scenery.objects))
        return self.sight.hidden(view, seen, self.stage) <= _MOST_HIDDEN

    def free(self, view: CameraSpec, size: tuple[int, int]) -> bool:
        """Return whether another camera of a rig can be here: in the room, above the ground, and
        without something close that fills its image. size: of its image, pixels."""
        if not self._starts_in_room(view) or view.cam_to_world[2][3] <= self.scenery.ground:
            return False
        return not self.sight.blocked(view, *size, self.scenery.pile.centre)

    def _starts_in_room(self, view: CameraSpec) -> bool:
        """Return whether all rays start inside the room for cameras: parallel rays may start behind
        its walls."""
        if self.scenery.room is None:
            return True
        pose = np.array(view.cam_to_world)
        low, high = pose[:3, 3] + rim(view.lens, pose, (self.shot.width, self.shot.height))
        room = self.scenery.room
        return bool(
            (low >= np.array(room.low) - _SLACK).all()
            and (high <= np.array(room.high) + _SLACK).all()
        )

    def recognisable(self, view: CameraSpec) -> float:
        """Return the share of objects that a view shows recognisably. A view that shows a flat
        object edge-on counts half, since another side shows it well."""
        numbers = range(len(self.scenery.objects))
        looks = self.sight.looks(view, self.shot.width, self.shot.height, numbers)
        seen = [
            look
            for look in looks
            if look.share >= _LEAST_SHARE and look.side >= self.config.min_object_px
        ]
        facing = sum(look.facing >= _LEAST_FACING for look in seen)
        worth = 1.0 if facing == len(seen) else 0.5
        return worth * facing / len(looks)

    def wanted(self, view: CameraSpec, number: int) -> bool:
        """Return whether a view shows as much of an object as the config requires."""
        ranges = self.config.visible_range, self.config.inside_range
        if ranges == (None, None):
            return True
        parts = self.sight.parts_seen(number, view, self.shot.width, self.shot.height)
        return all(_within(part, limits) for part, limits in zip(parts, ranges, strict=True))


def onlooker(
    draws: Draws,
    parts: Sequence[StagePart],
    scenery: Scenery,
    shot: Shot,
    things: Sequence[Meshed],
) -> Onlooker:
    """Create the onlooker of a scene. parts: of the stage. things: objects, then distractors."""
    around = [Instance(p.mesh.vertices, p.mesh.faces, np.array(p.position)) for p in parts]
    own = [
        Instance(placed_at(item, mesh.vertices, 0, draws.frame_rate), mesh.faces, np.zeros(3))
        for item, mesh in things
    ]
    places = range(len(own), len(own) + len(around))
    return Onlooker(draws.config.camera, scenery, shot, Sight([*own, *around]), places)


def hidden_message(scene: int, tried: int, stage: str, model: str) -> str:
    """Return the message for a stage that hides the objects from everywhere."""
    found = f"scene {scene}: the stage hides the objects in all {tried} views that were tried"
    if stage == BLEND:
        return (
            f"{found}; add an empty (Add > Empty > Cube) named 'simgen.camera' to the file: a box "
            "for cameras from which the objects are visible"
        )
    if model == "orthographic":
        return (
            f"{found}; parallel rays need as much space as they show: set a larger "
            "camera.fill_range, a steeper camera.elevation_deg_range or a stage without walls"
        )
    return f"{found}; set other ranges of camera, such as a shorter camera.distance_range"


def scenery_of(
    draws: Draws,
    objects: Sequence[Meshed],
    room: Room | None,
    ground: float,
) -> tuple[Scenery, Extent]:
    """Return the surroundings and the extent of the objects. room, ground: as in `Scenery`."""
    rate = draws.frame_rate
    extent = _extent(objects, rate)
    boxes = [_box(item, 0, rate) for item in objects]
    scenery = Scenery(
        pile=_pile(objects, rate),
        objects=tuple(
            Subject(box.mean(axis=0), float(np.linalg.norm(box[1] - box[0])) / 2) for box in boxes
        ),
        corners=tuple(np.array(list(product(*box.T))) for box in boxes),
        ground=ground,
        top=extent.top,
        room=room,
    )
    return scenery, extent


def _within(value: float, limits: list[float] | None) -> bool:
    return limits is None or limits[0] <= value <= limits[1]


def _pile(objects: Sequence[Meshed], rate: float) -> Subject:
    """Return the sphere that a camera should frame: most of the objects, without outliers that
    rolled away.

    For moving objects it covers their start and end.
    """
    frames = {0, max(len(item.trajectory) for item, _ in objects) - 1} - {-1}
    boxes = np.array([_box(item, frame, rate) for frame in sorted(frames) for item in objects])
    centres = boxes.mean(axis=1)
    centre = np.median(centres, axis=0)
    sizes = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1) / 2
    reaches = np.linalg.norm(centres - centre, axis=1) + sizes
    return Subject(centre, float(np.quantile(reaches, 0.8)))


def _box(thing: Meshed, frame: int, frame_rate: float) -> np.ndarray:
    """Return the lowest and highest corner of an object's box, `2 x 3`, world, metres."""
    item, mesh = thing
    return box_of(placed_at(item, mesh.vertices, frame, frame_rate))


def _extent(objects: Sequence[Meshed], frame_rate: float) -> Extent:
    """Compute the extent of all objects in all frames; rigid objects are represented by their
    boxes."""
    lows, highs = [], []
    for item, mesh in objects:
        corners = np.array(list(product(*mesh.bounds().T)))
        outline = corners if item.deformation is None else mesh.vertices
        for frame in range(max(1, len(item.trajectory))):
            points = placed_at(item, outline, frame, frame_rate)
            lows.append(points.min(axis=0))
            highs.append(points.max(axis=0))
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    return Extent(float(np.linalg.norm(np.maximum(-low, high)[:2])), float(high[2]))
