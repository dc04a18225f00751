"""Mesh files read by themselves, without a catalogue."""

from __future__ import annotations

from pathlib import Path

from simgen.assets.entries import Entry
from simgen.assets.files import FileMesh, read_asset
from simgen.geometry.mesh import MeshData


def read(folder: Path, file: str, unit: float, up: str) -> FileMesh:
    """A file of an asset folder. unit: metres in one unit of it. up: `y`, `z` or `auto`."""
    return read_asset(folder, Entry(file, "", file, unit=unit, up=up))


def load(folder: Path, file: str, unit: float, up: str) -> MeshData:
    return read(folder, file, unit, up).mesh
