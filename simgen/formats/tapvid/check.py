"""Checks of TAP-Vid's point tracks in .npz files.

https://github.com/google-deepmind/tapnet/tree/main/tapnet/tapvid. points are `N x T x 2`, x and y
from 0 to 1 across the image; occluded is `N x T`. TAP-Vid's own pickles are never read, since
unpickling can execute code.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.npz_file import DAMAGED, Header, headers_of, items_of, read_array
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, files_to_check, local_files, subsample
from simgen.formats.validate.seen import Seen

_FOLDERS = ("", "*/")
_KINDS = {
    "points": "f", "occluded": "b", "query_points": "fiu", "tracks_XYZ": "f", "fx_fy_cx_cy": "f",
}  # fmt: skip
"""The arrays checked, and their allowed dtype kinds, in NumPy's letters."""
_SAMPLED_FILES = 8
"""Maximum number of files read to recognise a folder."""
_OFF = 0.5
_NEAR = 1.0
"""Pixels from the principal point within which the sign of a coordinate is not checked."""
_RIGHT = 0.95

Arrays = dict[str, np.ndarray]
"""Arrays by name, with the shapes required by the rule `tapvid/array`."""


def looks_like(path: AnyPath) -> bool:
    found = local_files(path, ".npz", *_FOLDERS)
    return any(map(_has_tracks, islice(found, _SAMPLED_FILES))) or bool(_pickles(path))


def _pickles(path: AnyPath) -> list[Path]:
    return sorted(path.glob("*tapvid*.pkl")) if isinstance(path, Path) else []


def _has_tracks(path: Path) -> bool:
    """Return whether an .npz contains tracks, or is damaged: no other format uses .npz files."""
    try:
        with zipfile.ZipFile(path) as file:
            return {"points.npy", "occluded.npy"} <= set(file.namelist())
    except DAMAGED:
        return True


def work(path: AnyPath, sample: int) -> Work:
    pickles = _pickles(path)
    first = Seen(
        [finding("tapvid/pickle", file.name, "", "a pickle", "an .npz") for file in pickles]
    )
    try:
        root, found = files_to_check(path, "point tracks", ".npz", *_FOLDERS)
    except InputError:
        if pickles:
            return Work(first)
        raise
    parts = [Part(check_file, (root, file)) for file in subsample(found, sample)]
    return Work(first, parts, len(parts), lambda seen: [*pictures.duplicates(seen.pictures)])


def check_file(root: Path, path: Path) -> Seen:
    name = named(path, root)
    seen = Seen(images=1)
    try:
        with zipfile.ZipFile(path) as file:
            headers = headers_of(file)
            seen.findings += _shapes(name, headers)
            if not seen.findings:
                split = path.parent.name if path.parent != root else ""
                seen.add(_content(file, headers, name, split))
    except DAMAGED as problem:
        found = f"{type(problem).__name__}: {problem}"
        seen.findings.append(finding("tapvid/npz", name, "", found, "an .npz"))
    return seen


def _shapes(name: str, headers: dict[str, Header]) -> Iterator[Finding]:
    for key, header in headers.items():
        if header.dtype.hasobject:
            yield finding("tapvid/npz", name, key, "pickled objects", "plain numbers")
    missing = sorted({"points", "occluded", "video"} - headers.keys())
    if missing:
        wanted = "points, occluded and video"
        yield finding("tapvid/array", name, "", f"no {', '.join(missing)}", wanted)
        return
    video, occluded = headers["video"].shape, headers["occluded"].shape
    if len(video) != 4 or video[3] != 3 or headers["video"].dtype != np.uint8 or not all(video):
        found = _described(headers["video"])
        yield finding("tapvid/array", name, "video", found, "T x H x W x 3 uint8")
        return
    frames, count = video[0], occluded[0] if occluded else 0
    for key, *shapes in (
        ("occluded", (count, frames)),
        ("points", (count, frames, 2)),
        ("query_points", (count, 3)),
        ("tracks_XYZ", (frames, count, 3)),
        ("fx_fy_cx_cy", (frames, 4), (4,)),
    ):
        there = headers.get(key)
        if there and (there.shape not in shapes or there.dtype.kind not in _KINDS[key]):
            wanted = " x ".join(map(str, shapes[0]))
            yield finding("tapvid/array", name, key, _described(there), wanted)


