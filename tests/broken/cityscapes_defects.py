"""Defects of Cityscapes datasets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from broken import Corpus, cut, edited

CORPUS = Corpus()
add = CORPUS.add


def a_file(folder: Path, kind: str) -> Path:
    return min(folder.glob(f"gtFine/train/*/*_gtFine_{kind}.png"))


@contextmanager
def pixels(path: Path) -> Iterator[np.ndarray]:
    """The numbers in an image, to be changed in place."""
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    yield image
    assert cv2.imwrite(str(path), image)


@add("cityscapes", "cityscapes/pair")
def labels_of_an_image_missing(folder: Path) -> None:
    a_file(folder, "labelIds").unlink()


@add("cityscapes", "cityscapes/pair")
def image_of_labels_missing(folder: Path) -> None:
    min(folder.glob("leftImg8bit/train/*/*")).unlink()


@add("cityscapes", "cityscapes/name", "cityscapes/pair")
def name_without_a_frame(folder: Path) -> None:
    image = min(folder.glob("leftImg8bit/train/*/*"))
    image.rename(image.with_name("simgen_000000_leftImg8bit.png"))


@add("cityscapes", "cityscapes/name", "cityscapes/pair")
def city_with_an_underscore(folder: Path) -> None:
    image = min(folder.glob("leftImg8bit/train/*/*"))
    image.rename(image.with_name(image.name.replace("simgen", "sim_gen")))


@add("cityscapes", "cityscapes/labels-json")
def two_labels_of_one_id(folder: Path) -> None:
    with edited(folder / "labels.json") as labels:
        labels.append(labels[1] | {"name": "another"})


@add("cityscapes", "cityscapes/label-ids")
def label_that_is_not_in_the_table(folder: Path) -> None:
    with pixels(a_file(folder, "labelIds")) as image:
        image[0, 0] = 77


@add("cityscapes", "cityscapes/label-ids")
def own_labels_without_their_table(folder: Path) -> None:
    """Cityscapes' own are known then, and its labels end at 33."""
    (folder / "labels.json").unlink()
    for path in folder.glob("gtFine/*/*/*_labelIds.png"):
        with pixels(path) as image:
            image += 34


@add("cityscapes", "cityscapes/train-ids")
def ignored_pixels_with_training_id_0(folder: Path) -> None:
    for path in folder.glob("gtFine/*/*/*_labelTrainIds.png"):
        with pixels(path) as image:
            image += 1


@add("cityscapes", "cityscapes/instance-ids")
def instances_of_the_next_class(folder: Path) -> None:
    with pixels(a_file(folder, "instanceIds")) as image:
        image[image >= 1000] += 1000


@add("cityscapes", "cityscapes/instance-ids")
def instance_of_a_label_that_has_none(folder: Path) -> None:
    with edited(folder / "labels.json") as labels:
        for label in labels:
            label["hasInstances"] = False


@add("cityscapes", "cityscapes/png")
def instances_in_8_bits(folder: Path) -> None:
    path = a_file(folder, "instanceIds")
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    assert cv2.imwrite(str(path), image.astype(np.uint8))


@add("cityscapes", "cityscapes/png")
def labels_in_colours(folder: Path) -> None:
    path = a_file(folder, "labelIds")
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    assert cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))


@add("cityscapes", "cityscapes/png")
def labels_of_half_the_size(folder: Path) -> None:
    path = a_file(folder, "labelTrainIds")
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    assert cv2.imwrite(str(path), image[::2, ::2])


@add("cityscapes", "image/unreadable")
def labels_cut_short(folder: Path) -> None:
    cut(a_file(folder, "instanceIds"))


def write_polygons(folder: Path, **changed: object) -> None:
    """A good polygon for each image of the split, but for what is changed in the first."""
    for number, path in enumerate(sorted(folder.glob("gtFine/train/*/*_labelIds.png"))):
        item = {"label": "mug", "polygon": [[1, 1], [9, 1], [9, 9]]}
        plain = {"imgWidth": 96, "imgHeight": 72, "objects": [item]}
        if number == 0:
            item |= {key: value for key, value in changed.items() if key in item}
            plain |= {key: value for key, value in changed.items() if key in plain}
        name = path.name.replace("_labelIds.png", "_polygons.json")
        path.with_name(name).write_text(json.dumps(plain))


@add("cityscapes", "cityscapes/polygons")
def polygon_of_an_unknown_label(folder: Path) -> None:
    write_polygons(folder, label="saucer")


@add("cityscapes", "cityscapes/polygons")
def polygon_of_two_points(folder: Path) -> None:
    write_polygons(folder, polygon=[[1, 1], [9, 9]])


@add("cityscapes", "cityscapes/polygons")
def polygon_beyond_the_image(folder: Path) -> None:
    write_polygons(folder, polygon=[[1, 1], [1090, 1], [9, 9]])


@add("cityscapes", "cityscapes/polygons")
def polygons_of_another_size(folder: Path) -> None:
    write_polygons(folder, imgWidth=2048)
