"""Measures whether object edges stay where their masks are when an image is changed.

A mask's outline is cut into short stretches, and the mean luma along the normals of each is
differentiated. Where the slopes show one clear edge, it is located in the changed image: the edge
has moved to the position of maximum correlation, and is lost if little of its contrast is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.dataset.adaptation.measured import luma_of

MOST_MOVED = 1.0
"""Maximum movement of an edge, pixels."""
MOST_LOST = 0.1
"""Maximum share of edges that may be lost."""
_FEWEST = 10
"""Minimum number of edges for a result."""
_STRETCH = 12
"""Length of a stretch of an outline, pixels."""
_REACH = 6.0
"""Half-width of the profile across an outline, pixels."""
_NEAR = 2.0
"""Distance from the outline within which an edge is expected, pixels, as blur and antialiasing
spread it."""
_FARTHEST = 3.0
"""Maximum distance at which a moved edge is searched for, pixels."""
_STEP = 0.25
"""Sampling step along a normal, pixels."""
_CLEAR = 16.0
"""Minimum contrast of a clear edge, grey levels."""
_ALONE = 0.5
"""Maximum relative slope of other edges nearby: if one of two close edges grows and the other
shrinks, nothing has moved."""
_LEFT = 0.25
"""Minimum share of its contrast that an edge must keep not to count as lost."""


@dataclass(frozen=True)
class Edges:
    """Statistics of the edges of some images. moved: pixels, for each edge that is clear before and
    after. lost: number of edges that are clear before only."""

    moved: np.ndarray
    lost: int

    @property
    def figures(self) -> dict[str, float]:
        """Return figures for the record; 0 instead of NaN without edges."""
        count = len(self.moved) + self.lost
        moved = self.moved if len(self.moved) else np.zeros(1)
        return {
            "edges": float(count),
            "median_moved": round(float(np.median(moved)), 3),
            "99_percent_moved_less_than": round(float(np.quantile(moved, 0.99)), 3),
            "most_moved": round(float(moved.max()), 3),
            "lost_share": round(self.lost / max(1, count), 4),
        }

    @property
    def wrong(self) -> str:
        """Return why a result must be rejected; empty if it is fine."""
        figures = self.figures
        if figures["edges"] < _FEWEST:
            return f"only {figures['edges']:.0f} edges of objects are clear, too few for the check"
        if figures["most_moved"] > MOST_MOVED:
            return f"an edge of an object moved by {figures['most_moved']:.2g} pixels"
        if figures["lost_share"] > MOST_LOST:
            return f"{figures['lost_share']:.0%} of the edges of objects were lost"
        return ""


def joined(parts: Sequence[Edges]) -> Edges:
    moved = np.concatenate([np.zeros(0), *(part.moved for part in parts)])
    return Edges(moved, sum(part.lost for part in parts))


def compare_edges(before: np.ndarray, after: np.ndarray, masks: Sequence[np.ndarray]) -> Edges:
    """Compare the edges of objects in an image before and after. before, after: `H x W x 3` uint8.
    masks: of the visible part of each object, `H x W` bool."""
    lumas = luma_of(before), luma_of(after)
    moved, lost = [], 0
    for points, normals in _stretches(masks):
        first, second = (_slopes(luma, points, normals) for luma in lumas)
        if not _is_clear(first):
            continue
        shift, left = _found_again(first, second)
        if left < _LEFT:
            lost += 1
        else:
            moved.append(abs(shift))
    return Edges(np.array(moved, float), lost)


def _stretches(masks: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield stretches of outlines: points, `n x 2` x and y, and normals, `n x 2`, without those at
    the image border."""
    for mask in masks:
        height, width = mask.shape
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5)
        slope = np.stack([np.gradient(soft, axis=1), np.gradient(soft, axis=0)], axis=-1)
        outlines, _ = cv2.findContours(
            mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        for outline in outlines:
            points = outline[:, 0]
            for start in range(0, len(points) - _STRETCH + 1, _STRETCH):
                part = points[start : start + _STRETCH]
                low, high = part.min(axis=0), part.max(axis=0)
                if low.min() < _REACH or (high >= (width - _REACH, height - _REACH)).any():
                    continue
                normals = slope[part[:, 1], part[:, 0]]
                length = np.linalg.norm(normals, axis=1, keepdims=True)
                if length.min() > 1e-3:
                    yield part.astype(np.float32), normals / length


_ALONG = np.arange(-_REACH, _REACH + _STEP / 2, _STEP, dtype=np.float32)
"""Sample positions along a normal, pixels from the outline."""


def _slopes(luma: np.ndarray, points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return the slope of the mean luma along the normals of a stretch, grey levels per pixel."""
    places = points[:, None] + normals[:, None] * _ALONG[:, None]
    maps = places.astype(np.float32)
    values = cv2.remap(
        luma, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    profile = cv2.GaussianBlur(values.mean(axis=0)[None], (0, 0), 1.0 / _STEP)[0]
    return np.gradient(profile, _STEP)


def _is_clear(slopes: np.ndarray) -> bool:
    """Return whether there is a single edge, at the outline."""
    size = np.abs(slopes)
    near = np.abs(_ALONG) <= _NEAR
    place = int(np.argmax(np.where(near, size, 0)))
    around = np.abs(_ALONG - _ALONG[place]) <= _NEAR
    contrast = abs(float(slopes[around].sum())) * _STEP
    return contrast >= _CLEAR and bool(size[~around].max() <= _ALONE * size[place])


def _found_again(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Return how far the edge of a stretch moved, pixels, and the share of its contrast that is
    left, at the position of maximum correlation."""
    reach, least = round(_FARTHEST / _STEP), float((first**2).sum())
    inner = first[reach:-reach]
    likeness = np.array(
        [float(inner @ second[shift : shift + len(inner)]) for shift in range(2 * reach + 1)]
    )
    place = int(np.argmax(likeness))
    offset = 0.0
    if 0 < place < 2 * reach:
        left, here, right = likeness[place - 1 : place + 2]
        offset = 0.5 * (left - right) / min(left - 2 * here + right, -1e-9)
    return (place - reach + offset) * _STEP, float(likeness[place]) / least
