"""Silhouettes: the pixels that each object would cover if it were alone in the scene.

Renders do not show hidden pixels or pixels outside the frame. Rays through the image's pixel
centres are therefore cast against each object separately, respecting alpha cutouts such as leaves.
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
"""Maximum number of rays per object outside the frame."""
_NONE = np.zeros(0, np.int64)
_Cast = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""`_distances`, bound to an object."""


@dataclass(frozen=True)
class Silhouette:
    """The pixels of one instance, as in `simgen.labels.masks`: flat, column-major, sorted.

    pixels: `n`, within the frame, hidden or not. distance: `n` float64, metres along the pixel's
    ray to the object's first surface. visible: pixels that show the object.
    whole: number of pixels on a canvas three frames wide and high with the frame at its centre. If
    the object's rectangle on the canvas has more than 250,000 pixels, the number outside the frame
    is estimated from a regular subset. bbox: of all pixels on the canvas, None without any.
    """

    instance_id: int
    pixels: np.ndarray
    distance: np.ndarray
    visible: np.ndarray
    whole: float
    bbox: Box | None

    @property
    def visible_fraction(self) -> float:
        """Visible fraction of the entire object, 0..1."""
        return len(self.visible) / self.whole if self.whole else 0.0

    @property
    def inside_fraction(self) -> float:
        """Fraction of the entire object within the frame, 0..1: 1 minus truncation."""
        return len(self.pixels) / self.whole if self.whole else 0.0

    @property
    def unoccluded_fraction(self) -> float:
        """Visible fraction of the part within the frame, 0..1: 1 minus occlusion."""
        return len(self.visible) / len(self.pixels) if len(self.pixels) else 0.0


def silhouettes(view: FrameView) -> tuple[Silhouette, ...]:
    """Return one silhouette per object of the scene, in their order."""
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
    """Return the distances in metres along the unit rays (`n x 3`, camera axes) of pixels
    (`n x 2`) to a single object: `n`, infinity without a hit. to_object: `4 x 4`, camera to
    object."""
    usable = ~np.isnan(rays[:, 0])
    origins = transform(to_object, lens.origins(pixels[usable]))
    hits = caster.first(origins, rays[usable] @ to_object[:3, :3].T)
    distance = np.full(len(rays), np.inf)
    distance[usable] = np.where(hits.triangle >= 0, hits.distance, np.inf)
    return distance


def _inside(
    view: FrameView, cast: _Cast, reach: Rectangle, visible: np.ndarray, distance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels of the silhouette within the frame and their distances, `n` each.

    Pixels that show the object always belong to it, even if a ray misses it because of rounding or
    because the rendered shape differs.
    """
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
    """Return columns and rows of the sampled pixels outside the frame that hit the object, and the
    number of pixels that each represents."""
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
    """Return the rectangle around some pixels of the frame."""
    if not len(pixels):
        return EMPTY
    columns, rows = np.divmod(pixels, height)
    return Rectangle(int(columns[0]), int(rows.min()), int(columns[-1]) + 1, int(rows.max()) + 1)
