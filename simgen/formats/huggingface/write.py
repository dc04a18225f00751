"""Hugging Face: Parquet files that contain the images, and a card that describes their columns.

data/train-00000.parquet   one row per image
README.md                  the card: features, class names, files of each split

`datasets.load_dataset` reads the folder, or a repository to which it was uploaded. Format:
https://huggingface.co/docs/hub/datasets-manual-configuration and
https://huggingface.co/docs/datasets/object_detection. Categories count from 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgen.errors import InputError
from simgen.formats.huggingface.card import card, features
from simgen.formats.items import ImageKeypoint, Item
from simgen.formats.output.plain import left_out
from simgen.formats.output.shards import sharded, shards_of
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

_GROUP_ROWS = 100
_GROUP_BYTES = 32_000_000
"""Limits of a row group, which is written and read in one piece."""
_ROW_BYTES, _OBJECT_BYTES = 50, 150
"""Approximate size of a row without its image, and of an object without its mask."""

_HELD = frozenset({"rgb", "objects", "keypoints"})

Row = dict[str, Any]


class _Parquet:
    """A shard that is being written."""

    def __init__(self, path: Path, schema: pyarrow.Schema) -> None:
        from pyarrow import parquet

        self._schema = schema
        # Images are already compressed and all distinct, so dictionaries would not help.
        self._file = parquet.ParquetWriter(
            path, schema, use_dictionary=False, write_statistics=False, compression="snappy"
        )
        self._rows: list[Row] = []
        self._bytes = 0

    def add(self, row: Row) -> None:
        self._rows.append(row)
        self._bytes += len(row["image"]["bytes"])
        if len(self._rows) >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._write()

    def _write(self) -> None:
        import pyarrow

        self._file.write_table(pyarrow.Table.from_pylist(self._rows, self._schema))
        self._rows, self._bytes = [], 0

    def close(self) -> None:
        if self._rows:
            self._write()
        self._file.close()


class _Kind:
    overhead = 20_000

    def __init__(self, plan: Plan) -> None:
        self._ids = {name: number for number, name in enumerate(plan.classes)}
        self._schema = _schema(plan.classes)

    def name(self, split: str, number: int) -> str:
        return f"data/{split}-{number:05d}.parquet"

    def sample(self, item: Item) -> tuple[Row, int]:
        seen = item.seen
        content = item.picture.content()
        masks = [entry.mask for entry in seen]
        row = {
            "image": {"bytes": content, "path": item.name + item.picture.suffix},
            "image_id": item.image_id,
            "width": item.width,
            "height": item.height,
            "objects": {
                "id": item.ids,
                "category": [self._ids[entry.class_name] for entry in seen],
                "bbox": [entry.bbox for entry in seen],
                "area": [float(entry.area) for entry in seen],
                "iscrowd": [int(entry.crowd) for entry in seen],
                "segmentation": masks,
                "visible_fraction": [entry.visible_fraction for entry in seen],
                "keypoints": [
                    [number for mark in entry.keypoints or () for number in _flat(mark)]
                    for entry in seen
                ],
                "keypoint_names": [[mark.name for mark in entry.keypoints or ()] for entry in seen],
            },
        }
        lengths = sum(_OBJECT_BYTES + len(mask["counts"]) for mask in masks if mask)
        return row, len(content) + _ROW_BYTES + lengths

    def open(self, path: Path) -> _Parquet:
        return _Parquet(path, self._schema)


def _flat(mark: ImageKeypoint) -> tuple[float, float, float]:
    return mark.x, mark.y, mark.visibility


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    for split in plan.splits:
        if not re.fullmatch(r"\w+(\.\w+)*", split):
            raise InputError(
                f"the split {split!r} is not a valid name for Hugging Face; expected letters, "
                "digits and _; rename the splits with --splits"
            )
    kind = _Kind(plan)
    with sharded(target, plan, kind) as add:
        yield add
    splits = [
        {
            "name": split,
            "num_bytes": sum(shard["bytes"] for shard in shards),
            "num_examples": sum(shard["samples"] for shard in shards),
        }
        for split, shards in shards_of(target, plan, kind).items()
        # `datasets` raises an error for a split whose pattern matches no file.
        if shards
    ]
    target.write("README.md", card(plan, splits, _HELD))
    target.remarks += left_out(plan, _HELD)


HUGGINGFACE = Format(
    "huggingface",
    "Parquet files for datasets.load_dataset",
    frozenset(),
    _write,
    sharded=True,
    lists_objects=True,
)


def _schema(classes: tuple[str, ...]) -> pyarrow.Schema:
    """Return the schema of the card's features. Raises `InputError` without pyarrow."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise InputError(
            "the format 'huggingface': the packages that it needs are not installed; run "
            "pip install 'simgen[huggingface]'"
        ) from error

    def type_of(feature: dict[str, Any]) -> pyarrow.DataType:
        inner, dtype = feature.get("sequence"), feature.get("dtype")
        if isinstance(inner, list):  # one list per column
            return pa.struct([(column["name"], pa.list_(type_of(column))) for column in inner])
        if isinstance(inner, str):
            return pa.list_(pa.type_for_alias(inner), feature.get("length", -1))
        if "struct" in feature:
            return pa.struct([(column["name"], type_of(column)) for column in feature["struct"]])
        if dtype == "image":
            return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        return pa.int64() if isinstance(dtype, dict) else pa.type_for_alias(dtype)

    return pa.schema([(feature["name"], type_of(feature)) for feature in features(classes)])
