"""WebDataset: tar files of images with their labels, for sequential reading.

train/train-000000.tar   for each image `000000_0000.png` or `.jpg`, then `000000_0000.json`, and in
                         `webdataset-dense` `000000_0000.npz`
index.json               shards, images and bytes of each split; classes

Format: https://github.com/webdataset/webdataset#the-webdataset-format. The members of a sample
are adjacent and share a key, the name up to its first dot. Tar headers contain only name and size,
so equal images produce equal bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from simgen.formats.items import Item
from simgen.formats.output.dense import DENSE, dense_labels
from simgen.formats.output.plain import left_out, plain_image
from simgen.formats.output.shards import sharded, shards_of
from simgen.formats.output.target import Target
from simgen.formats.output.tars import OVERHEAD, Member, Tar, size_of
from simgen.formats.plan import Plan
from simgen.formats.registry import Format

_HELD = frozenset({"rgb", "camera", "objects", "keypoints"})


class _Kind:
    overhead = OVERHEAD

    def __init__(self, plan: Plan, dense: bool) -> None:
        self._plan, self._dense = plan, dense

    def name(self, split: str, number: int) -> str:
        return f"{split}/{split}-{number:06d}.tar"

    def sample(self, item: Item) -> tuple[list[Member], int]:
        plain = json.dumps(plain_image(item, self._plan), allow_nan=False)
        members = [
            (item.name + item.picture.suffix, item.picture.content()),
            (f"{item.name}.json", plain.encode()),
        ]
        if self._dense:
            arrays = io.BytesIO()
            found = dense_labels(item, self._plan)
            np.savez_compressed(arrays, allow_pickle=False, **found)
            members.append((f"{item.name}.npz", arrays.getvalue()))
        return members, size_of(members)

    def open(self, path: Path) -> Tar:
        return Tar(path)


@contextmanager
def _write(target: Target, plan: Plan, dense: bool) -> Iterator[Callable[[Item], None]]:
    kind = _Kind(plan, dense)
    with sharded(target, plan, kind) as add:
        yield add
    splits = {}
    for split, shards in shards_of(target, plan, kind).items():
        splits[split] = {
            "images": sum(shard["samples"] for shard in shards),
            "bytes": sum(shard["bytes"] for shard in shards),
            "shards": shards,
        }
    index = {"classes": plan.classes, "splits": splits}
    target.write("index.json", json.dumps(index, indent=1) + "\n")
    target.remarks += left_out(plan, _HELD | (DENSE if dense else frozenset()))


WEBDATASET = Format(
    "webdataset", "tar shards of images, boxes, masks, keypoints", frozenset(),
    partial(_write, dense=False), True, True,
)  # fmt: skip
WEBDATASET_DENSE = Format(
    "webdataset-dense", "webdataset with depth, flow and other arrays", frozenset({"rgb"}),
    partial(_write, dense=True), True,
)  # fmt: skip
