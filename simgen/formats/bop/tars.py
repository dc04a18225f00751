"""BOP-webdataset: images and what `bop` says of them, in tar files.

https://github.com/thodan/bop_toolkit/blob/master/bop_toolkit_lib/dataset/bop_webdataset.py

train/shard-000000.tar     of each image, by scene and frame: 000000_000000.rgb.png or .rgb.jpg,
                           .depth.png, .camera.json, .gt.json, .gt_info.json, .mask.json,
                           .mask_visib.json
train/key_to_shard.json    number of the shard that each image is in
models/, objects.json, camera.json  as in `bop`
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from simgen.formats.bop.frame import BopFrame, bop_frame, camera_and_depth, run_lengths
from simgen.formats.bop.models import Models, models
from simgen.formats.bop.write import NEEDS, camera_file, image_id, scene_id
from simgen.formats.items import Item
from simgen.formats.output.json_entries import json_map
from simgen.formats.output.rasters import check_pinhole, png
from simgen.formats.output.shards import sharded, shards_of
from simgen.formats.output.target import Target
from simgen.formats.output.tars import OVERHEAD, Member, Tar, size_of
from simgen.formats.plan import Plan
from simgen.formats.registry import Format


class _Kind:
    overhead = OVERHEAD

    def __init__(self, plan: Plan, made: Models) -> None:
        self._plan, self._made = plan, made

    def name(self, split: str, number: int) -> str:
        return f"{split}/shard-{number:06d}.tar"

    def sample(self, item: Item) -> tuple[list[Member], int]:
        frame, key = bop_frame(item, self._made.of), _key(item, self._plan)
        members = [
            (f"{key}.rgb{item.picture.suffix}", item.picture.content()),
            (f"{key}.depth.png", png(frame.depth)),
            *((f"{key}.{name}.json", _json(content)) for name, content in _contents(frame)),
        ]
        return members, size_of(members)

    def open(self, path: Path) -> Tar:
        return Tar(path)


def _contents(frame: BopFrame) -> Iterator[tuple[str, Any]]:
    objects = frame.objects
    yield "camera", frame.camera
    yield "gt", [shown.gt for shown in objects]
    yield "gt_info", [shown.info for shown in objects]
    yield "mask", {place: run_lengths(shown.whole) for place, shown in enumerate(objects)}
    yield "mask_visib", {place: run_lengths(shown.visible) for place, shown in enumerate(objects)}


def _json(content: Any) -> bytes:
    return json.dumps(content, allow_nan=False).encode()


def _key(item: Item, plan: Plan) -> str:
    return f"{scene_id(item, plan):06d}_{image_id(item):06d}"


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    with ExitStack() as stack:
        made = stack.enter_context(models(target, plan))
        kind = _Kind(plan, made)
        keys = {split: stack.enter_context(_keys_at(target, split)) for split in plan.splits}
        with sharded(target, plan, kind) as add_to_shard:
            first = True

            def add(item: Item) -> None:
                nonlocal first
                check_pinhole(item, "bop-webdataset")
                # Of all images, those too that an earlier attempt has kept: numbers of models
                # follow from their order.
                for entry in item.annotations:
                    made.of(item, entry)
                add_to_shard(item)
                keys[item.split].write(_key(item, plan) + "\n")
                if first:
                    camera, _ = camera_and_depth(item.frame)
                    target.write("camera.json", camera_file(item, camera))
                    first = False

            yield add
        for split, shards in shards_of(target, plan, kind).items():
            _write_index(target, split, keys[split], [shard["samples"] for shard in shards])


@contextmanager
def _keys_at(target: Target, split: str) -> Iterator[TextIO]:
    """A file for the keys of a split's images."""
    with (target.scratch / f"keys_{split}.txt").open("w+", encoding="utf-8") as file:
        yield file


def _write_index(target: Target, split: str, keys: TextIO, counts: list[int]) -> None:
    """counts: images in each shard."""
    keys.seek(0)
    with json_map(target.path(f"{split}/key_to_shard.json")) as add:
        for number, count in enumerate(counts):
            for _ in range(count):
                add(keys.readline().strip(), number)


BOP_WEBDATASET = Format("bop-webdataset", "BOP in tar shards", NEEDS, _write, True)
