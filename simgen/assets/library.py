"""The meshes behind asset references, loaded or built when they are first asked for."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np

from simgen.assets.parametric import CLASSES
from simgen.errors import AssetError
from simgen.mesh import MeshData
from simgen.spec import AssetRef

_KEPT = 64
"""Meshes that stay in memory: a scene asks for each of its own several times, and most scenes draw
from the same few files."""

type _Key = tuple[str, tuple[tuple[str, float], ...]]


class Library:
    """folder: the user's asset folder, when there is one."""

    def __init__(self, folder: str | Path | None) -> None:
        self._folder = None if folder is None else Path(folder)
        self._meshes: OrderedDict[_Key, MeshData] = OrderedDict()

    def mesh(self, asset: AssetRef) -> MeshData:
        """The metric mesh of an asset, z up, unscaled.

        Raises `AssetError` when a file is missing, damaged, or not the one that was drawn.
        """
        key = (f"{asset.source}:{asset.id}", tuple(asset.params.items()))
        if key not in self._meshes:
            self._meshes[key] = self._make(asset)
            if len(self._meshes) > _KEPT:
                self._meshes.popitem(last=False)
        self._meshes.move_to_end(key)
        return self._meshes[key]

    def pieces(self, asset: AssetRef, mesh: MeshData) -> tuple[np.ndarray, ...]:
        """Convex pieces of a mesh for the physics, each `n x 3`, metres, unscaled."""
        if mesh.pieces:
            return mesh.pieces
        from simgen.assets.pieces import cache_dir, convex_pieces

        return convex_pieces(mesh, cache_dir(), f"{asset.sha256} {asset.unit} {asset.up}")

    def _make(self, asset: AssetRef) -> MeshData:
        if asset.source == "parametric":
            return CLASSES[asset.id].build(asset.params)
        return self._load(asset)

    def _load(self, asset: AssetRef) -> MeshData:
        if self._folder is None:
            raise AssetError(f"{asset.file}: the dataset names no asset folder to load it from")
        # The readers of mesh files take half a second to import: only who has files pays.
        from simgen.assets.files import read

        found = read(self._folder, asset.file, asset.unit, asset.up)
        if found.sha256 != asset.sha256:
            raise AssetError(
                f"{self._folder / asset.file}: its bytes changed since the scene was drawn; "
                "put the original file back, or generate into a new folder"
            )
        return found.mesh
