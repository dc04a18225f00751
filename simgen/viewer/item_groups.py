"""The files of a group of images of an external dataset, rewritten if they have changed.

Groups take the place of simgen's scenes: their images are numbered as frames are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import orjson

from simgen.dataset import files
from simgen.dataset.layout import scene_name
from simgen.formats.items import Picture
from simgen.viewer.item_records import item_instances, item_values
from simgen.viewer.packing import script
from simgen.viewer.paths import ViewPaths, frame_name, keep_only, make_folder, names, write
from simgen.viewer.pictures import measured, placeholder, thumbnail
from simgen.viewer.scene_data import (
    Measured,
    Packed,
    Plain,
    Recorded,
    Scene,
    packed,
    read_cached,
    write_cached,
)
from simgen.viewer.scene_files import is_ours
from simgen.viewer.unreadable import attempted, damage_finding

_VERSION = "items 1"
"""Raise it when the files made of the same dataset change."""
_SHOWN = {".jpg": "jpg", ".jpeg": "jpg", ".png": "png", ".webp": "webp"}
"""What browsers show, by suffix of the original: its suffix in the view. Others become PNG."""


@dataclass(frozen=True)
class Group:
    """A group of images. number: from 0. records: as `item_record` returns them."""

    number: int
    pictures: tuple[Picture, ...]
    records: tuple[dict[str, Any], ...]


def make_group(out: Path, group: Group) -> Scene:
    """Write what is missing or outdated of a group; return its data, which is cached.

    out: folder of the view. Raises `OSError` if it cannot be written.
    """
    paths = ViewPaths(out)
    stamp, cached = _stamp(group), paths.cached(group.number)
    known = read_cached(cached, group.number)
    if known is not None and known.records.stamp == stamp and _is_there(paths, group, known):
        return known
    folders = [top / scene_name(group.number) for top in (paths.thumbs, paths.images)]
    for folder in folders:
        make_folder(folder)
    made = [_picture(*pair, *folders) for pair in zip(group.pictures, group.records, strict=True)]
    keep_only(folders[0], [frame_name(place, "jpg") for place in range(len(made))])
    wanted = [name_of(*pair) for pair in enumerate(group.pictures)]
    keep_only(folders[1], wanted)
    records = [record | {"suffix": suffix_of(picture)}
               for record, picture in zip(group.records, group.pictures, strict=True)]  # fmt: skip
    for record, (_, line) in zip(records, made, strict=True):
        record["complaints"] = [
            *([damage_finding("picture", line)] if line else []), *record["complaints"],
        ]  # fmt: skip
    payload = {"scene": group.number, "split": "", "case": "", "factors": {}, "frames": records}
    write(paths.scene(group.number), script(f"scene:{group.number}", payload))
    scene = _scene(group, stamp, made)
    write_cached(cached, scene)
    return scene


def _scene(group: Group, stamp: str, made: Sequence[tuple[Plain, str]]) -> Scene:
    seen = np.concatenate([item_instances(record) for record in group.records])
    values = [item_values(record, group.number) for record in group.records]
    nothing = [""] * len(made)
    pictures = Measured(stamp, [one for one, _ in made], [line for _, line in made])
    return Scene(
        group.number,
        pictures,
        Recorded(stamp, {}, values, packed(seen), nothing),
        Packed("", nothing),
    )


def _picture(
    picture: Picture, record: dict[str, Any], thumbs: Path, images: Path
) -> tuple[Plain, str]:
    """Write the files of an image. Return its measures and what is wrong with it."""
    place = record["frame"]
    root = picture.path.parent
    image, damage = attempted(partial(_pixels, picture), None, picture.path, root)
    size = picture.width, picture.height
    shown = placeholder(size) if image is None else image
    write(thumbs / frame_name(place, "jpg"), thumbnail(shown))
    path = images / name_of(place, picture)
    if image is None:
        path.unlink(missing_ok=True)
        return {}, damage
    assert isinstance(picture.path, Path)
    if picture.path.suffix.lower() in _SHOWN:
        files.link_or_copy(picture.path, path)
    else:
        done, content = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        assert done
        write(path, content.tobytes())
    return measured(image, "rgb"), ""


def _pixels(picture: Picture) -> np.ndarray:
    picture.check()
    return picture.pixels()


def suffix_of(picture: Picture) -> str:
    """Return the suffix of an image's copy in the view, without a dot."""
    return _SHOWN.get(Path(picture.path.name).suffix.lower(), "png")


def name_of(place: int, picture: Picture) -> str:
    """Return the file name of an image's copy in the view."""
    return frame_name(place, suffix_of(picture))


def _is_there(paths: ViewPaths, group: Group, known: Scene) -> bool:
    """Whether the files of a group exist. A view that came with a dataset may contain any script,
    and claim that nothing has changed."""
    if not is_ours(paths.scene(group.number), f"scene:{group.number}"):
        return False
    name = scene_name(group.number)
    pairs = zip(enumerate(group.pictures), known.pictures.damage, strict=True)
    images = {name_of(*pair) for pair, line in pairs if not line}
    thumbs = {frame_name(place, "jpg") for place in range(len(group.pictures))}
    return images <= names(paths.images / name) and thumbs <= names(paths.thumbs / name)


def _stamp(group: Group) -> str:
    found = hashlib.blake2b(_VERSION.encode(), digest_size=16)
    found.update(orjson.dumps(group.records))
    for picture in group.pictures:
        found.update("\0".join(_state(picture)).encode(errors="surrogateescape"))
    return found.hexdigest()


def _state(picture: Picture) -> Iterator[str]:
    yield str(picture.path)
    assert isinstance(picture.path, Path)
    try:
        status = picture.path.stat()
    except OSError:
        return
    yield f"{status.st_size} {status.st_mtime_ns}"
