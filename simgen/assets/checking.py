"""Examination of mesh files in a separate process, which may hang or die while reading them."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simgen.assets import baking, folder, keypoints, sandbox, sizes
from simgen.assets.candidate import rounded
from simgen.assets.entries import Entry
from simgen.assets.files import FileMesh, read_asset, up_axis
from simgen.assets.geometry import box_uv
from simgen.assets.sizes import SizeError
from simgen.config import AssetsConfig
from simgen.errors import AssetError
from simgen.geometry.mesh import Point
from simgen.pool import ProcessDiedError, WorkerProcess

LIMITS = AssetsConfig()
"""The limits of a run with default options, applied to imports too."""
BAKED = "baked.glb"
GUESS = 0.0
"""A value for a unit that means: choose the unit that gives the class its usual size."""
SECONDS = 60.0
_PATIENCE = 20.0
"""Seconds to wait for a killed process to end."""
_MEMORY = 8 * sandbox.GIGABYTE
_DENSE = 100_000
"""Triangle count above which a mesh slows every scene down for detail that few pixels show."""
_USUAL = (0.01, 5.0)
"""Range of plausible longest sides, metres; outside it, the unit is probably wrong."""
_ALMOST = 0.01
"""Relative difference up to which a unit is taken for a common one."""
_TYPICAL = 0.25
"""Assumed longest side of an object of unknown class, metres."""


@dataclass(frozen=True)
class Examined:
    """The result of examining a mesh file.

    size: metres, z up. unit: metres in one unit of the file, guessed or given. files: the side
    files it uses, relative to the folder. keypoints, skeleton: from a file beside it, in the mesh
    file's axes. notes: findings and repairs. baked: name of the file in the work folder to use
    instead; empty if none was written.
    """

    size: tuple[float, float, float]
    unit: float
    triangles: int
    files: tuple[str, ...]
    keypoints: dict[str, Point]
    skeleton: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    baked: str = ""


class Examiner:
    """Examines files one by one in a process that is replaced when it hangs or dies. Call `close`
    at the end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: WorkerProcess[..., Examined] | None = None

    def examine(
        self, root: Path, entry: Entry, longest: float | None = None, work: Path | None = None
    ) -> Examined:
        """Load and measure the file of an entry, whose `unit` may be `GUESS`.

        longest: of its sides, metres, which determines the unit instead. work: an empty folder for
        a version of the file with a texture instead of vertex colours. Raises `AssetError`, one
        line.
        """
        self._process = self._process or WorkerProcess(_start)
        future = self._process.call(root, entry, longest, work)
        try:
            # `future.result(timeout)` would not tell a timeout from a reader's `TimeoutError`.
            wait([future], self._seconds)
            if not future.done():
                self.close()
                raise AssetError(f"reading it took longer than {self._seconds:g} s and was stopped")
            return future.result()
        except SizeError:
            raise
        except AssetError as error:
            raise AssetError(str(error).removeprefix(f"{entry.file}: ")) from error
        except ProcessDiedError as error:
            self.close()
            raise AssetError(f"the process that read it died (exit code {error.code})") from error
        except Exception as error:  # readers raise any type, including MemoryError
            raise AssetError(" ".join(f"{type(error).__name__}: {error}".split())[:200]) from error

    def close(self) -> None:
        """End the process, if one is running."""
        if self._process is not None:
            self._process.kill()
            self._process.join(_PATIENCE)
            self._process = None


@contextlib.contextmanager
def examiner(seconds: float = SECONDS) -> Iterator[Examiner]:
    with contextlib.closing(Examiner(seconds)) as made:
        yield made


def _start() -> Callable[..., Examined]:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the parent process
    sandbox.limit(_MEMORY, sandbox.GIGABYTE, 24 * 3600)
    return examine


