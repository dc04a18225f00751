"""PartNet-Mobility (SAPIEN): articulated objects of many small meshes, in their rest pose.

    100015/mobility.urdf, meta.json, semantics.txt, textured_objs/original-1.obj, .mtl, images/

The meshes of an object are joined into one OBJ, whose groups are its links: they become the parts
of the asset, named as in `semantics.txt`. The root joint turns the object to z up; objects get the
usual size of their class. https://sapien.ucsd.edu/browse
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from simgen.assets.candidate import Candidate
from simgen.assets.layouts.layout import (
    Failed,
    Layout,
    Place,
    candidate,
    nearest,
    plain_name,
    read_bytes,
    read_json,
    size_note,
    usual_size,
    with_damaged,
)
from simgen.assets.layouts.objects import ObjWriter
from simgen.assets.layouts.urdf import read_visuals
from simgen.assets.sandboxed import work_folder
from simgen.errors import AssetError

URDF = "mobility.urdf"
_RESULT = "model.obj"


def _is_object(folder: Path) -> bool:
    return (folder / URDF).is_file()


def find(folder: Path) -> tuple[Path, ...]:
    """Return the folder of one object, or the folders of objects."""
    found = nearest(folder, _is_object)
    return found if found == (folder,) else with_damaged(found, ("semantics.txt",))


def read(place: Place, failed: Failed) -> Iterator[Candidate]:
    """Yield the object of a folder, as one mesh; errors are added to `failed`."""
    root = place.root
    try:
        if not _is_object(root):
            raise AssetError(f"it has no {URDF}; download it again")
        of_class = place.of_class or _class(root)
        with work_folder() as work:
            writer = ObjWriter(root, work)
            for visual in read_visuals(root / URDF):
                writer.add(visual.file, visual.pose, visual.link)
            writer.write(_RESULT)
            size = usual_size(of_class)
            note = size_note(size) if size else ""
            yield candidate(
                work,
                work / _RESULT,
                of_class,
                place.name,
                up="z",
                source=f"partnet-mobility: {place.name}",
                parts=_parts(root, writer.links),
                longest=size,
                notes=(note or "PartNet gives no size, and that of its class is not known",),
            )
    except AssetError as error:
        failed.append((place.name, str(error)))


def _class(root: Path) -> str:
    known = read_json(root / "meta.json") if (root / "meta.json").is_file() else {}
    category = known.get("model_cat")
    if not isinstance(category, str) or not re.search(r"\w", category):
        raise AssetError("its class is unknown: meta.json has no model_cat; give --class")
    return plain_name(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", category))


def _parts(root: Path, links: tuple[str, ...]) -> dict[str, str]:
    """Return the name of each link that has a mesh, from lines such as `link_0 hinge lid`."""
    path = root / "semantics.txt"
    if not path.is_file():
        return {}
    words = [line.split() for line in read_bytes(path).decode("utf-8", "replace").splitlines()]
    names = {found[0]: found[2] for found in words if len(found) == 3 and found[2].isprintable()}
    unique: dict[str, str] = {}
    for link in (link for link in links if link in names):
        taken = [name for other, name in unique.items() if names[other] == names[link]]
        unique[link] = f"{names[link]}_{len(taken) + 1}" if taken else names[link]
    return unique


LAYOUT = Layout("partnet", f"100015/{URDF}", find, read)