def _described(header: Header) -> str:
    return f"{' x '.join(map(str, header.shape))} {header.dtype}"


def _content(file: zipfile.ZipFile, headers: dict[str, Header], name: str, split: str) -> Seen:
    video = headers["video"]
    arrays = {key: read_array(file, key, headers[key]) for key in _KINDS if key in headers}
    seen = Seen(_tracks(name, arrays, np.array(video.shape[2:0:-1])))
    digest = hashlib.blake2b(digest_size=16)
    for number, frame in enumerate(items_of(file, "video", video)):
        digest.update(frame)
        if number == 0:
            image = np.frombuffer(frame, np.uint8).reshape(video.shape[1:])
            seen.findings += pictures.faint(image, f"{name}, frame 0")
    seen.pictures.append(pictures.Picture(name, split, digest.hexdigest()))
    return seen


def _tracks(name: str, arrays: Arrays, size: np.ndarray) -> list[Finding]:
    """Check the tracks. size: width and height of the video."""
    outside = list(_outside(name, arrays))
    # Invalid points would also violate the rules that compare other arrays with them.
    return outside or [
        *_never(name, arrays),
        *_query(name, arrays, size),
        *_axes(name, arrays, size),
    ]


def _outside(name: str, arrays: Arrays) -> Iterator[Finding]:
    points = arrays["points"]
    wrong, wanted = ~np.isfinite(points).all(axis=2), "finite numbers"
    if not wrong.any():
        beyond = ((points < 0) | (points > 1)).any(axis=2)
        wrong, wanted = ~arrays["occluded"] & beyond, "0..1, or occluded"
    if wrong.any():
        row, frame = np.argwhere(wrong)[0]
        at = At(name, f"point {row}, frame {frame}, and {wrong.sum() - 1} others")
        yield at("tapvid/points", points[row, frame].tolist(), wanted)


def _never(name: str, arrays: Arrays) -> Iterator[Finding]:
    never = np.flatnonzero(arrays["occluded"].all(axis=1))
    if len(never):
        found = f"{len(never)} points that are always occluded, the first {never[0]}"
        wanted = "each visible in at least one frame"
        yield finding("tapvid/never-seen", name, "occluded", found, wanted)


def _query(name: str, arrays: Arrays, size: np.ndarray) -> Iterator[Finding]:
    if "query_points" not in arrays:
        return
    query = arrays["query_points"].astype(np.float64)
    points, frames = arrays["points"], query[:, 0]
    good = np.isfinite(query).all(axis=1) & (frames % 1 == 0)
    good &= (frames >= 0) & (frames < points.shape[1])
    rows = np.flatnonzero(good)
    there = frames[rows].astype(int)
    pixels = (points[rows, there] * size)[:, ::-1]
    near = np.abs(pixels - query[rows, 1:]).max(axis=1, initial=0) <= _OFF
    good[rows] = near & ~arrays["occluded"][rows, there]
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        at = At(name, f"point {row}, and {(~good).sum() - 1} others")
        yield at("tapvid/query", query[row].tolist(), "frame, y, x of a visible position")


def _axes(name: str, arrays: Arrays, size: np.ndarray) -> Iterator[Finding]:
    if "tracks_XYZ" not in arrays or "fx_fy_cx_cy" not in arrays:
        return
    pixels = np.swapaxes(arrays["points"], 0, 1) * size
    beside = pixels - np.broadcast_to(arrays["fx_fy_cx_cy"], (len(pixels), 4))[:, None, 2:]
    shown = ~arrays["occluded"].T[..., None] & (np.abs(beside) > _NEAR)
    right = np.sign(beside) == np.sign(arrays["tracks_XYZ"][..., :2])
    for axis, letter in enumerate("xy"):
        of_axis = right[..., axis][shown[..., axis]]
        if of_axis.size and of_axis.mean() < _RIGHT:
            found = f"{1 - of_axis.mean():.0%} of {letter} on the wrong side of the centre"
            yield finding("tapvid/axes", name, "tracks_XYZ", found, "at most 5 %")
            return


KIND = Kind("tapvid", looks_like, work)
