"""Silhouettes: the outline that each object would have, were it alone in the scene.

No render shows what is hidden or beyond the frame, so that every object is met by rays of its own,
through the same pixel centres as the image's. Cut-out leaves are cut out here too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.extent import EMPTY, Rectangle, extents, frame_of
from simgen.labels.masks import Box, visible_pixels
from simgen.labels.view import FrameView

_MAX_OUTSIDE_RAYS = 250_000
"""For each object, beyond the frame."""
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Silhouette:
    """The pixels of one instance. Pixel numbers are those of `simgen.labels.masks`: flat, column
    by column, sorted.

    pixels: `n`, within the frame, hidden or not. distance: `n` float64, metres along the pixel's
    ray to the object's first surface. visible: those that show the object.
    whole: how many there are on a canvas three frames wide and high with the frame in its middle.
    Where the rectangle about the object there holds more than 250,000 pixels, a regular subset of
    those beyond the frame counts for all. bbox: of all on the canvas, None when there are none.
    """

    instance_id: int
    pixels: np.ndarray
    distance: np.ndarray
    visible: np.ndarray
    whole: float
    bbox: Box | None

    @property
    def visible_fraction(self) -> float:
        """Visible part of the whole object, 0..1."""
        return len(self.visible) / self.whole if self.whole else 0.0

    @property
    def inside_fraction(self) -> float:
        """Part of the whole object that lies within the frame, 0..1: 1 minus truncation."""
        return len(self.pixels) / self.whole if self.whole else 0.0

    @property
    def unoccluded_fraction(self) -> float:
        """Visible part of what lies within the frame, 0..1: 1 minus occlusion."""
        return len(self.visible) / len(self.pixels) if len(self.pixels) else 0.0


def silhouettes(view: FrameView) -> tuple[Silhouette, ...]:
    """One for each object of the scene, in their order."""
    world, frame = view.world, view.frame
    seen = visible_pixels(view.code)
    distance = view.raw.distance.T.reshape(-1)
    codes = [world.code(item.instance_id) for item in world.spec.objects]
    to_camera = [invert_rigid(view.cam_to_world) @ world.pose(code, frame) for code in codes]
    shapes = [world.vertices(code, frame) for code in codes]
    found = []
    for code, pose, reach in zip(
        codes, to_camera, extents(view.lens, shapes, to_camera), strict=True
    ):
        rays = _ObjectRays(view, world.caster(code, frame), invert_rigid(pose))
        visible = seen.get(code, _NONE)
        inside = _inside(rays, reach, visible, distance)
        outside = _outside(rays, reach)
        found.append(_joined(code - world.stage_count, visible, inside, outside, view.lens.height))
    return tuple(found)


class _ObjectRays:
    """Rays of a frame's pixels against one object alone. to_object: `4 x 4`, camera to object."""

    def __init__(self, view: FrameView, caster: Caster, to_object: np.ndarray) -> None:
        self.view = view
        self._caster = caster
        self._to_object = to_object

    def distances(self, pixels: np.ndarray, rays: np.ndarray) -> np.ndarray:
        """Metres along the unit rays (`n x 3`, camera axes) of pixels (`n x 2`) to the object: `n`,
        infinity for none."""
        usable = ~np.isnan(rays[:, 0])
        directions = rays[usable] @ self._to_object[:3, :3].T
        origins = transform(self._to_object, self.view.lens.origins(pixels[usable]))
        hits = self._caster.first(origins, directions)
        distance = np.full(len(rays), np.inf)
        distance[usable] = np.where(hits.triangle >= 0, hits.distance, np.inf)
        return distance


@dataclass(frozen=True)
class _Inside:
    """pixels: `n` within the frame; distance: `n`."""

    pixels: np.ndarray
    distance: np.ndarray


@dataclass(frozen=True)
class _Outside:
    """columns, rows: of those pixels beyond the frame that were tried and met the object. Each
    counts for `weight`."""

    columns: np.ndarray
    rows: np.ndarray
    weight: int


def _inside(
    rays: _ObjectRays, reach: Rectangle, visible: np.ndarray, distance: np.ndarray
) -> _Inside:
    """The silhouette within the frame. A pixel that shows the object belongs to it, whatever
    rounding or a shape that only the renderer knows did to our rays."""
    lens = rays.view.lens
    area = reach.within(frame_of(lens)).around(_about(visible, lens.height))
    if not area.area:
        return _Inside(_NONE, np.zeros(0))
    tall = area.bottom - area.top
    columns, rows = np.divmod(visible, lens.height)
    local = np.full(tall * (area.right - area.left), np.inf)
    local[(columns - area.left) * tall + rows - area.top] = distance[visible]
    hidden = np.flatnonzero(np.isinf(local))
    across, down = np.divmod(hidden, tall)
    rows, columns = down + area.top, across + area.left
    places = np.stack([columns, rows], axis=1) + 0.5
    local[hidden] = rays.distances(places, rays.view.rays[rows, columns])
    covered = np.flatnonzero(np.isfinite(local))
    across, down = np.divmod(covered, tall)
    pixels = (across + area.left) * lens.height + down + area.top
    return _Inside(pixels, local[covered])


def _outside(rays: _ObjectRays, reach: Rectangle) -> _Outside:
    """The silhouette beyond the frame."""
    lens = rays.view.lens
    frame = frame_of(lens)
    if reach.within(frame) == reach or not reach.area:
        return _Outside(_NONE, _NONE, 1)
    stride = max(1, int(np.ceil(np.sqrt(reach.area / _MAX_OUTSIDE_RAYS))))
    columns = np.arange(reach.left, reach.right, stride)
    rows = np.arange(reach.top, reach.bottom, stride)
    columns, rows = (grid.reshape(-1) for grid in np.meshgrid(columns, rows))
    beyond = (columns < 0) | (columns >= lens.width) | (rows < 0) | (rows >= lens.height)
    columns, rows = columns[beyond], rows[beyond]
    places = np.stack([columns, rows], axis=1) + 0.5
    met = np.isfinite(rays.distances(places, lens.rays(places)))
    return _Outside(columns[met], rows[met], stride**2)


def _joined(
    instance_id: int, visible: np.ndarray, inside: _Inside, outside: _Outside, height: int
) -> Silhouette:
    columns, rows = np.divmod(inside.pixels, height)
    columns = np.concatenate([columns, outside.columns])
    rows = np.concatenate([rows, outside.rows])
    return Silhouette(
        instance_id=instance_id,
        pixels=inside.pixels,
        distance=inside.distance,
        visible=visible,
        whole=float(len(inside.pixels) + len(outside.columns) * outside.weight),
        bbox=_box(columns, rows) if len(columns) else None,
    )


def _box(columns: np.ndarray, rows: np.ndarray) -> Box:
    left, top = float(columns.min()), float(rows.min())
    return left, top, float(columns.max()) - left + 1, float(rows.max()) - top + 1


def _about(pixels: np.ndarray, height: int) -> Rectangle:
    """The rectangle about some pixels of the frame."""
    if not len(pixels):
        return EMPTY
    columns, rows = np.divmod(pixels, height)
    return Rectangle(int(columns[0]), int(rows.min()), int(columns[-1]) + 1, int(rows.max()) + 1)
