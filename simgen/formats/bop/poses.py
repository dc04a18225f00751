"""BOP's poses against its models and masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from simgen.formats.findings import At, Finding
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_whole, numbers
from simgen.formats.reading.text_file import named
from simgen.geometry.raycast import Caster

IMAGES = 200
"""That are looked at in a dataset."""
_LARGEST = 256_000_000
"""Bytes of a model."""
_PIXELS = 400
_OFF, _FEW = 0.1, 3


class Models:
    """The models of a dataset, read when they are first met."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.caster = cache(self._caster)

    def _caster(self, number: int) -> Caster | None:
        """None for a model that is missing or cannot be read, which other rules report."""
        path = self._root / "models" / f"obj_{number:06d}.ply"
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        try:
            mesh = trimesh.load_mesh(path, process=False)
            return Caster(np.asarray(mesh.vertices), np.asarray(mesh.faces))
        except Exception:  # trimesh raises all kinds for files that are not what they say
            return None


def reprojected(
    root: Path, scene: Path, key: str, matrix: Sequence[float], poses: Sequence[Any], models: Models
) -> Iterator[Finding]:
    """The objects of an image. matrix: cam_K, 9 numbers by rows."""
    for number, pose in enumerate(poses):
        row = pose if isinstance(pose, dict) else {}
        turn, shift = numbers(row.get("cam_R_m2c"), 9), numbers(row.get("cam_t_m2c"), 3)
        model = row.get("obj_id")
        mask = scene / "mask_visib" / f"{int(key):06d}_{number:06d}.png"
        if turn is None or shift is None or not is_whole(model) or not mask.is_file():
            continue
        caster = models.caster(model)
        visible = images.read_pixels(mask, named(mask, root))
        if caster is None or isinstance(visible, Finding):
            continue
        missed, count = _missed(visible, matrix, np.reshape(turn, (3, 3)), np.array(shift), caster)
        if missed > max(_FEW, _OFF * count):
            found = f"{missed} of {count} pixels of the mask beside the model"
            place = f"image {key}, object {number}"
            at = At(named(scene / "scene_gt.json", root), place)
            yield at("bop/reprojection", found, "at most 10 %")


def _missed(
    visible: np.ndarray, matrix: Sequence[float], turn: np.ndarray, shift: np.ndarray, to: Caster
) -> tuple[int, int]:
    """How many rays pass the model by, and how many there were."""
    rows, columns = np.nonzero(visible if visible.ndim == 2 else visible[..., 0])
    step = 1 + len(rows) // _PIXELS
    pixels = np.stack([columns[::step], rows[::step], np.ones(len(rows[::step]))])
    rays = (np.linalg.inv(np.reshape(matrix, (3, 3))) @ pixels).T @ turn
    hits = to.first(-shift @ turn, rays)
    return int((hits.triangle < 0).sum()), len(rays)
