"""What a catalogue entry adds to its mesh file: keypoints and names of parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from simgen.assets.entries import Entry
from simgen.assets.keypoints import KeypointFile
from simgen.geometry.mesh import MeshData, Point
from simgen.geometry.transforms import as_vector


@dataclass(frozen=True)
class Details:
    """keypoints: in the axes and unit of the mesh's file. parts: the file's names of its parts to
    those that labels use."""

    keypoints: dict[str, Point] = field(default_factory=dict)
    skeleton: tuple[tuple[str, str], ...] = ()
    parts: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(entry: Entry) -> Details:
        return Details(entry.keypoints, entry.skeleton, entry.parts)

    def fingerprint(self, of_files: str) -> str:
        """The sha256 of an asset whose files have that one: the labels depend on this as well."""
        if self == Details():
            return of_files
        plain = {"keypoints": self.keypoints, "skeleton": self.skeleton, "parts": self.parts}
        text = f"{of_files}\0{json.dumps(plain, sort_keys=True)}"
        return hashlib.sha256(text.encode()).hexdigest()


def add(
    mesh: MeshData,
    more: Details,
    beside: KeypointFile | None,
    to_metric: Callable[[np.ndarray], np.ndarray],
) -> MeshData:
    """The mesh with keypoints and renamed parts. The entry's keypoints come before those of a file
    beside the mesh. to_metric: takes `n x 3` points of the file to the mesh's axes."""
    names = list(mesh.parts)
    for number, name in enumerate(mesh.parts):
        names[number] = more.parts.get(name, name)
    mesh = replace(mesh, parts=tuple(names))
    points, skeleton = more.keypoints, more.skeleton
    if not points and beside is not None:
        points, skeleton = beside.points, beside.skeleton
    if not points:
        return mesh
    metric = to_metric(np.array(list(points.values()), dtype=np.float64))
    places = {name: as_vector(point) for name, point in zip(points, metric, strict=True)}
    return replace(mesh, keypoints=places, skeleton=skeleton)
