"""Defects of COCO datasets."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from broken import Corpus, cut, edited

CORPUS = Corpus()
add = CORPUS.add
INSTANCES = "annotations/instances_train.json"
PANOPTIC = "annotations/panoptic_train.json"


@contextmanager
def rows(folder: Path) -> Iterator[list[dict[str, Any]]]:
    with edited(folder / INSTANCES) as plain:
        yield plain["annotations"]


def first_png(folder: Path, name: str = "train") -> Path:
    return sorted((folder / name).glob("*.png"))[0]


# --- the file


@add("coco", "json/damaged")
def json_cut_short(folder: Path) -> None:
    cut(folder / INSTANCES)


@add("coco", "json/damaged")
def json_nested_deeply(folder: Path) -> None:
    (folder / INSTANCES).write_text('{"annotations": ' + "[" * 200_000)


@add("coco", "json/not-a-number", "coco/bbox")
def box_nan(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["bbox"][0] = float("nan")


@add("coco", "file/empty")
def json_empty(folder: Path) -> None:
    (folder / INSTANCES).write_bytes(b"")


@add("coco", "coco/structure")
def no_categories(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        del plain["categories"]


@add("coco", "coco/structure")
def images_as_names(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        plain["images"] = [image["file_name"] for image in plain["images"]]


# --- images


@add("coco", "coco/image-entry")
def image_id_twice(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        plain["images"].append(plain["images"][0] | {"file_name": "other.png"})


@add("coco", "coco/image-entry", "coco/unknown-image")
def image_without_size(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        del plain["images"][0]["width"]


@add("coco", "image/size", "coco/segmentation", "coco/bbox-outside")
def image_with_swapped_size(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        image = plain["images"][0]
        image["width"], image["height"] = image["height"], image["width"]


@add("coco", "coco/file-name", "coco/unknown-image")
def file_name_that_leaves_the_folder(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        plain["images"][0]["file_name"] = "../../../etc/passwd"


@add("coco", "file/missing")
def image_missing(folder: Path) -> None:
    first_png(folder).unlink()


@add("coco", "image/unreadable")
def image_damaged(folder: Path) -> None:
    first_png(folder).write_bytes(b"\x89PNG\r\n\x1a\n and no more")


@add("coco", "coco/unlisted-image")
def image_without_entry(folder: Path) -> None:
    Image.effect_noise((96, 72), 40).convert("RGB").save(folder / "train/new.png")


@add("coco", "image/duplicate")
def image_twice(folder: Path) -> None:
    first, second, *_ = sorted((folder / "train").glob("*.png"))
    shutil.copyfile(first, second)


@add("coco", "split/shared-image")
def image_in_two_splits(folder: Path) -> None:
    other = json.loads((folder / INSTANCES).read_text())["images"][0]["file_name"]
    for split in ("val", "test"):
        for image in (folder / split).glob("*.png"):
            shutil.copyfile(folder / "train" / other, image)


# --- categories


@add("coco", "coco/category")
def category_twice(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        plain["categories"].append({"id": 9, "name": plain["categories"][0]["name"]})


@add("coco", "coco/category-zero")
def categories_from_0(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        for row in [*plain["categories"]]:
            row["id"] -= 1
        for row in plain["annotations"]:
            row["category_id"] -= 1


@add("coco-keypoints", "coco/skeleton")
def skeleton_from_0(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        for row in plain["categories"]:
            row["skeleton"] = [[a - 1, b - 1] for a, b in row["skeleton"]]


@add("coco", "class/without-objects")
def category_without_objects(folder: Path) -> None:
    with edited(folder / INSTANCES) as plain:
        plain["categories"].append({"id": 9, "name": "zebra"})


# --- annotations


@add("coco", "coco/annotation-id")
def annotations_from_0(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["id"] -= 1


@add("coco", "coco/annotation-id")
def annotation_id_twice(folder: Path) -> None:
    with rows(folder) as found:
        found[1]["id"] = found[0]["id"]


@add("coco", "coco/unknown-image")
def annotation_of_no_image(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["image_id"] = 12345


@add("coco", "coco/unknown-category")
def annotation_of_no_category(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["category_id"] = 80


@add("coco", "coco/annotation-twice")
def annotation_twice(folder: Path) -> None:
    with rows(folder) as found:
        found.append(found[0] | {"id": 10_000})


@add("coco", "coco/crowded")
def more_than_100_objects(folder: Path) -> None:
    with rows(folder) as found:
        x, y, w, h = found[0]["bbox"]
        for number in range(101):
            row = {"id": 10_000 + number, "bbox": [x, y, w - number / 1000, h], "area": w * h}
            found.append(found[0] | row | {"segmentation": []})


@add("coco", "coco/bbox")
def box_without_height(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["bbox"][3] = 0


@add("coco", "coco/bbox-mask", "coco/bbox-outside")
def box_of_two_corners(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            x, y, w, h = row["bbox"]
            row["bbox"] = [x, y, x + w, y + h]


@add("coco", "coco/bbox-outside")
def box_beyond_the_image(folder: Path) -> None:
    with rows(folder) as found:
        found[0] |= {"bbox": [80, 10, 40, 20], "area": 800, "segmentation": []}


@add("coco", "coco/bbox-short")
def box_without_its_last_pixel(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["bbox"][2] -= 1
            row["bbox"][3] -= 1


@add("coco", "coco/area")
def area_of_the_box(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["area"] = row["bbox"][2] * row["bbox"][3] * 2


@add("coco", "coco/area")
def area_missing(folder: Path) -> None:
    with rows(folder) as found:
        del found[0]["area"]


@add("coco", "coco/segmentation")
def counts_cut_short(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"]["counts"] = found[0]["segmentation"]["counts"][:-2]


@add("coco", "coco/segmentation")
def counts_as_printed_bytes(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"]["counts"] = str(found[0]["segmentation"]["counts"].encode())


@add("coco", "coco/segmentation")
def counts_that_miss_pixels(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"] = {"size": [72, 96], "counts": [10, 20, 30]}


@add("coco", "coco/segmentation")
def mask_with_width_first(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"]["size"].reverse()


@add("coco", "coco/segmentation")
def mask_of_numbers(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"] = found[0]["bbox"]


@add("coco-polygons", "coco/polygon-of-4")
def polygon_of_two_points(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"].append([1.0, 2.0, 3.0, 4.0])


@add("coco-polygons", "coco/polygon")
def polygon_of_an_odd_count(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"][0] = found[0]["segmentation"][0][:7]


@add("coco-polygons", "coco/polygon")
def polygon_far_outside(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["segmentation"][0][0] = 1e9


@add("coco-polygons", "coco/bbox-mask")
def polygons_of_divided_coordinates(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["segmentation"] = [[v / 96 for v in polygon] for polygon in row["segmentation"]]
            row["area"] = 0.5


@add("coco-polygons", "coco/area-polygon")
def area_of_another_size(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["area"] *= 4


@add("coco-polygons", "coco/rounded-boxes")
def boxes_rounded(folder: Path) -> None:
    with rows(folder) as found:
        for number in range(30):
            points = [10.3, 10.2, 30.4, 10.2, 30.4, 30.6, 10.3, 30.6]
            row = {"id": 10_000 + number, "bbox": [10, 10, 20, 20], "area": 410 + number / 100}
            found.append(found[0] | row | {"segmentation": [points], "category_id": 1})
        for row in found[:-30]:
            row["segmentation"] = []
        for number, row in enumerate(found[-30:]):
            row["segmentation"][0][0] += number / 1000


@add("coco-polygons", "coco/crowd-polygon")
def crowd_of_polygons(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["iscrowd"] = 1


@add("coco", "coco/iscrowd")
def crowd_of_two(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["iscrowd"] = 2


# --- keypoints


@add("coco-keypoints", "coco/keypoints")
def keypoints_of_two_numbers(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["keypoints"] = found[0]["keypoints"][:-1]


@add("coco-keypoints", "coco/keypoints")
def keypoint_of_visibility_3(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["keypoints"][2] = 3


@add("coco-keypoints", "coco/keypoints")
def keypoint_outside(folder: Path) -> None:
    with rows(folder) as found:
        place = next(i for i in range(2, len(found[0]["keypoints"]), 3) if found[0]["keypoints"][i])
        found[0]["keypoints"][place - 2] = 500


@add("coco-keypoints", "coco/keypoint-zero")
def keypoint_not_labelled_but_placed(folder: Path) -> None:
    with rows(folder) as found:
        points = found[0]["keypoints"]
        found[0]["num_keypoints"] -= points[2] > 0
        points[:3] = [5, 5, 0]


@add("coco-keypoints", "coco/num-keypoints")
def keypoints_miscounted(folder: Path) -> None:
    with rows(folder) as found:
        found[0]["num_keypoints"] += 1


# --- panoptic


@add("coco-panoptic", "file/missing")
def panoptic_png_missing(folder: Path) -> None:
    first_png(folder, "panoptic_train").unlink()


@add("coco-panoptic", "coco/panoptic-png")
def panoptic_as_grey(folder: Path) -> None:
    path = first_png(folder, "panoptic_train")
    cv2.imwrite(str(path), cv2.imread(str(path))[..., 2])


@add("coco-panoptic", "coco/panoptic-ids", "coco/panoptic-area")
def panoptic_with_blue_first(folder: Path) -> None:
    path = first_png(folder, "panoptic_train")
    cv2.imwrite(str(path), np.ascontiguousarray(cv2.imread(str(path))[..., ::-1]))


@add("coco-panoptic", "coco/panoptic-area")
def segment_of_another_area(folder: Path) -> None:
    with edited(folder / PANOPTIC) as plain:
        plain["annotations"][0]["segments_info"][0]["area"] += 10


@add("coco-panoptic", "coco/panoptic-area")
def segment_of_another_box(folder: Path) -> None:
    with edited(folder / PANOPTIC) as plain:
        plain["annotations"][0]["segments_info"][0]["bbox"][0] += 5


@add("coco-panoptic", "coco/panoptic-category")
def segment_of_no_category(folder: Path) -> None:
    with edited(folder / PANOPTIC) as plain:
        plain["annotations"][0]["segments_info"][0]["category_id"] = 99


@add("coco-panoptic", "coco/panoptic-entry")
def panoptic_without_an_image(folder: Path) -> None:
    with edited(folder / PANOPTIC) as plain:
        plain["annotations"].pop()


@add("coco-panoptic", "coco/panoptic-colours")
def panoptic_with_colour_management(folder: Path) -> None:
    path = first_png(folder, "panoptic_train")
    with Image.open(path) as image:
        image.load()
        image.save(path, icc_profile=b"a profile")


@add("coco", "training/hardly-visible")
def objects_behind_others(folder: Path) -> None:
    with rows(folder) as found:
        for row in found:
            row["visible_fraction"] = 0.05
