"""What a scan of an asset folder found, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.entries import Entry


@dataclass(frozen=True)
class FileAsset:
    """A mesh file that can be used."""

    class_name: str
    id: str
    """Its path below the asset folder, such as `mug/a.obj`, or the id of its entry."""
    file: str
    sha256: str
    """Over the mesh file and the side files it uses."""
    unit: float
    """Metres in one unit of the file."""
    up: str
    """`y` or `z`."""
    size: tuple[float, float, float]
    """Of the axis-aligned box, metres, z up."""
    triangles: int
    notes: tuple[str, ...] = ()
    """What was left out or repaired, one line each."""
    entry: Entry | None = None
    """Of the folder's catalogue, where it has one."""
    density: float | None = None
    """Mass over the volume of the physics' pieces, kg/m3, where the entry says either."""


@dataclass(frozen=True)
class SkippedAsset:
    """A file that cannot be used."""

    file: str
    reason: str
    """One line, without the file's name."""
    class_name: str = ""
    """Where the folder's catalogue says it; else the folder's name does."""


@dataclass(frozen=True)
class FolderScan:
    """All mesh files of a folder, in the order of their paths."""

    assets: tuple[FileAsset, ...]
    skipped: tuple[SkippedAsset, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes with at least one usable mesh, sorted."""
        return tuple(sorted({asset.class_name for asset in self.assets}))
