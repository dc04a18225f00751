"""All layouts, and which of them a folder has."""

from __future__ import annotations

from pathlib import Path

from simgen.assets.layouts import abo, bop, gso, objaverse, partnet, shapenet, ycb
from simgen.assets.layouts.layout import Layout, Place
from simgen.errors import AssetError

AUTO, PLAIN = "auto", "classes"
"""Names of the choices that are no layout: to find it out, and one sub-folder per class."""
LAYOUTS = {
    module.LAYOUT.name: module.LAYOUT
    for module in (bop, gso, ycb, shapenet, objaverse, abo, partnet)
}
"""Layouts by name, in the order in which they are tried."""
NAMES = (AUTO, PLAIN, *LAYOUTS)


def detect(source: Path, wanted: str, archive: str = "") -> tuple[Layout, list[Place]] | None:
    """Return the layout of a folder, and the folders at or below it that have it.

    wanted: one of `NAMES`. archive: name of the archive that was extracted to the folder. None if
    it has no layout, or none is wanted. Raises `AssetError` if it lacks the one that is wanted.
    """
    if wanted == PLAIN:
        return None
    tried = LAYOUTS.values() if wanted == AUTO else (LAYOUTS[wanted],)
    for layout in tried:
        if found := layout.find(source):
            return layout, [_place(source, root, archive) for root in found]
    if wanted == AUTO:
        return None
    raise AssetError(f"it does not have the layout {wanted!r}; expected {LAYOUTS[wanted].expected}")


def _place(source: Path, root: Path, archive: str) -> Place:
    above = root.absolute().relative_to(source.absolute()).parts[:-1][::-1]
    outside = (archive,) if archive else (source.absolute().name, source.absolute().parent.name)
    if root == source:
        around = () if archive else outside[1:]
        return Place(root, archive or root.absolute().name, around)
    return Place(root, root.name, (*above, *outside))
