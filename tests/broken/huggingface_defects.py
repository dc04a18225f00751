"""Defects of Hugging Face's Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow
import yaml
from pyarrow import parquet

from broken import Corpus, cut

CORPUS = Corpus()
add = CORPUS.add

Row = dict[str, Any]


def a_file(folder: Path) -> Path:
    return min(folder.glob("data/train-*.parquet"))


@contextmanager
def rows(folder: Path) -> Iterator[list[Row]]:
    """The rows of a file, to be changed; the schema stays."""
    table = parquet.read_table(a_file(folder))
    found = table.to_pylist()
    yield found
    parquet.write_table(pyarrow.Table.from_pylist(found, table.schema), a_file(folder))


def change_object(folder: Path, change: Callable[[Row, int], None]) -> None:
    """The fields of the first object that is there, and its place."""
    with rows(folder) as found:
        change(next(row["objects"] for row in found if row["objects"]["id"]), 0)


@contextmanager
def card(folder: Path) -> Iterator[Row]:
    """What the card's YAML says, to be changed in place."""
    path = folder / "README.md"
    _, front, text = path.read_text().split("---\n", 2)
    plain = yaml.safe_load(front)
    yield plain
    path.write_text(f"---\n{yaml.safe_dump(plain)}---\n{text}")


@add("huggingface", "huggingface/parquet")
def file_cut_short(folder: Path) -> None:
    cut(a_file(folder))


@add("huggingface", "huggingface/parquet")
def rows_of_zeros(folder: Path) -> None:
    path = a_file(folder)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(4000) + content[4004:])


@add("huggingface", "huggingface/card")
def card_that_is_no_yaml(folder: Path) -> None:
    (folder / "README.md").write_text("---\ndataset_info: [\n---\n")


@add("huggingface", "huggingface/card")
def card_with_a_tag(folder: Path) -> None:
    text = "---\nname: !!python/object/apply:os.system ['true']\n---\n"
    (folder / "README.md").write_text(text)


@add("huggingface", "huggingface/card")
def classes_with_a_gap(folder: Path) -> None:
    with card(folder) as plain:
        column = plain["dataset_info"]["features"][4]["sequence"][1]
        column["dtype"]["class_label"]["names"] = {"0": "ball", "2": "box", "3": "mug"}


@add("huggingface", "huggingface/splits")
def card_with_more_rows(folder: Path) -> None:
    with card(folder) as plain:
        plain["dataset_info"]["splits"][0]["num_examples"] += 1


@add("huggingface", "huggingface/splits")
def split_without_files(folder: Path) -> None:
    with card(folder) as plain:
        plain["configs"][0]["data_files"].append({"split": "other", "path": "data/other-*"})


@add("huggingface", "huggingface/splits")
def files_that_the_card_leaves_out(folder: Path) -> None:
    a_file(folder).rename(folder / "data/extra.parquet")
    with card(folder) as plain:
        splits = plain["dataset_info"]["splits"]
        splits[:] = [split for split in splits if split["name"] != "train"]
        files = plain["configs"][0]["data_files"]
        files[:] = [entry for entry in files if entry["split"] != "train"]


@add("huggingface", "huggingface/shards")
def shard_missing(folder: Path) -> None:
    a_file(folder).rename(folder / "data/train-00000-of-00002.parquet")


@add("huggingface", "huggingface/shards")
def shards_from_1(folder: Path) -> None:
    a_file(folder).rename(folder / "data/train-00001.parquet")


@add("huggingface", "huggingface/schema")
def column_that_the_card_has_not(folder: Path) -> None:
    with card(folder) as plain:
        del plain["dataset_info"]["features"][1]


@add("huggingface", "huggingface/schema")
def file_with_other_types(folder: Path) -> None:
    table = parquet.read_table(a_file(folder))
    place = table.schema.get_field_index("width")
    wider = table.column("width").cast(pyarrow.int64())
    parquet.write_table(table.set_column(place, "width", wider), a_file(folder))


@add("huggingface", "huggingface/image")
def image_that_is_elsewhere(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["image"] = {"bytes": None, "path": "../000000.png"}


@add("huggingface", "image/unreadable")
def image_cut_short(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["image"]["bytes"] = found[0]["image"]["bytes"][:100]


@add("huggingface", "image/size")
def row_with_another_size(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["width"] = 98


@add("huggingface", "huggingface/image-id")
def image_ids_twice(folder: Path) -> None:
    with rows(folder) as found:
        found[1]["image_id"] = found[0]["image_id"]


@add("huggingface", "image/duplicate")
def image_twice(folder: Path) -> None:
    with rows(folder) as found:
        number = found[1]["image_id"]
        found[1] = found[0] | {"image_id": number}


@add("huggingface", "huggingface/class-label")
def classes_from_1(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["objects"]["category"] = [label + 1 for label in row["objects"]["category"]]


@add("huggingface", "class/without-objects")
def class_that_is_never_there(folder: Path) -> None:
    with card(folder) as plain:
        column = plain["dataset_info"]["features"][4]["sequence"][1]
        column["dtype"]["class_label"]["names"]["3"] = "teapot"


@add("huggingface", "huggingface/objects")
def one_box_too_few(folder: Path) -> None:
    change_object(folder, lambda objects, _: objects["bbox"].pop())


@add("huggingface", "huggingface/bbox", "huggingface/segmentation")
def box_by_two_corners(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["objects"]["bbox"] = [[x, y, x + w, y + h] for x, y, w, h in row["objects"]["bbox"]]


@add("huggingface", "huggingface/bbox")
def box_without_width(folder: Path) -> None:
    change_object(folder, lambda objects, place: objects["bbox"][place].__setitem__(2, 0.0))


@add("huggingface", "huggingface/segmentation")
def mask_of_rows(folder: Path) -> None:
    change_object(folder, lambda objects, place: objects["segmentation"][place]["size"].reverse())


@add("huggingface", "huggingface/segmentation")
def box_of_another_object(folder: Path) -> None:
    change_object(
        folder, lambda objects, place: objects["bbox"].__setitem__(place, [1.0, 1.0, 3.0, 3.0])
    )
