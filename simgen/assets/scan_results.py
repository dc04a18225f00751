"""The results of scanning an asset folder, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.entries import Entry


@dataclass(frozen=True)
class FileAsset:
    """A usable mesh file."""

    class_name: str
    id: str
    """Path relative to the asset folder, such as `mug/a.obj`, or the id of its catalogue entry."""
    file: str
    sha256: str
    """SHA-256 over the mesh file and the side files it uses."""
    unit: float
    """Metres in one unit of the file."""
    up: str
    """`y` or `z`."""
    size: tuple[float, float, float]
    """Size of the axis-aligned box, metres, z up."""
    triangles: int
    notes: tuple[str, ...] = ()
    """Omissions and repairs, one line each."""
    entry: Entry | None = None
    """The entry in the folder's catalogue, if any."""
    density: float | None = None
    """Mass over the volume of the collision pieces, kg/m3, if the entry gives density or mass."""


@dataclass(frozen=True)
class SkippedAsset:
    """An unusable file."""

    file: str
    reason: str
    """One line, without the file's name."""
    class_name: str = ""
    """Its class, from the folder's catalogue or the name of the sub-folder; empty if unknown."""


@dataclass(frozen=True)
class FolderScan:
    """The mesh files of a folder, in the order of their paths or ids."""

    assets: tuple[FileAsset, ...]
    skipped: tuple[SkippedAsset, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes with at least one usable mesh, sorted."""
        return tuple(sorted({asset.class_name for asset in self.assets}))
