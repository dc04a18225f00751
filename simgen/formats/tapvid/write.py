"""Point tracks in the form of TAP-Vid (https://github.com/google-deepmind/tapnet, Doersch et al.,
NeurIPS 2022), one file per sequence.

train/000000.npz  video     T x H x W x 3 uint8, RGB
                  points    N x T x 2 float32: x, y, from 0 at the image's upper left corner to 1
                            at its lower right corner; 0 where a point has no projection
                  occluded  N x T bool: hidden, or outside the image
                  query_points  N x 3 float32: frame, y, x in pixels where each point was sampled
                  tracks_XYZ  T x N x 3 float32: metres, camera axes of each frame
                  fx_fy_cx_cy  T x 4 float64: pixels

TAP-Vid's own files are pickles, which can execute code when they are read; docs/formats.md shows
how to write one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simgen.dataset import files
from simgen.formats.items import Item
from simgen.formats.output.target import Target
from simgen.formats.pipeline.scenes import Sequences, source_number
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.labels.tracks import Tracks


@dataclass
class _Video:
    """A sequence that is being written. Its raw frames are appended to a temporary file."""

    path: Path
    frames_at: Path
    shape: tuple[int, int]
    tracks: Tracks
    frames: list[int] = field(default_factory=list)
    cameras: list[tuple[float, ...]] = field(default_factory=list)

    def add(self, item: Item) -> None:
        with self.frames_at.open("ab") as file:
            file.write(item.picture.pixels().tobytes())
        k = item.frame.camera.K
        self.frames.append(item.frame.frame)
        self.cameras.append((k[0, 0], k[1, 1], k[0, 2], k[1, 2]))

    def close(self) -> None:
        shape = (len(self.frames), *self.shape, 3)
        video = np.memmap(self.frames_at, np.uint8, "r", shape=shape)
        labels = labels_of(self.tracks, self.frames, self.shape)
        cameras = np.array(self.cameras)
        files.write_arrays(self.path, {"video": video, **labels, "fx_fy_cx_cy": cameras})
        del video
        self.frames_at.unlink()


def labels_of(tracks: Tracks, frames: list[int], shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return the labels of the points sampled in these frames. shape: H, W of the images."""
    kept = np.isin(tracks.query_frame, frames)
    height, width = shape
    pixels = tracks.points[kept][:, frames]
    points = np.nan_to_num(pixels / np.array([width, height], np.float32), nan=0.0)
    query = np.searchsorted(frames, tracks.query_frame[kept])
    chosen_at = pixels[np.arange(len(query)), query]
    return {
        "points": points.astype(np.float32),
        "occluded": tracks.occluded[kept][:, frames],
        "query_points": np.column_stack([query, chosen_at[:, ::-1]]).astype(np.float32),
        "tracks_XYZ": np.swapaxes(tracks.positions[kept][:, frames], 0, 1),
    }


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    sequences = Sequences()
    videos: dict[int, _Video] = {}

    def add(item: Item) -> None:
        place, source = sequences.place(item), source_number(item)
        if place.before is None:
            if source in videos:
                videos.pop(source).close()
            videos[source] = _Video(
                target.path(f"{item.split}/{place.sequence}.npz"),
                target.scratch / f"{place.sequence}.raw",
                (item.height, item.width),
                item.frame.tracks,
            )
        videos[source].add(item)

    yield add
    for video in videos.values():
        video.close()


TAPVID = Format("tapvid", "TAP-Vid point tracks", frozenset({"rgb", "tracks"}), _write)
