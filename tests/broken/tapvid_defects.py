"""Defects of TAP-Vid's point tracks."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from broken import Corpus, cut

CORPUS = Corpus()
add = CORPUS.add


def a_file(folder: Path) -> Path:
    return min(folder.glob("*/*.npz"))


@contextmanager
def arrays(folder: Path) -> Iterator[dict[str, np.ndarray]]:
    """The arrays of a video, to be changed."""
    path = a_file(folder)
    with np.load(path) as file:
        found = dict(file)
    yield found
    np.savez_compressed(path, **found)


@add("tapvid", "tapvid/npz")
def video_cut_short(folder: Path) -> None:
    cut(a_file(folder))


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('a pickle was read')",)


@add("tapvid", "tapvid/npz")
def tracks_with_a_pickle_in_them(folder: Path) -> None:
    with arrays(folder) as found:
        found["notes"] = np.array([_Harmful()], object)


@add("tapvid", "tapvid/pickle")
def tracks_in_a_pickle(folder: Path) -> None:
    (folder / "tapvid_davis.pkl").write_bytes(pickle.dumps(_Harmful()))


@add("tapvid", "tapvid/array")
def frames_before_points(folder: Path) -> None:
    with arrays(folder) as found:
        found["points"] = np.swapaxes(found["points"], 0, 1)


@add("tapvid", "tapvid/array")
def visible_as_numbers(folder: Path) -> None:
    with arrays(folder) as found:
        found["occluded"] = found["occluded"].astype(np.float32)


@add("tapvid", "tapvid/array")
def video_missing(folder: Path) -> None:
    with arrays(folder) as found:
        del found["video"]


@add("tapvid", "tapvid/array")
def video_as_floats(folder: Path) -> None:
    with arrays(folder) as found:
        found["video"] = (found["video"] / 255).astype(np.float32)


@add("tapvid", "tapvid/points")
def points_in_pixels(folder: Path) -> None:
    with arrays(folder) as found:
        found["points"] *= np.array([96, 72], np.float32)


@add("tapvid", "tapvid/points")
def points_that_are_nan(folder: Path) -> None:
    with arrays(folder) as found:
        found["points"][found["occluded"]] = np.nan


@add("tapvid", "tapvid/never-seen", "tapvid/query")
def point_that_is_never_seen(folder: Path) -> None:
    with arrays(folder) as found:
        found["occluded"][0] = True


@add("tapvid", "tapvid/query", "tapvid/axes")
def points_as_y_and_x(folder: Path) -> None:
    with arrays(folder) as found:
        found["points"] = found["points"][..., ::-1].copy()


@add("tapvid", "tapvid/query")
def queries_as_frame_x_y(folder: Path) -> None:
    with arrays(folder) as found:
        found["query_points"] = found["query_points"][:, [0, 2, 1]]


@add("tapvid", "tapvid/query")
def queries_from_frame_1(folder: Path) -> None:
    with arrays(folder) as found:
        found["query_points"][:, 0] += 1


@add("tapvid", "tapvid/query", "tapvid/never-seen")
def visible_for_occluded(folder: Path) -> None:
    with arrays(folder) as found:
        found["occluded"] = ~found["occluded"]
        found["points"] = np.clip(found["points"], 0, 1)


@add("tapvid", "tapvid/axes")
def positions_with_y_up(folder: Path) -> None:
    with arrays(folder) as found:
        found["tracks_XYZ"][..., 1:] *= -1


@add("tapvid", "split/shared-image")
def video_in_two_splits(folder: Path) -> None:
    path = a_file(folder)
    (folder / "held_out").mkdir()
    shutil.copyfile(path, folder / "held_out" / path.name)


@add("tapvid", "image/black")
def video_of_nothing(folder: Path) -> None:
    with arrays(folder) as found:
        found["video"][:] = 0
