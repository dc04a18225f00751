"""A served view, which makes the arrays of images when they are requested."""

from __future__ import annotations

from pathlib import Path

import orjson

from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.viewer.arrays import arrays_script
from simgen.viewer.index import index_script
from simgen.viewer.paths import ViewPaths
from simgen.viewer.serve import Site

_BEFORE, _AFTER = b'simgenData("index",', b");\n"


def site_of(dataset: Dataset, out: Path) -> Site:
    """The site of a view. Raises `InputError` if there is none."""
    paths, root = ViewPaths(out), dataset.root
    frames, number_of = dataset.manifest.frames_per_scene, {}
    number_of = {scene: number for number, scene in enumerate(dataset.scenes)}

    def arrays(scene: int, frame: int) -> bytes | None:
        if scene not in number_of or frame >= frames:
            return None
        return arrays_script(dataset[number_of[scene] * frames + frame])[0]

    return Site(out, root if isinstance(root, Path) else None, _index(paths), arrays)


def _index(paths: ViewPaths) -> bytes:
    """The index, which claims arrays of every image."""
    try:
        content = paths.index.read_bytes()
        plain = orjson.loads(content.removeprefix(_BEFORE).removesuffix(_AFTER))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{paths.index}: not the index of a view; run `simgen view` again"
        ) from error
    return index_script(plain | {"arrays": True})