def examine(
    root: Path, entry: Entry, longest: float | None = None, work: Path | None = None
) -> Examined:
    """Load and measure the file of an entry, as `Examiner.examine`. Raises `AssetError`."""
    folder.check_cost(root / entry.file, LIMITS)
    notes: list[str] = []
    baked = ""
    is_ply = entry.file.lower().endswith(".ply")
    if work and is_ply and (note := baking.bake(root / entry.file, work / BAKED)):
        baked, up = BAKED, up_axis(entry.file, entry.up)
        root, entry = work, replace(entry, file=BAKED, up=up)
        notes.append(note)
    if longest is not None:
        entry = replace(entry, unit=_unit(longest / _units_of_longest(root, entry)))
    elif entry.unit == GUESS:
        entry = replace(entry, unit=_guess(root, entry))
        notes.append(f"unit guessed: {entry.unit:g} m, from the usual size of the class")
    found = read_asset(root, entry)
    size = _checked_size(found, entry)
    largest = max(size)
    if len(found.mesh.faces) > _DENSE:
        notes.append(f"dense: {len(found.mesh.faces)} triangles (Blender: Decimate)")
    if not _USUAL[0] <= largest <= _USUAL[1]:
        notes.append(f"its longest side is {largest:.3g} m: is the unit right?")
    elif odd := sizes.oddity(entry.class_name, largest, None):
        notes.append(f"its longest side is {largest:.3g} m, {odd}: is the unit right?")
    if not _has_uv(found.mesh.uv, found.mesh.vertices[found.mesh.faces]):
        notes.append("no texture coordinates: projected along the axes")
    if all(surface is None for surface in found.mesh.surfaces):
        notes.append("no materials: sampled at random for each scene")
    beside = keypoints.read(root, entry.file)
    aside = {beside.file} if beside else set()
    return Examined(
        size=size,
        unit=entry.unit,
        triangles=len(found.mesh.faces),
        files=tuple(name for name in found.files if name not in aside),
        keypoints=beside.points if beside else {},
        skeleton=beside.skeleton if beside else (),
        notes=(*found.notes, *notes),
        baked=baked,
    )


def _checked_size(found: FileMesh, entry: Entry) -> tuple[float, float, float]:
    """Return `folder.checked_size`; its error also suggests a unit."""
    try:
        return folder.checked_size(found, entry.unit, LIMITS)
    except SizeError as error:
        low, high = LIMITS.size_range
        if entry.size:  # from an archive; the unit is then irrelevant
            raise AssetError(
                f"its archive gives it a size of {max(entry.size):.3g} m, expected {low:g} to"
                f" {high:g} m"
            ) from error
        item = sizes.Measured("", entry.class_name, error.units)
        message = str(error).replace("assets.unit=", "--unit ")
        unit = sizes.best_unit([item], entry.unit, LIMITS.size_range)
        then = f"give --unit {unit:g} (it would be {error.units * unit:.3g} m)"
        raise SizeError(f"{message}; if it is in another unit, {then}", error.units) from error


def _guess(root: Path, entry: Entry) -> float:
    """Return the unit that brings the mesh nearest to the usual size of its class."""
    usual = sizes.usual(entry.class_name) or _TYPICAL
    per_unit = _units_of_longest(root, entry)
    return min(sizes.UNITS, key=lambda unit: abs(np.log(per_unit * unit / usual)))


def _units_of_longest(root: Path, entry: Entry) -> float:
    """Return the longest side of a mesh in units of its file."""
    low, high = read_asset(root, replace(entry, unit=1.0)).mesh.bounds()
    return float((high - low).max())


def _unit(exact: float) -> float:
    """Return a common unit if it is almost equal to `exact`, as sizes are rounded."""
    near = min(sizes.UNITS, key=lambda unit: abs(np.log(exact / unit)))
    return near if abs(exact / near - 1.0) < _ALMOST else rounded(exact)


def _has_uv(uv: np.ndarray, corners: np.ndarray) -> bool:
    """Return whether the file has UVs of its own, rather than the projection that replaces them."""
    flat = corners.reshape(-1, 3)
    faces = np.arange(len(flat)).reshape(-1, 3)
    return not np.allclose(box_uv(flat, faces), uv, atol=1e-5)
