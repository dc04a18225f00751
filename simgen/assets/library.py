"""The meshes of asset references, loaded or built on first use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simgen.assets.classes import CLASSES
from simgen.assets.parametric import ParametricClass
from simgen.errors import AssetError, ShapeError
from simgen.geometry.mesh import MeshData
from simgen.spec.scene import AssetRef

if TYPE_CHECKING:
    from simgen.assets.entries import Entry, Symmetries

_KEPT = 64
"""Meshes kept in memory between scenes: most scenes use the same few files."""

type AssetKey = tuple[str, tuple[tuple[str, float], ...]]


def asset_key(asset: AssetRef) -> AssetKey:
    """Return a hashable key that identifies an asset."""
    return f"{asset.source}:{asset.id}", tuple(asset.params.items())


class Library:
    """A cache of meshes. folder: the user's asset folder, or None. own: parametric classes supplied
    by users, in addition to the built-in ones."""

    def __init__(
        self, folder: str | Path | None, own: Mapping[str, ParametricClass] | None = None
    ) -> None:
        self._classes = {**CLASSES, **(own or {})}
        self._folder = None if folder is None else Path(folder)
        self._meshes: OrderedDict[AssetKey, MeshData] = OrderedDict()
        self._entries: dict[str, Entry] | None = None

    def parametric(self, name: str) -> ParametricClass:
        """Return a parametric class by name. Raises `AssetError` if it is unknown."""
        if name not in self._classes:
            raise AssetError(
                f"unknown parametric class {name!r}; if it is from your own package, name the "
                "package with --plugin"
            )
        return self._classes[name]

    def mesh(self, asset: AssetRef) -> MeshData:
        """Return the metric mesh of an asset, z up, unscaled.

        Raises `AssetError` if its file is missing, damaged or has changed since it was sampled.
        """
        key = asset_key(asset)
        if key not in self._meshes:
            self._meshes[key] = self._make(asset)
            if len(self._meshes) > _KEPT:
                self._meshes.popitem(last=False)
        self._meshes.move_to_end(key)
        return self._meshes[key]

    def pieces(self, asset: AssetRef, mesh: MeshData) -> tuple[np.ndarray, ...]:
        """Return the convex collision pieces of a mesh, each `n x 3`, metres, unscaled.

        Raises `ShapeError` if no piece can be computed.
        """
        # Importing scipy's hulls takes a third of a second, and flying objects need none.
        from scipy.spatial import QhullError

        from simgen.assets.convex_decomposition import physics_pieces
        from simgen.assets.fitting import fitted

        try:
            if mesh.pieces:
                return fitted(mesh)
            entry = self._entry(asset)
            return physics_pieces(mesh, asset, entry.physics.hull if entry else "decompose")
        except (QhullError, np.linalg.LinAlgError) as error:
            name, reason = asset.file or asset.id, str(error).strip().split("\n")[0]
            raise ShapeError(
                f"{name}: its shape has no collision body ({reason}); repair or remove the file",
                [name],
            ) from error

    def symmetries(self, asset: AssetRef) -> Symmetries:
        """Return the symmetries of an asset in the folder's catalogue, in the axes of its metric
        mesh; none for a parametric shape."""
        from simgen.assets.entries import Symmetries  # importing YAML takes a fifth of a second

        entry = self._entry(asset) if asset.source == "file" else None
        return entry.symmetries if entry else Symmetries()

    def _make(self, asset: AssetRef) -> MeshData:
        if asset.source == "parametric":
            return self.parametric(asset.id).build(asset.params)
        return self._load(asset)

    def _load(self, asset: AssetRef) -> MeshData:
        if self._folder is None:
            raise AssetError(f"{asset.file}: the dataset names no asset folder to load it from")
        # Importing the mesh readers takes half a second, needed only for mesh files.
        from simgen.assets.entries import Entry
        from simgen.assets.files import read_asset

        entry = self._entry(asset) or Entry(asset.id, "", asset.file)
        drawn = replace(entry, unit=asset.unit, up=asset.up, turn=asset.turn, size=asset.size)
        found = read_asset(self._folder, drawn)
        if found.sha256 != asset.sha256:
            raise AssetError(
                f"{self._folder / asset.file}: its content (or its keypoints) changed since the "
                "scene was sampled; restore the original file, or generate into a new folder"
            )
        return found.mesh

    def _entry(self, asset: AssetRef) -> Entry | None:
        """Return the entry of an asset in the folder's catalogue, or None."""
        if self._folder is None:
            return None
        if self._entries is None:
            from simgen.assets import entries  # importing YAML takes a fifth of a second

            self._entries = {entry.id: entry for entry in entries.read(self._folder)}
        found = self._entries.get(asset.id)
        return found if found is not None and found.file == asset.file else None
