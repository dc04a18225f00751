"""Silhouettes: the outline that each object would have, were it alone in the scene.

No render shows what is hidden or beyond the frame, so that every object is met by rays of its own,
through the same pixel centres as the image's. Cut-out leaves are cut out here too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from simgen.geometry.lens import Lens
from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.extent import EMPTY, Rectangle, extents, frame_of
from simgen.labels.masks import Box, visible_pixels
from simgen.labels.view import FrameView

_MAX_OUTSIDE_RAYS = 250_000
"""For each object, beyond the frame."""
_NONE = np.zeros(0, np.int64)
_Cast = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""`_distances` to an object."""


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
        cast = partial(_distances, view.lens, world.caster(code, frame), invert_rigid(pose))
        visible = seen.get(code, _NONE)
        inside, depths = _inside(view, cast, reach, visible, distance)
        columns, rows, weight = _outside(view.lens, cast, reach)
        whole = float(len(inside) + len(columns) * weight)
        inner = np.divmod(inside, view.lens.height)
        columns, rows = (np.concatenate(pair) for pair in zip(inner, (columns, rows), strict=True))
        box = _box(columns, rows) if len(columns) else None
        found.append(Silhouette(code - world.stage_count, inside, depths, visible, whole, box))
    return tuple(found)


def _distances(
    lens: Lens, caster: Caster, to_object: np.ndarray, pixels: np.ndarray, rays: np.ndarray
) -> np.ndarray:
    """Metres along the unit rays (`n x 3`, camera axes) of pixels (`n x 2`) to one object alone:
    `n`, infinity for none. to_object: `4 x 4`, camera to object."""
    usable = ~np.isnan(rays[:, 0])
    origins = transform(to_object, lens.origins(pixels[usable]))
    hits = caster.first(origins, rays[usable] @ to_object[:3, :3].T)
    distance = np.full(len(rays), np.inf)
    distance[usable] = np.where(hits.triangle >= 0, hits.distance, np.inf)
    return distance


def _inside(
    view: FrameView, cast: _Cast, reach: Rectangle, visible: np.ndarray, distance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The silhouette within the frame: its pixels and their distances, `n` each. A pixel that shows
    the object belongs to it, whatever rounding or a shape that only the renderer knows did to our
    rays."""
    lens = view.lens
    area = reach.within(frame_of(lens)).around(_about(visible, lens.height))
    if not area.area:
        return _NONE, np.zeros(0)
    tall = area.bottom - area.top
    columns, rows = np.divmod(visible, lens.height)
    local = np.full(tall * (area.right - area.left), np.inf)
    local[(columns - area.left) * tall + rows - area.top] = distance[visible]
    hidden = np.flatnonzero(np.isinf(local))
    across, down = np.divmod(hidden, tall)
    rows, columns = down + area.top, across + area.left
    places = np.stack([columns, rows], axis=1) + 0.5
    local[hidden] = cast(places, view.rays[rows, columns])
    covered = np.flatnonzero(np.isfinite(local))
    across, down = np.divmod(covered, tall)
    pixels = (across + area.left) * lens.height + down + area.top
    return pixels, local[covered]


def _outside(lens: Lens, cast: _Cast, reach: Rectangle) -> tuple[np.ndarray, np.ndarray, int]:
    """The silhouette beyond the frame: columns and rows of the pixels that were tried and met the
    object, and for how many each of them counts."""
    frame = frame_of(lens)
    if reach.within(frame) == reach or not reach.area:
        return _NONE, _NONE, 1
    stride = max(1, int(np.ceil(np.sqrt(reach.area / _MAX_OUTSIDE_RAYS))))
    columns = np.arange(reach.left, reach.right, stride)
    rows = np.arange(reach.top, reach.bottom, stride)
    columns, rows = (grid.reshape(-1) for grid in np.meshgrid(columns, rows))
    beyond = (columns < 0) | (columns >= lens.width) | (rows < 0) | (rows >= lens.height)
    columns, rows = columns[beyond], rows[beyond]
    places = np.stack([columns, rows], axis=1) + 0.5
    met = np.isfinite(cast(places, lens.rays(places)))
    return columns[met], rows[met], stride**2


def _box(columns: np.ndarray, rows: np.ndarray) -> Box:
    left, top = float(columns.min()), float(rows.min())
    return left, top, float(columns.max()) - left + 1, float(rows.max()) - top + 1


def _about(pixels: np.ndarray, height: int) -> Rectangle:
    """The rectangle about some pixels of the frame."""
    if not len(pixels):
        return EMPTY
    columns, rows = np.divmod(pixels, height)
    return Rectangle(int(columns[0]), int(rows.min()), int(columns[-1]) + 1, int(rows.max()) + 1)
