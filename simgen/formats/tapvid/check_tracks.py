"""Whether point tracks fit together: where they are, when they are seen, where they were chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.formats.findings import Finding, finding

_OFF = 0.5
_NEAR = 1.0
"""Pixels from the centre within which a sign says nothing."""
_RIGHT = 0.95


@dataclass(frozen=True)
class Tracks:
    """width, height: of the video. arrays: of the shapes that `tapvid/array` says."""

    width: int
    height: int
    arrays: dict[str, np.ndarray]


def tracks_findings(name: str, tracks: Tracks) -> list[Finding]:
    outside = list(_outside(name, tracks))
    # Points that are wrong would be reported again by all that is compared with them.
    return outside or [*_never(name, tracks), *_query(name, tracks), *_axes(name, tracks)]


def _outside(name: str, tracks: Tracks) -> Iterator[Finding]:
    points, occluded = tracks.arrays["points"], tracks.arrays["occluded"]
    finite = np.isfinite(points).all(axis=2)
    if not finite.all():
        row, frame = np.argwhere(~finite)[0]
        place = f"point {row}, frame {frame}"
        yield finding("tapvid/points", name, place, points[row, frame].tolist(), "finite numbers")
        return
    wrong = ~occluded & ((points < 0) | (points > 1)).any(axis=2)
    if wrong.any():
        row, frame = np.argwhere(wrong)[0]
        place = f"point {row}, frame {frame}, and {wrong.sum() - 1} others"
        yield finding(
            "tapvid/points", name, place, points[row, frame].tolist(), "0..1, or occluded"
        )


def _never(name: str, tracks: Tracks) -> Iterator[Finding]:
    never = np.flatnonzero(tracks.arrays["occluded"].all(axis=1))
    if len(never):
        found = f"{len(never)} points, the first {never[0]}"
        yield finding("tapvid/never-seen", name, "occluded", found, "a frame in which each is seen")


def _query(name: str, tracks: Tracks) -> Iterator[Finding]:
    if "query_points" not in tracks.arrays:
        return
    query = tracks.arrays["query_points"].astype(np.float64)
    points, occluded = tracks.arrays["points"], tracks.arrays["occluded"]
    frames = query[:, 0]
    good = np.isfinite(query).all(axis=1) & (frames % 1 == 0)
    good &= (frames >= 0) & (frames < points.shape[1])
    rows = np.flatnonzero(good)
    there = frames[rows].astype(int)
    pixels = points[rows, there][:, ::-1] * np.array([tracks.height, tracks.width])
    near = np.abs(pixels - query[rows, 1:]).max(axis=1, initial=0) <= _OFF
    good[rows] = near & ~occluded[rows, there]
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        place = f"point {row}, and {(~good).sum() - 1} others"
        yield finding(
            "tapvid/query", name, place, query[row].tolist(), "frame, y, x of where it is seen"
        )


def _axes(name: str, tracks: Tracks) -> Iterator[Finding]:
    arrays = tracks.arrays
    if "tracks_XYZ" not in arrays or "fx_fy_cx_cy" not in arrays:
        return
    pixels = np.swapaxes(arrays["points"], 0, 1) * np.array([tracks.width, tracks.height])
    centres = np.broadcast_to(arrays["fx_fy_cx_cy"], (len(pixels), 4))[:, None, 2:]
    beside = pixels - centres
    places = arrays["tracks_XYZ"][..., :2]
    shown = ~arrays["occluded"].T[..., None] & (np.abs(beside) > _NEAR)
    right = np.sign(beside) == np.sign(places)
    for axis, letter in enumerate("xy"):
        of_axis = right[..., axis][shown[..., axis]]
        if of_axis.size and of_axis.mean() < _RIGHT:
            found = f"{1 - of_axis.mean():.0%} of {letter} on the other side of the centre"
            yield finding("tapvid/axes", name, "tracks_XYZ", found, "at most 5 %")
            return
