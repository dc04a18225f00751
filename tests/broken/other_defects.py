"""Defects of YOLO and Pascal VOC datasets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml
from PIL import Image

from broken import Corpus

CORPUS = Corpus()
add = CORPUS.add


def change_yaml(folder: Path, **values: object) -> None:
    path = folder / "data.yaml"
    plain = yaml.safe_load(path.read_text()) | values
    path.write_text(yaml.safe_dump({key: value for key, value in plain.items() if value != ()}))


def a_label(folder: Path) -> Path:
    """The first label file with more than one row."""
    files = sorted(folder.glob("labels/train/*.txt"))
    return next(path for path in files if len(path.read_text().splitlines()) > 1)


def change_rows(folder: Path, change: Callable[[list[str]], list[str]], count: int = 1) -> None:
    path = a_label(folder)
    lines = path.read_text().splitlines()
    changed = [" ".join(change(line.split())) for line in lines[:count]]
    path.write_text("\n".join([*changed, *lines[count:]]) + "\n")


@add("yolo", "yolo/data-yaml")
def yaml_without_names(folder: Path) -> None:
    change_yaml(folder, names=[])


@add("yolo", "yolo/data-yaml")
def yaml_with_a_tag(folder: Path) -> None:
    (folder / "data.yaml").write_text("names: !!python/object/apply:os.system ['true']\n")


@add("yolo", "yolo/data-yaml")
def yaml_whose_aliases_grow(folder: Path) -> None:
    levels = [f"a{n}: &a{n} [{', '.join(9 * [f'*a{n - 1}'])}]" for n in range(1, 10)]
    text = "\n".join(["a0: &a0 [mug]", *levels, "names: *a9", "train: images/train"])
    (folder / "data.yaml").write_text(text)


@add("yolo", "yolo/data-yaml")
def yaml_with_a_gap(folder: Path) -> None:
    change_yaml(folder, names={0: "ball", 2: "mug"})


@add("yolo", "yolo/data-yaml")
def yaml_with_a_folder_that_is_not_there(folder: Path) -> None:
    change_yaml(folder, val="images/validation")


@add("yolo", "yolo/data-yaml")
def yaml_with_another_count(folder: Path) -> None:
    change_yaml(folder, nc=80)


@add("yolo", "yolo/same-split")
def validated_on_the_training_images(folder: Path) -> None:
    change_yaml(folder, val="images/train")


@add("yolo", "yolo/coordinates")
def coordinates_in_pixels(folder: Path) -> None:
    change_rows(folder, lambda row: [row[0], *(str(float(v) * 96) for v in row[1:])])


@add("yolo", "yolo/coordinates")
def coordinate_just_above_1(folder: Path) -> None:
    change_rows(folder, lambda row: [row[0], "1.02", *row[2:]])


@add("yolo", "yolo/box-outside")
def box_by_its_corner(folder: Path) -> None:
    change_rows(folder, lambda row: [row[0], "0.95", "0.95", "0.2", "0.2"])


@add("yolo", "yolo/columns")
def row_of_four(folder: Path) -> None:
    change_rows(folder, lambda row: row[:4])


@add("yolo", "yolo/columns")
def row_with_a_word(folder: Path) -> None:
    change_rows(folder, lambda row: ["mug", *row[1:]])


@add("yolo", "yolo/columns")
def row_with_nan(folder: Path) -> None:
    change_rows(folder, lambda row: [*row[:4], "nan"])


@add("yolo", "yolo/mixed-rows")
def one_polygon_among_boxes(folder: Path) -> None:
    change_rows(folder, lambda row: [row[0], "0.1", "0.1", "0.4", "0.1", "0.4", "0.4"])


@add("yolo", "yolo/class")
def classes_from_1(folder: Path) -> None:
    change_rows(folder, lambda row: ["3", *row[1:]])


@add("yolo", "yolo/empty-object")
def box_without_width(folder: Path) -> None:
    change_rows(folder, lambda row: [*row[:3], "0", row[4]])


@add("yolo", "yolo/row-twice")
def row_twice(folder: Path) -> None:
    path = a_label(folder)
    path.write_text(path.read_text() + path.read_text().splitlines()[0] + "\n")


@add("yolo", "yolo/image-without-label")
def label_missing(folder: Path) -> None:
    a_label(folder).unlink()


@add("yolo", "yolo/label-without-image")
def label_of_no_image(folder: Path) -> None:
    (folder / "labels/train/none.txt").write_text("0 0.5 0.5 0.1 0.1\n")


@add("yolo", "yolo/stale-cache")
def cache_older_than_labels(folder: Path) -> None:
    cache = folder / "labels/train.cache"
    cache.write_bytes(b"old")
    os.utime(cache, (1, 1))


@add("yolo", "yolo/small-image")
def image_of_8_pixels(folder: Path) -> None:
    image = next(folder.glob("images/train/*.png"))
    Image.effect_noise((8, 8), 60).convert("RGB").save(image)


@add("yolo", "file/text")
def label_in_utf_16(folder: Path) -> None:
    path = a_label(folder)
    path.write_bytes(path.read_text().encode("utf-16"))


@add("yolo-seg", "yolo/columns")
def polygon_of_two_points(folder: Path) -> None:
    change_rows(folder, lambda row: row[:8])


@add("yolo-seg", "yolo/empty-object")
def polygon_without_area(folder: Path) -> None:
    change_rows(folder, lambda row: [row[0], *("0.1", "0.1", "0.2", "0.2", "0.3", "0.3")])


@add("yolo-pose", "yolo/kpt-shape")
def flip_idx_too_short(folder: Path) -> None:
    change_yaml(folder, flip_idx=[0, 1])


@add("yolo-pose", "yolo/no-flip-idx")
def flip_idx_missing(folder: Path) -> None:
    change_yaml(folder, flip_idx=())


@add("yolo-pose", "yolo/columns")
def pose_with_a_keypoint_missing(folder: Path) -> None:
    change_rows(folder, lambda row: row[:-3])


@add("yolo-pose", "yolo/visibility")
def visibility_of_a_half(folder: Path) -> None:
    change_rows(folder, lambda row: [*row[:7], "0.5", *row[8:]])


# --- VOC


def change_xml(folder: Path, old: str, new: str, count: int = 1) -> None:
    path = next(
        path for path in sorted(folder.glob("Annotations/*.xml")) if old in path.read_text()
    )
    path.write_text(path.read_text().replace(old, new, count))


@add("voc", "voc/xml")
def xml_not_closed(folder: Path) -> None:
    change_xml(folder, "</annotation>", "")


@add("voc", "voc/xml")
def xml_with_entities(folder: Path) -> None:
    change_xml(folder, "<annotation>", '<!DOCTYPE a [<!ENTITY b "ha">]><annotation>')


@add("voc", "voc/xml")
def xml_without_size(folder: Path) -> None:
    change_xml(folder, "<width>96</width>", "")


@add("voc", "voc/xml")
def object_without_a_box(folder: Path) -> None:
    change_xml(folder, "bndbox>", "polygon>", 2)


@add("voc", "voc/bbox")
def boxes_from_0(folder: Path) -> None:
    path = sorted(folder.glob("Annotations/*.xml"))[0]
    text = path.read_text()
    left = text.split("<xmin>")[1].split("<")[0]
    path.write_text(text.replace(f"<xmin>{left}<", "<xmin>0<", 1))


@add("voc", "voc/bbox")
def box_beyond_the_image(folder: Path) -> None:
    path = sorted(folder.glob("Annotations/*.xml"))[0]
    text = path.read_text()
    right = text.split("<xmax>")[1].split("<")[0]
    path.write_text(text.replace(f"<xmax>{right}<", "<xmax>97<", 1))


@add("voc", "voc/filename")
def xml_of_another_image(folder: Path) -> None:
    path = sorted(folder.glob("Annotations/*.xml"))[0]
    change_xml(folder, f"{path.stem}.png</filename>", "other.png</filename>")


@add("voc", "image/size", "voc/segmentation")
def xml_with_another_size(folder: Path) -> None:
    change_xml(folder, "<width>96</width>", "<width>98</width>")


@add("voc", "file/missing")
def image_missing(folder: Path) -> None:
    next(folder.glob("JPEGImages/*.png")).unlink()


@add("voc", "voc/image-set")
def set_that_names_no_image(folder: Path) -> None:
    path = folder / "ImageSets/Main/train.txt"
    path.write_text(path.read_text() + "2007_000000\n")


@add("voc", "voc/shared-name")
def name_in_two_sets(folder: Path) -> None:
    train = (folder / "ImageSets/Main/train.txt").read_text().splitlines()[0]
    (folder / "ImageSets/Main/test.txt").write_text(train + "\n")


@add("voc", "voc/in-no-set")
def annotation_in_no_set(folder: Path) -> None:
    for path in folder.glob("ImageSets/*/train.txt"):
        path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


@add("voc", "voc/segmentation")
def mask_in_colours(folder: Path) -> None:
    path = next(folder.glob("SegmentationClass/*.png"))
    with Image.open(path) as image:
        image.convert("RGB").save(path)


@add("voc", "voc/segmentation-object")
def object_mask_with_more_objects(folder: Path) -> None:
    path = next(folder.glob("SegmentationObject/*.png"))
    with Image.open(path) as image:
        image.point(lambda value: value + 40 if 0 < value < 255 else value).save(path)


@add("voc", "voc/segmentation-object")
def object_mask_of_another_image(folder: Path) -> None:
    first, *_, last = sorted(folder.glob("SegmentationObject/*.png"))
    shutil.copyfile(last, first)


# --- what trainers stumble over


def every_row(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    for path in folder.glob("labels/*/*.txt"):
        rows = [" ".join(change(line.split())) for line in path.read_text().splitlines()]
        path.write_text("".join(row + "\n" for row in rows))


@add("yolo", "training/tiny-boxes")
def boxes_of_a_few_pixels(folder: Path) -> None:
    every_row(folder, lambda row: [*row[:3], "0.03", "0.04"])


@add("yolo", "training/cut-boxes")
def boxes_at_the_border(folder: Path) -> None:
    every_row(folder, lambda row: [row[0], "0.2", row[2], "0.4", "0.1"])


@add("yolo", "training/empty-images")
def images_without_rows(folder: Path) -> None:
    for path in sorted(folder.glob("labels/*/*.txt"))[::2]:
        path.write_text("")


@add("yolo", "training/rare-class")
def one_object_of_a_class(folder: Path) -> None:
    """Of class 2; of the others there are two hundred each."""
    for path in folder.glob("labels/*/*.txt"):
        path.write_text("")
    places = [0.1 + 0.002 * number for number in range(200)]
    rows = [f"{number} {x:.3f} 0.5 0.2 0.2" for number in (0, 1) for x in places]
    a_file = next(folder.glob("labels/train/*.txt"))
    a_file.write_text("\n".join([*rows, "2 0.5 0.5 0.3 0.3"]) + "\n")
