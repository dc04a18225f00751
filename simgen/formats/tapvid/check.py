"""TAP-Vid's point tracks in .npz files. https://github.com/google-deepmind/tapnet/tree/main/tapnet/tapvid

points are `N x T x 2`, x and y from 0 to 1 over the image; occluded `N x T`. Pickles, which TAP-Vid
itself has, are never read: that would run what is in them.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import Finding, finding
from simgen.formats.reading.npz_file import DAMAGED, Header, headers_of, items_of, read_array
from simgen.formats.reading.text_file import named
from simgen.formats.tapvid.check_tracks import Tracks, tracks_findings
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, evenly, files_to_check, local_files
from simgen.formats.validate.seen import Seen

_FOLDERS = ("", "*/")
_NEEDED = {"points", "occluded", "video"}
_KINDS = {
    "points": "f", "occluded": "b", "query_points": "fiu", "tracks_XYZ": "f", "fx_fy_cx_cy": "f",
}  # fmt: skip
"""Arrays that are looked at, and what they may hold, as letters of NumPy's."""
_LOOKED_AT = 8
"""Files that tell what a folder holds."""


def looks_like(path: AnyPath) -> bool:
    found = local_files(path, ".npz", *_FOLDERS)
    return any(map(_has_tracks, islice(found, _LOOKED_AT))) or bool(_pickles(path))


def _pickles(path: AnyPath) -> list[Path]:
    return sorted(path.glob("*tapvid*.pkl")) if isinstance(path, Path) else []


def _has_tracks(path: Path) -> bool:
    """Also of a file that cannot be read: no other kind of dataset has any."""
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
    parts = [Part(check_file, (root, file)) for file in evenly(found, sample)]
    return Work(first, parts, len(parts), lambda seen: [*pictures.twice(seen.pictures)])


def check_file(root: Path, path: Path) -> Seen:
    name = named(path, root)
    split = path.parent.name if path.parent != root else ""
    seen = Seen(images=1)
    try:
        with zipfile.ZipFile(path) as file:
            headers = headers_of(file)
            seen.findings += [
                finding("tapvid/npz", name, key, "pickled objects", "plain numbers")
                for key, header in headers.items()
                if header.dtype.hasobject
            ]
            wrong = _shapes(name, headers)
            seen.findings += wrong
            if not wrong and not seen.findings:
                seen.add(_content(file, headers, name, split))
    except DAMAGED as problem:
        seen.findings.append(
            finding("tapvid/npz", name, "", f"{type(problem).__name__}: {problem}", "an .npz")
        )
    return seen


def _shapes(name: str, headers: dict[str, Header]) -> list[Finding]:
    missing = sorted(_NEEDED - headers.keys())
    if missing:
        return [finding("tapvid/array", name, "", f"no {', '.join(missing)}", "all of the three")]
    video, occluded = headers["video"].shape, headers["occluded"].shape
    if len(video) != 4 or video[3] != 3 or headers["video"].dtype != np.uint8 or not all(video):
        found = _words(headers["video"])
        return [finding("tapvid/array", name, "video", found, "T x H x W x 3 uint8")]
    count = occluded[0] if occluded else 0
    frames = video[0]
    wanted: dict[str, Sequence[tuple[int, ...]]] = {
        "occluded": [(count, frames)],
        "points": [(count, frames, 2)],
        "query_points": [(count, 3)],
        "tracks_XYZ": [(frames, count, 3)],
        "fx_fy_cx_cy": [(frames, 4), (4,)],
    }
    return [
        finding("tapvid/array", name, key, _words(headers[key]), " x ".join(map(str, shapes[0])))
        for key, shapes in wanted.items()
        if key in headers and not _fits(headers[key], shapes, _KINDS[key])
    ]


def _fits(header: Header, shapes: Sequence[tuple[int, ...]], kinds: str) -> bool:
    return header.shape in shapes and header.dtype.kind in kinds


def _words(header: Header) -> str:
    return f"{' x '.join(map(str, header.shape))} {header.dtype}"


def _content(file: zipfile.ZipFile, headers: dict[str, Header], name: str, split: str) -> Seen:
    video = headers["video"]
    arrays = {key: read_array(file, key, headers[key]) for key in _KINDS if key in headers}
    tracks = Tracks(video.shape[2], video.shape[1], arrays)
    seen = Seen(tracks_findings(name, tracks))
    digest = hashlib.blake2b(digest_size=16)
    for number, frame in enumerate(items_of(file, "video", video)):
        digest.update(frame)
        if number == 0:
            image = np.frombuffer(frame, np.uint8).reshape(video.shape[1:])
            seen.findings += pictures.faint(image, f"{name}, frame 0")
    seen.pictures.append(pictures.Picture(name, split, digest.hexdigest()))
    return seen


KIND = Kind("tapvid", "point tracks", looks_like, work)
