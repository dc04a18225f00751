"""BOP-webdataset: the images and annotations of the format `bop`, in tar files.

https://github.com/thodan/bop_toolkit/blob/master/bop_toolkit_lib/dataset/bop_webdataset.py

train/shard-000000.tar     for each image, named by scene and frame: 000000_000000.rgb.png or .jpg,
                           .depth.png, .camera.json, .gt.json, .gt_info.json, .mask.json,
                           .mask_visib.json
train/key_to_shard.json    shard number of each image
models/, objects.json, camera.json  as in `bop`
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

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
            *(
                (f"{key}.{name}.json", json.dumps(content, allow_nan=False).encode())
                for name, content in _contents(frame)
            ),
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


def _key(item: Item, plan: Plan) -> str:
    return f"{scene_id(item, plan):06d}_{image_id(item):06d}"


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    keys: dict[str, list[str]] = {split: [] for split in plan.splits}
    with models(target, plan) as made:
        kind = _Kind(plan, made)
        with sharded(target, plan, kind) as add_to_shard:

            def add(item: Item) -> None:
                check_pinhole(item, "bop-webdataset")
                # Model ids depend on the order of first use, so images in shards kept from an
                # interrupted export must be visited too.
                for entry in item.annotations:
                    made.of(item, entry)
                add_to_shard(item)
                if not any(keys.values()):
                    camera, _ = camera_and_depth(item.frame)
                    target.write("camera.json", camera_file(item, camera))
                keys[item.split].append(_key(item, plan))

            yield add
        for split, shards in shards_of(target, plan, kind).items():
            of_split = iter(keys[split])
            with json_map(target.path(f"{split}/key_to_shard.json")) as add_key:
                for number, shard in enumerate(shards):
                    for key in islice(of_split, shard["samples"]):
                        add_key(key, number)


BOP_WEBDATASET = Format("bop-webdataset", "BOP in tar shards", NEEDS, _write, True)
