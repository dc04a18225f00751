"""Checks of optical flow in `.flo` files, in the folders of MPI Sintel or in any others.

http://sintel.is.tue.mpg.de/ and https://vision.middlebury.edu/flow/code/flow-code/README.txt
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading import images
from simgen.formats.reading.json_file import read_bounded
from simgen.formats.reading.text_file import named
from simgen.formats.validate.kind import (
    Kind,
    Work,
    files_to_check,
    local_files,
    parts_of,
    subsample,
)
from simgen.formats.validate.seen import Seen

_MAGIC = 202021.25
_LARGEST = 2_000_000_000
_BESIDE = ("final", "clean", "image", "images", "occlusions", "invalid")


def looks_like(path: AnyPath) -> bool:
    return any(True for _ in local_files(path, ".flo", "", "*/", "*/*/", "*/*/*/"))


def work(path: AnyPath, sample: int) -> Work:
    root, found = files_to_check(path, "optical flow", ".flo", "**/")
    chosen = subsample(found, sample)
    parts = parts_of(check_files, (root,), chosen)
    return Work(Seen(), parts, len(chosen))


def check_files(root: Path, paths: Sequence[Path]) -> Seen:
    seen = Seen(images=len(paths))
    for path in paths:
        seen.findings += _file(root, path)
    return seen


def _file(root: Path, path: Path) -> Iterator[Finding]:
    name = named(path, root)
    content = read_bounded(path, name, _LARGEST)
    if isinstance(content, Finding):
        yield content
        return
    magic, width, height = struct.unpack("<fii", content[:12].ljust(12, b"\0"))
    if magic != _MAGIC or width < 1 or height < 1:
        found = f"{magic:g}, {width}, {height}"
        yield finding("flow/flo", name, "", found, f"{_MAGIC}, width, height")
        return
    if len(content) != 12 + 8 * width * height:
        at = At(name)
        yield at("flow/flo", f"{len(content)} bytes", f"{12 + 8 * width * height} bytes")
        return
    flow = np.frombuffer(content, "<f4", offset=12)
    known = flow[np.isfinite(flow) & (np.abs(flow) < 1e9)]
    if known.size and np.median(np.abs(known)) > np.hypot(width, height):
        yield finding("flow/far", name, "", f"a median of {np.median(np.abs(known)):.3g}", "pixels")
    for kind in _BESIDE:
        yield from _beside(root, path, kind, (width, height))


def _beside(root: Path, path: Path, kind: str, size: tuple[int, int]) -> Iterator[Finding]:
    """Check the size of the same frame's image in a sibling of the folder `flow`."""
    parts = path.relative_to(root).parts
    if "flow" not in parts:
        return
    there = [kind if part == "flow" else part for part in parts]
    other = root.joinpath(*there).with_suffix(".png")
    if other.is_file() and (found := images.size_in(other)) != size:
        at = At(named(other, root))
        yield at("flow/size", found, f"{size[0]} x {size[1]}, the size of the flow")


KIND = Kind("flow", looks_like, work)
